"""Targets in: a month, a quarter or a year a row, or a column for each month. What differs becomes a new version."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partners.importing import PartnerImporter
from pipeline import policies, targets
from pipeline.events import TargetsChanged
from pipeline.importing import parts
from pipeline.importing.vocabulary import MONTHS, TARGET
from pipeline.models import Metric, TargetMonth, TargetVersion
from prm.common import audit, events
from prm.common.fiscal import FiscalCalendar, FiscalYear, Month, Period
from prm.common.money import minor_units
from prm.common.vendor import fiscal_calendar, today
from prm.imports.fields import Choice, Field, Kind, Target
from prm.imports.importer import Writer
from prm.imports.journal import Journal
from prm.imports.matching import Records
from prm.imports.messages import BadRow, marked
from prm.imports.outcome import Draft, Outcome, Plan, PlannedRow

LARGEST = Decimal("99999999999999.99")
WIDE = tuple(f"m{number:02}" for number in range(1, 13))
PLACES = Decimal("0.0001")  # as the table keeps them
ALREADY = marked("Row %(row)s gives this partner another target for %(month)s.")
Key = tuple[int, str]


@dataclass(frozen=True)
class Months:
    """Targets by month; a row of the file says some."""

    values: tuple[tuple[Month, Decimal], ...]
    currency: str = ""

    def __str__(self) -> str:
        first, last = self.values[0], self.values[-1]
        total = f"{sum((value for _month, value in self.values), Decimal(0)).normalize():f} {self.currency}".strip()
        return f"{first[0].key}: {total}" if first is last else f"{first[0].key} – {last[0].key}: {total}"


class TargetImporter(parts.SalesImporter):
    kind = "target"
    label = gettext_lazy("Targets")
    hint = gettext_lazy("a partner and a month, quarter or year a row, or a column for each month")
    verb = "target.imported"
    undo_verb = "target.import_undone"
    model = TargetVersion
    list_url = "pipeline:targets"
    list_label = gettext_lazy("See the targets")

    def target(self) -> Target:
        field = parts.fields_of(TARGET)
        number: dict[str, Any] = {"min_value": 0, "max_value": LARGEST}
        own = [
            (targets.REVENUE, _("Revenue"), ("Sales", "Bookings")),
            (targets.DEALS, _("Deals won"), ("Deals", "Deal count")),
        ]
        metrics = tuple(Choice(key, label, aliases) for key, label, aliases in own) + parts.choices(Metric)
        return Target(
            self.kind,
            str(self.label),
            (
                field("partner", _("Partner"), Kind.REFERENCE, required=True, refers_to=PartnerImporter.kind),
                field("metric", _("Metric"), Kind.CHOICE, required=True, for_all=True, goes_with="partner", choices=metrics),
                field("period", _("Month, quarter, half-year or fiscal year"), Kind.PERIOD),
                field("value", _("Target"), Kind.DECIMAL, **number),
                field("year", _("Calendar year of the months’ columns"), Kind.INTEGER, min_value=1900, max_value=2199),
                *(
                    Field(name, _("Target of %(month)s") % {"month": called[0]}, Kind.DECIMAL, aliases=(name, *called), **number)
                    for name, called in zip(WIDE, MONTHS, strict=True)
                ),
                field("currency", _("Currency"), Kind.CURRENCY, for_all=True, goes_with="partner"),
            ),
            (),
            finish=Spreading.now(),
            match=_match,
        )  # fmt: skip

    def preset(self) -> dict[str, str]:
        return {**super().preset(), "metric": targets.REVENUE}

    def more(self, draft: Draft, names: set[str], *, lock: bool) -> dict[str, Records]:
        """The targets earlier imports left, by partner and metric."""
        owners = {pk for row in draft.rows if isinstance(pk := row.values.get("partner"), int)}
        return {self.kind: There(draft.target, _versions(owners))}

    def writer(self, journal: Journal, by: Any) -> Writer:
        return Writer(journal, by)

    def write(self, plan: Plan, writer: Writer) -> dict[int, int] | None:
        """One version a partner and metric, of the months that are new or another."""
        there = plan.records[self.kind]
        assert isinstance(there, There)
        rows: dict[Key, list[PlannedRow]] = defaultdict(list)
        for row in plan.rows:
            if row.outcome in (Outcome.NEW, Outcome.CHANGED):
                rows[_key(row)].append(row)
        versions, months = [], []
        keys: dict[int, int] = {}
        for (partner, metric), said in rows.items():
            values = {month: value for row in said for month, value in _said(row).values}
            version = TargetVersion(
                partner_id=partner, metric=metric, source=TargetVersion.Source.IMPORT, number=there.last[(partner, metric)] + 1,
                first_month=min(values).start, note=writer.journal.run.file_name[:300], created_by=writer.by,
            )  # fmt: skip
            versions.append(version)
            currency = _said(said[0]).currency
            months += [
                TargetMonth(version=version, month=month.start, value=value.quantize(PLACES), currency=currency)
                for month, value in sorted(values.items())
            ]
        writer.journal.create(versions, [None] * len(versions))
        for month in months:
            month.version_id = month.version.pk
        writer.journal.create(months, [None] * len(months))
        for version, said in zip(versions, rows.values(), strict=True):
            keys |= {row.number: version.pk for row in said}
        told: list[tuple[Model, dict[str, Any]]] = [(version, {}) for version in versions]
        audit.record_many(by=writer.by, verb=self.verb, changes=told, note=writer.journal.run.file_name)
        return keys

    def tell(self, ids: Iterable[int], fields: Iterable[str], owners: Collection[int]) -> None:
        if owners:
            events.send(TargetsChanged(tuple(sorted(owners))))


@dataclass(frozen=True)
class Spreading:
    """A row's cells become months: a quarter and a year by the seasons, a month's column as it is."""

    calendar: FiscalCalendar
    weights: Mapping[FiscalYear, tuple[Decimal, ...]]
    money: frozenset[str]

    @classmethod
    def now(cls) -> Spreading:
        units = dict(Metric.objects.values_list("key", "unit"))
        money = {targets.REVENUE, *(key for key, unit in units.items() if unit == Metric.Unit.MONEY)}
        return cls(fiscal_calendar(), _Weights(), frozenset(money))

    def __call__(self, values: dict[str, Any]) -> dict[str, Any]:
        period, value, year = (values.pop(name, None) for name in ("period", "value", "year"))
        wide = {int(name[1:]): values.pop(name) for name in WIDE if name in values}
        if values.get("metric") not in self.money:
            values["currency"] = ""
        currency = values.get("currency", "")
        months: dict[Month, Decimal] = {}
        if wide and year is None:
            raise BadRow("year", marked("The columns of the months need the year."))
        if wide:
            months = {Month(int(year), number): target for number, target in wide.items()}
        if value is not None:
            span = self._span(period, year)
            for month, target in self._spread(value, span, currency).items():
                if months.setdefault(month, target) != target:
                    raise BadRow(
                        "value", marked("The column of a month and the column of the target contradict each other.")
                    )
        if months:
            exact = ((month, target.quantize(PLACES)) for month, target in sorted(months.items()))
            values["value"] = Months(tuple(exact), currency)
        return values

    def _span(self, period: str | None, year: int | None) -> Period:
        if period is None and year is None:
            raise BadRow("period", marked("The target’s month, quarter or year is missing."))
        try:
            return self.calendar.parse(period or str(year))
        except ValueError as error:
            raise BadRow("period", marked("This is no month, quarter or year.")) from error

    def _spread(self, value: Decimal, span: Period, currency: str) -> dict[Month, Decimal]:
        places = minor_units(currency) if currency else targets.PLACES
        weights = self.weights[self.calendar.year_of(span.start)]
        return targets.spread_period(value, span, weights, places, self.calendar.start_month)


class _Weights(dict[FiscalYear, tuple[Decimal, ...]]):
    """The seasons of fiscal years, looked up once."""

    def __missing__(self, year: FiscalYear) -> tuple[Decimal, ...]:
        self[year] = policies.weights_for(year, today())
        return self[year]


# ── What there is ────────────────────────────────────────────────────────────────────────────────────────────────────


class There(Records):
    """What earlier imports left: `by_key` {(partner, metric): {month: target}}, and the last version's number."""

    def __init__(self, target: Target, versions: Mapping[Key, list[targets.Version]]) -> None:
        super().__init__(target, ())
        self.by_key = {key: targets.in_force(found) for key, found in versions.items()}
        self.last: dict[Key, int] = defaultdict(
            int, {key: max(v.number for v in found) for key, found in versions.items()}
        )


