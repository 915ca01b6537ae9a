"""A partner's customers out of its own file. It is read, checked and written in one go and kept nowhere: it is the partner's.

Columns are recognised as in the vendor's imports (`prm.imports`), by their headers and whatever program wrote them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from accountplans.models import Account, ComplementaryProduct, Size, Vertical
from accountplans.opportunity import Thing
from pipeline.models import ProductLine
from prm.imports.columns import propose
from prm.imports.fields import Choice, Field, Identity, Kind, Target, converter
from prm.imports.formats import ColumnFormat
from prm.imports.messages import BadValue
from prm.imports.reader import Row, open_table
from prm.imports.values import option_name
from prm.imports.vocabulary import COMPANY

MOST_ROWS = 2_000
MOST_SHOWN = 50  # problems that are told one by one

OTHER_NAMES: dict[str, tuple[str, ...]] = {
    "name": ("Customer", "Customer Name", "End Customer", *COMPANY["name"]),
    "domain": COMPANY["domain"],
    "country": COMPANY["country"],
    "vertical": ("Vertical", "Industry", "Sector", "Branch", "Industry Sector"),
    "size": ("Size", "Company Size", "Size Band"),
    "people": ("Employees", "Number of Employees", "NumberOfEmployees", "People", "Headcount", "Staff"),
    "relationship": ("Relationship", "Relation", "Strength"),
    "who_knows_whom": ("Who knows whom", "Contacts", "Key contacts", "Relationships"),
    "note": ("Note", "Notes", "Description", "Comment"),
    "products": ("Products owned", "Products", "Owns", "Installed base", "Owned products", "Installed products"),
}


@dataclass(frozen=True)
class Line:
    """A row of the file that can be written: fields as `actions.take_in` takes them, and what the customer owns."""

    number: int
    values: dict[str, Any]
    owned: frozenset[Thing] = frozenset()


@dataclass(frozen=True)
class Problem:
    """What is wrong with a row: in which column, and why."""

    row: int
    column: str
    words: str


@dataclass
class Sheet:
    """What a file says. `unknown`: headers that no field was recognised in."""

    lines: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    refused: str = ""  # why nothing of it can be read


def target() -> Target:
    """What a customer's columns can be, with the vendor's verticals as they are now."""

    def column(name: str, label: str, kind: Kind = Kind.TEXT, **more: Any) -> Field:
        return Field(name, label, kind, aliases=OTHER_NAMES[name], **more)

    sizes = tuple(Choice(value.value, str(value.label)) for value in Size)
    relationships = tuple(Choice(value.value, str(value.label)) for value in Account.Relationship)
    verticals = tuple(Choice(row.key, row.name) for row in Vertical.objects.all())
    return Target(
        "account",
        _("Customers"),
        (
            column("name", _("Customer"), required=True, max_length=200),
            column("domain", _("Web domain"), Kind.DOMAIN, max_length=253),
            column("country", _("Country"), Kind.COUNTRY),
            column("vertical", _("Vertical"), Kind.CHOICE, choices=verticals),
            column("size", _("Size"), Kind.CHOICE, choices=sizes),
            column("people", _("Employees"), Kind.INTEGER, min_value=0),
            column("relationship", _("Relationship"), Kind.CHOICE, choices=relationships),
            column("who_knows_whom", _("Who knows whom"), max_length=500),
            column("note", _("Note"), max_length=1000),
            column("products", _("Products owned"), max_length=2000),
        ),
        (Identity(("name",), unique=True),),
        title="name",
        nouns=("customer", "account", "company"),
    )


def read(file: BinaryIO) -> Sheet:
    """All rows of a CSV or XLSX file, or why they can't be read. Raises UnreadableFile."""
    found = Sheet()
    table = open_table(file)
    what = target()
    proposed = propose(what, table.columns)
    fields = [each.field for each in proposed]
    found.unknown = [
        column.name for column, item in zip(table.columns, fields, strict=True) if item is None and column.name
    ]
    if not any(item is not None and item.name == "name" for item in fields):
        found.refused = _("No column is headed “Customer”: say in the first row which column holds the names.")
        return found
    readers = {item.name: converter(item, ColumnFormat()) for item in fields if item is not None}
    products = _products()
    rows = list(islice(table.rows(), MOST_ROWS + 1))
    if len(rows) > MOST_ROWS:
        found.refused = _("At most %(n)s rows in one file: split it.") % {"n": MOST_ROWS}
        return found
    for row in rows:
        _row(row, [column.name for column in table.columns], fields, readers, products, found)
    return found


def _products() -> dict[str, Thing]:
    """What a customer may own, by everything it may be called."""
    rows = [(Thing.complementary(row.pk), row) for row in ComplementaryProduct.objects.all()]
    lines = [(Thing.line(row.pk), row) for row in ProductLine.objects.all()]
    return {option_name(name): thing for thing, row in (*rows, *lines) for name in (row.key, row.name)}


def _row(
    row: Row,
    names: list[str],
    fields: list[Field | None],
    readers: Mapping[str, Any],
    products: Mapping[str, Thing],
    found: Sheet,
) -> None:
    values: dict[str, Any] = {}
    wrong: list[Problem] = []
    owned: frozenset[Thing] = frozenset()
    for column, item, cell in zip(names, fields, row.cells, strict=False):
        if item is None:
            continue
        try:
            value = readers[item.name](cell)
            if item.name == "products" and value:
                owned = _owned(str(value), products)
            elif value not in (None, ""):
                values[item.name] = value
        except BadValue as problem:
            wrong.append(Problem(row.number, column, str(problem.message)))
    people = values.pop("people", None)
    if people is not None and people > 0:
        values.setdefault("size", Size.of(people).value)
    if not values.get("name") and not wrong:
        if not values and not owned:
            return  # an empty row says nothing
        wrong.append(Problem(row.number, names[0], _("There is no customer’s name.")))
    if wrong:
        found.problems += wrong
    else:
        found.lines.append(Line(row.number, values, owned))


def _owned(text: str, products: Mapping[str, Thing]) -> frozenset[Thing]:
    owned = set()
    for part in filter(None, (one.strip() for one in re.split(r"[;|,\n]", text))):
        thing = products.get(option_name(part))
        if thing is None:
            raise BadValue("There is no product “%(name)s”.", name=part)
        owned.add(thing)
    return frozenset(owned)
