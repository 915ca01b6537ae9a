"""Whose commitment, and in which fiscal year or quarter: what the address of the roll-up says. All as the partners stand today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from partners.filters import PartnerFilter
from partners.models import Partner
from planning.forecast.assumptions import MONTHS
from planning.models import BusinessPlan, SignatureRequest
from prm.common.filters import MenuField
from prm.common.fiscal import FiscalQuarter, FiscalYear, Month
from prm.common.vendor import fiscal_calendar, today
from scorecards.filters import ROWS

YEARS_BACK, YEARS_AHEAD = 2, 2
SIGNED, WAITING, DRAFT, NONE = "signed", "waiting", "draft", "none"
STATES: dict[str, Any] = {
    SIGNED: gettext_lazy("Signed"),
    WAITING: gettext_lazy("Waiting for signatures"),
    DRAFT: gettext_lazy("Draft"),
    NONE: gettext_lazy("No plan"),
}


def running_since(day: dt.date) -> dt.date:
    """Plans that begin in this month or later are not over on `day`."""
    return Month(day.year, day.month).shift(1 - MONTHS).start


def state_q(state: str, day: dt.date) -> Q:
    """Partners by the first of STATES that fits them: signed is a plan in force whose 36 months are not over."""
    own = BusinessPlan.objects.unscoped("states of partners the caller has scoped").filter(partner=OuterRef("pk"))
    signed = Q(Exists(own.filter(status=BusinessPlan.Status.COMMITTED, first_month__gte=running_since(day))))
    asked = SignatureRequest.objects.unscoped("of those plans").filter(plan=OuterRef("pk"))
    drafts = own.filter(status=BusinessPlan.Status.DRAFT)
    waiting, draft = Q(Exists(drafts.filter(Exists(asked)))), Q(Exists(drafts))
    return {
        SIGNED: signed,
        WAITING: ~signed & waiting,
        DRAFT: ~signed & ~waiting & draft,
        NONE: ~signed & ~draft,
    }[state]


class CommitmentFilter(PartnerFilter):
    """Partners and period; of the fields in OWN each page takes its own."""

    OWN = ("by", "plan")

    by = forms.ChoiceField(label=gettext_lazy("Rows"), required=False, choices=list(ROWS.items()))
    plan = MenuField(label=gettext_lazy("Plan"), choices=list(STATES.items()))

    def __init__(self, data: Any, *, user: User, own: Collection[str]) -> None:
        super().__init__(data, user=user, with_period=True)
        for name in self.OWN:
            if name not in own:
                del self.fields[name]
        self.order_fields(["period", *own])

    asked: FiscalYear | FiscalQuarter

    def _offer_quarters(self, shown: bool) -> None:
        super()._offer_quarters(shown)
        year = fiscal_calendar().year_of(today())
        years = {each.key: each for each in (year.shift(n) for n in range(YEARS_AHEAD, -YEARS_BACK - 1, -1))}
        field: Any = self.fields["period"]
        field.label = _("Period")
        field.choices = [
            ("", year.label),
            *((key, each.label) for key, each in years.items() if each != year),
            *((key, each.label) for key, each in self.quarters.items()),
        ]
        periods: dict[str, FiscalYear | FiscalQuarter] = {**years, **self.quarters}
        self.asked = periods.get(self.data.get("period", ""), year)

    @property
    def dimension(self) -> str:
        """What the rows stand for."""
        asked = self.data.get("by", "")
        return asked if asked in ROWS else next(iter(ROWS))

    def narrow(self, queryset: QuerySet[Partner]) -> QuerySet[Partner]:
        queryset = super().narrow(queryset)
        if wanted := self.cleaned_data.get("plan"):
            day = today()
            queryset = queryset.filter(Q(*(state_q(state, day) for state in wanted), _connector=Q.OR))
        return queryset
