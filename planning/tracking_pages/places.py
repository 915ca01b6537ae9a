"""Where the pages that follow a plan are, and what they call it."""

from __future__ import annotations

from typing import Any

from django.template.defaultfilters import capfirst
from django.urls import reverse
from django.utils.dates import MONTHS
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from planning.models import BusinessPlan
from prm.common.fiscal import Month

TABS: dict[str, Any] = {
    "actuals": gettext_lazy("Against actual"),
    "reforecast": gettext_lazy("Re-forecast"),
    "moved": gettext_lazy("What moved"),
}


def address(plan: BusinessPlan, name: str, *, portal: bool) -> str:
    return reverse(f"tracking:{'portal_' if portal else ''}{name}", args=[plan.pk])


def plan_address(plan: BusinessPlan, *, portal: bool) -> str:
    """The plan itself, to read, on either side."""
    own = reverse("planning:portal_plan", args=[plan.pk]) if portal else plan.get_absolute_url()
    return own if plan.is_fixed else f"{own}?read"


def tabs(plan: BusinessPlan, current: str, *, portal: bool) -> list[dict[str, Any]]:
    """The pages of one plan: of one that is not committed the plan, and what moved."""
    names = [name for name in TABS if plan.is_fixed or name == "moved"]
    if not plan.follows_id:
        names = [name for name in names if name != "moved"]
    return [
        {"label": _("Plan"), "url": plan_address(plan, portal=portal), "current": current == "plan"},
        *(
            {"label": TABS[name], "url": address(plan, name, portal=portal), "current": name == current}
            for name in names
        ),
    ]


def heading(plan: BusinessPlan) -> str:
    """Which plan this is, in a line."""
    if not plan.is_fixed or plan.committed_on is None:
        return _("Version %(number)s, a draft") % {"number": plan.number}
    words = (
        _("Version %(number)s, in force since %(day)s, %(scenario)s scenario")
        if plan.status == BusinessPlan.Status.COMMITTED
        else _("Version %(number)s, committed on %(day)s, %(scenario)s scenario; another is in force since")
    )
    return words % {
        "number": plan.number,
        "day": date_format(plan.committed_on, "DATE_FORMAT"),
        "scenario": str(plan.get_scenario_display()).lower(),
    }


def month_name(month: Month) -> str:
    return f"{capfirst(MONTHS[month.month])} {month.year}"
