"""Which objectives: of which partners, of which year, whose, and how they stand."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from partners.filters import PartnerFilter
from partners.models import Objective, Partner
from partners.objectives.queries import MET, this_year
from prm.common.filters import MenuField
from prm.common.fiscal import FiscalYear

YEARS_SHOWN = range(1, -5, -1)
# How an objective out of `queries.with_latest` stands. Dropped ones are shown where they are asked for.
STATES = {
    "met": MET & Q(dropped_at=None),
    "open": Q(latest_value__isnull=False, dropped_at=None) & ~MET,
    "none": Q(latest_value=None, dropped_at=None),
    "dropped": Q(dropped_at__isnull=False),
}


class ObjectiveFilter(PartnerFilter):
    """This year's, of all partners one sees, or of those the partner filter finds."""

    q = forms.CharField(label=_("Search"), required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Objective or partner"), "autocomplete": "off"}))  # fmt: skip
    year = forms.ChoiceField(label=_("Fiscal year"), required=False)
    side = forms.ChoiceField(
        label=_("Whose"), required=False, choices=[("", _("Both sides’")), *Objective.Side.choices]
    )
    state = MenuField(
        label=_("State"),
        choices=[
            ("met", _("Met")),
            ("open", _("Not met yet")),
            ("none", _("Nothing entered")),
            ("dropped", _("Dropped")),
        ],
        any_label=_("All but dropped"),
    )
    field_order = ["q", "year", "side", "state"]

    def __init__(self, data: Mapping[str, Any], *, user: User) -> None:
        super().__init__(data, user=user)
        now = this_year()
        self.current_year = now
        years = [now.shift(step) for step in YEARS_SHOWN]
        field: Any = self.fields["year"]
        field.choices = [("", _("This year")), *((year.key, year.label) for year in years)]

    @property
    def fiscal_year(self) -> FiscalYear:
        asked = self.cleaned_data.get("year") if self.is_valid() else ""
        return FiscalYear(int(asked), self.current_year.start_month) if asked else self.current_year

    def narrow(self, queryset: Any) -> Any:
        """Expects objectives with their latest value."""
        values = self.cleaned_data
        queryset = queryset.filter(
            partner__in=self._partners().order_by().values("pk"), fiscal_year=self.fiscal_year.year
        )
        if values["side"]:
            queryset = queryset.filter(side=values["side"])
        asked = values["state"] or ("met", "open", "none")
        queryset = queryset.filter(Q(*(STATES[state] for state in asked), _connector=Q.OR))
        if text := values["q"].strip():
            queryset = queryset.filter(Q(title__icontains=text) | Q(partner__name__icontains=text))
        return queryset

    def _partners(self) -> QuerySet[Partner]:
        return self.standing(Partner.objects.visible_to(self.user))
