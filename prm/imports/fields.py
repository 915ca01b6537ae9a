"""What can be imported: a target (partners, contacts …), its fields, and how a cell becomes the value of a field."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from prm.imports import values
from prm.imports.formats import ColumnFormat, DateOrder, DecimalMark, Evidence, date_order, decimal_mark
from prm.imports.messages import BadValue, _, shown
from prm.imports.periods import period
from prm.imports.survey import ColumnSurvey
from prm.imports.values import Cell

if TYPE_CHECKING:
    from prm.imports.outcome import Draft

NEW_CHOICE = "+"  # what the user says of an unknown text: it is an option to be added
NO_CHOICE = ""  # … it says nothing
MOST_NAMED = 12

Value = str | int | bool | Decimal | date | None


class Kind(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    KEY = "key"
    DATE = "date"
    DECIMAL = "decimal"
    INTEGER = "integer"
    EMAIL = "email"
    DOMAIN = "domain"
    COUNTRY = "country"
    CURRENCY = "currency"
    CHOICE = "choice"
    BOOLEAN = "boolean"
    REFERENCE = "reference"
    PERCENT = "percent"
    PERIOD = "period"


OF_DATES = frozenset({Kind.DATE, Kind.PERIOD})
OF_NUMBERS = frozenset({Kind.DECIMAL, Kind.INTEGER, Kind.PERCENT})


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a choice field; `key` is what the field then holds."""

    key: str
    label: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Field:
    """A field a column can be mapped to.

    `aliases` are other programs' names of it, the best first. `places` rounds decimals half away from zero, as they will
    be stored. A REFERENCE holds the id of another record: of the target named in `refers_to`, perhaps in the same file.
    One with an `owner`, another field's name, means a record of that owner; where there is none, it is made. `known_by` is
    the field that knows it by another of its identities. `goes_with`: needed where that field is filled. `from_column`:
    may be told to take what stands in a column that is another field, too.
    """

    name: str
    label: str
    kind: Kind = Kind.TEXT
    required: bool = False
    aliases: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    max_length: int | None = None
    min_value: Decimal | int | None = None
    max_value: Decimal | int | None = None
    places: int | None = None
    refers_to: str = ""
    creatable: bool = False
    for_all: bool = False
    goes_with: str = ""
    owner: str = ""
    known_by: str = ""
    from_column: bool = False

    @cached_property
    def options(self) -> dict[str, str]:
        """A choice's key by everything it may be called in a cell; an earlier choice keeps a disputed name."""
        found: dict[str, str] = {}
        for name_of in (lambda c: (c.key,), lambda c: (str(c.label),), lambda c: c.aliases):
            for option in self.choices:
                for name in name_of(option):
                    found.setdefault(values.option_name(name), option.key)
        return found


@dataclass(frozen=True)
class Identity:
    """Fields that together tell whether a row and a record are the same.

    `unique`: no two records share a value, so a row that has one is decided by it, and a file may hold it once.
    Otherwise (a domain, a name) it decides only where file and records hold the value once.
    `normalise` makes the last field's spellings comparable; "" means that nothing can be recognised by this value.
    `optional` parts may be empty: then only another empty one is the same.
    """

    fields: tuple[str, ...]
    unique: bool = False
    normalise: Callable[[str], str] = str
    optional: frozenset[str] = frozenset()

    def of(self, record: Mapping[str, object]) -> object:
        """What is compared; None where the record lacks a part of it."""
        *others, last = (record.get(name) for name in self.fields)
        value = self.normalise(str(last)) if last not in (None, "") else ""
        if not value and self.fields[-1] not in self.optional:
            return None
        if not others:
            return value
        if any(
            part in (None, "") and name not in self.optional for name, part in zip(self.fields, others, strict=False)
        ):
            return None
        return (*("" if part is None else part for part in others), value)


@dataclass(frozen=True)
class Target:
    """Something that can be imported.

    `identities`: strongest first. `title` is the field that names a record, by which similar ones are proposed ("" for
    none). `nouns` are what other programs call such a record (account, company). `finish` makes what is stored out of
    what was read (first and last name → name); its result may hold only stored fields; it may raise BadRow. `match` finds
    the record of each row where one row is not one record. `check` fails rows of a draft for reasons that no single cell shows.
    """

    name: str
    label: str
    fields: tuple[Field, ...]
    identities: tuple[Identity, ...]
    title: str = ""
    nouns: tuple[str, ...] = ()
    finish: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    match: "Callable[[Draft], None] | None" = None
    check: "Callable[[Draft], None] | None" = None

    @cached_property
    def by_name(self) -> dict[str, Field]:
        return {item.name: item for item in self.fields}

    def with_meanings(self, meanings: Mapping[str, Mapping[str, str]]) -> "Target":
        """The target with what the user said about unknown choices: {field: {text in the file: key of the option}}.

        The key may be NO_CHOICE (the text says nothing) or NEW_CHOICE (an option of this name, its key "+" and the text).
        """
        return replace(
            self,
            fields=tuple(_taught(item, meanings[item.name]) if item.name in meanings else item for item in self.fields),
        )


def _taught(item: Field, said: Mapping[str, str]) -> Field:
    choices = [
        replace(option, aliases=(*option.aliases, *(text for text, key in said.items() if key == option.key)))
        for option in item.choices
    ]
    nothing = tuple(text for text, key in said.items() if key == NO_CHOICE)
    if nothing:
        choices.append(Choice(NO_CHOICE, "", nothing))
    added: dict[str, str] = {}
    for text, key in said.items():
        if key == NEW_CHOICE and item.creatable:
            added.setdefault(values.option_name(text), text)
    choices += [Choice(NEW_CHOICE + text, text) for name, text in added.items() if name not in item.options]
    return replace(item, choices=tuple(choices))


