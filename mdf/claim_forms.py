"""Forms over claims: what the partner sends, what the vendor decides and pays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from mdf import showing
from mdf.actions import MOST_RECEIPTS
from mdf.models import Claim, Proof, Receipt
from mdf.steps import Outcome
from partners.forms import date_input
from prm.common import uploads
from prm.common.currencies import MINOR_UNITS
from prm.common.merging import blame
from prm.common.money import minor_units

LARGEST = Decimal("99999999999.99")
EMPTY_ROWS = 1  # one more invoice each time the page is loaded or saved
OF_RECEIPT = ("supplier", "number", "dated", "amount")


def _file(label: Any) -> forms.FileField:
    widget = forms.FileInput(attrs={"accept": uploads.accept()})
    return forms.FileField(label=label, required=False, max_length=200, widget=widget, allow_empty_file=True)


@dataclass(frozen=True)
class ReceiptFields:
    """One invoice in the form: its fields, its file."""

    number: int
    fields: list[forms.BoundField]
    file: forms.BoundField
    kept: Proof | None
    currency: str  # where it isn't the claim's


class ClaimForm(forms.Form):
    """One page: the invoices with their files, one file for each proof that the tactic asks for, a word on the results.

    Without an amount it is the share of the invoices that the fund pays back. A row without anything typed is no invoice.
    """

    asked = forms.DecimalField(
        label=_("Another amount"), required=False, min_value=Decimal(0), max_value=LARGEST, max_digits=15, decimal_places=3, localize=True,
        help_text=_("Empty: the share of the invoices that the fund pays back."),
    )  # fmt: skip
    currency = forms.ChoiceField(
        label=_("Currency of the invoices"), choices=[(code, code) for code in sorted(MINOR_UNITS)]
    )
    results = forms.CharField(
        label=_("What it brought"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Who came, who asked, what comes of it."),
    )  # fmt: skip
    rows = forms.IntegerField(required=False, min_value=0, max_value=MOST_RECEIPTS, widget=forms.HiddenInput)
    revision = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)
    # The latest claim when the page was made: a later one means that this page was sent before.
    after = forms.IntegerField(required=False, min_value=0, max_value=2**63 - 1, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, files: Any = None, *, claim: Claim | None, currency: str, after: int = 0,
        receipts: Sequence[Receipt] = (), proofs: Sequence[Proof] = (), wanted: Sequence[str] = (),
    ) -> None:  # fmt: skip
        super().__init__(data, files)
        self.receipts, self.wanted, self.proofs = list(receipts), list(wanted), list(proofs)
        self.initial = {**self.initial, "currency": currency, "after": after}
        if claim is not None:
            kept = {"asked": _plain(claim.asked), "currency": claim.currency, "results": claim.results, "revision": claim.revision}  # fmt: skip
            self.initial = {**self.initial, **kept}
        self.count = self._count(data)
        self.initial["rows"] = self.count
        for number in range(self.count):
            self._offer_row(number, self.receipts[number] if number < len(self.receipts) else None)
        for number, requirement in enumerate(self.wanted):
            self.fields[f"proof_{number}"] = _file(requirement)

    def _count(self, data: Any) -> int:
        if data is not None:
            text = str(data.get("rows", ""))
            return min(int(text), MOST_RECEIPTS) if text.isascii() and text.isdigit() and len(text) < 4 else 1
        return min(len(self.receipts) + EMPTY_ROWS, MOST_RECEIPTS)

    def _offer_row(self, number: int, receipt: Receipt | None) -> None:
        at = f"receipts_{number}"
        which = {"n": number + 1}
        self.fields[f"{at}_supplier"] = forms.CharField(label=_("Supplier"), required=False, max_length=200)
        self.fields[f"{at}_number"] = forms.CharField(label=_("Invoice number"), required=False, max_length=60)
        self.fields[f"{at}_dated"] = forms.DateField(label=_("Date"), required=False, widget=date_input())
        self.fields[f"{at}_amount"] = forms.DecimalField(
            label=_("Amount"), required=False, min_value=Decimal("0.001"), max_value=LARGEST, max_digits=15,
            decimal_places=3, localize=True,
        )  # fmt: skip
        self.fields[f"{at}_file"] = _file(_("Invoice %(n)s, the file") % which)
        self.fields[f"{at}_proof"] = forms.IntegerField(
            required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput
        )
        self.fields[f"{at}_currency"] = forms.CharField(required=False, max_length=3, widget=forms.HiddenInput)
        if receipt is not None:
            self.initial = {
                **self.initial,
                f"{at}_supplier": receipt.supplier, f"{at}_number": receipt.number, f"{at}_dated": receipt.dated,
                f"{at}_amount": _plain(receipt.amount), f"{at}_proof": receipt.proof_id,
                f"{at}_currency": "" if receipt.currency == self.initial["currency"] else receipt.currency,
            }  # fmt: skip

    def receipt_rows(self) -> Iterator[ReceiptFields]:
        kept = {proof.pk: proof for proof in self.proofs}
        for number in range(self.count):
            at = f"receipts_{number}"
            fields = [self[f"{at}_{name}"] for name in OF_RECEIPT]
            value = self[f"{at}_proof"].value()
            proof = kept.get(int(value)) if str(value or "").isdigit() else None
            yield ReceiptFields(number, fields, self[f"{at}_file"], proof, self[f"{at}_currency"].value() or "")

    def hidden_rows(self) -> list[forms.BoundField]:
        return [self[f"receipts_{number}_{name}"] for number in range(self.count) for name in ("proof", "currency")]

    def proof_rows(self) -> Iterator[tuple[forms.BoundField, list[Proof]]]:
        """(field of a proof that is asked for, the files that are there for it)."""
        for number, requirement in enumerate(self.wanted):
            yield self[f"proof_{number}"], [proof for proof in self.proofs if proof.requirement == requirement]

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("asked", "currency", "results")}

    def receipts_typed(self) -> list[tuple[int, dict[str, Any]]]:
        """(number of the row, what was typed) of each invoice, in its own currency where it has one; rows left empty are none."""
        found = []
        for number in range(self.count):
            at = f"receipts_{number}"
            row = {name: self.cleaned_data.get(f"{at}_{name}") for name in (*OF_RECEIPT, "proof")}
            if any(row.values()) or self.cleaned_data.get(f"{at}_file"):
                found.append(
                    (
                        number,
                        row
                        | {"currency": self.cleaned_data.get(f"{at}_currency") or self.cleaned_data.get("currency")},
                    )
                )
        return found

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for number, row in self.receipts_typed():
            name = f"receipts_{number}_amount"
            if row["amount"] is None and name not in self.errors:
                self.add_error(name, _("Enter the amount of the invoice."))
        return values

    def uploads(self) -> Iterator[tuple[str, str, str, int | None]]:
        """(field, kind, requirement, row of the invoice) of each file that was sent."""
        for number in range(self.count):
            if self.files.get(f"receipts_{number}_file"):
                yield f"receipts_{number}_file", Proof.Kind.INVOICE.value, "", number
        for number, requirement in enumerate(self.wanted):
            if self.files.get(f"proof_{number}"):
                yield f"proof_{number}", Proof.Kind.PROOF.value, requirement, None

    def refuse(self, error: ValidationError, rows: Sequence[int] = ()) -> None:
        """Puts an action's refusal where the person sees it; `rows` are the numbers of the rows that were sent on, in their order."""
        if not hasattr(error, "error_dict"):
            blame(self, error)
            return
        for key, found in error.error_dict.items():
            parts, name = key.split("."), key
            if len(parts) == 3 and parts[1].isdigit() and int(parts[1]) < len(rows):
                name = f"receipts_{rows[int(parts[1])]}_{parts[2]}"
            elif key == "invoice":
                name = "receipts_0_file"
            shown = name in self.fields and not self[name].is_hidden
            self.add_error(name if shown else None, found)


