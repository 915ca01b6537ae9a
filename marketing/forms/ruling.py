"""What plans start from: a tactic, a template play."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _l

from marketing import queries
from marketing.figures import RATE_NAMES
from marketing.forms.activity import WIDEST
from marketing.forms.fields import AmountField, NumberField, PercentField
from marketing.models import RATES, Payer, Tactic
from prm.common.currencies import MINOR_UNITS
from prm.common.vendor import vendor_settings

FOUR = 4  # decimals an amount may have before its currency is known
SPARE = 2  # empty rows of a play's form


def _currency() -> forms.ChoiceField:
    return forms.ChoiceField(label=_l("Currency"), choices=[(code, code) for code in sorted(MINOR_UNITS)])


class TacticForm(forms.Form):
    """A tactic: what an activity of it usually costs, reaches and brings."""

    name = forms.CharField(label=_l("Name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    kind = forms.ChoiceField(label=_l("Kind"), choices=Tactic.Kind.choices)
    currency = _currency()
    proofs = forms.CharField(
        label=_l("Proof of performance"), required=False, max_length=1300, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_l("What a claim must bring, one a line: “List of those who came”, “Picture of the advertisement”."),
    )  # fmt: skip
    active = forms.BooleanField(
        label=_l("In use"), required=False, help_text=_l("Others are in no list to choose from.")
    )

    def __init__(self, data: Any = None, *, tactic: Tactic | None = None) -> None:
        super().__init__(data, initial=_of_tactic(tactic))
        cost = NumberField(label=_l("Usual cost"), places=FOUR, figure=False)
        rates = {name: PercentField(label=label, figure=False) for name, label in RATE_NAMES.items()}
        for name, field in rates.items():
            field.label = f"{RATE_NAMES[name]}, %"
        reach = NumberField(label=_l("Usual audience"), most=WIDEST, figure=False)
        own = self.fields
        self.fields = {
            "name": own["name"], "kind": own["kind"], "cost": cost, "currency": own["currency"], "reach": reach, **rates,
            "proofs": own["proofs"], "active": own["active"],
        }  # fmt: skip

    @property
    def given(self) -> dict[str, Any]:
        """As `actions.save_tactic` takes it. Rates that weren't touched are left as they are."""
        found = {
            name: value for name, value in self.cleaned_data.items() if name not in RATES or name in self.changed_data
        }
        return {**found, "proofs": [line.strip() for line in found["proofs"].splitlines() if line.strip()]}

    def blame(self, error: ValidationError) -> None:
        for name, found in error.message_dict.items():
            self.add_error(name if name in self.fields else None, found)


def _of_tactic(tactic: Tactic | None) -> dict[str, Any]:
    if tactic is None:
        return {"active": True, "currency": vendor_settings().reporting_currency}
    found = {name: getattr(tactic, name) for name in ("name", "kind", "cost", "reach", "active", *RATES)}
    currency = tactic.currency or vendor_settings().reporting_currency
    return {**found, "currency": currency, "proofs": "\n".join(tactic.proofs)}