def _versions(partners: Iterable[int]) -> dict[Key, list[targets.Version]]:
    rows = TargetVersion.objects.unscoped("an import is matched to all targets").filter(
        partner__in=list(partners), source=TargetVersion.Source.IMPORT
    )
    months: dict[int, dict[Month, targets.Amount]] = defaultdict(dict)
    cells = TargetMonth.objects.unscoped("of these versions").filter(version__in=rows).order_by("pk")
    for version, day, value, currency in cells.values_list("version", "month", "value", "currency"):
        months[version][Month(day.year, day.month)] = targets.Amount(value, currency)
    found: dict[Key, list[targets.Version]] = defaultdict(list)
    for pk, partner, metric, number, day in rows.order_by("pk").values_list(
        "pk", "partner", "metric", "number", "first_month"
    ):
        version = targets.Version(targets.IMPORT, number, Month(day.year, day.month), months[pk], id=pk)
        found[(partner, metric)].append(version)
    return found


def _match(draft: Draft) -> None:
    """A row is new, changes what an earlier import said, or says the same: month by month."""
    there = draft.own
    assert isinstance(there, There)
    said: dict[tuple[Key, Month], tuple[Decimal, int]] = {}
    for row in draft.alive:
        if row.outcome is not Outcome.NEW or row.values.get("partner") is None or row.values.get("metric") is None:
            continue
        if "value" not in row.values:
            row.outcome = Outcome.UNCHANGED  # no target at all: nothing is said
        elif not _contradicts(draft, row, said):
            _compare(row, there.by_key.get(_key(row), {}))


