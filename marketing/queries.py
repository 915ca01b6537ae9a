"""Reads of marketing plans; all start at what the user may see."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Any

from django.db.models import Count, DecimalField, F, Max, Min, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import Cast, NullIf

from accounts.models import User
from accounts.permissions import Permission
from marketing import waterfall
from marketing.models import Activity, ActivityResult, BudgetLine, MarketingPlan, Play, PlayActivity, Tactic
from marketing.waterfall import Offered
from partners.models import Partner
from partners.queries import belongs_to


def plans(user: User) -> QuerySet[MarketingPlan]:
    """The plans the user may see, with what a line of a list shows."""
    rows = MarketingPlan.objects.visible_to(user)
    found: QuerySet[MarketingPlan] = rows.select_related("partner", "partner__cam", "updated_by", "created_by")
    return found


def with_activities(rows: QuerySet[MarketingPlan], user: User) -> QuerySet[MarketingPlan]:
    """The same with `activities` prefetched, each with its tactic, owner, budget, product lines and `current_results`."""
    return rows.prefetch_related(Prefetch("activities", activities(user)), "product_lines")


def activities(user: User) -> QuerySet[Activity]:
    """The activities the user may see, in order, each with its plan, tactic, owner, `budget` and product lines prefetched, and
    `current_results`: a list of the one result that counts, or none."""
    rows = Activity.objects.visible_to(user).select_related("plan", "plan__partner", "tactic", "owner")
    current = ActivityResult.objects.visible_to(user).exclude(state=ActivityResult.State.REOPENED)
    people = current.select_related("entered_by", "closed_by", "verified_by")
    return rows.order_by("plan", "position", "id").prefetch_related(
        Prefetch("budget", BudgetLine.objects.visible_to(user).order_by("position", "id")),
        Prefetch("results", people, to_attr="current_results"),
        "product_lines",
    )


def results(user: User) -> QuerySet[ActivityResult]:
    """All results of activities the user may see, also those that were reopened."""
    rows: QuerySet[ActivityResult] = ActivityResult.objects.visible_to(user)
    return rows.select_related("activity__plan__partner", "entered_by", "closed_by", "verified_by", "reopened_by")


def current_result(activity: Activity) -> ActivityResult | None:
    """The result that counts of an activity in hand: draft, closed or verified."""
    rows = ActivityResult.objects.unscoped("of one activity in hand").filter(activity=activity)
    return rows.exclude(state=ActivityResult.State.REOPENED).select_related("entered_by", "closed_by").first()


def tactics(*, active: bool = True) -> QuerySet[Tactic]:
    """The vendor's tactics, in order; with `active` those that can be chosen."""
    return Tactic.objects.filter(active=True) if active else Tactic.objects.all()


def plays(*, active: bool = True) -> QuerySet[Play]:
    """The template plays in order, their activities prefetched."""
    rows = Play.objects.filter(active=True) if active else Play.objects.all()
    parts = PlayActivity.objects.select_related("tactic").order_by("position", "id")
    return rows.prefetch_related(Prefetch("activities", parts))


def sources(activities: QuerySet[Activity]) -> QuerySet[Activity]:
    """Of these activities those that a lead or deal can come from: approved, of a plan that is."""
    return activities.filter(decision__in=Activity.APPROVED, plan__state__in=MarketingPlan.GOOD)


# ── Who may do what ──────────────────────────────────────────────────────────────────────────────────────────────────


def builds(user: User) -> bool:
    """Whether the person builds marketing plans at all, on either side."""
    return user.can(Permission.MARKET if user.is_partner_side else Permission.EDIT_MARKETING)


def may_build(user: User, partner: Partner) -> bool:
    """Whether the person builds this partner's marketing plans."""
    return builds(user) and Partner.objects.visible_to(user).filter(pk=partner.pk).exists()


def may_edit(user: User, plan: MarketingPlan) -> bool:
    """Whether the person may change the plan now."""
    return plan.is_editable and builds(user) and sees(user, plan)


def may_enter_results(user: User, activity: Activity) -> bool:
    """Whether the person may enter results of the activity now, and close it."""
    open_now = activity.is_approved and activity.state == Activity.State.PLANNED
    return open_now and builds(user) and sees(user, activity.plan)


def may_verify(user: User, activity: Activity) -> bool:
    """Whether the person may verify the results now: nobody does that for results of their own."""
    if activity.state != Activity.State.CLOSED or not user.can(Permission.VERIFY_MARKETING):
        return False
    result = current_result(activity)
    return (
        result is not None and user.pk not in (result.entered_by_id, result.closed_by_id) and sees(user, activity.plan)
    )


def sees(user: User, plan: MarketingPlan) -> bool:
    return bool(MarketingPlan.objects.visible_to(user).filter(pk=plan.pk).exists())


def may_be_owner(user_id: int, partner: Partner) -> bool:
    """Whether somebody may own an activity: one of the partner's own, or who builds plans for the vendor."""
    person = User.objects.filter(pk=user_id, is_active=True).first()
    return person is not None and (
        belongs_to(user_id, partner) or (not person.is_partner_side and may_build(person, partner))
    )


# ── Rates of the vendor's own ────────────────────────────────────────────────────────────────────────────────────────


def history(tactics: list[int] | None = None) -> dict[int, dict[str, Offered]]:
    """By tactic: the rates that the vendor's own verified activities had, where they are five or more.

    They are of all partners together and name none; `count`, `low` and `high` say what stands behind each. An activity into whose
    stage nothing came says nothing of the rate out of it.
    """
    rows = ActivityResult.objects.unscoped("rates of all verified activities together").filter(
        state=ActivityResult.State.VERIFIED
    )
    if tactics is not None:
        rows = rows.filter(activity__tactic__in=tactics)
    sums: dict[str, Any] = {"verified": Count("pk")}
    for rate, (into, out) in zip(waterfall.RATES, pairwise(waterfall.STAGES), strict=True):
        some = Q(**{f"{into}__gt": 0})
        each = Cast(F(out), DecimalField(max_digits=30, decimal_places=20)) / NullIf(F(into), 0)
        sums |= {
            f"{rate}_into": Sum(into),
            f"{rate}_out": Sum(out),
            f"{rate}_count": Count("pk", filter=some),
            f"{rate}_low": Min(each, filter=some),
            f"{rate}_high": Max(each, filter=some),
        }
    grouped = rows.order_by().values("activity__tactic").annotate(**sums).filter(verified__gte=waterfall.FEWEST)
    return {row["activity__tactic"]: _offered(row) for row in grouped}


def _offered(row: Mapping[str, Any]) -> dict[str, Offered]:
    return {
        rate: Offered(
            Fraction(row[f"{rate}_out"], row[f"{rate}_into"]),
            Fraction(row[f"{rate}_into"]),
            Fraction(row[f"{rate}_out"]),
            row[f"{rate}_count"],
            Fraction(row[f"{rate}_low"]),
            Fraction(row[f"{rate}_high"]),
        )
        for rate in waterfall.RATES
        if row[f"{rate}_count"]
    }
