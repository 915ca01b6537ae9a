"""The steps of a plan, and the form of each: which parts of the document it shows, and what was posted of them."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from planning import labels
from planning.document import DEFAULT_SCENARIOS, GROUPS, TEXTS
from planning.forms.inputs import Input, Row
from planning.forms.rows import Document, Shown, posted_flat, posted_rows
from planning.forms.typed import document_number
from planning.labels import SCENARIO, SCENARIOS, month_name

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

BACK, AHEAD = 12, 24  # months from today in which a plan may begin


@dataclass(frozen=True)
class Step:
    """`parts` of the document and `fields` of the plan that are filled in here."""

    key: str
    label: StrOrPromise
    parts: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


STEPS = (
    Step("goals", _l("Goals"), ("texts",), ("first_month", "currency")),
    Step("lines", _l("What we sell"), ("lines",)),
    Step("sellers", _l("Who sells"), ("sellers",)),
    Step("costs", _l("What it costs"), ("people", "training", "marketing", "other")),
    Step("result", _l("The result"), ("terms", "scenarios")),
    Step("commit", _l("Commit"), (), ("scenario",)),
)
BY_KEY = {step.key: step for step in STEPS}
NEW_ROWS: dict[str, StrOrPromise] = {
    "lines": _l("New product line"),
    "sellers": _l("Seller"),
    "people": _l("Delivery"),
    "training": _l("Certification"),
    "marketing": _l("Campaigns"),
    "other": _l("Other cost"),
}
NEW_VALUES: dict[str, Document] = {"sellers": {"count": "1"}, "people": {"count": "1"}}


def next_step(key: str) -> str:
    keys = list(BY_KEY)
    return keys[min(keys.index(key) + 1, len(keys) - 1)]


@dataclass
class ScenarioRow:
    key: str
    label: StrOrPromise
    inputs: list[Input]


@dataclass
class Entered:
    """What a step's form was sent with: parts of the document, fields of the plan."""

    parts: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)


def entered(step: Step, data: Mapping[str, str]) -> Entered:
    """What was posted of a step, as the document has it; the document says what is wrong with it."""
    found = Entered()
    for part in step.parts:
        if part in GROUPS:
            found.parts[part] = posted_rows(data, part)
        elif part == "texts":
            found.parts[part] = {name: data.get(f"texts-{name}", "").replace("\r\n", "\n") for name in TEXTS}
        elif part == "terms":
            if part in data:
                found.parts[part] = document_number(data[part])
        else:
            found.parts[part] = {name: posted_flat(data, f"scenarios-{name}", tuple(SCENARIO)) for name in SCENARIOS}
    found.fields = {name: data[name].strip() for name in step.fields if name in data}
    return found


def new_row(group: str, *, name: str = "", product: int | None = None, like: Document | None = None) -> Document:
    """A row that can be saved as it is: with a key of its own, a name, and the numbers of `like`."""
    row = {**NEW_VALUES.get(group, {}), **(like or {})}
    row |= {"key": secrets.token_hex(4), "name": name or str(NEW_ROWS[group])}
    return row | ({"product": product} if group == "lines" else {})


