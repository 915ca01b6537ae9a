"""What is read of results, customers, targets and metric values."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Aggregate, Count, Max, Min, OuterRef, QuerySet, Subquery, Sum
from django.utils.translation import gettext as _

from accounts.models import User
from partners.models import Partner
from pipeline import targets
from pipeline.models import Customer, Deal, DealShare, Metric, MetricValue, SalesResult, TargetMonth, TargetVersion
from pipeline.policies import Actuals, Origin
from prm.common.fiscal import Month
from prm.common.money import Money, NoRate, Rates, minor_units


def results(user: User) -> QuerySet[SalesResult]:
    """Sales results this user sees, with what a row of a list shows; `via` names the distributor where this user sees it."""
    seen = Partner.objects.visible_to(user).filter(pk=OuterRef("distributor")).order_by()
    rows = SalesResult.objects.visible_to(user).select_related("partner", "product_line", "customer", "distributor")
    return rows.annotate(via=Subquery(seen.values("name")[:1]))


def customers(user: User) -> QuerySet[Customer]:
    """End customers this user sees, with `result_count` and `deal_count`; None for none."""
    found = SalesResult.objects.unscoped("of the customer of the row").filter(customer=OuterRef("pk"))
    deals = Deal.objects.unscoped("of the customer of the row").filter(customer=OuterRef("pk"))
    return (
        Customer.objects.visible_to(user)
        .select_related("partner")
        .annotate(result_count=_counted(found), deal_count=_counted(deals))
    )


def _counted(rows: QuerySet[Any]) -> Subquery:
    return Subquery(rows.order_by().values("customer").annotate(n=Count("pk")).values("n"))


def metric_values(user: User) -> QuerySet[MetricValue]:
    return MetricValue.objects.visible_to(user).select_related("partner", "metric")


def target_versions(user: User) -> QuerySet[TargetVersion]:
    """Versions of targets this user sees, each with its `total`, `month_count`, `last_month` and the currencies of its months."""
    months = TargetMonth.objects.unscoped("of the version of the row").filter(version=OuterRef("pk")).order_by()
    each = months.values("version")

    def of(what: Aggregate) -> Subquery:
        return Subquery(each.annotate(found=what).values("found"))

    return (
        TargetVersion.objects.visible_to(user)
        .select_related("partner", "created_by")
        .annotate(
            total=of(Sum("value")),
            month_count=of(Count("pk")),
            last_month=of(Max("month")),
            currency=of(Min("currency")),
            currency_too=of(Max("currency")),
        )
    )


# ── Targets ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Measure:
    """What a target can be of: revenue, deals or a metric. `internal`: never shown to the partner."""

    key: str
    name: str
    money: bool
    internal: bool = False


def measures() -> dict[str, Measure]:
    """By key: revenue and deals, which there always are, and the vendor's metrics. Names are the vendor's, or to be translated."""
    always = [Measure(targets.REVENUE, _("Revenue"), money=True), Measure(targets.DEALS, _("Deals won"), money=False)]
    own = [
        Measure(row.key, row.name, money=row.unit == Metric.Unit.MONEY, internal=row.internal)
        for row in Metric.objects.all()
    ]
    return {each.key: each for each in (*always, *own)}


def places(currency: str) -> int:
    """How many decimals a target has: those of its currency's minor unit, or two."""
    return minor_units(currency) if currency else targets.PLACES


def versions_of(
    partner_ids: Collection[int], metric: str | None = None
) -> dict[tuple[int, str], list[targets.Version]]:
    """All versions of these partners' targets as the rules know them, by partner and metric."""
    rows = TargetVersion.objects.unscoped("of partners the caller has scoped").filter(partner__in=partner_ids)
    if metric is not None:
        rows = rows.filter(metric=metric)
    months: dict[int, dict[Month, targets.Amount]] = defaultdict(dict)
    of_rows = TargetMonth.objects.unscoped("of partners the caller has scoped").filter(
        version__in=rows.order_by().values("pk")
    )
    for version, month, value, currency in of_rows.order_by().values_list("version", "month", "value", "currency"):
        months[version][Month(month.year, month.month)] = targets.Amount(value, currency)
    found: dict[tuple[int, str], list[targets.Version]] = defaultdict(list)
    for row in rows.order_by("pk"):
        found[row.partner_id, row.metric].append(
            targets.Version(
                source=row.source,
                number=row.number,
                first_month=Month(row.first_month.year, row.first_month.month),
                months=months[row.pk],
                generated=row.generated,
                id=row.pk,
            )
        )
    return dict(found)


# ── What was sold ────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Sold:
    """Of one partner, by month, in the reporting currency; `lacking`: rates without which the sum would be wrong."""

    months: dict[Month, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    lacking: list[NoRate] = field(default_factory=list)


def sold(
    partner_ids: Collection[int], first: dt.date, last: dt.date, *, actuals: Actuals, rates: Rates
) -> dict[int, Sold]:
    """Actuals of these partners from `first` to `last`, each day's converted at its own rate. Those without any are left out."""
    found: dict[int, Sold] = defaultdict(Sold)
    read = _won if actuals.origin is Origin.WON_DEALS else _results
    for partner, day, currency, amount in read(partner_ids, first, last):
        try:
            converted = rates.convert(Money(amount, currency), day)
        except NoRate as lack:
            found[partner].lacking.append(lack)
        else:
            found[partner].months[Month(day.year, day.month)] += converted.amount
    return dict(found)


Row = tuple[int, dt.date, str, Decimal]


def _results(partner_ids: Collection[int], first: dt.date, last: dt.date) -> Iterable[Row]:
    rows = SalesResult.objects.unscoped("of partners the caller has scoped").filter(
        partner__in=partner_ids, on__range=(first, last)
    )
    days = rows.order_by().values("partner_id", "on", "currency").annotate(amount=Sum("amount"))
    return days.values_list("partner_id", "on", "currency", "amount").iterator()


def _won(partner_ids: Collection[int], first: dt.date, last: dt.date) -> Iterable[Row]:
    shares = DealShare.objects.unscoped("of partners the caller has scoped").filter(
        partner__in=partner_ids, deal__stage__outcome="won", deal__closed_on__range=(first, last)
    )
    rows = shares.order_by().values_list("partner_id", "deal__closed_on", "deal__currency", "deal__amount", "percent")
    for partner, day, currency, amount, percent in rows.iterator():
        yield partner, day, currency, amount * percent / 100
