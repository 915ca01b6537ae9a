"""From the database to the inputs of figures, as one user may see them: so many statements whatever a partner sold.

Actuals come from results or, by the vendor's policy, from won deals; of partners who bring deals without selling, from the number
of deals won.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from django.db.models import F, Max, Q, Sum
from django.db.models.functions import Coalesce

from accounts.models import User
from partners.models import Partner
from pipeline import targets
from pipeline.models import DealShare, MetricValue, SalesResult, TargetMonth, TargetVersion
from pipeline.models import Metric as MetricRow
from pipeline.policies import Origin
from prm.common.fiscal import FiscalCalendar, FiscalYear, Month
from prm.common.money import NoRate, Rates
from prm.common.vendor import rates, vendor_settings
from scorecards.performance.inputs import (
    DEALS,
    EXACT,
    REVENUE,
    Daily,
    Deal,
    Inputs,
    Lack,
    Link,
    Metric,
    Summary,
    added,
    nowhere,
)
from scorecards.performance.people import SCOPED, People
from scorecards.performance.policies import Policies, in_force

BACK = 13  # months that the trend looks back


@dataclass
class Converted:
    """Amounts of one partner by day, and what could not be converted."""

    amounts: dict[dt.date, Decimal] = field(default_factory=dict)
    lacks: set[Lack] = field(default_factory=set)

    def add(self, day: dt.date, amount: Decimal) -> None:
        self.amounts[day] = EXACT.add(self.amounts.get(day, Decimal(0)), amount)


@dataclass(frozen=True)
class Targeted:
    """One partner's targets in force."""

    values: dict[str, dict[Month, Decimal]] = field(default_factory=lambda: defaultdict(dict))
    lacks: dict[str, dict[Month, Lack]] = field(default_factory=lambda: defaultdict(dict))
    generated: set[tuple[str, Month]] = field(default_factory=set)


