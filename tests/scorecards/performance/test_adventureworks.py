"""Five resellers of AdventureWorks: their scorecards against sums made from the files alone."""

import csv
import datetime as dt
import os
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from accounts.permissions import Role
from partners.models import LifeStage, Partner, PartnerType
from pipeline import targets
from pipeline.models import SalesResult, TargetMonth, TargetVersion
from prm.common.fiscal import FiscalYear, Month
from prm.common.models import VendorSettings
from scorecards.performance.card import Performance
from tests.scorecards.performance.retell import same

FOLDER = os.environ.get("REAL_DATA_DIR", "")
pytestmark = [pytest.mark.real_data, pytest.mark.django_db]

RESELLERS = (
    "Brakes and Gears",
    "Excellent Riding Supplies",
    "Vigorous Exercise Company",
    "Totes & Baskets Company",
    "Corner Bicycle Supply",
)
# Fiscal years begin in July; 2019-07 to 2020-06 is FY20.
DAYS = (dt.date(2019, 9, 30), dt.date(2019, 10, 1), dt.date(2020, 2, 29), dt.date(2020, 5, 31))
YEAR = FiscalYear(2020, 7)
Lines = dict[str, list[tuple[dt.date, Decimal]]]


def rows(name: str) -> list[dict[str, str]]:
    with (Path(FOLDER) / "adventureworks" / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def lines() -> Lines:
    """Of each of the five resellers its order lines: date and amount."""
    names = {row["ResellerKey"]: row["ResellerName"] for row in rows("DimReseller.csv")}
    found: Lines = defaultdict(list)
    for row in rows("FactResellerSales.csv"):
        if names[row["ResellerKey"]] in RESELLERS:
            day = dt.date.fromisoformat(row["OrderDate"])
            found[names[row["ResellerKey"]]].append((day, Decimal(row["SalesAmount"])))
    assert sorted(found) == sorted(RESELLERS)
    return found


def between(sold: list[tuple[dt.date, Decimal]], first: dt.date, last: dt.date) -> Decimal:
    return sum((amount for day, amount in sold if first <= day <= last), Decimal(0))


def quarter_targets(sold: list[tuple[dt.date, Decimal]]) -> list[Decimal]:
    """By hand: each quarter's sum of the year before × 1.1, to the cent."""
    starts = [(2018, 7), (2018, 10), (2019, 1), (2019, 4)]
    ends = [dt.date(2018, 9, 30), dt.date(2018, 12, 31), dt.date(2019, 3, 31), dt.date(2019, 6, 30)]
    sums = [between(sold, dt.date(*start, 1), end) for start, end in zip(starts, ends, strict=True)]
    return [(each * Decimal("1.1")).quantize(Decimal("0.01"), ROUND_HALF_UP) for each in sums]


def month_targets(sold: list[tuple[dt.date, Decimal]]) -> list[Decimal | None]:
    """By hand: a third of the quarter's, cut to the cent, the last month what is left; None where nothing was sold."""
    found: list[Decimal | None] = []
    for quarter in quarter_targets(sold):
        cut = Decimal(int(quarter * 100 / 3)) / 100
        found += [cut, cut, quarter - 2 * cut] if quarter > 0 else [None] * 3
    return found


def due(sold: list[tuple[dt.date, Decimal]], day: dt.date) -> Fraction:
    """The target from July 2019 to a day, by hand."""
    total = Fraction(0)
    for number, target in enumerate(month_targets(sold)):
        first = dt.date(2019 + (number + 6) // 12, (number + 6) % 12 + 1, 1)
        after = dt.date(2019 + (number + 7) // 12, (number + 7) % 12 + 1, 1)
        passed = min(max((day - first).days + 1, 0), (after - first).days)
        total += Fraction(target or 0) * passed / (after - first).days
    return total


def load(name: str, sold: list[tuple[dt.date, Decimal]]) -> Partner:
    partner = Partner.objects.create(
        name=name, partner_type=PartnerType.objects.get(key="reseller"), stage=LifeStage.objects.get(key="mature")
    )
    SalesResult.everything.bulk_create(
        SalesResult(partner=partner, on=day, amount=amount, currency="USD") for day, amount in sold
    )
    by_month: dict[Month, Decimal] = defaultdict(Decimal)
    for day, amount in sold:
        by_month[Month(day.year, day.month)] += amount
    generated = targets.generated_from_prior_year(
        by_month, YEAR, factor=Decimal("1.1"), weights=[Decimal(1)] * 12, places=2
    )
    version = TargetVersion.everything.create(
        partner=partner, source="import", number=1, first_month=YEAR.start, generated=True
    )
    TargetMonth.everything.bulk_create(
        TargetMonth(version=version, month=month.start, value=value, currency="USD")
        for month, value in generated.items()
    )
    return partner


@pytest.mark.parametrize("name", RESELLERS)
def test_a_resellers_scorecard_equals_sums_made_from_the_files(acme: Any, lines: Lines, name: str) -> None:
    VendorSettings.objects.update(fiscal_start_month=7)
    sold = lines[name]
    partner = load(name, sold)
    chief = acme.users[Role.CHIEF]
    assert sum(quarter_targets(sold)) > 0
    for day in DAYS:
        card = Performance(chief, partner, day)
        done, target = between(sold, dt.date(2019, 7, 1), day), due(sold, day)
        for key, explanation in card.figures.items():
            same(explanation)
            assert explanation.result is not None or explanation.why_missing, key
        assert card.figures["actual"].result == done
        assert card.figures["target"].result is not None
        assert abs(Fraction(card.figures["target"].result) - target) < Fraction(1, 10**6)
        percent = card.figures["performance_to_plan"].result
        assert percent is not None
        assert abs(Fraction(percent) - Fraction(done) / target * 100) < Fraction(1, 10**6)
        _quarters(card, sold, day)
        before = between(
            sold, dt.date(2018, 7, 1), dt.date(2019, 2, 28) if day.day == 29 else day.replace(year=day.year - 1)
        )
        growth = card.figures["growth"].result
        assert growth is not None
        assert abs(Fraction(growth) - (Fraction(done) / Fraction(before) - 1) * 100) < Fraction(1, 10**6)
        whole = sum(quarter_targets(sold))
        assert card.figures["remaining"].result == max(Decimal(0), whole - done)


def _quarters(card: Performance, sold: list[tuple[dt.date, Decimal]], day: dt.date) -> None:
    [plan, *_others] = card.quarters
    spans = [
        (dt.date(2019, 7, 1), dt.date(2019, 9, 30)), (dt.date(2019, 10, 1), dt.date(2019, 12, 31)),
        (dt.date(2020, 1, 1), dt.date(2020, 3, 31)), (dt.date(2020, 4, 1), dt.date(2020, 6, 30)),
    ]  # fmt: skip
    for cell, (first, last), whole in zip(plan.cells[:4], spans, quarter_targets(sold), strict=True):
        assert (cell.full_target or 0) == whole
        if first > day:
            assert cell.actual is None
            assert cell.attainment.result is None
            continue
        assert cell.actual == between(sold, first, min(last, day))
        target = due(sold, min(last, day)) - due(sold, first - dt.timedelta(days=1))
        if not target:
            assert cell.attainment.result is None
            continue
        assert cell.attainment.result is not None
        assert abs(Fraction(cell.attainment.result) - Fraction(cell.actual) / target * 100) < Fraction(1, 10**6)
        assert cell.shown == int(Fraction(cell.actual) / target * 100 + Fraction(1, 2))
