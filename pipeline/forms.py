"""Forms over sales results, metric values and targets. What they hold is written by the actions."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from accounts.models import User
from partners.forms import PartnerPick, date_input
from partners.models import Partner
from pipeline import queries, targets
from pipeline.filters import years
from pipeline.models import Customer, Metric, MetricValue, SalesResult
from prm.common.currencies import MINOR_UNITS
from prm.common.filters import FilterForm
from prm.common.fiscal import FiscalYear, Month, Period
from prm.common.merging import MergingMixin
from prm.common.names import normalised
from prm.common.vendor import fiscal_calendar, today, vendor_settings

MANY = 200  # suggestions of a field: more is no help


class AmountField(forms.DecimalField):
    """A number as the reader writes it, shown without the zeros that its column pads it with, but with two decimals at least."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"localize": True} | kwargs))

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, Decimal) or not value.is_finite():
            return value
        least = min(2, self.decimal_places or 0)
        decimals = max(least, -int(value.normalize().as_tuple().exponent))
        return f"{value:.{decimals}f}" if not self.localize else self.widget.format_value(round(value, decimals))


def currency_field(**kwargs: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=_l("Currency"), choices=[(code, code) for code in sorted(MINOR_UNITS)], **kwargs)


class CustomerPick(forms.Field):
    """One of the partner's end customers by name, or the name of a new one; suggestions while typing."""

    def __init__(self, partner: Partner, user: User, **kwargs: Any) -> None:
        super().__init__(
            required=False, widget=forms.TextInput(attrs={"list": "customer-options", "autocomplete": "off"}), **kwargs
        )
        self.partner, self.user = partner, user

    @property
    def suggestions(self) -> list[str]:
        known = Customer.objects.visible_to(self.user).filter(partner=self.partner)
        return list(known.order_by("name").values_list("name", flat=True)[:MANY])

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):
            value = self.partner.customers.filter(pk=value).first()
        return value.name if isinstance(value, Customer) else value

    def to_python(self, value: Any) -> Customer | str | None:
        text = str(value or "").strip()
        if not text:
            return None
        if not text.isprintable():
            raise forms.ValidationError(_("This holds characters that can’t be shown."))
        if len(text) > 200:
            raise forms.ValidationError(_("This is too long: at most 200 characters."))
        key = (normalised(text) or text.casefold())[:200]
        return self.partner.customers.filter(name_key=key).first() or text