class Reader:
    """Reads what there is of these partners, the head of the family first, as of `day`. The caller has found them among those
    that `user`, who may see performance, sees."""

    def __init__(self, user: User, members: Sequence[Partner], day: dt.date, policies: Policies | None = None) -> None:
        self.user, self.members, self.day = user, members, day
        self.policies = policies or in_force(day)
        self.actuals = self.policies.actuals
        self.ids = [member.pk for member in members]
        settings = vendor_settings()
        self.calendar = FiscalCalendar(settings.fiscal_start_month)
        self.rates: Rates = rates(settings)

    @cached_property
    def first(self) -> dt.date:
        """The first day that any figure looks at."""
        year = self.calendar.year_of(self.day).previous
        return min(year.start, self.calendar.month_of(self.day).shift(-BACK).start)

    def inputs(self, link: Link = nowhere) -> Inputs:
        """All of it, added up over the members."""
        deals, last_won = self._deals(), self._last_won()
        actuals = self._results() if self.actuals.origin is Origin.RESULTS else self._won(deals)
        counted = self._counted(deals)
        targeted, metrics = self._targets(), self._metrics()
        people = People(self.user, self.members, self.day)
        head = self.members[0]
        sells = head.partner_type.transacts
        required = people.required(self.policies.required_certificates(head.tier.key if head.tier else None))
        parts = []
        for member in self.members:
            pk = member.pk
            # Deals that were brought are never added to money that was sold.
            alike = member.partner_type.transacts == sells
            sold = (actuals if sells else counted).get(pk, Converted()) if alike else Converted()
            due = targeted.get(pk, Targeted())
            plan = REVENUE if sells else DEALS
            parts.append(
                Inputs(
                    currency=self.rates.reporting,
                    calendar=self.calendar,
                    plan=plan,
                    actuals=Daily(sold.amounts),
                    actual_lacks=tuple(sorted(sold.lacks)),
                    targets={code: months for code, months in due.values.items() if alike or code != plan},
                    target_lacks={code: months for code, months in due.lacks.items() if alike or code != plan},
                    generated=frozenset(month for code, month in due.generated if code == plan),
                    deals=tuple(deals.get(pk, ())),
                    last_won=last_won.get(pk),
                    last_touch=people.last_touch.get(pk),
                    last_activity=people.last_activity.get(pk),
                    contacts_known=people.contacts[pk].known,
                    contacts_active=people.contacts[pk].active,
                    required=required,
                    holdings=tuple(people.holdings.get(pk, ())),
                    tasks=tuple(people.tasks(member)),
                    metrics=tuple(metrics(pk)),
                    reps=member.sales_reps,
                    link=link,
                )
            )
        return added(parts) if len(parts) > 1 else parts[0]

    def _rate(self, currency: str, on: dt.date) -> Decimal | Lack:
        try:
            return self.rates.rate(currency, on)
        except NoRate as lack:
            return Lack(lack.currency, lack.on)

    # ── Actuals and deals ──

    def _results(self) -> dict[int, Converted]:
        rows = SalesResult.objects.unscoped(SCOPED).filter(partner__in=self.ids, on__range=(self.first, self.day))
        by_day = rows.order_by().values("partner_id", "on", "currency").annotate(total=Sum("amount"))
        found: dict[int, Converted] = defaultdict(Converted)
        for pk, on, currency, total in by_day.values_list("partner_id", "on", "currency", "total"):
            rate = self._rate(currency, on)
            if isinstance(rate, Lack):
                found[pk].lacks.add(rate)
            else:
                found[pk].add(on, EXACT.multiply(total, rate))
        return found

    def _won(self, deals: dict[int, list[Deal]]) -> dict[int, Converted]:
        found: dict[int, Converted] = defaultdict(Converted)
        for pk, deal in self._closed_won(deals):
            if deal.lack:
                found[pk].lacks.add(deal.lack)
            elif deal.closed_on and deal.amount is not None:
                found[pk].add(deal.closed_on, deal.amount)
        return found

    def _counted(self, deals: dict[int, list[Deal]]) -> dict[int, Converted]:
        found: dict[int, Converted] = defaultdict(Converted)
        for pk, deal in self._closed_won(deals):
            if deal.closed_on:
                found[pk].add(deal.closed_on, Decimal(1))
        return found

    def _closed_won(self, deals: dict[int, list[Deal]]) -> Iterable[tuple[int, Deal]]:
        """In the days asked for."""
        for pk, of_partner in deals.items():
            for deal in of_partner:
                if deal.ended("won", self.first, self.day):
                    yield pk, deal

    def _shares(self) -> list[tuple]:
        recent = Q(deal__closed_on=None) | Q(deal__closed_on__gte=self.first) | Q(deal__expected_close__gte=self.first)
        rows = DealShare.objects.unscoped(SCOPED).filter(recent, partner__in=self.ids)
        return list(
            rows.order_by("deal_id", "pk").values_list(
                "partner_id", "percent", "deal_id", "deal__name", "deal__amount", "deal__currency",
                "deal__stage__outcome", "deal__stage__name", "deal__expected_close", "deal__created_on",
                "deal__registered_on", "deal__closed_on", "deal__led_by", "deal__kind", "deal__stage_since",
                Coalesce(F("deal__probability"), F("deal__stage__probability")),
            )
        )  # fmt: skip

    def _deals(self) -> dict[int, list[Deal]]:
        found: dict[int, list[Deal]] = defaultdict(list)
        for (
            pk, percent, deal, name, amount, currency, outcome, stage, expected, created, registered, closed, led, kind,
            since, probability,
        ) in self._shares():  # fmt: skip
            rate = self._rate(currency, closed or self.day)
            lack = rate if isinstance(rate, Lack) else None
            part = None
            if not isinstance(rate, Lack):
                part = EXACT.multiply(EXACT.multiply(amount, rate), percent.scaleb(-2))
            found[pk].append(
                Deal(
                    pk=deal, name=name, amount=part, lack=lack, state=outcome, expected_close=expected,
                    created_on=created, registered_on=registered, closed_on=closed, probability=probability,
                    partner_led=led == "partner", renewal=kind == "renewal", stage=stage, moved_on=since,
                )
            )  # fmt: skip
        return found

    def _last_won(self) -> dict[int, dt.date]:
        """Also of deals too long ago to be read."""
        rows = DealShare.objects.unscoped(SCOPED).filter(
            partner__in=self.ids, deal__stage__outcome="won", deal__closed_on__lte=self.day
        )
        found: dict[int, dt.date] = dict(
            rows.order_by().values_list("partner_id").annotate(last=Max("deal__closed_on"))
        )
        return found

    # ── Targets and metrics ──

    def _targets(self) -> dict[int, Targeted]:
        found: dict[int, Targeted] = defaultdict(Targeted)
        last = self.calendar.year_of(self.day).next.next.end
        for (pk, code), versions in self._versions(last).items():
            for month, target in targets.in_force(versions).items():
                self._put(found[pk], code, month, target)
        return found

    def _put(self, found: Targeted, code: str, month: Month, target: targets.InForce) -> None:
        """At the rate of the first day of the month's fiscal year."""
        currency = target.currency or self.rates.reporting
        rate = self._rate(currency, self._year(month).start)
        if isinstance(rate, Lack):
            found.lacks[code][month] = rate
            found.values[code][month] = Decimal(0)  # it has one: the lack says that it is not known
        else:
            found.values[code][month] = EXACT.multiply(target.value, rate)
        if target.version.generated:
            found.generated.add((code, month))

    def _year(self, month: Month) -> FiscalYear:
        return self.calendar.year_of(month.start)

    def _versions(self, last: dt.date) -> dict[tuple[int, str], list[targets.Version]]:
        rows = TargetVersion.objects.unscoped(SCOPED).filter(partner__in=self.ids)
        months: dict[int, dict[Month, targets.Amount]] = defaultdict(dict)
        of_rows = TargetMonth.objects.unscoped(SCOPED).filter(
            version__partner__in=self.ids, month__range=(self.first, last)
        )
        for pk, day, value, currency in of_rows.order_by("version_id", "month").values_list(
            "version_id", "month", "value", "currency"
        ):
            months[pk][self.calendar.month_of(day)] = targets.Amount(value, currency)
        found: dict[tuple[int, str], list[targets.Version]] = defaultdict(list)
        for row in rows.order_by("pk"):
            found[row.partner_id, row.metric].append(
                targets.Version(
                    source=row.source, number=row.number, first_month=self.calendar.month_of(row.first_month),
                    months=months[row.pk], generated=row.generated, id=row.pk,
                )
            )  # fmt: skip
        return found

    def _metrics(self) -> Metrics:
        metrics = MetricRow.objects.all()
        if self.user.is_partner_side:
            metrics = metrics.filter(internal=False)
        rows = MetricValue.objects.unscoped(SCOPED).filter(partner__in=self.ids, on__lte=self.day)
        names = ("partner_id", "metric_id", "on", "value", "currency")
        older = rows.filter(on__lt=self.first).order_by("partner_id", "metric_id", "-on", "-pk")
        newest = older.distinct("partner_id", "metric_id").values_list(*names)
        values = [*newest, *rows.filter(on__gte=self.first).order_by("on", "pk").values_list(*names)]
        return Metrics(self, list(metrics), values)


class Metrics:
    """Of each partner the vendor's metrics, with its values."""

    def __init__(self, reader: Reader, metrics: list[MetricRow], values: Iterable[tuple]) -> None:
        self.reader, self.metrics = reader, metrics
        self.values: dict[tuple[int, int], list[tuple[dt.date, Decimal, str]]] = defaultdict(list)
        for partner, metric, on, value, currency in values:
            self.values[partner, metric].append((on, value, currency))

    def __call__(self, partner: int) -> Iterable[Metric]:
        for row in self.metrics:
            money = row.unit == MetricRow.Unit.MONEY
            known, lacks = [], []
            for on, value, currency in self.values.get((partner, row.pk), ()):
                rate = self.reader._rate(currency, on) if money and currency else Decimal(1)
                if isinstance(rate, Lack):
                    lacks.append(rate)
                else:
                    known.append((on, EXACT.multiply(value, rate)))
            yield Metric(
                code=row.key,
                name=row.name,
                unit={"money": self.reader.rates.reporting, "percent": "%"}.get(row.unit, ""),
                summary=Summary(row.summary),
                lower_is_better=row.lower_is_better,
                internal=row.internal,
                values=tuple(known),
                lacks=tuple(lacks),
            )
