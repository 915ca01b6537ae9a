"""A partner's registrations out of its own file: read, checked and written in one go, and not kept.

Columns are recognised as in the vendor's imports, by their headers and whatever program wrote them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from dealdesk import actions, matching, queries
from dealdesk.importing import ALIASES, LARGEST, TYPED
from dealdesk.models import Registration
from dealdesk.refusals import NotAllowed
from partners.models import Partner
from pipeline.models import ProductLine
from prm.common.vendor import vendor_settings
from prm.imports.columns import propose
from prm.imports.fields import OF_DATES, Field, Identity, Kind, Target, converter, recognise_formats
from prm.imports.formats import ColumnFormat
from prm.imports.messages import BadValue
from prm.imports.reader import Row, open_table
from prm.imports.survey import survey
from prm.imports.values import option_name

MOST_ROWS = 2_000
MOST_SHOWN = 50  # problems that are told one by one
LINES = "product_lines"


@dataclass(frozen=True)
class Line:
    """A row of the file that can be written: fields as `actions.save_draft` takes them."""

    number: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Problem:
    """What is wrong with a row: in which column, and why."""

    row: int
    column: str
    words: str


@dataclass
class Sheet:
    """What a file says. `unknown`: headers that no field was recognised in; `refused`: why nothing of it can be read."""

    lines: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    refused: str = ""


@dataclass
class Taken:
    """What became of the lines. `known`: there already; `kept`: why one stayed a draft, by row."""

    submitted: int = 0
    drafts: int = 0
    known: int = 0
    kept: list[Problem] = field(default_factory=list)


def target() -> Target:
    """What a registration's columns can be."""

    def column(name: str, label: str, kind: Kind = Kind.TEXT, **more: Any) -> Field:
        return Field(name, label, kind, aliases=ALIASES[name], **more)

    return Target(
        "registration",
        _("Registrations"),
        (
            column("customer_name", _("Company"), required=True, max_length=200),
            column("domain", _("Web domain"), Kind.DOMAIN, max_length=253),
            column("country", _("Country"), Kind.COUNTRY),
            column(LINES, _("Product lines"), max_length=2000),
            column("amount", _("Amount"), Kind.DECIMAL, places=2, min_value=0, max_value=LARGEST),
            column("currency", _("Currency"), Kind.CURRENCY),
            column("expected_close", _("Expected close"), Kind.DATE),
            column("need", _("What they need"), Kind.LONG_TEXT, max_length=2000),
            column("contact_name", _("Contact there"), max_length=150),
            column("contact_email", _("Their e-mail"), Kind.EMAIL, max_length=254),
            column("is_rfp", _("Public tender (RFP)"), Kind.BOOLEAN),
        ),
        (Identity(("customer_name",)),),
        title="customer_name",
        nouns=("registration", "deal registration", "customer", "company"),
    )


def read(file: BinaryIO) -> Sheet:
    """All rows of a CSV or XLSX file, or why they can't be read. Raises UnreadableFile."""
    found, what = Sheet(), target()
    table = open_table(file)
    fields = [each.field for each in propose(what, table.columns)]
    found.unknown = [
        column.name for column, item in zip(table.columns, fields, strict=True) if item is None and column.name
    ]
    if not any(item is not None and item.name == "customer_name" for item in fields):
        found.refused = _("No column is headed “Company”: say in the first row which column holds the names.")
        return found
    rows = list(islice(table.rows(), MOST_ROWS + 1))
    if len(rows) > MOST_ROWS:
        found.refused = _("At most %(n)s rows in one file: split it.") % {"n": MOST_ROWS}
        return found
    mapping = [item.name if item else None for item in fields]
    formats = recognise_formats(what, mapping, survey((row.cells for row in rows), len(table.columns)))
    if any(what.by_name[name].kind in OF_DATES and not form.certain for name, form in formats.items()):
        found.refused = _("The days can be read in two ways: write them like 2026-12-31.")
        return found
    readers = {
        item.name: converter(item, formats.get(item.name, ColumnFormat())) for item in fields if item is not None
    }
    names = [column.name for column in table.columns]
    lines = {option_name(name): line for line in ProductLine.objects.all() for name in (line.key, line.name)}
    for row in rows:
        _row(row, names, fields, readers, lines, found)
    return found


