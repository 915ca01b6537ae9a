"""What stands beside a request: for those who decide the money left and how much was asked; on the plan's page the request itself."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from marketing.beside import Panel, panel
from marketing.models import MarketingPlan
from mdf import showing
from mdf.forecast import number
from mdf.models import ApprovalStep, Request
from mdf.queries import merit
from mdf.queries.asked import asked_in_quarter
from mdf.queries.merit import Verified
from prm.common.templatetags.numbers import format_number


def of_request(found: Request) -> dict[str, list[tuple[str, str]]]:
    """For who decides, as (term, value): the money there is and what was asked from it; what speaks for the partner."""
    return {"money": _money(found), "merit": merits(found.plan)}


def merits(plan: MarketingPlan) -> list[tuple[str, str]]:
    """(term, value): what speaks for the plan, whatever was given before. What isn't known says why."""
    found = merit.of_plan(plan)
    capable = found.capability
    return [
        (_("Forecast ROI"), number(found.forecast_roi.value)),
        (_("Our ROI on MDF, forecast"), number(found.mdf_roi.value)),
        (_("Verified ROI"), _verified(found.verified)),
        (_("Business plan"), _("signed on %(day)s") % {"day": showing.day(found.signed_on)} if found.signed_on else _("not signed")),
        (
            _("Marketing capability"),
            _("%(score)s (%(topic)s)") % {"score": format_number(capable.score), "topic": capable.topic}
            if capable
            else _("– (not assessed yet)"),
        ),
    ]  # fmt: skip


def _verified(found: Verified) -> str:
    if found.no_rate:
        currency, day = found.no_rate
        return _("– (no rate for %(currency)s on or before %(day)s)") % {"currency": currency, "day": showing.day(day)}
    if found.roi is None:
        return _("– (they cost nothing)") if found.activities else _("– (no verified activity yet)")
    return _("%(roi)s, of %(n)s verified activities") % {"roi": number(found.roi), "n": found.activities}


def _money(found: Request) -> list[tuple[str, str]]:
    if found.fund is None or found.account is None:
        return []
    currency = found.currency
    facts = [
        (
            _("Left of %(account)s") % {"account": found.account} if found.account.holder else _("Left in the fund"),
            showing.money(found.account.available, currency),
        ),
        (_("This request"), showing.money(found.asked, currency)),
        (_("Asked in the quarter"), showing.money(asked_in_quarter(found), currency)),
        (_("Share paid back"), showing.percent(found.fund.share)),
    ]
    if found.fund.minimum_roi is not None:
        facts.append((_("Least ROI asked"), f"{found.fund.minimum_roi.normalize():f}"))
    return facts


@panel
def of_plan(plan: MarketingPlan, user: User) -> Panel | None:
    """The request of a plan on the plan's page: its state, its steps, and the way to it."""
    found = Request.objects.visible_to(user).filter(plan=plan).select_related("fund", "plan", "submitted_by").first()
    if found is None:
        return None
    steps = ApprovalStep.objects.visible_to(user).filter(request=found, round=found.round)
    under_way = found.state in Request.REVIEWED
    context: dict[str, Any] = {
        "mdf_request": found,
        "request_url": reverse("mdf:portal_request" if user.is_partner_side else "mdf:request", args=[found.pk]),
        "state_word": showing.state_of(found),
        "facts": showing.request_facts(found)[2:],
        "steps": showing.steps(
            steps.select_related("decided_by", "in_place_of").order_by("position"), told=not user.is_partner_side
        )
        if under_way
        else [],
    }
    return Panel(_("Approval and MDF"), "mdf/plan_panel.html", context)
