"""Which deals: what is asked of the deals themselves, and of the partners that have a share in them."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from partners.filters import NarrowingField, PartnerFilter, matches
from partners.models import Partner
from pipeline.deals import queries
from pipeline.models import Customer, Deal, DealStage, ProductLine
from pipeline.models.result import SaleKind
from prm.common.filters import FilterForm, MenuField
from prm.common.fiscal import FiscalCalendar
from prm.common.names import fold
from prm.common.vendor import today, vendor_settings

QUARTERS_AHEAD = 4
MOST_LEADERS = 1000
HIDDEN: dict[str, tuple[Any, str]] = {  # of figures that link to the deals behind them: (label, lookup)
    "close_from": (_("Expected close from"), "expected_close__gte"),
    "close_to": (_("Expected close to"), "expected_close__lte"),
    "closed_from": (_("Closed from"), "closed_on__gte"),
    "closed_to": (_("Closed to"), "closed_on__lte"),
}
PARTNER_FIELDS = ("region", "cam", "tier", "type", "stage")


class DealFilter(FilterForm):
    """Deals by what they are: those still open, unless the state or the stage says otherwise."""

    q = forms.CharField(label=_("Search"), required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Deal or customer"), "autocomplete": "off"}))  # fmt: skip
    state = MenuField(label=_("State"), choices=DealStage.Outcome.choices, any_label=_("Open"))
    deal_stage = MenuField(label=_("Deal stage"))
    close = forms.ChoiceField(label=_("Expected close"), required=False)
    look = MenuField(
        label=_("Look at"),
        choices=[("stale", _("No change in 30 days")), ("overdue", _("Overdue"))],
        any_label=_("All"),
    )
    kind = MenuField(label=_("Kind"), choices=SaleKind.choices)
    led = MenuField(label=_("Led by"), choices=Deal.Lead.choices)
    line = MenuField(label=_("Product line"))
    field_order = ["q", "state", "deal_stage", "close", "look", "kind", "led", "line"]

    user: User

    def __init__(self, data: Mapping[str, Any], *, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        if user is not None:
            self.user = user
        self.stages = {row.key: row for row in DealStage.objects.all()}
        self.lines = {row.key: row for row in ProductLine.objects.all()}
        fields: dict[str, Any] = self.fields
        if "deal_stage" in fields:
            fields["deal_stage"].choices = [(key, row.name) for key, row in self.stages.items()]
        if "line" in fields:
            fields["line"].choices = [*((key, row.name) for key, row in self.lines.items()), ("none", _("Without"))]
        settings = vendor_settings()
        self.day = today(settings)
        calendar = FiscalCalendar(settings.fiscal_start_month)
        current = calendar.quarter_of(self.day)
        quarters = [current.shift(ahead) for ahead in range(QUARTERS_AHEAD + 1)]
        self.spans = {quarter.key: (quarter.start, quarter.end) for quarter in quarters}
        if "close" in fields:
            fields["close"].choices = [
                ("", _("Any time")),
                ("month", _("Next 30 days")),
                *((quarter.key, quarter.label) for quarter in quarters),
                ("none", _("No date")),
            ]
        for name, (label, _lookup) in HIDDEN.items():
            if name in self.data:
                self.fields[name] = forms.DateField(label=label, required=False, widget=forms.HiddenInput)

    def narrow(self, queryset: QuerySet[Deal]) -> QuerySet[Deal]:
        """Expects deals out of `queries.deals`."""
        values = self.cleaned_data
        queryset = queryset.filter(self._in_stages())
        if values.get("close"):
            queryset = queryset.filter(self._closing(values["close"]))
        if values.get("look"):
            ways = [Q(**{f"is_{look}": True}) for look in values["look"]]
            queryset = queryset.filter(Q(*ways, _connector=Q.OR))
        if values.get("kind"):
            queryset = queryset.filter(kind__in=values["kind"])
        if values.get("led"):
            queryset = queryset.filter(led_by__in=values["led"])
        if values.get("line"):
            known = Q(product_line__in=[self.lines[key].pk for key in values["line"] if key != "none"])
            queryset = queryset.filter(known | Q(product_line=None) if "none" in values["line"] else known)
        for name, (_label, lookup) in HIDDEN.items():
            if day := values.get(name):
                queryset = queryset.filter(**{lookup: day})
        if text := values["q"].strip():
            queryset = queryset.filter(self._named(text))
        return queryset

    def _in_stages(self) -> Q:
        """The stages in which deals are looked for. By the stages' keys and the day, not the outcome: the index over the expected close
        of open deals is of use then."""
        stages = self.stages_asked()
        if len(stages) == len(self.stages):
            return Q()
        asked = Q(stage__in=[row.pk for row in stages])
        return asked & Q(closed_on=None) if all(row.outcome == DealStage.Outcome.OPEN for row in stages) else asked

    def stages_asked(self) -> list[DealStage]:
        """The stages in which deals are looked for, in their order: the open ones where nothing else is said."""
        values = self.cleaned_data
        found = list(self.stages.values())
        closed = values.get("closed_from") or values.get("closed_to")
        if values["state"] or not (values["deal_stage"] or closed):
            states = values["state"] or [DealStage.Outcome.OPEN]
            found = [row for row in found if row.outcome in states]
        return [row for row in found if not values["deal_stage"] or row.key in values["deal_stage"]]

    def _closing(self, when: str) -> Q:
        if when == "none":
            return Q(expected_close=None)
        if when == "month":
            return Q(expected_close__range=(self.day, self.day + dt.timedelta(days=30)))
        return Q(expected_close__range=self.spans[when])

    def _named(self, text: str) -> Q:
        # Lists of keys made one: an "or" of them would read all deals there are.
        deals = Deal.objects.unscoped("narrows deals the caller has scoped").order_by()
        first, *others = (deals.filter(each).values("pk") for each in self._found(text))
        return Q(pk__in=first.union(*others))

    def _found(self, text: str) -> list[Q]:
        """By their own words, and by their customer's. An id as it is, or in capitals: by its index."""
        found = [Q(name__icontains=text), Q(external_id__in={text, text.upper(), text.lower()})]
        if words := [Q(name_key__contains=word) for word in fold(text).split()]:
            customers = Customer.objects.visible_to(self.user).order_by().filter(*words)
            found.append(Q(customer__in=customers.values("pk")))
        return found


