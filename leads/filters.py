"""Which leads: by what is known of them, who holds them, and how far they are."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from leads.models import Grade, Lead, LeadSource
from partners.models import Partner, Region
from pipeline.models import ProductLine
from prm.common.filters import FilterForm, MenuField
from prm.common.names import fold
from prm.common.vendor import vendor_settings

NONE = "none"
FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(2200, 1, 1)
HOLDERS = {
    "queue": _("Queue"),
    "offered": _("Offered, not answered"),
    "partner": _("A partner"),
    "direct": _("Direct"),
    "me": _("Me"),
}
CLOCKS = {"late": _("Contact is late"), "reminded": _("Reminded"), "stuck": _("Waits for a person")}
HIDDEN: dict[str, tuple[Any, str]] = {  # of figures that link to the leads behind them: (label, lookup)
    "came_from": (_("Came in from"), "created_at__gte"),
    "came_to": (_("Came in to"), "created_at__lt"),
}
REACHABLE = [MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)]  # of a day that is reckoned with


def _search(placeholder: Any) -> forms.CharField:
    attrs = {"type": "search", "placeholder": placeholder, "autocomplete": "off"}
    return forms.CharField(label=_("Search"), required=False, max_length=200, widget=forms.TextInput(attrs=attrs))


class PortalLeadFilter(FilterForm):
    """What a partner asks of the leads it holds: those it works on, unless the state says otherwise."""

    q = _search(_("Company"))
    state = MenuField(label=_("State"), any_label=_("Open"))
    grade = MenuField(label=_("Grade"), choices=Grade.choices)
    states: tuple[str, ...] = (*Lead.WORKED, Lead.State.CONVERTED, Lead.State.DISQUALIFIED)

    def __init__(self, data: Mapping[str, Any], *, user: User) -> None:
        super().__init__(data)
        self.user = user
        state: Any = self.fields["state"]
        state.choices = [(each, Lead.State(each).label) for each in self.states]

    def narrow(self, queryset: QuerySet[Lead]) -> QuerySet[Lead]:
        values = self.cleaned_data
        queryset = queryset.filter(state__in=values["state"] or self.usual())
        if values["grade"]:
            queryset = queryset.filter(grade__in=values["grade"])
        if text := values["q"].strip():
            queryset = queryset.filter(_named(text))
        return queryset

    def usual(self) -> tuple[str, ...]:
        """The states that are shown where none is asked for."""
        return Lead.OPEN


class LeadFilter(PortalLeadFilter):
    """The vendor's: also by holder, clock, source, region and product line."""

    holder = MenuField(label=_("Held by"), choices=list(HOLDERS.items()))
    clock = MenuField(label=_("Look at"), choices=list(CLOCKS.items()), any_label=_("All"))
    source = MenuField(label=_("Source"))
    region = MenuField(label=_("Region"))
    line = MenuField(label=_("Product line"))
    field_order = ("q", "state", "grade", "holder", "clock", "source", "region", "line")
    states = tuple(Lead.State)

    def __init__(self, data: Mapping[str, Any], *, user: User) -> None:
        super().__init__(data, user=user)
        self.rows: dict[str, dict[str, Any]] = {}
        for name, model, empty in (
            ("source", LeadSource, None),
            ("region", Region, _("No region")),
            ("line", ProductLine, None),
        ):
            rows = self.rows[name] = {row.key: row for row in model.objects.all()}
            field: Any = self.fields[name]
            field.choices = [*((key, row.name) for key, row in rows.items()), *([(NONE, empty)] if empty else [])]
        for name, (label, _lookup) in HIDDEN.items():
            if name in self.data:
                self.fields[name] = forms.DateField(
                    label=label, required=False, widget=forms.HiddenInput, validators=REACHABLE
                )
        if "partner" in self.data:
            self.fields["partner"] = forms.IntegerField(
                label=_("Partner"), required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput
            )

    def usual(self) -> tuple[str, ...]:
        """All of them where a figure's leads are asked for: it counts those that are closed, too."""
        return tuple(Lead.State) if set(HIDDEN) & set(self.active) else Lead.OPEN

    def narrow(self, queryset: QuerySet[Lead]) -> QuerySet[Lead]:
        queryset = super().narrow(queryset)
        values = self.cleaned_data
        if values["holder"]:
            queryset = queryset.filter(Q(*(self._held(each) for each in values["holder"]), _connector=Q.OR))
        if values["clock"]:
            queryset = queryset.filter(Q(*(_running(each) for each in values["clock"]), _connector=Q.OR))
        for name, column in (("source", "source"), ("region", "region")):
            if chosen := values[name]:
                known = Q(**{f"{column}__in": [self.rows[name][key].pk for key in chosen if key != NONE]})
                queryset = queryset.filter(known | Q(**{column: None}) if NONE in chosen else known)
        if values["line"]:
            wanted = [self.rows["line"][key].pk for key in values["line"]]
            of_line = Lead.product_lines.through.objects.filter(productline__in=wanted).values("lead")
            queryset = queryset.filter(pk__in=of_line)
        if pk := values.get("partner"):
            queryset = queryset.filter(
                partner__in=Partner.objects.visible_to(self.user).filter(pk=pk).order_by().values("pk")
            )
        for name, (_label, lookup) in HIDDEN.items():
            if day := values.get(name):
                queryset = queryset.filter(**{lookup: begins(day + dt.timedelta(days=name == "came_to"))})
        return queryset

    def _held(self, holder: str) -> Q:
        if holder == "me":
            return Q(person_direct=self.user.pk)
        if holder == "offered":
            return Q(state=Lead.State.OFFERED)
        if holder == "queue":
            return Q(holder=Lead.Holder.QUEUE)
        return Q(holder=holder)

    def describe(self, name: str, value: str) -> str:
        if name == "partner" and value.isascii() and value.isdigit() and len(value) < 19:
            found = Partner.objects.visible_to(self.user).filter(pk=int(value)).first()
            return found.name if found else value
        return super().describe(name, value)


def begins(day: dt.date) -> dt.datetime:
    """The first moment of a day of the vendor's calendar."""
    return dt.datetime.combine(day, dt.time(), ZoneInfo(vendor_settings().time_zone))


def _running(clock: str) -> Q:
    if clock == "stuck":
        return Q(state=Lead.State.NEW, distribute_at=None)
    accepted = Q(state=Lead.State.ACCEPTED)
    return accepted & (Q(nudged_at__isnull=False) if clock == "reminded" else Q(contact_by__lt=timezone.now()))


def _named(text: str) -> Q:
    found = Q(company__icontains=text)
    words = [Q(company_key__contains=word) for word in fold(text).split()]
    return found | Q(*words) if words else found