def converter(item: Field, form: ColumnFormat) -> Callable[[Cell], Value]:
    """A function from a cell to the field's value (None for nothing). It raises BadValue."""
    read = _reader(item, form)
    if item.kind in OF_NUMBERS:
        return _in_range(item, read)
    limit = item.max_length
    if limit is None:
        return read

    def short_enough(cell: Cell) -> Value:
        value = read(cell)
        if isinstance(value, str) and len(value) > limit:
            raise BadValue(_("%(found)s characters; %(limit)s is the most."), found=len(value), limit=limit)
        return value

    return short_enough


def _reader(item: Field, form: ColumnFormat) -> Callable[[Cell], Value]:
    simple: dict[Kind, Callable[[Cell], Value]] = {
        Kind.TEXT: values.text,
        Kind.LONG_TEXT: lambda cell: values.text(cell, multiline=True),
        Kind.KEY: values.key,
        Kind.REFERENCE: values.key,
        Kind.DATE: lambda cell: values.day(cell, form.dates),
        Kind.DECIMAL: lambda cell: values.decimal(cell, form.decimals),
        Kind.INTEGER: lambda cell: values.integer(cell, form.decimals),
        Kind.PERCENT: lambda cell: values.percent(cell, form.decimals),
        Kind.PERIOD: lambda cell: period(cell, form.dates),
        Kind.EMAIL: values.email,
        Kind.DOMAIN: values.domain,
        Kind.COUNTRY: values.country,
        Kind.CURRENCY: values.currency,
        Kind.BOOLEAN: values.boolean,
    }
    if item.kind is Kind.CHOICE:
        options = item.options
        labels = [str(option.label) for option in item.choices if option.label]
        names = ", ".join(labels[:MOST_NAMED]) + (" …" if len(labels) > MOST_NAMED else "")
        return lambda cell: values.choice(cell, options, names) or None
    return simple[item.kind]


def _in_range(item: Field, read: Callable[[Cell], Value]) -> Callable[[Cell], Value]:
    lowest = Decimal(1 - 10**18 if item.min_value is None else item.min_value)
    highest = Decimal(10**18 - 1 if item.max_value is None else item.max_value)
    quantum = Decimal(1).scaleb(-item.places) if item.places is not None else None

    def in_range(cell: Cell) -> Value:
        number = read(cell)
        if not isinstance(number, int | Decimal):
            return number
        if number < lowest:
            if lowest == 0:
                raise BadValue(_("%(value)s is negative; 0 is the least."), value=shown(cell))
            raise BadValue(_("%(value)s is too small; %(limit)s is the least."), value=shown(cell), limit=lowest)
        if number > highest:
            raise BadValue(_("%(value)s is too large; %(limit)s is the most."), value=shown(cell), limit=highest)
        if quantum is not None and isinstance(number, Decimal):
            return number.quantize(quantum, ROUND_HALF_UP)
        return number

    return in_range


def recognise_formats(
    target: Target,
    mapping: Sequence[str | None],
    surveys: Sequence[ColumnSurvey],
    *,
    dates: DateOrder = DateOrder.DMY,
    decimals: DecimalMark = DecimalMark.POINT,
) -> dict[str, ColumnFormat]:
    """How each mapped column of dates or numbers is written, by field name.

    `mapping` names the field of each column in turn (None: ignored). What a column leaves open, the file's other columns
    of the kind may tell, for one program wrote them all. Where they don't, `dates` and `decimals` are taken: then the
    format is not `certain`, and the user should be asked.
    """
    mapped = _mapped(target, mapping, surveys, OF_DATES | OF_NUMBERS)
    all_dates = sum((column.dates for item, column in mapped if item.kind in OF_DATES), Evidence())
    all_decimals = sum((column.decimals for item, column in mapped if item.kind in OF_NUMBERS), Evidence())
    found = {}
    for item, column in mapped:
        if item.kind in OF_DATES:
            forms = [replace(date_order(seen, dates), decimals=decimals) for seen in (column.dates, all_dates)]
        else:
            forms = [replace(decimal_mark(seen, decimals), dates=dates) for seen in (column.decimals, all_decimals)]
        found[item.name] = next((form for form in forms if form.certain), forms[0])
    return found


def unknown_choices(
    target: Target, mapping: Sequence[str | None], surveys: Sequence[ColumnSurvey]
) -> dict[str, dict[str, int]]:
    """What stands in columns of choices and is none of the options: {field: {text: rows}}, for the user to say what is
    meant. A column of too many different values is left out: its rows will fail one by one."""
    unknown: dict[str, dict[str, int]] = {}
    for item, column in _mapped(target, mapping, surveys, {Kind.CHOICE}):
        read = converter(item, ColumnFormat())
        for text, count in (column.values or {}).items():
            try:
                read(text)
            except BadValue:
                unknown.setdefault(item.name, {})[text] = count
    return unknown


def _mapped(
    target: Target, mapping: Sequence[str | None], surveys: Sequence[ColumnSurvey], kinds: Collection[Kind]
) -> list[tuple[Field, ColumnSurvey]]:
    return [
        (target.by_name[name], column)
        for name, column in zip(mapping, surveys, strict=True)
        if name and target.by_name[name].kind in kinds
    ]
