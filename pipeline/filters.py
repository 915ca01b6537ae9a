"""Which results, targets, customers and metric values: the one filter over partners, and what each has of its own."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from partners.filters import NOBODY, NarrowingField, PartnerFilter, matches
from partners.forms import date_input
from partners.models import Partner
from pipeline import queries
from pipeline.models import Metric, ProductLine, TargetMonth, TargetVersion
from pipeline.models.result import MANUAL, SaleKind
from prm.common.filters import MenuField
from prm.common.fiscal import FiscalCalendar, FiscalYear
from prm.common.names import fold
from prm.common.vendor import today, vendor_settings

OF_PARTNERS = ("region", "cam", "tier", "type", "stage")
YEARS_BACK, YEARS_AHEAD = 5, 2


def years() -> dict[str, FiscalYear]:
    """The fiscal years that people look at targets of by their keys, the latest first."""
    settings = vendor_settings()
    current = FiscalCalendar(settings.fiscal_start_month).year_of(today(settings))
    found = [current.shift(step) for step in range(YEARS_AHEAD, -YEARS_BACK - 1, -1)]
    return {year.key: year for year in found}


class OfPartnersFilter(PartnerFilter):
    """Rows that belong to partners. `partner`: those of this one only, so that nothing else of partners is asked.

    The search finds rows of the partners it finds, and those a subclass names in `also_found`.
    """

    keeps = ("sort", "partner")

    def __init__(self, data: Mapping[str, Any], *, user: User, partner: Partner | None = None) -> None:
        super().__init__(data, user=user)
        self.partner = partner
        if partner is not None:
            for name in OF_PARTNERS:
                del self.fields[name]

    def narrow(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.partner is not None:
            queryset = queryset.filter(partner=self.partner)
        else:
            asked = [
                name for name in self.active if name in OF_PARTNERS or isinstance(self.fields[name], NarrowingField)
            ]
            if asked:  # else the rows' own scope says as much
                partners = self.standing(Partner.objects.visible_to(self.user))
                queryset = queryset.filter(partner__in=partners.order_by().values("pk"))
        text = self.cleaned_data.get("q")
        if not text:
            return queryset
        found = self.also_found(text)
        if self.partner is None:
            named = Partner.objects.visible_to(self.user).filter(matches(text))
            found |= Q(partner__in=named.order_by().values("pk"))
        return queryset.filter(found)

    def also_found(self, text: str) -> Q:
        raise NotImplementedError


def _between(queryset: QuerySet[Any], values: Mapping[str, Any]) -> QuerySet[Any]:
    for name, lookup in (("since", "on__gte"), ("until", "on__lte")):
        if values.get(name):
            queryset = queryset.filter(**{lookup: values[name]})
    return queryset


def _search(label: Any) -> forms.CharField:
    attrs = {"type": "search", "placeholder": label, "autocomplete": "off"}
    return forms.CharField(label=_("Search"), required=False, max_length=200, widget=forms.TextInput(attrs=attrs))


class ResultFilter(OfPartnersFilter):
    """Sales results: of which partners, of what, when."""

    q = _search(_("Partner, customer, external id"))
    product = MenuField(label=_("Product line"))
    kind = MenuField(label=_("Kind"), choices=SaleKind.choices)
    origin = forms.ChoiceField(
        label=_("Came from"),
        required=False,
        choices=[
            ("", _("Anywhere")),
            ("manual", _("Typed in")),
            ("import", _("Import")),
            ("credit", _("Credit notes")),
        ],
    )
    since = forms.DateField(label=_("From"), required=False, widget=date_input())
    until = forms.DateField(label=_("To"), required=False, widget=date_input())

    def __init__(self, data: Mapping[str, Any], *, user: User, partner: Partner | None = None) -> None:
        super().__init__(data, user=user, partner=partner)
        lines = {row.key: row for row in ProductLine.objects.all()}
        self._offer("product", lines, [(key, row.name) for key, row in lines.items()], _("No product line"))

    def narrow(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        values = self.cleaned_data
        queryset = _between(super().narrow(queryset), values)
        if products := values["product"]:
            wanted = Q(product_line__in=[self.rows["product"][key].pk for key in products if key != NOBODY])
            queryset = queryset.filter(wanted | Q(product_line=None) if NOBODY in products else wanted)
        if values["kind"]:
            queryset = queryset.filter(kind__in=values["kind"])
        if values["origin"] == "credit":
            queryset = queryset.filter(amount__lt=0)
        elif values["origin"]:
            by_hand = Q(source=MANUAL)
            queryset = queryset.filter(by_hand if values["origin"] == "manual" else ~by_hand)
        return queryset

    def also_found(self, text: str) -> Q:
        return Q(external_id=text.strip()) | Q(customer__in=_customers(self.user, text))


def _customers(user: User, text: str) -> QuerySet[Any]:
    """End customers whose names have all the words of `text`."""
    words = fold(text).split()
    rows = queries.Customer.objects.visible_to(user).order_by()
    named = Q(*(Q(name_key__contains=word) for word in words)) if words else Q(name__icontains=text.strip())
    return rows.filter(named).values("pk")


class CustomerFilter(OfPartnersFilter):
    """End customers by name, domain or external id, and by their partners."""

    q = _search(_("Customer, domain, partner"))

    def also_found(self, text: str) -> Q:
        plain = text.strip()
        return Q(pk__in=_customers(self.user, text)) | Q(domain__icontains=plain) | Q(external_id=plain)


class ValueFilter(OfPartnersFilter):
    """Values of metrics: of which partners, which metric, when."""

    q = _search(_("Partner"))
    metric = MenuField(label=_("Metric"))
    since = forms.DateField(label=_("From"), required=False, widget=date_input())
    until = forms.DateField(label=_("To"), required=False, widget=date_input())

    def __init__(self, data: Mapping[str, Any], *, user: User, partner: Partner | None = None) -> None:
        super().__init__(data, user=user, partner=partner)
        if partner is not None:
            del self.fields["q"]
        metrics = {row.key: row for row in Metric.objects.all()}
        self._offer("metric", metrics, [(key, row.name) for key, row in metrics.items()], None)

    def narrow(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        queryset = _between(super().narrow(queryset), self.cleaned_data)
        if metrics := self.cleaned_data["metric"]:
            queryset = queryset.filter(metric__in=[self.rows["metric"][key].pk for key in metrics])
        return queryset

    def also_found(self, text: str) -> Q:
        return Q(pk__in=[])


class TargetFilter(OfPartnersFilter):
    """Versions of targets: of which partners and metric, for which fiscal year, from where."""

    q = _search(_("Partner"))
    year = forms.ChoiceField(label=_("Fiscal year"), required=False)
    metric = MenuField(label=_("Metric"))
    source = MenuField(
        label=_("Set by"), choices=[*TargetVersion.Source.choices, ("generated", _("Generated from the year before"))]
    )

    def __init__(self, data: Mapping[str, Any], *, user: User, partner: Partner | None = None) -> None:
        super().__init__(data, user=user, partner=partner)
        self.years = years()
        year: Any = self.fields["year"]
        year.choices = [("", _("Any")), *((key, found.label) for key, found in self.years.items())]
        measures = queries.measures()
        self._offer("metric", {**measures}, [(key, found.name) for key, found in measures.items()], None)

    def narrow(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        values = self.cleaned_data
        queryset = super().narrow(queryset)
        if values["metric"]:
            queryset = queryset.filter(metric__in=values["metric"])
        if values["source"]:
            wanted = Q(source__in=values["source"])
            queryset = queryset.filter(wanted | Q(generated=True) if "generated" in values["source"] else wanted)
        if year := self.years.get(values["year"]):
            months = TargetMonth.objects.unscoped("of the version of the row").filter(
                version=OuterRef("pk"), month__range=(year.start, year.end)
            )
            queryset = queryset.filter(Exists(months))
        return queryset

    def also_found(self, text: str) -> Q:
        return Q(pk__in=[])
