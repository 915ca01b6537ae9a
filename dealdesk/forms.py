"""Forms over registrations. What they hold is written by `dealdesk.actions`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from partners.forms import date_input
from pipeline.models import ProductLine
from prm.common.countries import COUNTRIES
from prm.common.currencies import MINOR_UNITS
from prm.common.vendor import vendor_settings

TYPED = ("customer_name", "domain", "country", "product_lines", "amount", "expected_close", "need")
MORE = ("currency", "contact_name", "contact_email", "is_rfp")
LARGEST = Decimal("99999999999999.99")


class RegistrationForm(forms.Form):
    """What is typed of a registration: seven fields, and a few more for who has more to say."""

    customer_name = forms.CharField(
        label=_("Company"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    domain = forms.CharField(
        label=_("Web domain"),
        required=False,
        max_length=253,
        help_text=_("contoso.com: it tells this company from others of the same name."),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )
    country = forms.ChoiceField(
        label=_("Country"), choices=[("", "–"), *sorted(COUNTRIES.items(), key=lambda item: item[1])]
    )
    product_lines = forms.ModelMultipleChoiceField(
        ProductLine.objects.all(), label=_("Product lines"), widget=forms.CheckboxSelectMultiple
    )
    amount = forms.DecimalField(
        label=_("Amount"), min_value=Decimal("0.01"), max_value=LARGEST, max_digits=16, decimal_places=2, localize=True
    )
    expected_close = forms.DateField(label=_("Expected close"), widget=date_input())
    need = forms.CharField(
        label=_("What they need"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"})
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in sorted(MINOR_UNITS)])
    contact_name = forms.CharField(label=_("Contact there"), required=False, max_length=150)
    contact_email = forms.EmailField(label=_("Their e-mail"), required=False)
    is_rfp = forms.BooleanField(
        label=_("They have published a request for proposals"), required=False, help_text=_("Others may answer it, too.")
    )

    def __init__(self, data: Any = None, *, initial: Mapping[str, Any] | None = None, draft: bool = False) -> None:
        """`draft`: kept as far as it is typed; nothing is asked for but the company."""
        known = {"currency": vendor_settings().reporting_currency, **(initial or {})}
        super().__init__(data, initial=known)
        if draft:
            for name, field in self.fields.items():
                field.required = name == "customer_name"

    @property
    def typed(self) -> list[forms.BoundField]:
        return [self[name] for name in TYPED]

    @property
    def more(self) -> list[forms.BoundField]:
        return [self[name] for name in MORE]

    @property
    def more_is_open(self) -> bool:
        """Whether something stands there that the form didn't put there itself."""
        return any(self[name].errors or self[name].value() for name in MORE[1:])
