"""What became of the money of funds: by fund, region, partner or tactic; how long things wait; what it brought.

Two sources: accounts say what there is to spend, where it was put; lines of requests say what was asked, set aside and spent, for whom
it was. Both are summed by the database, by currency; sums in several currencies are put into the reporting one at today's rates.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Aggregate, DecimalField, DurationField, ExpressionWrapper, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, Least

from marketing.models import ActivityResult
from mdf.models import Account, ApprovalStep, Claim, Line, Lot, Request
from mdf.queries.funds import SOON
from prm.common.money import Money, NoRate, Rates
from prm.common.numbers import round_half_away
from prm.common.vendor import rates, today, vendor_settings

WHY = "sums of rows the caller has scoped"
ZERO = Decimal(0)
FUND, REGION, PARTNER, TACTIC = "fund", "region", "partner", "tactic"
DIMENSIONS = (FUND, REGION, PARTNER, TACTIC)
AGES = (3, 7, 14, 30)  # days since it was submitted; the last group is older

# How a line, and how an account, says what it belongs to; "" where an account can't.
_OF_LINE = {
    FUND: ("request__fund", "request__fund__name"),
    REGION: ("request__partner__region", "request__partner__region__name"),
    PARTNER: ("request__partner", "request__partner__name"),
    TACTIC: ("activity__tactic", "activity__tactic__name"),
}
_OF_ACCOUNT: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    FUND: (("fund",), ("fund__name",)),
    REGION: (
        ("region", "partner__region", "distributor__region"),
        ("region__name", "partner__region__name", "distributor__region__name"),
    ),
    PARTNER: (("partner", "distributor"), ("partner__name", "distributor__name")),
}
# The accounts of regions, distributors and partners: a fund's own holds what isn't allocated.
_ALLOCATED = Q(region__isnull=False) | Q(distributor__isnull=False) | Q(partner__isnull=False)


@dataclass(frozen=True)
class Figures:
    """Sums of one row, in one currency. `credited` is what came into its accounts (budget and accruals), of which `available`, `expired`
    and, within 90 days, `expiring`; None: nothing lies there of its own. `allocated` is what of that came to regions, distributors and
    partners, and `used` what claims took of it. The rest is of requests: `reserved` is approved and not claimed yet, `spent` what claims
    were approved for, `paid` what of that is paid."""

    credited: Decimal | None = None
    allocated: Decimal | None = None
    used: Decimal | None = None
    available: Decimal | None = None
    expired: Decimal | None = None
    expiring: Decimal | None = None
    asked: Decimal = ZERO
    approved: Decimal = ZERO
    reserved: Decimal = ZERO
    spent: Decimal = ZERO
    paid: Decimal = ZERO
    earned: Decimal = ZERO  # the vendor's part of verified revenue of activities whose MDF is `invested`
    invested: Decimal = ZERO

    @property
    def use(self) -> Fraction | None:
        """Claimed of what was allocated; None where nothing was."""
        return Fraction(self.used or 0) / Fraction(self.allocated) if self.allocated else None

    @property
    def claimed_share(self) -> Fraction | None:
        """Claimed of what was approved."""
        return Fraction(self.spent) / Fraction(self.approved) if self.approved else None

    @property
    def roi(self) -> Fraction | None:
        """The vendor's ROI on MDF of verified activities: (revenue × (1 − partner margin) − MDF) ÷ MDF."""
        if not self.invested:
            return None
        return (Fraction(self.earned) - Fraction(self.invested)) / Fraction(self.invested)


@dataclass(frozen=True)
class Group:
    """A row of the table. `key` is the id of what it is about; None: what belongs to none."""

    key: int | None
    label: str
    figures: Figures


@dataclass(frozen=True)
class Overview:
    """`currency` of all figures; `lack`: a currency that has no rate, so that its amounts are missing."""

    currency: str
    groups: list[Group]
    total: Figures
    lack: str = ""


