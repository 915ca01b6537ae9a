"""Forms over requests: submitting a plan, deciding line by line, reasons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from mdf import showing
from mdf.actions import Verdict
from mdf.models import Account, Line
from mdf.steps import Decision
from prm.common.merging import blame
from prm.common.money import minor_units

CHOICES = [
    (Decision.AS_ASKED.value, _("As asked")),
    (Decision.CHANGED.value, _("Another amount")),
    (Decision.DENIED.value, _("Denied")),
    (Decision.RETURNED.value, _("Back to the partner")),
]
WITHOUT_MONEY = [
    (Decision.AS_ASKED.value, _("Approved")),
    (Decision.DENIED.value, _("Denied")),
    (Decision.RETURNED.value, _("Back to the partner")),
]
LARGEST = Decimal("99999999999999.99")


class SubmitForm(forms.Form):
    """Which money is asked, and a word to who decides. Without anything to ask there is only the word."""

    account = forms.ChoiceField(label=_("Paid from"), widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Note to who decides"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(
        self, data: Any = None, *, accounts: Sequence[Account], labels: dict[int, str], chosen: int | None
    ) -> None:
        super().__init__(data, initial={"account": str(chosen) if chosen else None})
        self.accounts = {str(account.pk): account for account in accounts}
        field: Any = self.fields["account"]
        field.choices = [(key, labels[account.pk]) for key, account in self.accounts.items()]
        field.error_messages["required"] = _("Choose the fund that is asked.")
        if not accounts:
            del self.fields["account"]

    @property
    def chosen(self) -> Account | None:
        return self.accounts.get(self.cleaned_data.get("account", ""))


class ReasonForm(forms.Form):
    """Why; the partner reads it."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The partner reads it."),
    )


class StepForm(forms.Form):
    """`step`: the one that the person looked at."""

    step = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)


class GiveBackForm(ReasonForm, StepForm):
    """All of it back, with the reason."""


class WordForm(StepForm):
    """All of it approved: nothing has to be said."""

    reason = forms.CharField(
        label=_("A word to the partner"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


@dataclass(frozen=True)
class LineFields:
    """One line in the form: what it is, and its bound fields."""

    line: Line
    decision: forms.BoundField
    amount: forms.BoundField | None
    note: forms.BoundField


class DecideForm(forms.Form):
    """A decision for each line, as the step before left it, at first as asked; and one reason for all of it."""

    reason = forms.CharField(
        label=_("A word to the partner"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed where something is denied or goes back, unless the line says why."),
    )  # fmt: skip
    step = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, lines: Sequence[Line], currency: str, step: int | None) -> None:
        super().__init__(data, initial={"step": step})
        self.lines = list(lines)
        places = minor_units(currency)
        for line in self.lines:
            self._offer(line, currency, places)

    def _offer(self, line: Line, currency: str, places: int) -> None:
        before = line.decision if line.decision not in (Line.Decision.UNDECIDED, Line.Decision.RETURNED) else None
        title = {"title": line.activity.title}
        self.fields[f"decision_{line.pk}"] = forms.ChoiceField(
            label=_("Decision on %(title)s") % title, choices=CHOICES if line.asks_money else WITHOUT_MONEY,
            initial=before or Decision.AS_ASKED.value,
        )  # fmt: skip
        if line.asks_money:
            amount = line.decided_in_plan if before == Line.Decision.CHANGED else None
            self.fields[f"amount_{line.pk}"] = forms.DecimalField(
                label=_("Granted, %(currency)s") % {"currency": currency}, required=False, min_value=Decimal(0),
                max_value=LARGEST, max_digits=14 + places, decimal_places=places, localize=True, initial=amount,
                help_text=_("Of %(asked)s asked.") % {"asked": showing.money(line.asked_in_plan, currency)},
            )  # fmt: skip
        self.fields[f"note_{line.pk}"] = forms.CharField(
            label=_("Why"), required=False, max_length=500, initial=line.note
        )

    def rows(self) -> Iterator[LineFields]:
        for line in self.lines:
            amount = self[f"amount_{line.pk}"] if line.asks_money else None
            yield LineFields(line, self[f"decision_{line.pk}"], amount, self[f"note_{line.pk}"])

    @property
    def verdicts(self) -> dict[int, Verdict]:
        """For `actions.decide`. An amount that is typed is meant, whatever is chosen beside it but a refusal."""
        found = {}
        for line in self.lines:
            values = self.cleaned_data
            decision, amount = Decision(values[f"decision_{line.pk}"]), values.get(f"amount_{line.pk}")
            if decision is Decision.AS_ASKED and amount is not None and amount != line.asked_in_plan:
                decision = Decision.CHANGED
            granted = amount if decision is Decision.CHANGED else None
            found[line.pk] = Verdict(decision, granted, values[f"note_{line.pk}"])
        return found

    def refuse(self, error: ValidationError) -> None:
        """Puts an action's refusal at the line it is about."""
        if not hasattr(error, "error_dict"):
            blame(self, error)
            return
        for key, messages in error.error_dict.items():
            parts = key.split(".")
            name = f"{parts[2]}_{parts[1]}" if len(parts) == 3 else key
            self.add_error(name if name in self.fields else None, messages)
