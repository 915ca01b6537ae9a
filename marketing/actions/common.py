"""What all writes of marketing plans share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from marketing import queries
from marketing.events import MarketingChanged
from marketing.models import Activity, MarketingPlan
from marketing.refusals import Changed, Closed, NotAllowed
from partners import history
from partners.models import Partner
from prm.common import audit, events
from prm.webhooks import news

LONGEST_REASON = 500

VERBS = {
    "marketing_plan.started": gettext_lazy("Marketing plan started: %(name)s"),
    "marketing_plan.shared": gettext_lazy("Marketing plan shared: %(name)s"),
    "marketing_plan.discarded": gettext_lazy("Draft of a marketing plan thrown away: %(name)s"),
    "marketing_plan.submitted": gettext_lazy("Marketing plan submitted: %(name)s"),
    "marketing_plan.recalled": gettext_lazy("Marketing plan taken back: %(name)s"),
    "marketing_plan.withdrawn": gettext_lazy("Marketing plan given up: %(name)s"),
    "marketing_plan.approved": gettext_lazy("Marketing plan approved: %(name)s"),
    "marketing_plan.rejected": gettext_lazy("Marketing plan rejected: %(name)s"),
    "marketing_plan.changes_requested": gettext_lazy("Changes asked of a marketing plan: %(name)s"),
    "marketing_plan.running": gettext_lazy("Marketing plan began: %(name)s"),
    "marketing_plan.closed": gettext_lazy("Marketing plan closed: %(name)s"),
    "marketing_plan.verified": gettext_lazy("Marketing plan verified: %(name)s"),
    "marketing_activity.closed": gettext_lazy("Results of an activity entered: %(name)s"),
    "marketing_activity.verified": gettext_lazy("Results of an activity verified: %(name)s"),
    "marketing_activity.reopened": gettext_lazy("Results of an activity opened again: %(name)s"),
}
history.VERBS.update(VERBS)
audit.VERBS.update(
    {
        "marketing_plan.started": gettext_lazy("Marketing plan started"),
        "marketing_plan.changed": gettext_lazy("Marketing plan changed"),
        "marketing_plan.shared": gettext_lazy("Marketing plan shared"),
        "marketing_plan.discarded": gettext_lazy("Draft of a marketing plan thrown away"),
        "marketing_plan.submitted": gettext_lazy("Marketing plan submitted"),
        "marketing_plan.recalled": gettext_lazy("Marketing plan taken back"),
        "marketing_plan.withdrawn": gettext_lazy("Marketing plan given up"),
        "marketing_plan.approved": gettext_lazy("Marketing plan approved"),
        "marketing_plan.rejected": gettext_lazy("Marketing plan rejected"),
        "marketing_plan.changes_requested": gettext_lazy("Changes asked of a marketing plan"),
        "marketing_plan.running": gettext_lazy("Marketing plan began"),
        "marketing_plan.closed": gettext_lazy("Marketing plan closed"),
        "marketing_plan.verified": gettext_lazy("Marketing plan verified"),
        "marketing_activity.added": gettext_lazy("Marketing activity added"),
        "marketing_activity.changed": gettext_lazy("Marketing activity changed"),
        "marketing_activity.removed": gettext_lazy("Marketing activity removed"),
        "marketing_activity.decided": gettext_lazy("Marketing activity decided"),
        "marketing_activity.results": gettext_lazy("Results of an activity changed"),
        "marketing_activity.closed": gettext_lazy("Results of an activity entered"),
        "marketing_activity.verified": gettext_lazy("Results of an activity verified"),
        "marketing_activity.reopened": gettext_lazy("Results of an activity opened again"),
        "tactic.added": gettext_lazy("Tactic added"),
        "tactic.changed": gettext_lazy("Tactic changed"),
        "tactic.removed": gettext_lazy("Tactic removed"),
        "play.added": gettext_lazy("Template play added"),
        "play.changed": gettext_lazy("Template play changed"),
        "play.removed": gettext_lazy("Template play removed"),
    }
)

_PLAN = {"id": 4, "partner": 7, "title": "Marketing plan FY27 Q1", "first_quarter": "2027Q1", "quarters": 1, "state": "submitted", "currency": "EUR"}  # fmt: skip
_ACTIVITY = {"id": 12, "plan": 4, "partner": 7, "tactic": "webinar", "title": "Webinar", "state": "closed"}
TOLD = {
    "marketing_plan.submitted": news.kind("marketing_plan.submitted", gettext_lazy("Marketing plan submitted"), example=_PLAN),
    "marketing_plan.approved": news.kind("marketing_plan.approved", gettext_lazy("Marketing plan approved, all of it or a part"), example=_PLAN | {"state": "approved"}),
    "marketing_plan.rejected": news.kind("marketing_plan.rejected", gettext_lazy("Marketing plan rejected"), example=_PLAN | {"state": "rejected"}),
    "marketing_plan.changes_requested": news.kind("marketing_plan.changes_requested", gettext_lazy("Changes asked of a marketing plan"), example=_PLAN | {"state": "changes_requested"}),
    "marketing_plan.running": news.kind("marketing_plan.running", gettext_lazy("Marketing plan began"), example=_PLAN | {"state": "running"}),
    "marketing_plan.closed": news.kind("marketing_plan.closed", gettext_lazy("All activities of a marketing plan closed"), example=_PLAN | {"state": "closed"}),
    "marketing_plan.verified": news.kind("marketing_plan.verified", gettext_lazy("All activities of a marketing plan verified"), example=_PLAN | {"state": "verified"}),
    "marketing_activity.closed": news.kind("marketing_activity.closed", gettext_lazy("Results of a marketing activity entered"), example=_ACTIVITY),
    "marketing_activity.verified": news.kind("marketing_activity.verified", gettext_lazy("Results of a marketing activity verified"), example=_ACTIVITY | {"state": "verified"}),
}  # fmt: skip


def must_build(by: User, partner: Partner) -> None:
    if not queries.may_build(by, partner):
        raise NotAllowed(_("You may not work on this partner's marketing plans."))


def locked(plan: MarketingPlan, by: User | None) -> MarketingPlan:
    """The plan as it is now, locked for this transaction: all writes of it and its activities wait here. NotAllowed out of reach."""
    rows = MarketingPlan.objects.unscoped("by the system") if by is None else MarketingPlan.objects.visible_to(by)
    seen = rows.filter(pk=plan.pk).order_by().values("pk")
    found = MarketingPlan.objects.unscoped("narrowed above").filter(pk__in=seen).select_related("partner")
    fresh: MarketingPlan | None = found.select_for_update(of=("self",)).first()
    if fresh is None:
        raise NotAllowed(_("You may not work on this marketing plan."))
    return fresh


def locked_activity(activity: Activity, by: User | None) -> Activity:
    """The activity as it is now, with its plan locked."""
    plan = locked(activity.plan, by)
    rows = Activity.objects.unscoped("of a plan in reach").filter(pk=activity.pk, plan=plan)
    fresh: Activity | None = rows.select_related("tactic").first()
    if fresh is None:
        raise NotAllowed(_("This activity was removed."))
    fresh.plan = plan
    return fresh


def must_be(plan: MarketingPlan, *states: str) -> None:
    """Closed in another state."""
    if plan.state not in states:
        raise Closed(
            _("This marketing plan is in another state by now: %(state)s.") % {"state": plan.get_state_display()}
        )


def check_revision(row: MarketingPlan | Activity, revision: int | None, current: dict[str, Any]) -> None:
    if revision is not None and revision != row.revision:
        raise Changed(
            _("Somebody changed this while you were typing. Nothing of yours is saved yet."),
            {**current, "revision": row.revision},
        )


def reason_given(reason: str, name: str = "reason") -> str:
    """The reason, tidied. ValidationError without one."""
    said = " ".join(reason.split())
    if not said:
        raise ValidationError({name: _("Give a reason: the other side reads it.")})
    if len(said) > LONGEST_REASON:
        raise ValidationError({name: _("This is too long: at most %(n)s characters.") % {"n": LONGEST_REASON}})
    return said


def tell(verb: str, row: MarketingPlan | Activity) -> None:
    """Other systems, where they chose to be told."""
    if verb in TOLD:
        news.send(TOLD[verb].key, as_news(row))


def changed(plans: Iterable[MarketingPlan]) -> None:
    every = list(plans)
    events.send(MarketingChanged(tuple({plan.partner_id for plan in every}), tuple(plan.pk for plan in every)))


def as_news(row: MarketingPlan | Activity) -> dict[str, Any]:
    """What other systems are told of it."""
    if isinstance(row, MarketingPlan):
        return {
            "id": row.pk,
            "partner": row.partner_id,
            "title": row.title,
            "first_quarter": row.first_quarter,
            "quarters": row.quarters,
            "state": str(row.state),
            "currency": row.currency,
        }
    return {
        "id": row.pk,
        "plan": row.plan_id,
        "partner": row.plan.partner_id,
        "tactic": row.tactic.key,
        "title": row.title,
        "state": str(row.state),
    }
