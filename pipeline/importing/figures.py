"""Values of metrics in: figures kept elsewhere, one a partner, metric and day."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partners.import_writing import CatalogueWriter
from partners.importing import PartnerImporter
from pipeline.events import MetricValuesChanged
from pipeline.importing import parts
from pipeline.importing.vocabulary import METRIC_VALUE
from pipeline.models import Metric, MetricValue
from prm.common import events
from prm.imports.fields import Identity, Kind, Target
from prm.imports.importer import Writer
from prm.imports.journal import Journal
from prm.imports.matching import Record, Records
from prm.imports.outcome import Draft

LARGEST = Decimal("99999999999999.999999")
STORED = ("on", "value", "currency", "source")


class MetricValueImporter(parts.SalesImporter):
    kind = "metric_value"
    label = gettext_lazy("Metric values")
    hint = gettext_lazy("one a row: partner, metric, date and value, of whatever you keep elsewhere")
    verb = "metric_value.imported"
    undo_verb = "metric_value.import_undone"
    model = MetricValue
    list_url = "pipeline:values"
    list_label = gettext_lazy("See the metric values")
    streamed = True

    def target(self) -> Target:
        field = parts.fields_of(METRIC_VALUE)
        money = set(Metric.objects.filter(unit=Metric.Unit.MONEY).values_list("key", flat=True))

        def finish(values: dict[str, Any]) -> dict[str, Any]:
            if "currency" in values and values.get("metric") not in money:
                values["currency"] = ""
            return values

        return Target(
            self.kind,
            str(self.label),
            (
                field("partner", _("Partner"), Kind.REFERENCE, required=True, refers_to=PartnerImporter.kind),
                field("metric", _("Metric"), Kind.CHOICE, required=True, for_all=True, goes_with="value", creatable=True, choices=parts.choices(Metric)),
                field("on", _("Date"), Kind.DATE, required=True),
                field("value", _("Value"), Kind.DECIMAL, required=True, places=6, min_value=-LARGEST, max_value=LARGEST),
                field("currency", _("Currency"), Kind.CURRENCY, for_all=True, goes_with="value"),
                field("source", _("Source"), max_length=40, required=True, for_all=True, goes_with="value"),
            ),
            (Identity(("partner", "source", "metric", "on"), unique=True),),
            finish=finish,
        )  # fmt: skip

    def more(self, draft: Draft, names: set[str], *, lock: bool) -> dict[str, Records]:
        metrics = dict(Metric.objects.values_list("key", "pk"))
        wanted = {
            (row.values["partner"], metrics[str(row.values["metric"])], row.values["on"], row.values["source"])
            for row in draft.rows
            if isinstance(row.values.get("partner"), int)
            and row.values.get("metric") in metrics
            and {"on", "source"} <= set(row.values)
        }
        columns = {"partner_id": "bigint", "metric_id": "bigint", "on": "date", "source": "text"}
        rows = MetricValue.objects.unscoped("an import is matched to all values").filter(
            pk__in=parts.those(MetricValue, columns, list(wanted))
        )
        if lock:
            rows = rows.select_for_update(no_key=True)
        keys = {pk: key for key, pk in metrics.items()}
        found = []
        for pk, partner, metric, *others in rows.order_by("pk").values_list("pk", "partner_id", "metric_id", *STORED):
            values = {"partner": partner, "metric": keys[metric], **dict(zip(STORED, others, strict=True))}
            found.append(Record(pk, f"{keys[metric]} {values['on']}", values))
        return {self.kind: Records(draft.target, found)}

    def writer(self, journal: Journal, by: Any) -> Writer:
        return MetricValueWriter(journal, by, {"metric": Metric})

    def tell(self, ids: Iterable[int], fields: Iterable[str], owners: Collection[int]) -> None:
        if owners:
            events.send(MetricValuesChanged(tuple(sorted(owners))))


class MetricValueWriter(parts.SalesWriter, CatalogueWriter):
    """Values, and metrics the file brings along: numbers, of which the latest counts."""