class StepForm:
    """A step as it is shown. `values`: its parts and fields, as the document has them or as they were posted; `errors` by place;
    `theirs`: what somebody else saved meanwhile of these parts."""

    def __init__(
        self,
        step: Step,
        values: Mapping[str, Any],
        *,
        currency: str,
        first_month: dt.date,
        today: dt.date,
        currencies: Sequence[str] = (),
        errors: Mapping[str, str] | None = None,
        theirs: Mapping[str, Any] | None = None,
    ) -> None:
        self.step = step
        self.values = values
        self.currency = currency
        self.first_month = first_month
        self.today = today
        self.currencies = currencies
        self.errors = dict(errors or {})
        self.theirs = dict(theirs or {})
        self.shown = Shown(currency, first_month, self.errors, self.theirs)

    @cached_property
    def groups(self) -> dict[str, list[Row]]:
        """The rows of each group of this step."""
        return {part: self.shown.rows(part, self.values.get(part, [])) for part in self.step.parts if part in GROUPS}

    @cached_property
    def texts(self) -> list[Input]:
        given, theirs = self.values.get("texts", {}), self.theirs.get("texts", {})
        found = []
        for name in TEXTS if "texts" in self.step.parts else ():
            one = self.shown.input(f"texts-{name}", labels.TEXTS[name], given.get(name), theirs.get(name), number=False)
            found.append(one)
        return found

    @cached_property
    def terms(self) -> Input:
        return self.shown.input("terms", labels.LABELS["terms"], self.values.get("terms"), self.theirs.get("terms"))

    @cached_property
    def scenarios(self) -> list[ScenarioRow]:
        """The multipliers of each scenario."""
        given, theirs = self.values.get("scenarios", {}), self.theirs.get("scenarios", {})
        return [
            ScenarioRow(
                key,
                label,
                [
                    self.shown.input(
                        f"scenarios-{key}-{name}",
                        of,
                        given.get(key, {}).get(name, getattr(DEFAULT_SCENARIOS[key], name)),
                        theirs.get(key, {}).get(name),
                    )
                    for name, of in SCENARIO.items()
                ],
            )
            for key, label in SCENARIOS.items()
        ]

    @cached_property
    def first(self) -> Input:
        """The plan's first month, a year back to two years ahead, and the one it has."""
        chosen = str(self.values.get("first_month", f"{self.first_month:%Y-%m}"))
        choices = {f"{day:%Y-%m}": month_name(day, 1) for day in months_round(self.today)}
        choices.setdefault(f"{self.first_month:%Y-%m}", month_name(self.first_month, 1))
        return self._choice("first_month", _("First month"), chosen, dict(sorted(choices.items())))

    @cached_property
    def money(self) -> Input:
        chosen = str(self.values.get("currency", self.currency))
        return self._choice("currency", _("Currency"), chosen, {each: each for each in self.currencies})

    def _choice(self, name: str, label: str, chosen: str, choices: Mapping[str, str]) -> Input:
        theirs = self.theirs.get(name)
        return Input(
            name,
            label,
            chosen,
            errors=[self.errors[name]] if name in self.errors else [],
            theirs=choices.get(theirs, theirs) if theirs and theirs != chosen else None,
            choices=tuple(choices.items()),
        )

    @property
    def inputs(self) -> list[Input]:
        """Every control of the step, in the order of the page."""
        found = [*self.texts]
        for rows in self.groups.values():
            for row in rows:
                found += [row.name, *row.choices.values(), *row.inputs.values()]
        if "first_month" in self.step.fields:
            found = [self.first, self.money, *found]
        if "scenarios" in self.step.parts:
            found += [self.terms, *(each for row in self.scenarios for each in row.inputs)]
        return found

    @property
    def wrong(self) -> list[Input]:
        return [each for each in self.inputs if each.errors]

    @property
    def general(self) -> list[str]:
        """What is wrong and belongs to none of the controls shown."""
        places = {each.name.replace("-", ".") for each in self.inputs}
        return [message for place, message in self.errors.items() if place not in places]


def months_round(today: dt.date) -> list[dt.date]:
    """The months in which a plan may begin."""
    at = today.year * 12 + today.month - 1
    return [dt.date(month // 12, month % 12 + 1, 1) for month in range(at - BACK, at + AHEAD + 1)]


def as_posted(form: StepForm) -> dict[str, str]:
    """What the browser sends of a form in which nothing was touched."""
    data = {each.name: each.value for each in form.inputs}
    data |= {name: str(form.values[name]) for name in form.step.fields}
    for rows in form.groups.values():
        for row in rows:
            data |= {f"{row.prefix}-key": row.key, f"{row.prefix}-product": row.product}
    return data


@dataclass(frozen=True)
class RowChange:
    """A row more or less, as a button asked for: the group's rows then, and the anchor of the page to go to."""

    group: str
    rows: list[Document]
    anchor: str


def row_change(step: Step, data: Mapping[str, str], make: Callable[[str], Document]) -> RowChange | None:
    """What the button add=<group> or remove=<group>-<number> comes to; `make` gives the new row. None where neither was pressed."""
    group = data.get("add", "")
    if group in step.parts and group in GROUPS:
        rows = [*posted_rows(data, group), make(group)]
        return RowChange(group, rows, f"{group}-{len(rows) - 1}")
    group, _hyphen, number = data.get("remove", "").partition("-")
    if group in step.parts and group in GROUPS:
        rows = [row for index, row in enumerate(posted_rows(data, group)) if str(index) != number]
        return RowChange(group, rows, group)
    return None