class PortalDealFilter(DealFilter):
    """What a partner asks of its own few."""

    look = kind = led = line = None  # type: ignore[assignment]


class DealListFilter(PartnerFilter, DealFilter):
    """The same, and by the partners that have a share: any field of the partner filter, and the search."""

    q = forms.CharField(label=_("Search"), required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Deal, customer or partner"), "autocomplete": "off"}))  # fmt: skip
    field_order = [*DealFilter.field_order, *PARTNER_FIELDS]

    def __init__(self, data: Mapping[str, Any], *, user: User) -> None:
        PartnerFilter.__init__(self, data, user=user)
        if "partner" in self.data:
            self.fields["partner"] = forms.IntegerField(
                label=_("Partner"), required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput
            )

    def narrow(self, queryset: Any) -> Any:
        queryset = DealFilter.narrow(self, queryset)
        partners = Partner.objects.visible_to(self.user)
        if pk := self.cleaned_data.get("partner"):
            queryset = queries.shared_by(queryset, partners.filter(pk=pk), self.user)
        if self._asks_for_partners():
            queryset = queries.shared_by(queryset, self._narrow_partners(partners), self.user)
        return queryset

    def _asks_for_partners(self) -> bool:
        more = [name for name, field in self.fields.items() if isinstance(field, NarrowingField)]
        return any(self.cleaned_data.get(name) not in (None, "", []) for name in (*PARTNER_FIELDS, *more))

    def _narrow_partners(self, partners: QuerySet[Partner]) -> QuerySet[Partner]:
        asked = self.cleaned_data
        self.cleaned_data = {**asked, "q": ""}  # what is searched for may be in the deal instead
        try:
            return PartnerFilter.narrow(self, partners)
        finally:
            self.cleaned_data = asked

    def _found(self, text: str) -> list[Q]:
        leaders = Partner.objects.visible_to(self.user).filter(matches(text)).order_by().values_list("pk", flat=True)
        # Read first where they are few: their number is more than the planner of the statement can guess.
        few = list(leaders[: MOST_LEADERS + 1])
        return [*super()._found(text), Q(partner__in=few if len(few) <= MOST_LEADERS else leaders)]

    def describe(self, name: str, value: str) -> str:
        if name == "partner" and value.isascii() and value.isdigit() and len(value) < 19:
            found = Partner.objects.visible_to(self.user).filter(pk=int(value)).first()
            return found.name if found else value
        return super().describe(name, value)
