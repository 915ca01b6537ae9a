"""Forms over the policies on actuals and on the seasons of a year."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from partners.forms import date_input
from pipeline.policies import MOST, Actuals, Basis, Origin
from prm.common.fiscal import FiscalYear

BASES = {
    Basis.VENDOR_NET: _("What the vendor gets (vendor net)"),
    Basis.CUSTOMER_PRICE: _("What the end customer pays"),
}
ORIGINS = {Origin.RESULTS: _("Sales results"), Origin.WON_DEALS: _("Won deals")}


def _starts_on() -> forms.DateField:
    return forms.DateField(
        label=_("In force from"),
        widget=date_input(),
        help_text=_("Today or later: what was computed before stays as it was."),
    )


class ActualsForm(forms.Form):
    prefix = "actuals"

    basis = forms.ChoiceField(
        label=_("Amounts are"),
        choices=list(BASES.items()),
        help_text=_(
            "Of results, deals, targets and the money in tier rules, all alike. Amounts that are there are not converted."
        ),
    )
    origin = forms.ChoiceField(label=_("Actuals come from"), choices=list(ORIGINS.items()))
    starts_on = _starts_on()

    @property
    def actuals(self) -> Actuals:
        return Actuals(Basis(self.cleaned_data["basis"]), Origin(self.cleaned_data["origin"]))


class SeasonalityForm(forms.Form):
    prefix = "seasons"

    starts_on = _starts_on()

    def __init__(self, *args: Any, year: FiscalYear, weights: tuple[Decimal, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, (month, weight) in enumerate(zip(year.months, weights, strict=True), 1):
            self.fields[f"w{number}"] = forms.DecimalField(
                label=date_format(month.start, "F"), min_value=Decimal(0), max_value=MOST, max_digits=13,
                decimal_places=6, localize=True, initial=weight,
            )  # fmt: skip
        self.order_fields([f"w{number}" for number in range(1, 13)])

    @property
    def weights(self) -> list[Decimal]:
        return [self.cleaned_data[f"w{number}"] for number in range(1, 13)]
