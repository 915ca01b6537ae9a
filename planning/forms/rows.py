"""The rows of a plan's document as controls, and what was posted as rows of the document. Pure: no database, no request."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _l

from planning import labels
from planning.document import CHOICES, ROWS
from planning.forecast import assumptions
from planning.forms.inputs import Input, Row
from planning.forms.layout import Field, choices_of, fields_of
from planning.forms.typed import document_number, typed_number
from planning.labels import LABELS, MONEY, MONTH, MONTHS, PERCENT

Document = dict[str, Any]
WORDS: dict[str, dict[str, Any]] = {"deals": labels.DEALS, "sale": labels.SALE}
UNITS = {PERCENT: "%", MONTHS: labels.UNIT_MONTHS, MONTH: "", "": ""}
HIGHEST = ROWS + 20  # no row of a form has a higher number


# ── Posted ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def posted_rows(data: Mapping[str, str], group: str) -> list[Document]:
    """The rows of a group as a form posted them, in its order. What is empty is left out, so that it has its default; of a
    choice the fields of the chosen option only."""
    numbers = sorted(
        number
        for name in data
        if (found := re.fullmatch(rf"{group}-(\d{{1,3}})-key", name, re.ASCII)) and (number := int(found[1])) < HIGHEST
    )
    return [_posted_row(data, group, f"{group}-{number}-") for number in numbers]


def _posted_row(data: Mapping[str, str], group: str, prefix: str) -> Document:
    row: Document = {"key": data.get(f"{prefix}key", ""), "name": data.get(f"{prefix}name", "")}
    if group == "lines":
        product = data.get(f"{prefix}product", "")
        row["product"] = int(product) if re.fullmatch(r"\d{1,18}", product, re.ASCII) else None
    for choice in choices_of(group):
        options = CHOICES[choice]
        chosen = data.get(f"{prefix}{choice}-kind", "")
        row[choice] = {"kind": chosen if chosen in options else next(iter(options))}
    for field in fields_of(group):
        if field.choice and row[field.choice]["kind"] != field.option:
            continue
        typed = data.get(prefix + field.path.replace(".", "-"), "").strip()
        if typed:
            _put(row, field.path, document_number(typed))
        elif field.default is None:
            _put(row, field.path, None)
    return row


def posted_flat(data: Mapping[str, str], place: str, names: Sequence[str]) -> Document:
    """Numbers that are in no row: {"deals": "0.6", …} of "scenarios-bleak-deals" …; what is empty is "", for the document to
    refuse: a multiplier has no value that goes without saying."""
    return {name: document_number(data[f"{place}-{name}"]) for name in names if f"{place}-{name}" in data}


def _put(row: Document, path: str, value: Any) -> None:
    *way, last = path.split(".")
    for part in way:
        row = row.setdefault(part, {})
    row[last] = value


def _get(row: Mapping[str, Any], field: Field) -> Any:
    """The value of a field in a row of the document; its default where it isn't there."""
    found: Any = row
    if field.choice and row.get(field.choice, {}).get("kind", next(iter(CHOICES[field.choice]))) != field.option:
        return field.default
    for part in field.path.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return field.default
        found = found[part]
    return found


# ── Shown ────────────────────────────────────────────────────────────────────────────────────────────────────────────


class Shown:
    """What controls need to know: the plan's currency and first month, what is wrong where (place in the document → message),
    and what somebody else saved meanwhile (group → rows)."""

    def __init__(
        self,
        currency: str,
        first_month: dt.date,
        errors: Mapping[str, str] | None = None,
        theirs: Mapping[str, Any] | None = None,
    ) -> None:
        self.currency = currency
        self.first_month = first_month
        self.errors = errors or {}
        self.theirs = theirs or {}

    def input(
        self,
        name: str,
        label: labels.Label,
        value: Any,
        theirs: Any = None,
        *,
        number: bool = True,
        empty: str = "",
    ) -> Input:
        """A control. What was typed there and is wrong stands in it as it was typed; `empty` is the number it has where nothing is."""
        error = self.errors.get(name.replace("-", "."))
        shown = typed_number(value) if number else str(value or "")
        other = typed_number(theirs) if number else str(theirs or "")
        return Input(
            name=name,
            label=label.text,
            value=shown,
            unit=self.currency if label.unit == MONEY else str(UNITS[label.unit]),
            hint=label.hint,
            empty=label.empty or empty,
            errors=[error] if error else [],
            theirs=other if theirs is not None and other != shown else None,
            is_money=label.unit == MONEY,
            is_month=label.unit == MONTH,
            calendar=self._calendar(value) if label.unit == MONTH else "",
        )

    def _calendar(self, month: Any) -> str:
        text = str(month)
        valid = text.isascii() and text.isdecimal() and len(text) < 3 and 1 <= int(text) <= assumptions.MONTHS
        return labels.month_name(self.first_month, int(text)) if valid else ""

    def rows(self, group: str, rows: Sequence[Document]) -> list[Row]:
        """The rows of a group; where somebody else changed the group, what they have stands beside, and their new rows below."""
        others = {row["key"]: row for row in self.theirs.get(group, [])} if group in self.theirs else None
        found = [self._row(group, index, row, others) for index, row in enumerate(rows)]
        if others is not None:
            mine = {row.get("key") for row in rows}
            for other in others.values():
                if other["key"] not in mine:
                    added = self._row(group, len(found), other, None)
                    added.note = _l("Added meanwhile by the other side")
                    found.append(added)
        return found

    def _row(self, group: str, index: int, row: Document, others: Mapping[str, Document] | None) -> Row:
        prefix = f"{group}-{index}-"
        other = (others or {}).get(str(row.get("key", "")))

        def theirs(value: Any) -> Any:
            return None if other is None else "" if value is None else value

        name = self.input(
            f"{prefix}name", LABELS[f"{group}.name"], row.get("name"), other and other.get("name"), number=False
        )
        inputs = {
            field.path: self.input(
                prefix + field.path.replace(".", "-"),
                LABELS[f"{group}.{field.path}"],
                _get(row, field),
                theirs(_get(other, field)) if other is not None else None,
                empty="" if field.default is None else typed_number(field.default),
            )
            for field in fields_of(group)
        }
        chosen = {}
        for choice in choices_of(group):
            first = next(iter(CHOICES[choice]))
            value = row.get(choice, {}).get("kind", first)
            their = other.get(choice, {}).get("kind", first) if other else None
            chosen[choice] = Input(
                f"{prefix}{choice}-kind", "", value, choices=tuple(WORDS[choice].items()),
                theirs=str(WORDS[choice][their]) if their and their != value else None,
            )  # fmt: skip
        note = _l("Taken away meanwhile by the other side") if others is not None and other is None else ""
        product = row.get("product")
        return Row(
            group, index, str(row.get("key", "")), name, inputs, chosen, "" if product is None else str(product), note
        )