def _contradicts(draft: Draft, row: PlannedRow, said: dict[tuple[Key, Month], tuple[Decimal, int]]) -> bool:
    """Marks a row that says what another said, or something else than another said."""
    again = 0
    months = _said(row).values
    for month, value in months:
        before, number = said.setdefault((_key(row), month), (value, row.number))
        if before != value:
            draft.fail(row, "value", ALREADY, row=number, month=month.key)
            return True
        again += number != row.number
        same_as = number
    if again == len(months):
        row.outcome, row.same_as = Outcome.REPEATED, same_as
    return again == len(months)


def _compare(row: PlannedRow, there: Mapping[Month, targets.InForce]) -> None:
    months = _said(row)
    before = [(month, there[month]) for month, _value in months.values if month in there]
    if any(
        there[month].value != value or there[month].currency != months.currency
        for month, value in months.values
        if month in there
    ):
        row.outcome = Outcome.CHANGED
    elif len(before) == len(months.values):
        row.outcome = Outcome.UNCHANGED
        return
    elif before:
        row.outcome = Outcome.CHANGED
    else:
        return
    old = Months(tuple((month, target.value) for month, target in before), before[0][1].currency)
    row.changes = {"value": (old, months)}


def _key(row: PlannedRow) -> Key:
    return (cast(int, row.values["partner"]), str(row.values["metric"]))


def _said(row: PlannedRow) -> Months:
    found = row.values["value"]
    assert isinstance(found, Months)
    return found