def _row(
    row: Row,
    names: list[str],
    fields: list[Field | None],
    readers: Mapping[str, Any],
    lines: Mapping[str, ProductLine],
    found: Sheet,
) -> None:
    values: dict[str, Any] = {}
    wrong: list[Problem] = []
    if row.problem:
        found.problems.append(Problem(row.number, "", row.problem.translated(_)))
        return
    for column, item, cell in zip(names, fields, row.cells, strict=False):
        if item is None:
            continue
        try:
            value = readers[item.name](cell)
            if value not in (None, ""):
                values[item.name] = _lines(str(value), lines) if item.name == LINES else value
        except BadValue as problem:
            wrong.append(Problem(row.number, column, str(problem.message)))
    if not values and not wrong:
        return  # an empty row says nothing
    if not values.get("customer_name") and not wrong:
        wrong.append(Problem(row.number, names[0], _("There is no company.")))
    if wrong:
        found.problems += wrong
    else:
        found.lines.append(Line(row.number, values))


def _parts(text: str, known: Mapping[str, ProductLine]) -> list[str]:
    found: list[str] = []
    for part in filter(None, (one.strip() for one in re.split(r"[;|\n]", text))):
        found += [part] if option_name(part) in known else filter(None, (one.strip() for one in part.split(",")))
    return found


def _lines(text: str, known: Mapping[str, ProductLine]) -> list[ProductLine]:
    """Names or keys between semicolons, or between commas as our own lists write them, where no line has them in its name."""
    found: dict[int, ProductLine] = {}
    for part in _parts(text, known):
        line = known.get(option_name(part))
        if line is None:
            raise BadValue("There is no product line “%(name)s”.", name=part)
        found[line.pk] = line
    return list(found.values())


@transaction.atomic
def take_in(*, by: User, partner: Partner, lines: Sequence[Line], submit: bool) -> Taken:
    """Drafts of all lines that aren't there yet; with `submit` those that are complete are submitted, in the file's order. NotAllowed."""
    if not queries.may_register(by, partner):
        raise NotAllowed(_("You may not register deals for this partner."))
    taken, there = Taken(), _there(partner)
    currency = vendor_settings().reporting_currency
    for line in lines:
        key = matching.name_key(line.values["customer_name"])[:200]
        wanted = frozenset(one.pk for one in line.values.get(LINES, []))
        if any(key == name and (wanted & held or wanted == held) for name, held in there):
            taken.known += 1
            continue
        there.append((key, wanted))
        values = {name: line.values[name] for name in TYPED if name in line.values}
        values = {"currency": currency, **values, LINES: line.values.get(LINES, [])}
        try:
            with transaction.atomic():
                made = actions.save_draft(by=by, partner=partner, values=values, channel=Registration.Channel.FILE)
        except ValidationError as error:
            taken.kept.append(Problem(line.number, "", " ".join(error.messages)))
            continue
        if submit and _submitted(by, made, line, taken):
            taken.submitted += 1
        else:
            taken.drafts += 1
    return taken


def _submitted(by: User, made: Registration, line: Line, taken: Taken) -> bool:
    try:
        with transaction.atomic():
            actions.submit(by=by, registration=made)
    except ValidationError as error:
        labels = {field.name: field.label for field in target().fields}
        words = [
            f"{labels[name]}: {said[0]}" if name in labels else said[0] for name, said in error.message_dict.items()
        ]
        taken.kept.append(Problem(line.number, "", " ".join(words)))
        return False
    return True


def _there(partner: Partner) -> list[tuple[str, frozenset[int]]]:
    """The companies and product lines that the partner has as drafts or alive."""
    rows = Registration.objects.unscoped("the partner's own").filter(
        partner=partner, state__in=[*Registration.LIVE, Registration.State.DRAFT]
    )
    rows = rows.prefetch_related(LINES).order_by("pk")
    return [(row.name_key, frozenset(line.pk for line in row.product_lines.all())) for row in rows]