class Exchange:
    """Puts sums of several currencies into one: theirs where it is the same everywhere, else the reporting currency."""

    def __init__(self, currencies: Iterable[str]) -> None:
        known = set(currencies)
        reporting = vendor_settings().reporting_currency
        self.into = known.pop() if len(known) == 1 else reporting
        self._day = today()
        self._table: Rates | None = None
        self.lack = ""

    def __call__(self, amount: Decimal | None, currency: str) -> Decimal:
        if not amount or currency == self.into:
            return amount or ZERO
        self._table = self._table or rates()
        try:
            reported = self._table.convert(Money(amount, currency), self._day).amount
            value = Fraction(reported) / Fraction(self._table.rate(self.into, self._day))
        except NoRate as error:
            self.lack = error.currency
            return ZERO
        return round_half_away(Decimal(value.numerator) / Decimal(value.denominator), 4)


@dataclass
class _Sums:
    label: str = ""
    of_account: bool = False
    values: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))


def overview(by: str, lines: QuerySet[Line], accounts: QuerySet[Account]) -> Overview:
    """The table by one of DIMENSIONS over these lines and accounts, both narrowed to what the reader sees and chose."""
    lines = lines.filter(request__fund__isnull=False)
    found = [*_requested(by, lines), *_paid(by, lines), *_earned(by, lines)]
    if by in _OF_ACCOUNT:
        found += [*_held(by, accounts), *_expiring(by, accounts)]
    exchange = Exchange(currency for _key, _label, currency, _values in found)
    rows: dict[int | None, _Sums] = defaultdict(_Sums)
    total = _Sums()
    for key, label, currency, values in found:
        for name, amount in values.items():
            value = exchange(amount, currency)
            for sums in (rows[key], total):
                sums.values[name] += value
                sums.of_account = sums.of_account or name == "credited"
        rows[key].label = rows[key].label or label
    groups = [Group(key, sums.label, _figures(sums)) for key, sums in rows.items()]
    groups.sort(
        key=lambda group: (group.key is None, -group.figures.spent, -group.figures.reserved, group.label.lower())
    )
    return Overview(exchange.into, groups, _figures(total), exchange.lack)


def _figures(sums: _Sums) -> Figures:
    known = dict(sums.values)
    if sums.of_account:
        known = dict.fromkeys(("allocated", "used", "available", "expired", "expiring"), ZERO) | known
    return Figures(**known)


Found = tuple[int | None, str, str, dict[str, Decimal]]


def _grouped(rows: QuerySet[Any], key: Any, label: Any, currency: str, sums: Mapping[str, Any]) -> Iterable[Found]:
    rows = rows.order_by().annotate(group_key=key, group_label=label, group_currency=F(currency))
    for row in rows.values("group_key", "group_label", "group_currency").annotate(
        **{f"sum_{n}": s for n, s in sums.items()}
    ):
        values = {name: row[f"sum_{name}"] or ZERO for name in sums}
        yield row["group_key"], row["group_label"] or "", row["group_currency"], values


def _requested(by: str, lines: QuerySet[Line]) -> Iterable[Found]:
    key, label = _OF_LINE[by]
    granted = Q(request__state__in=Request.GRANTED)
    sums = {
        "asked": Sum("asked", filter=~Q(request__state=Request.State.DRAFT)),
        "approved": Sum("approved", filter=granted),
        "reserved": Sum(F("approved") - F("claimed"), filter=Q(request__state=Request.State.APPROVED)),
        "spent": Sum("claimed"),
    }
    return _grouped(lines, F(key), F(label), "request__currency", sums)


def _paid(by: str, lines: QuerySet[Line]) -> Iterable[Found]:
    key, label = (f"line__{path}" for path in _OF_LINE[by])
    claims = Claim.objects.unscoped(WHY).filter(state=Claim.State.PAID, line__in=lines.order_by().values("pk"))
    return _grouped(claims, F(key), F(label), "request__currency", {"paid": Sum("approved")})


