"""What came of an activity, as it is entered, verified and opened again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _l

from marketing.figures import STAGE_NAMES
from marketing.forms.activity import WIDEST
from marketing.forms.fields import AmountField, NumberField
from marketing.models import Activity, ActivityResult
from marketing.waterfall import STAGES
from prm.common.money import minor_units

AMOUNTS = {"revenue": _l("Revenue"), "cost": _l("Cost with receipts")}


class ResultsForm(forms.Form):
    """Counts by stage, revenue, what it cost, and what was learnt. `known`: what the system counted itself."""

    remark = forms.CharField(
        label=_l("What was learnt"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(
        self, data: Any = None, *, activity: Activity, result: ActivityResult | None, known: Mapping[str, Any]
    ) -> None:
        initial = dict(known)
        if result is not None:
            initial = {name: getattr(result, name) for name in (*STAGES, *AMOUNTS, "remark")}
        super().__init__(data, initial=initial)
        currency = activity.plan.currency
        counts = {name: NumberField(label=STAGE_NAMES[name], most=WIDEST, required=True) for name in STAGES}
        amounts = {
            name: AmountField(label=label, currency=currency, places=minor_units(currency), required=True)
            for name, label in AMOUNTS.items()
        }
        self.fields = {**counts, **amounts, "remark": self.fields["remark"]}

    @property
    def given(self) -> dict[str, Any]:
        """As `actions.save_results` takes it."""
        return dict(self.cleaned_data)

    def blame(self, error: ValidationError) -> None:
        for name, found in error.message_dict.items():
            self.add_error(name if name in self.fields else None, found)


class VerifyForm(forms.Form):
    note = forms.CharField(
        label=_l("How it was verified"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class WithdrawForm(forms.Form):
    reason = forms.CharField(label=_l("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class ReopenForm(forms.Form):
    reason = forms.CharField(
        label=_l("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_l("The partner reads it."),
    )  # fmt: skip
