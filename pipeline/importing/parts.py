"""What the importers of this tool share: the partners, customers and choices that rows mean, and how these become columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

from django.db import connection
from django.db.models import Model, Q
from django.utils.translation import gettext as _

from partners.import_writing import CatalogueWriter
from partners.importing import ALSO_CALLED, PartnerImporter, partner_records
from pipeline.models import Customer
from pipeline.models.result import SaleKind
from prm.common.names import normalised
from prm.common.vendor import vendor_settings
from prm.imports.fields import Choice, Field, Identity, Kind, Target
from prm.imports.importer import Importer
from prm.imports.matching import Record, Records
from prm.imports.messages import BadRow, marked
from prm.imports.outcome import Draft, Made, PlannedRow

LONGEST_ID = 120
SOURCE = "import"  # proposed as the source of a file's records
KINDS = {
    SaleKind.NEW: ("New Business", "newbusiness", "New Customer", "New Sale", "Order", "Invoice"),
    SaleKind.RENEWAL: (
        "Renewals",
        "Existing Business",
        "existingbusiness",
        "Existing Customer - Renewal",
        "Maintenance",
    ),
    SaleKind.EXPANSION: ("Upsell", "Upgrade", "Existing Customer - Upgrade", "Add-on", "Cross-sell", "Add-On Business"),
}
Fields = Callable[..., Field]


def fields_of(aliases: Mapping[str, tuple[str, ...]]) -> Fields:
    """A function that makes a field with these aliases."""

    def field(name: str, label: str, kind: Kind = Kind.TEXT, **more: Any) -> Field:
        return Field(name, label, kind, aliases=aliases.get(name, ()), **more)

    return field


def choices(model: Any) -> tuple[Choice, ...]:
    """The entries of one of the vendor's lists."""
    return tuple(Choice(row.key, row.name, ALSO_CALLED.get(row.key, ())) for row in model.objects.all())


def kinds() -> tuple[Choice, ...]:
    return tuple(Choice(value.value, str(value.label), KINDS[value]) for value in SaleKind)


def id_fields(field: Fields, *, required: bool = False) -> tuple[Field, ...]:
    """What a record is called where it comes from. Where an id stands in several rows, a second column tells them apart."""
    return (
        field("external_id", _("External id"), Kind.KEY, required=required, max_length=LONGEST_ID),
        field(
            "line_id", _("Line id"), Kind.KEY, max_length=LONGEST_ID,
            for_all=True, goes_with="external_id", from_column=True,
        ),
        field("source", _("Source"), max_length=40, for_all=True, goes_with="external_id"),
    )  # fmt: skip


def customer_fields(field: Fields) -> tuple[Field, ...]:
    return (
        field(
            "customer", _("End customer"), Kind.REFERENCE, max_length=200,
            refers_to="customer", owner="partner", known_by="customer_id",
        ),
        field("customer_id", _("End customer’s id"), Kind.KEY, max_length=80),
    )  # fmt: skip


def joined_id(values: dict[str, Any]) -> dict[str, Any]:
    """External id and line id as one."""
    line = values.pop("line_id", None)
    if line and "external_id" in values:
        values["external_id"] = f"{values['external_id']}/{line}"
        if len(values["external_id"]) > LONGEST_ID:
            raise BadRow(
                "external_id", marked("Id and line id together have more than %(limit)s characters."), limit=LONGEST_ID
            )
    return values


def preset() -> dict[str, str]:
    return {"currency": vendor_settings().reporting_currency, "source": SOURCE}


# ── Partners and customers ───────────────────────────────────────────────────────────────────────────────────────────


def partners() -> Records:
    """All partners, by what they are recognised by."""
    return partner_records(PartnerImporter().target(), set())


def customer_key(name: str) -> str:
    """What a customer's name is compared by, as the table keeps it."""
    return (normalised(name) or name.casefold())[:200]


CUSTOMERS = Target(
    "customer",
    "Customers",
    (Field("partner", "Partner"), Field("name", "Name"), Field("external_id", "External id")),
    (
        Identity(("partner", "external_id"), unique=True),
        Identity(("partner", "name"), unique=True, normalise=customer_key),
    ),
    title="name",
)


