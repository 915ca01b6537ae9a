"""The pages of marketing plans that both sides have: the same pages, at each side's addresses, for other people."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from accounts.permissions import Permission as P
from marketing import queries
from marketing.models import Activity, MarketingPlan


@dataclass(frozen=True)
class Side:
    """Which of the two sites: the names of its addresses begin with `prefix`; `builds` is who works on plans there."""

    prefix: str
    builds: P
    sees: P

    def url(self, name: str, *args: object) -> str:
        return reverse(f"marketing:{self.prefix}{name}", args=args)

    def submit_url(self, plan: MarketingPlan) -> str:
        """Where a plan is submitted: along with what it asks of the vendor's funds."""
        return self._of_funds("submit", plan)

    def recall_url(self, plan: MarketingPlan) -> str:
        """Where it is taken back, along with what it asks."""
        return self._of_funds("recall", plan)

    def withdraw_url(self, plan: MarketingPlan) -> str:
        """Where it is given up, along with what it asks."""
        return self._of_funds("withdraw", plan)

    def _of_funds(self, name: str, plan: MarketingPlan) -> str:
        try:
            return reverse(f"mdf:{self.prefix}{name}", args=[plan.pk])
        except NoReverseMatch:
            return ""


TWICE = dt.timedelta(seconds=3)  # in which the same once more is a second click
VENDOR = Side("", P.EDIT_MARKETING, P.SEE_MARKETING)
PORTAL = Side("portal_", P.MARKET, P.PORTAL)


def find(request: HttpRequest, pk: int) -> MarketingPlan:
    """The plan with its activities, if this person may see it; else 404, as for one that isn't there."""
    rows = queries.with_activities(queries.plans(request.user), request.user)
    found: MarketingPlan = get_object_or_404(rows.select_related("partner__tier", "partner__region"), pk=pk)
    for activity in found.activities.all():
        activity.plan = found
    return found


def find_activity(request: HttpRequest, pk: int) -> Activity:
    """The activity, if this person may see its plan; else 404."""
    found: Activity = get_object_or_404(queries.activities(request.user), pk=pk)
    return found


def crumbs(side: Side, plan: MarketingPlan, *, inside: bool = False) -> list[tuple[str, str]]:
    """Where the page belongs; `inside`: below the plan's own page."""
    if side is VENDOR:
        found = [(_("Marketing"), side.url("plans")), (plan.partner.name, side.url("partner", plan.partner_id))]
    else:
        found = [(_("Plans"), side.url("plans"))]
    return [*found, (plan.title, f"{side.url('plan', plan.pk)}?read=1")] if inside else found
