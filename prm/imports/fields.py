"""What can be imported: a target (partners, contacts …), its fields, and how a cell becomes the value of a field."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import cached_property

from prm.common.names import fold
from prm.imports import values
from prm.imports.formats import ColumnFormat, DateOrder, DecimalMark, date_order, decimal_mark
from prm.imports.messages import BadValue, _, shown
from prm.imports.values import Cell

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

    @cached_property
    def options(self) -> dict[str, str]:
        """A choice's key by everything it may be called in a cell; an earlier choice keeps a disputed name."""
        found: dict[str, str] = {}
        for name_of in (lambda c: (c.key,), lambda c: (str(c.label),), lambda c: c.aliases):
            for option in self.choices:
                for name in name_of(option):
                    found.setdefault(fold(name) or name, option.key)
        return found


@dataclass(frozen=True)
class Identity:
    """A field by which a row and a record are recognised as the same.

    `unique`: no two records share a value, so a row that has one is decided by it, and a file may hold it once.
    Otherwise (a domain, a name) it decides only where file and records hold the value once.
    `normalise` makes spellings comparable; "" means that nothing can be recognised by this value.
    """

    field: str
    unique: bool = False
    normalise: Callable[[str], str] = str

    def of(self, record: Mapping[str, object]) -> str:
        value = record.get(self.field)
        return self.normalise(str(value)) if value not in (None, "") else ""


@dataclass(frozen=True)
class Target:
    """Something that can be imported. `identities`: strongest first; `title` is the field that names a record, by which
    similar ones are proposed ("" for none)."""

    name: str
    label: str
    fields: tuple[Field, ...]
    identities: tuple[Identity, ...]
    title: str = ""
    nouns: tuple[str, ...] = field(default=())

    @cached_property
    def by_name(self) -> dict[str, Field]:
        return {item.name: item for item in self.fields}


def converter(item: Field, form: ColumnFormat) -> Callable[[Cell], Value]:
    """A function from a cell to the field's value (None for nothing). It raises BadValue."""
    read = _reader(item, form)
    if item.kind in (Kind.DECIMAL, Kind.INTEGER):
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
        Kind.EMAIL: values.email,
        Kind.DOMAIN: values.domain,
        Kind.COUNTRY: values.country,
        Kind.CURRENCY: values.currency,
        Kind.BOOLEAN: values.boolean,
    }
    if item.kind is Kind.CHOICE:
        options = item.options
        names = ", ".join(str(option.label) for option in item.choices)
        return lambda cell: values.choice(cell, options, names)
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
    fields: Sequence[str | None],
    rows: Iterable[Sequence[Cell]],
    *,
    dates: DateOrder = DateOrder.DMY,
    decimals: DecimalMark = DecimalMark.POINT,
) -> dict[str, ColumnFormat]:
    """How each mapped column of dates or numbers is written, by field name.

    `fields` names the field of each column in turn (None: ignored). `dates` and `decimals` are taken where a column
    leaves it open: then its format is not `certain`, and the user should be asked.
    """
    open_columns = {
        index: target.by_name[name]
        for index, name in enumerate(fields)
        if name and target.by_name[name].kind in (Kind.DATE, Kind.DECIMAL, Kind.INTEGER)
    }
    cells: dict[int, dict[object, None]] = {index: {} for index in open_columns}
    for row in rows:
        for index, seen in cells.items():
            seen[row[index]] = None
    default = ColumnFormat(dates, decimals)
    return {
        item.name: replace(default, dates=found.dates, certain=found.certain)
        if item.kind is Kind.DATE
        else replace(default, decimals=found.decimals, certain=found.certain)
        for index, item in open_columns.items()
        for found in [
            date_order(cells[index], dates) if item.kind is Kind.DATE else decimal_mark(cells[index], decimals)
        ]
    }