class PartForm(forms.Form):
    """One activity of a play, in a row. An empty title takes the row away."""

    title = forms.CharField(label=_l("Activity"), required=False, max_length=200)
    tactic = forms.ChoiceField(label=_l("Tactic"))
    offset_days = NumberField(label=_l("Begins after, days"), most=Decimal(366), figure=False)
    length_days = NumberField(label=_l("Takes, days"), least=Decimal(1), most=Decimal(366), figure=False)
    reach = NumberField(label=_l("Audience"), most=WIDEST, figure=False)
    cost = AmountField(label=_l("Cost"), currency="", places=FOUR, figure=False)
    payer = forms.ChoiceField(label=_l("Who pays"), choices=Payer.choices)

    def __init__(self, data: Any = None, *, tactics: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(data, **more)
        field: Any = self.fields["tactic"]
        field.choices = tactics

    @property
    def is_empty(self) -> bool:
        return not str(self.data.get(self.add_prefix("title"), "")).strip()


@dataclass
class Part:
    """A row of the form, and the budget lines it began with: the first is in the row, the others stay."""

    form: PartForm
    lines: list[dict[str, Any]]

    @property
    def more(self) -> list[dict[str, Any]]:
        return self.lines[1:]


class PlayForm(forms.Form):
    """A template play and its activities."""

    name = forms.CharField(label=_l("Name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    description = forms.CharField(label=_l("Description"), required=False, max_length=300)
    currency = _currency()
    active = forms.BooleanField(
        label=_l("In use"), required=False, help_text=_l("Others are in no list to choose from.")
    )

    def __init__(self, data: Any = None, *, values: dict[str, Any] | None = None) -> None:
        self.values: dict[str, Any] = values or {"activities": []}
        first = {"active": True, "currency": vendor_settings().reporting_currency}
        super().__init__(data, initial={**first, **{k: v for k, v in self.values.items() if k != "activities"}})
        self.tactics = [(row.key, row.name) for row in queries.tactics(active=False)]

    @cached_property
    def parts(self) -> list[Part]:
        return list(self._posted() if self.is_bound else self._stored())

    def _form(self, number: int, data: Any = None, **more: Any) -> PartForm:
        return PartForm(data, tactics=self.tactics, prefix=f"part-{number}", **more)

    def _stored(self) -> Iterator[Part]:
        rows = self.values["activities"]
        for number, row in enumerate(rows):
            first = row["budget"][0] if row["budget"] else {}
            cost = Decimal(first["amount"]) if first else None
            initial = {**row, "cost": cost, "payer": first.get("payer", Payer.PARTNER)}
            yield Part(self._form(number, initial=initial), row["budget"])
        for number in range(len(rows), len(rows) + SPARE):
            yield self._spare(number)

    def _spare(self, number: int) -> Part:
        return Part(self._form(number, initial={"length_days": 30, "offset_days": 0, "payer": Payer.PARTNER}), [])

    def _posted(self) -> Iterator[Part]:
        numbers = sorted(int(found[1]) for key in self.data if (found := re.fullmatch(r"part-([0-9]{1,2})-title", key)))
        stored = self.values["activities"]
        for number in numbers:
            form = self._form(number, self.data)
            if not form.is_empty:
                yield Part(form, stored[number]["budget"] if number < len(stored) else [])
        for number in range(max(numbers, default=-1) + 1, max(numbers, default=-1) + 1 + SPARE):
            yield self._spare(number)

    def is_valid(self) -> bool:
        good = super().is_valid()
        return not any(part.form.errors for part in self.parts if part.form.is_bound) and good

    @property
    def given(self) -> dict[str, Any]:
        """As `actions.save_play` takes it."""
        return {**self.cleaned_data, "activities": [_part(part) for part in self.parts if part.form.is_bound]}

    def blame(self, error: ValidationError) -> None:
        filled = [part.form for part in self.parts if part.form.is_bound]
        for name, found in error.message_dict.items():
            place = re.fullmatch(r"activities\.(\d+)\.(\w+).*", name)
            if place and int(place[1]) < len(filled):
                field = "cost" if place[2] == "budget" else place[2]
                filled[int(place[1])].add_error(field if field in filled[0].fields else None, found)
            else:
                self.add_error(name if name in self.fields else None, found)


def _part(part: Part) -> dict[str, Any]:
    row = part.form.cleaned_data
    cost, title = row["cost"], row["title"]
    first = part.lines[0] if part.lines else {"what": title, "amount": 0}
    what, stored = first["what"], Decimal(first["amount"])
    cost = stored if cost == stored else cost  # as it was written: "2500.00"
    lines = [{"what": what, "amount": cost, "payer": row["payer"]}] if cost else []
    return {
        "title": title,
        "tactic": row["tactic"],
        "offset_days": row["offset_days"] or 0,
        "length_days": row["length_days"] or 1,
        "reach": row["reach"],
        "budget": [*lines, *({**line, "amount": Decimal(line["amount"])} for line in part.more)],
    }
