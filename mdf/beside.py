"""What stands beside a request: for those who decide the money left and how much was asked; on the plan's page the request itself."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from marketing import queries as plans
from marketing.beside import Panel, panel
from marketing.models import MarketingPlan
from mdf import showing
from mdf.models import ApprovalStep, Request
from mdf.queries.asked import asked_in_quarter


def of_request(found: Request) -> dict[str, list[tuple[str, str]]]:
    """For who decides, as (term, value): the money there is and what was asked from it; what speaks for the partner."""
    return {"money": _money(found)}


def _money(found: Request) -> list[tuple[str, str]]:
    if found.fund is None or found.account is None:
        return []
    currency = found.currency
    facts = [
        (_("Left of %(account)s") % {"account": found.account}, showing.money(found.account.available, currency)),
        (_("This request"), showing.money(found.asked, currency)),
        (_("Asked from the fund in the quarter"), showing.money(asked_in_quarter(found), currency)),
        (_("Share paid back"), showing.percent(found.fund.share)),
    ]
    if found.fund.minimum_roi is not None:
        facts.append((_("Least ROI asked"), f"{found.fund.minimum_roi.normalize():f}"))
    return facts


@panel
def of_plan(plan: MarketingPlan, user: User) -> Panel | None:
    """The request of a plan on the plan's page: its state, its steps, and the way to it; before it is submitted the way to that."""
    prefix = "portal_" if user.is_partner_side else ""
    found = Request.objects.visible_to(user).filter(plan=plan).select_related("fund", "plan", "submitted_by").first()
    may_submit = plan.is_editable and plans.may_edit(user, plan)
    if found is None and not may_submit:
        return None
    context: dict[str, Any] = {
        "submit_url": reverse(f"mdf:{prefix}submit", args=[plan.pk]) if may_submit else "",
        "mdf_request": found,
    }
    if found is not None:
        steps = ApprovalStep.objects.visible_to(user).filter(request=found, round=found.round)
        context |= {
            "request_url": reverse(f"mdf:{prefix}request", args=[found.pk]),
            "state_word": showing.state_of(found),
            "facts": showing.request_facts(found)[2:],
            "steps": showing.steps(steps.select_related("decided_by", "in_place_of").order_by("position"))
            if found.state in Request.REVIEWED
            else [],
        }
    return Panel(_("Approval and MDF"), "mdf/plan_panel.html", context)