class ResultForm(MergingMixin, forms.ModelForm):
    """A sales result typed in."""

    amount = AmountField(
        label=_l("Amount"), max_digits=18, decimal_places=4, help_text=_l("Negative for a credit note.")
    )
    currency = currency_field()

    class Meta:
        model = SalesResult
        fields = ["on", "amount", "currency", "product_line", "kind"]
        widgets = {"on": date_input()}

    def __init__(self, *args: Any, partner: Partner, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        day = today()
        self.fields["on"].widget.attrs["max"] = day.isoformat()
        self.fields["product_line"].empty_label = _("No product line")  # type: ignore[attr-defined]
        kept = self.instance.distributor if self.instance.pk else None
        self.fields["customer"] = CustomerPick(
            partner, user, label=_("End customer"), help_text=_("One you have, or a new one by its name.")
        )
        self.fields["distributor"] = PartnerPick("distributor", user, kept, label=_("Via distributor"))
        if self.instance.pk:
            self.initial = {
                **self.initial,
                "customer": self.instance.customer,
                "distributor": self.instance.distributor_id,
            }
            self.remember_shown()
        else:
            self.initial = {"on": day, "currency": vendor_settings().reporting_currency, **self.initial}


class ValueForm(MergingMixin, forms.ModelForm):
    """The value of a metric, typed in."""

    value = AmountField(label=_l("Value"), max_digits=20, decimal_places=6)
    currency = currency_field(required=False, help_text=_l("Of money only."))

    class Meta:
        model = MetricValue
        fields = ["metric", "on", "value", "currency"]
        widgets = {"on": date_input()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        day = today()
        self.fields["on"].widget.attrs["max"] = day.isoformat()
        currency: Any = self.fields["currency"]
        currency.choices = [("", "–"), *currency.choices]
        metric: Any = self.fields["metric"]
        metric.queryset, metric.empty_label = Metric.objects.all(), _("Choose …")
        if self.instance.pk:
            self.remember_shown()
        else:
            self.initial = {"on": day, **self.initial}


# ── Targets ──────────────────────────────────────────────────────────────────────────────────────────────────────────

BY: dict[str, Any] = {"year": _l("Whole year"), "quarter": _l("By quarter"), "month": _l("By month")}


def periods_by(year: FiscalYear, by: str) -> list[Period]:
    """The year itself, its quarters or its months."""
    found: dict[str, list[Period]] = {"year": [year], "quarter": [*year.quarters], "month": [*year.months]}
    return found[by]


class YearChoice(FilterForm):
    """The fiscal year a page is about: this one where none, or nonsense, is asked for."""

    year = forms.ChoiceField(label=_l("Fiscal year"), required=False)

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.years = years()
        self.current = fiscal_calendar().year_of(today())
        field: Any = self.fields["year"]
        field.choices = [(key, found.label) for key, found in self.years.items()]
        self.data.setdefault("year", self.current.key)

    @property
    def year_asked(self) -> FiscalYear:
        return self.years.get(self.data.get("year", ""), self.current)


class TargetChoice(YearChoice):
    """What targets are about to be set: of which metric, for which year, in which parts."""

    metric = forms.ChoiceField(label=_l("Metric"), required=False)
    by = forms.ChoiceField(label=_l("Enter"), required=False, choices=list(BY.items()))

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.measures = queries.measures()
        metric: Any = self.fields["metric"]
        metric.choices = [(key, found.name) for key, found in self.measures.items()]
        self.order_fields(["metric", "year", "by"])

    @property
    def measure(self) -> queries.Measure:
        return self.measures.get(self.data.get("metric", ""), self.measures[targets.REVENUE])

    @property
    def parts(self) -> str:
        asked = self.data.get("by", "")
        return asked if asked in BY else "year"


class TargetForm(forms.Form):
    """Targets of one metric for a fiscal year, whole or in parts. What stays empty is left as it is.

    `seen` carries the newest version the person was shown.
    """

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    note = forms.CharField(label=_l("Note"), max_length=300, required=False)

    def __init__(
        self,
        *args: Any,
        measure: queries.Measure,
        periods: list[Period],
        shown: Mapping[Period, Decimal | None],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.measure, self.periods = measure, periods
        for period in periods:
            self.fields[f"p{period.key}"] = AmountField(
                label=period_name(period), required=False, min_value=0, max_digits=18, decimal_places=4,
                initial=shown.get(period),
            )  # fmt: skip
        if measure.money:
            self.fields["currency"] = currency_field()
        self.order_fields([*(f"p{period.key}" for period in periods), "currency", "note"])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        decimals = queries.places(values.get("currency") or "")
        for period in self.periods:
            value = values.get(f"p{period.key}")
            if value is not None and value != round(value, decimals):
                self.add_error(f"p{period.key}", _("At most %(n)s decimals.") % {"n": decimals})
        if not self.errors and not self.values:
            self.add_error(f"p{self.periods[0].key}", _("Enter a target for one period at least."))
        return values

    def show_newest(self, newest: Any, error: forms.ValidationError) -> None:
        """Says that somebody was quicker. What was typed stays, and sent again it replaces theirs."""
        self.data = {**self.data.dict(), "seen": str(newest.pk if newest else 0)}  # type: ignore[attr-defined]
        self.add_error(None, error)

    @property
    def values(self) -> dict[Period, Decimal]:
        """What was typed, by period."""
        typed = {period: self.cleaned_data.get(f"p{period.key}") for period in self.periods}
        return {period: value for period, value in typed.items() if value is not None}


def period_name(period: Period) -> str:
    """A fiscal year or quarter by its label, a month in the reader's words."""
    return date_format(period.start, "YEAR_MONTH_FORMAT") if isinstance(period, Month) else period.label


class GenerateForm(forms.Form):
    """Next targets from what was sold in the year before."""

    year = forms.ChoiceField(label=_l("Targets for"))
    factor = forms.DecimalField(
        label=_l("Factor"), min_value=Decimal(0), max_value=Decimal(100), max_digits=7, decimal_places=4, localize=True,
        initial=Decimal("1.1"), help_text=_l("What the same quarter of the year before is multiplied by: 1.1 is 10% more."),
    )  # fmt: skip
    replace = forms.BooleanField(
        label=_l("Also where there are targets for that year"), required=False,
        help_text=_l("Else those partners are left as they are. Committed plans stay in force in any case."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.years = years()
        year: Any = self.fields["year"]
        year.choices = [(key, found.label) for key, found in self.years.items()]
        self.initial = {"year": fiscal_calendar().year_of(today()).key, **self.initial}

    def clean_year(self) -> FiscalYear:
        return self.years[self.cleaned_data["year"]]