def customers(draft: Draft, there: Iterable[Record]) -> Records:
    """The customers that rows name, and those that the records have."""
    owners, keys, ids = set(), set(), set()
    for row in draft.rows:
        name, known_by = row.values.get("customer"), row.values.get("customer_id")
        if name or known_by:
            owners.add(row.values.get("partner"))
            keys |= {customer_key(str(name))} if name else {customer_key(str(known_by))}
            ids |= {str(known_by)} if known_by else set()
            if name and known_by:
                keys.add(customer_key(f"{name} ({known_by})"))
    meant = Q(partner__in=[pk for pk in owners if isinstance(pk, int)]) & (
        Q(name_key__in=keys) | Q(external_id__in=ids)
    )
    had = {record.values.get("customer") for record in there} - {None}
    rows = (
        Customer.objects.unscoped("an import is matched to all customers").filter(meant | Q(pk__in=had)).order_by("pk")
    )
    found = rows.values_list("pk", "partner", "name", "external_id")
    return Records(
        CUSTOMERS,
        (Record(pk, name, {"partner": owner, "name": name, "external_id": ref}) for pk, owner, name, ref in found),
    )


def check_customers(draft: Draft) -> None:
    """A record that goes to another partner leaves its customer behind."""
    for row in draft.alive:
        before = draft.own.by_id[row.record].values if row.record is not None else {}
        moves = "partner" in row.values and row.values["partner"] != before.get("partner")
        if moves and before.get("customer") and "customer" not in row.values:
            draft.fail(row, "customer", marked("It goes to another partner: say the end customer, too."))


def those(model: type[Model], columns: Mapping[str, str], rows: Sequence[tuple[Any, ...]]) -> list[int]:
    """The keys of rows whose columns ({column: type}) together hold one of these. A unique constraint
    must be on the columns."""
    table, names = model._meta.db_table, list(columns)
    kinds = ", ".join(f"%s::{kind}[]" for kind in columns.values())
    matching = " AND ".join(f't."{name}" = wanted."{name}"' for name in names)
    heads = ", ".join(f'"{name}"' for name in names)
    # One look into the index for each: LIMIT keeps the planner from joining the other way round, which it may think cheap while
    # it knows nothing of the rows that the same transaction has just written.
    look = f'SELECT t.id FROM "{table}" t WHERE {matching} LIMIT 1'
    sql = f"SELECT found.id FROM unnest({kinds}) AS wanted({heads}) CROSS JOIN LATERAL ({look}) found"
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(cells) for cells in zip(*rows, strict=True)] if rows else [[] for _name in names])
        return [pk for (pk,) in cursor.fetchall()]


# ── To columns ───────────────────────────────────────────────────────────────────────────────────────────────────────


class SalesWriter(CatalogueWriter):
    """Records with customers and entries of lists that the file brings along."""

    made: dict[Made, int]

    def prepare(self, rows: Sequence[PlannedRow]) -> None:
        """Makes the customers that aren't there yet."""
        self.made = {}
        new: dict[Made, None] = {}
        for row in rows:
            if isinstance(customer := row.values.get("customer"), Made):
                new[customer] = None
        objects = [
            Customer(
                partner_id=cast(int, one.owner),
                name=one.name[:200],
                name_key=customer_key(one.name),
                external_id=one.known_by or None,
            )
            for one in new
        ]
        self.journal.create(objects, [None] * len(objects))
        self.made = {one: customer.pk for one, customer in zip(new, objects, strict=True)}
        met = {row.values["customer"] for row in rows if isinstance(row.values.get("customer"), int)}
        hidden = Customer.objects.unscoped("the vendor's own sales make them known").filter(known_to_vendor=False)
        hidden.filter(pk__in=met).update(known_to_vendor=True)

    def columns(self, values: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in values.items():
            if name in self.catalogues:
                found[f"{name}_id"] = self.entry(name, value)
            elif name == "customer":
                found["customer_id"] = self.made[value] if isinstance(value, Made) else value
            elif name in ("partner", "distributor"):
                found[f"{name}_id"] = value
            else:
                found[name] = value
        return found

    def before(self, new: Sequence[Any], changes: Sequence[Any]) -> None:
        for one in new:
            one.created_by = self.by


class SalesImporter(Importer):
    """A kind whose records belong to partners, and are looked up by what the rows name."""

    def preset(self) -> dict[str, str]:
        return preset()

    def records(self, target: Target, names: set[str], *, lock: bool) -> dict[str, Records]:
        return {PartnerImporter.kind: partners()}

    def owners(self, ids: Iterable[int]) -> set[int]:
        rows: Any = self.model._base_manager.filter(pk__in=list(ids))
        return set(rows.order_by("partner").values_list("partner", flat=True).distinct())
