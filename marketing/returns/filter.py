"""Which activities the report is of: what the address says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from accounts.models import User
from marketing.models import Activity, MarketingPlan, Tactic
from partners.filters import PartnerFilter
from partners.models import Partner
from prm.common.filters import MenuField
from prm.common.fiscal import Period
from prm.common.vendor import fiscal_calendar, today

ROWS: Mapping[str, Any] = {
    "tactic": _l("Tactic"),
    "partner": _l("Partner"),
    "region": _l("Region"),
    "cam": _l("CAM"),
    "quarter": _l("Quarter"),
}
YEARS_BACK, QUARTERS_BACK = 2, 8
VERIFIED, OPEN, AHEAD = "verified", "open", "ahead"
SHOWN: Mapping[str, Any] = {
    VERIFIED: _l("Verified"),
    OPEN: _l("Ended, not verified"),
    AHEAD: _l("Not ended yet"),
}


class ReturnsFilter(PartnerFilter):
    """Approved activities by their partner, tactic, and the days they end in; without a period those of the last four quarters, this
    one included."""

    by = forms.ChoiceField(label=_l("Rows"), required=False, choices=list(ROWS.items()))
    tactic = MenuField(label=_l("Tactic"))
    show = MenuField(label=_l("Results"), choices=list(SHOWN.items()))
    partner = forms.IntegerField(
        label=_l("Partner"), required=False, min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput
    )
    plan_quarter = forms.CharField(label=_l("Quarter"), required=False, max_length=6, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, user: User, without: tuple[str, ...] = ()) -> None:
        super().__init__(data, user=user, with_period=True)
        tactics = list(Tactic.objects.all())
        self.rows["tactic"] = {row.key: row for row in tactics}
        field: Any = self.fields["tactic"]
        field.choices = [(row.key, row.name) for row in tactics]
        for name in without:
            del self.fields[name]
        self.order_fields(["period", "by", "tactic", "show"])

    def _offer_quarters(self, shown: bool) -> None:
        calendar, day = fiscal_calendar(), today()
        year, quarter = calendar.year_of(day), calendar.quarter_of(day)
        every: list[Any] = [year.shift(-n) for n in range(YEARS_BACK + 1)]
        every += [quarter.shift(1 - n) for n in range(QUARTERS_BACK + 1)]
        self.spans = {each.key: each for each in every}
        field: Any = self.fields["period"]
        field.label = _("Ended in")
        field.choices = [("", _("Last four quarters")), *((key, each.label) for key, each in self.spans.items())]
        self.first, self.last, self.label = quarter.shift(-3).start, quarter.end, _("Last four quarters")
        if asked := self.spans.get(self.data.get("period", "")):
            self.first, self.last, self.label = asked.start, asked.end, asked.label

    first: dt.date
    last: dt.date
    label: str

    def within(self, span: Period) -> None:
        """Looks at the activities that end in `span`, also where it is none of those offered."""
        self.first, self.last, self.label = span.start, span.end, span.label

    @property
    def dimension(self) -> str:
        asked = self.data.get("by", "")
        return asked if asked in ROWS else next(iter(ROWS))

    def narrow(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Of activities those asked for."""
        partners = self._of(Partner.objects.visible_to(self.user))
        rows = queryset.filter(
            plan__state__in=MarketingPlan.GOOD, decision__in=Activity.APPROVED, plan__partner__in=partners.order_by().values("pk")
        )  # fmt: skip
        rows = rows.filter(ends_on__range=(self.first, self.last))
        if quarter := self.cleaned_data.get("plan_quarter"):
            rows = rows.filter(plan__first_quarter=quarter)
        if keys := self.cleaned_data.get("tactic"):
            rows = rows.filter(tactic__key__in=keys)
        if wanted := self.cleaned_data.get("show"):
            rows = rows.filter(Q(*(shown_q(each, today()) for each in wanted), _connector=Q.OR))
        return rows

    def _of(self, partners: QuerySet[Any]) -> QuerySet[Any]:
        rows = super().narrow(partners)
        return rows.filter(pk=pk) if (pk := self.cleaned_data.get("partner")) else rows

    @property
    def partners(self) -> QuerySet[Partner]:
        """The partners asked for, whatever activities they have."""
        rows = Partner.objects.visible_to(self.user)
        return self._of(rows) if self.is_valid() else rows.none()

    def describe(self, name: str, value: str) -> str:
        if name == "partner" and value.isdigit() and len(value) < 10:
            return str(Partner.objects.visible_to(self.user).filter(pk=int(value)).first() or value)
        return super().describe(name, value)

    @property
    def activities(self) -> QuerySet[Activity]:
        found: QuerySet[Activity] = self.apply(Activity.objects.visible_to(self.user))
        return found


def shown_q(which: str, day: dt.date) -> Q:
    verified = Q(state=Activity.State.VERIFIED)
    return {
        VERIFIED: verified,
        OPEN: ~verified & Q(ends_on__lt=day),
        AHEAD: ~verified & Q(ends_on__gte=day),
    }[which]
