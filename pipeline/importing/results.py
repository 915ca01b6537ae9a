"""Sales results in: by the hundred thousand, each known by its id in the system it comes from."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partners.importing import PartnerImporter
from pipeline.events import ResultsChanged
from pipeline.importing import parts
from pipeline.importing.vocabulary import RESULT
from pipeline.models import ProductLine, SalesResult
from prm.common import events
from prm.imports.fields import Identity, Kind, Target
from prm.imports.importer import Writer
from prm.imports.journal import Journal
from prm.imports.matching import Record, Records
from prm.imports.outcome import Draft

LARGEST = Decimal("99999999999999.9999")
STORED = ("on", "amount", "currency", "kind", "source", "external_id")


class ResultImporter(parts.SalesImporter):
    kind = "result"
    label = gettext_lazy("Sales results")
    hint = gettext_lazy("one line a row: partner, date, amount, product line, id in your ERP …")
    verb = "result.imported"
    undo_verb = "result.import_undone"
    model = SalesResult
    list_url = "pipeline:results"
    list_label = gettext_lazy("See the sales results")
    streamed = True

    def target(self) -> Target:
        field = parts.fields_of(RESULT)
        return Target(
            self.kind,
            str(self.label),
            (
                field("partner", _("Partner"), Kind.REFERENCE, required=True, refers_to=PartnerImporter.kind),
                field("on", _("Date"), Kind.DATE, required=True),
                field(
                    "amount", _("Amount"), Kind.DECIMAL, required=True, places=4, min_value=-LARGEST, max_value=LARGEST
                ),
                field("currency", _("Currency"), Kind.CURRENCY, required=True, for_all=True),
                field(
                    "product_line", _("Product line"), Kind.CHOICE, creatable=True, choices=parts.choices(ProductLine)
                ),
                *parts.customer_fields(field),
                field("kind", _("Kind"), Kind.CHOICE, choices=parts.kinds()),
                field("distributor", _("Via distributor"), Kind.REFERENCE, refers_to=PartnerImporter.kind),
                *parts.id_fields(field, required=True),
            ),
            (Identity(("source", "external_id"), unique=True),),
            nouns=("sales", "order", "invoice"),
            finish=parts.joined_id,
            check=parts.check_customers,
        )

    def more(self, draft: Draft, names: set[str], *, lock: bool) -> dict[str, Records]:
        ids = {(row.values.get("source"), row.values.get("external_id")) for row in draft.rows}
        wanted = [(source, number) for source, number in ids if source and number]
        rows = SalesResult.objects.unscoped("an import is matched to all results").filter(
            pk__in=parts.those(SalesResult, {"source": "text", "external_id": "text"}, wanted)
        )
        if lock:
            rows = rows.select_for_update(no_key=True)
        lines = dict(ProductLine.objects.values_list("pk", "key"))
        found = []
        cells = rows.order_by("pk").values_list(
            "pk", "partner_id", "customer_id", "distributor_id", "product_line_id", *STORED
        )
        for pk, partner, customer, distributor, line, *others in cells:
            values: dict[str, Any] = dict(zip(STORED, others, strict=True))
            values |= {
                "partner": partner,
                "customer": customer,
                "distributor": distributor,
                "product_line": lines.get(line),
            }
            found.append(Record(pk, values["external_id"], values))
        return {self.kind: Records(draft.target, found), "customer": parts.customers(draft, found)}

    def writer(self, journal: Journal, by: Any) -> Writer:
        return parts.SalesWriter(journal, by, {"product_line": ProductLine})

    def tell(self, ids: Iterable[int], fields: Iterable[str], owners: Collection[int]) -> None:
        if owners:
            events.send(ResultsChanged(tuple(sorted(owners))))
