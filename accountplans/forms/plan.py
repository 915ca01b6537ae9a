"""What is decided: targets, how far the plan is shared, that it was gone through; and the vendor's ideals."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from accountplans import queries
from accountplans.models import AccountTarget, Ideal, Play, Sharing, Size, Vertical
from partners.forms import date_input
from partners.models import Partner
from pipeline.forms import AmountField, currency_field
from prm.common.vendor import vendor_settings

State = AccountTarget.State


class TargetForm(forms.Form):
    """A cell: a target and how it is to be won, or ruled out and why."""

    state = forms.ChoiceField(label=_("This is"), choices=State.choices, widget=forms.RadioSelect)
    play = forms.ModelChoiceField(Play.objects.none(), label=_("Play"), required=False, empty_label="–")
    next_step = forms.CharField(label=_("Next step"), max_length=200, required=False)
    due_on = forms.DateField(label=_("By"), required=False, widget=date_input())
    owner = forms.ModelChoiceField(
        queries.User.objects.none(), label=_("Owner"), required=False, empty_label=_("Nobody")
    )
    amount = AmountField(label=_("Amount"), required=False, min_value=0, max_digits=18, decimal_places=4)
    currency = currency_field(required=False)
    reason = forms.CharField(
        label=_("Why ruled out"), max_length=300, required=False, help_text=_("Of what is ruled out only.")
    )
    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    FIELDS = ("state", "play", "next_step", "due_on", "owner", "amount", "currency", "reason")

    def __init__(self, data: Any = None, *, partner: Partner, target: AccountTarget | None) -> None:
        initial: dict[str, Any] = {"state": State.TARGET, "currency": vendor_settings().reporting_currency}
        if target is not None:
            initial = {name: getattr(target, name) for name in self.FIELDS}
            initial["currency"] = target.currency or vendor_settings().reporting_currency
            initial["seen"] = target.updated_at.isoformat()
        super().__init__(data, initial=initial)
        fields: dict[str, Any] = self.fields
        fields["play"].queryset = Play.objects.all()
        fields["owner"].queryset = queries.owners(partner)

    def clean_seen(self) -> dt.datetime | None:
        text = self.cleaned_data["seen"]
        try:
            found = parse_datetime(text) if text else None
        except ValueError:
            found = None
        if text and (found is None or found.tzinfo is None):
            raise ValidationError(_("Load the page again before you save."))
        return found

    def fields_said(self) -> dict[str, Any]:
        """What `actions.set_target` is to write. A currency without an amount says nothing."""
        values = {name: self.cleaned_data[name] for name in self.FIELDS}
        if values["amount"] is None:
            values["currency"] = ""
        return values


class ShareForm(forms.Form):
    """How far the vendor may look."""

    level = forms.ChoiceField(
        label=_("The vendor sees"),
        choices=[
            (Sharing.Level.HIDDEN, _("Hidden: nothing")),
            (Sharing.Level.COUNTS, _("Counts: how many customers, targets and owners of each product")),
            (
                Sharing.Level.TARGETS,
                _("Targets only: these, and the customers and products you go for or have ruled out"),
            ),
            (Sharing.Level.ALL, _("All: the whole plan, so that your CAM can work on it with you")),
        ],
        widget=forms.RadioSelect,
    )


class ReviewForm(forms.Form):
    note = forms.CharField(label=_("Note"), max_length=500, required=False)


class IdealForm(forms.Form):
    """Which customers a product line is made for."""

    verticals = forms.ModelMultipleChoiceField(
        Vertical.objects.none(), label=_("Verticals"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: every vertical fits."),
    )  # fmt: skip
    sizes = forms.MultipleChoiceField(
        label=_("Sizes"), choices=Size.choices, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: every size fits."),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, ideal: Ideal | None) -> None:
        initial = {"verticals": ideal.verticals.all(), "sizes": ideal.sizes} if ideal else {}
        super().__init__(data, initial=initial)
        verticals: Any = self.fields["verticals"]
        verticals.queryset = Vertical.objects.all()
