"""Whose performance, in which period, and as they stood then or stand today: what the address of a roll-up says."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from django import forms
from django.db.models import Q, QuerySet
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from partners.filters import NOBODY, PartnerFilter
from partners.models import Placement
from prm.common.fiscal import Month
from prm.common.vendor import fiscal_calendar, today
from scorecards.filters import ROWS
from scorecards.performance_rollups.spans import TO_DATE, Period, period

YEARS_BACK = 2
# What a partner can have moved between; its type is always today's.
PLACED = ("region", "cam", "tier", "stage")


class PerformanceFilter(PartnerFilter):
    """Partners, period and grouping; of the fields in OWN each page takes its own.

    In months as they were then, region, CAM, tier and stage narrow the months and not the partners: see `placed`.
    """

    OWN = ("by", "of", "groups", "family", "moved", "top")
    columns: ClassVar[Mapping[str, str]] = {"type": "partner_type"}
    keeps = ()

    by = forms.ChoiceField(label=gettext_lazy("Rows"), required=False, choices=list(ROWS.items()))
    of = forms.ChoiceField(
        label=gettext_lazy("Change of"),
        required=False,
        choices=[("", gettext_lazy("Actual")), ("attainment", gettext_lazy("Attainment"))],
    )
    groups = forms.ChoiceField(
        label=gettext_lazy("Past months"),
        required=False,
        choices=[("", gettext_lazy("As placed then")), ("today", gettext_lazy("As placed today"))],
    )
    family = forms.ChoiceField(
        label=gettext_lazy("Families"),
        required=False,
        choices=[("", gettext_lazy("As one")), ("each", gettext_lazy("Each partner"))],
    )
    moved = forms.ChoiceField(
        label=gettext_lazy("Moved"),
        required=False,
        widget=forms.HiddenInput,
        choices=[
            ("up", gettext_lazy("Rose")),
            ("down", gettext_lazy("Fell")),
            ("same", gettext_lazy("Stayed the same")),
            ("attainment-up", gettext_lazy("Attainment rose")),
            ("attainment-down", gettext_lazy("Attainment fell")),
            ("attainment-same", gettext_lazy("Attainment stayed the same")),
        ],
    )
    top = forms.ChoiceField(
        label=gettext_lazy("Largest"),
        required=False,
        widget=forms.HiddenInput,
        choices=[("80", gettext_lazy("make 80%"))],
    )

    def __init__(self, data: Any, *, user: User, own: Collection[str]) -> None:
        self.then = data.get("groups", "") != "today"
        super().__init__(data, user=user, with_period=True)
        for name in self.OWN:
            if name not in own:
                del self.fields[name]
        self.order_fields(["period", *own])

    def _cams(self) -> QuerySet[User]:
        """Those of today, and those of the months looked at."""
        found = super()._cams()
        if not self.then:
            return found
        of_then = Placement.objects.visible_to(self.user).filter(cam__isnull=False).order_by().values("cam").distinct()
        ids = found.order_by().values("pk")
        return (
            User.objects.filter(Q(pk__in=ids) | Q(pk__in=of_then.values("cam")))
            .only("name", "email")
            .order_by("name", "id")
        )

    def _offer_quarters(self, shown: bool) -> None:
        super()._offer_quarters(shown)
        calendar, day = fiscal_calendar(), today()
        year = calendar.year_of(day)
        choices: list[tuple[str, Any]] = [
            (TO_DATE, _("%(year)s to date") % {"year": year.label}),
            *((year.shift(-back).key, year.shift(-back).label) for back in range(1, YEARS_BACK + 1)),
            *((key, quarter.label) for key, quarter in self.quarters.items()),
        ]
        earliest, asked = year.shift(-YEARS_BACK).start, self.data.get("period", "")
        months = (calendar.month_of(day).shift(-back) for back in range(-12, 12 * (YEARS_BACK + 1)))
        # A month has no place in the menu: one comes to it from a figure.
        choices += [(m.key, month_name(m)) for m in months if m.key == asked and m.start >= earliest and m <= year.months[-1]]  # fmt: skip
        field: Any = self.fields["period"]
        field.label, field.choices = _("Period"), choices
        self.asked = period(asked if asked in dict(choices) else TO_DATE, day, calendar)

    asked: Period

    @property
    def dimension(self) -> str:
        """What the rows stand for."""
        asked = self.data.get("by", "")
        return asked if asked in ROWS else next(iter(ROWS))

    @property
    def family_as_one(self) -> bool:
        return self.data.get("family", "") != "each"

    @property
    def placed(self) -> dict[str, list[int | None]]:
        """The ids asked for of each of PLACED that narrows; None for those without."""
        self.is_valid()
        return {
            name: [self.rows[name][value].pk if value != NOBODY else None for value in values]
            for name in PLACED
            if (values := self.cleaned_data.get(name))
        }


def month_name(month: Month) -> str:
    return f"{MONTHS[month.month]} {month.year}"