def _earned(by: str, lines: QuerySet[Line]) -> Iterable[Found]:
    """Of verified activities whose MDF was claimed: what the vendor gets of their revenue, and the MDF. In two currencies."""
    path = "activity__mdf_line__"
    key, label = (f"{path}{part}" for part in _OF_LINE[by])
    rows = ActivityResult.objects.unscoped(WHY).filter(
        state=ActivityResult.State.VERIFIED, activity__margin__isnull=False, activity__mdf_line__claimed__gt=0,
        activity__mdf_line__in=lines.order_by().values("pk"),
    )  # fmt: skip
    ours = ExpressionWrapper(
        F("revenue") * (1 - F("activity__margin")), output_field=DecimalField(max_digits=40, decimal_places=16)
    )
    yield from _grouped(rows, F(key), F(label), "activity__plan__currency", {"earned": Sum(ours)})
    yield from _grouped(rows, F(key), F(label), f"{path}request__currency", {"invested": Sum(f"{path}claimed")})


def _held(by: str, accounts: QuerySet[Account]) -> Iterable[Found]:
    keys, labels = _OF_ACCOUNT[by]
    sums = {name: Sum(name) for name in ("credited", "available", "expired")}
    sums |= {"allocated": Sum("credited", filter=_ALLOCATED), "used": Sum("spent", filter=_ALLOCATED)}
    return _grouped(accounts, _first(keys), _first(labels), "fund__currency", sums)


def _expiring(by: str, accounts: QuerySet[Account]) -> Iterable[Found]:
    keys, labels = ([f"account__{path}" for path in paths] for paths in _OF_ACCOUNT[by])
    day = today()
    last = Least("expires_on", "account__expires_on", "account__fund__expires_on")
    lots = Lot.objects.unscoped(WHY).filter(account__in=accounts.order_by().values("pk"), available__gt=0)
    lots = lots.annotate(last_day=last).filter(last_day__range=(day, day + dt.timedelta(days=SOON)))
    return _grouped(lots, _first(keys), _first(labels), "account__fund__currency", {"expiring": Sum("available")})


def _first(paths: Iterable[str]) -> Any:
    paths = list(paths)
    return Coalesce(*paths) if len(paths) > 1 else F(paths[0])


# ── How long things take ─────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Age:
    """What has waited for a decision since at least `least` and at most `most` days (None: any longer)."""

    least: int
    most: int | None
    requests: int = 0
    claims: int = 0


def ages(lines: QuerySet[Line]) -> list[Age]:
    """Requests and claims of these lines that wait for a decision, by the days since they were submitted."""
    day = today()
    steps = ApprovalStep.objects.unscoped(WHY).filter(state=ApprovalStep.State.WAITING)
    of = lines.order_by().values("request")
    requests = steps.filter(request__in=of).order_by().values_list("request__submitted_on", flat=True)
    claims = steps.filter(claim__line__in=lines.order_by().values("pk")).order_by()
    counts: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for index, days in enumerate((requests, claims.values_list("claim__submitted_on", flat=True))):
        for on in days:
            counts[_bucket((day - on).days)][index] += 1
    bounds = [(0, AGES[0]), *((low + 1, high) for low, high in itertools.pairwise(AGES)), (AGES[-1] + 1, None)]
    return [Age(least, most, *counts[number]) for number, (least, most) in enumerate(bounds)]


def _bucket(days: int) -> int:
    return next((number for number, most in enumerate(AGES) if days <= most), len(AGES))


class _Percentile(Aggregate):
    """By linear interpolation, as PERCENTILE_CONT does it."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(%(part)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    arity = 1
    output_field = DurationField()


@dataclass(frozen=True)
class Payment:
    """Days from claim to payment of claims paid since `since`: their middle and the 90th percentile; None where none was paid."""

    since: dt.date
    paid: int
    median: Decimal | None
    most: Decimal | None
    waiting: int  # approved and to be paid


def payments(lines: QuerySet[Line], since: dt.date) -> Payment:
    claims = Claim.objects.unscoped(WHY).filter(line__in=lines.order_by().values("pk"))
    paid = claims.filter(state=Claim.State.PAID, paid_on__gte=since).order_by()
    took = F("paid_on") - F("submitted_on")
    found = paid.aggregate(median=_Percentile(took, part=0.5), most=_Percentile(took, part=0.9))
    waiting = claims.filter(state=Claim.State.APPROVED).count()
    return Payment(since, paid.count(), _days(found["median"]), _days(found["most"]), waiting)


def _days(span: dt.timedelta | None) -> Decimal | None:
    return None if span is None else Decimal(round(span.total_seconds())) / 86_400