def _plain(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else Decimal(f"{amount.normalize():f}")


class ClaimDecisionForm(forms.Form):
    """What of each receipt counts, how much is paid, or that it goes back or is rejected."""

    OUTCOMES = [(Outcome.APPROVED.value, _("Approve")), (Outcome.RETURNED.value, _("Return")), (Outcome.REJECTED.value, _("Reject"))]  # fmt: skip

    decision = forms.ChoiceField(choices=OUTCOMES, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("A word to the partner"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed to return or reject it."),
    )  # fmt: skip
    step = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, claim: Claim, receipts: Sequence[Receipt], step: int) -> None:
        super().__init__(data, initial={"step": step})
        self.receipts = list(receipts)
        currency = claim.request.currency
        places = minor_units(currency)
        self.fields["amount"] = forms.DecimalField(
            label=_("Another amount, %(currency)s") % {"currency": currency}, required=False, min_value=Decimal(0),
            max_value=LARGEST, max_digits=12 + places, decimal_places=places, localize=True,
            help_text=_("Empty: what is payable of what was asked for, at most what the step before approved."),
        )  # fmt: skip
        for receipt in self.receipts:
            digits = minor_units(receipt.currency)
            self.fields[f"eligible_{receipt.pk}"] = forms.DecimalField(
                label=_("Counts of %(receipt)s, %(currency)s") % {"receipt": receipt, "currency": receipt.currency},
                required=False, min_value=Decimal(0), max_value=receipt.amount, max_digits=12 + digits,
                decimal_places=digits, localize=True, initial=_plain(receipt.counts),
            )  # fmt: skip

    def receipt_rows(self) -> Iterator[tuple[Receipt, str, forms.BoundField]]:
        for receipt in self.receipts:
            yield receipt, showing.money(receipt.amount, receipt.currency), self[f"eligible_{receipt.pk}"]

    @property
    def outcome(self) -> Outcome:
        return Outcome(self.cleaned_data["decision"])

    @property
    def amount(self) -> Decimal | None:
        found: Decimal | None = self.cleaned_data.get("amount")
        return found

    @property
    def eligible(self) -> dict[int, Decimal]:
        """By receipt what counts, where it isn't what counted before."""
        found = {}
        for receipt in self.receipts:
            value = self.cleaned_data.get(f"eligible_{receipt.pk}")
            if value is not None and value != receipt.counts:
                found[receipt.pk] = value
        return found

    def refuse(self, error: ValidationError) -> None:
        if not hasattr(error, "error_dict"):
            blame(self, error)
            return
        for key, found in error.error_dict.items():
            name = key.replace(".", "_")
            self.add_error(name if name in self.fields else None, found)


class PayForm(forms.Form):
    """That it was paid: with which reference, on which day."""

    reference = forms.CharField(label=_("Payment reference"), max_length=120)
    on = forms.DateField(label=_("Paid on"), widget=date_input())
