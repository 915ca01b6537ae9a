"""The opportunity-tracking sample: each partner's pipeline on a day against sums made from the file alone.

Each line is a deal of its own: an opportunity that is there with two products is two deals.
"""

import csv
import datetime as dt
import os
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from accounts.permissions import Role
from partners.models import LifeStage, Partner, PartnerType
from pipeline.models import Deal, DealShare, DealStage, TargetMonth, TargetVersion
from scorecards.performance.card import Performance
from tests.scorecards.performance.retell import same

FOLDER = os.environ.get("REAL_DATA_DIR", "")
pytestmark = [pytest.mark.real_data, pytest.mark.django_db]
DAY, LAST = dt.date(2015, 6, 30), dt.date(2015, 12, 31)


def rows(name: str) -> list[dict[str, str]]:
    with (Path(FOLDER) / "opportunity_tracking" / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def close(row: dict[str, str]) -> dt.date:
    return dt.date.fromisoformat(row["EstimatedCloseDate"][:10])


def monthly(lines: list[dict[str, str]]) -> Decimal:
    """A target made up from the file: a twentieth of all the partner's opportunities each month."""
    return (sum((Decimal(row["ProductRevenue"]) for row in lines), Decimal(0)) / 20).quantize(Decimal("0.01"))


@pytest.fixture
def by_partner(acme: Any) -> dict[Partner, list[dict[str, str]]]:
    stages = {
        row["Sales Stage ID"]: DealStage.objects.create(
            key=f"s{row['Sales Stage ID'][0]}",
            name=f"Stage {row['Sales Stage']}",
            probability=Decimal(row["Probability"]) * 100,
        )
        for row in rows("SalesStage.csv")
    }
    names = {row["Partner ID"]: row["Partner"] for row in rows("Partner.csv")}
    lines: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows("Fact.csv"):
        lines[row["Partner ID"]].append(row)
    kind, stage = PartnerType.objects.get(key="reseller"), LifeStage.objects.get(key="mature")
    found = {}
    for pk, of_partner in lines.items():
        partner = Partner.objects.create(name=names[pk], partner_type=kind, stage=stage)
        deals = Deal.everything.bulk_create(
            Deal(
                partner=partner, name=row["Opportunity ID"], amount=Decimal(row["ProductRevenue"]), currency="USD",
                stage=stages[row["Sales Stage ID"]], expected_close=close(row), created_on=row["Create Date"],
                stage_since=row["Create Date"],
            )
            for row in of_partner
        )  # fmt: skip
        DealShare.everything.bulk_create(DealShare(deal=deal, partner=partner, percent=100) for deal in deals)
        version = TargetVersion.everything.create(
            partner=partner, source="import", number=1, first_month=dt.date(2015, 1, 1), generated=True
        )
        TargetMonth.everything.bulk_create(
            TargetMonth(version=version, month=dt.date(2015, month, 1), value=monthly(of_partner), currency="USD")
            for month in range(1, 13)
        )
        found[partner] = of_partner
    return found


def test_open_and_weighted_pipeline_and_coverage_of_every_partner(acme: Any, by_partner: Any) -> None:
    chief = acme.users[Role.CHIEF]
    assert sum(len(lines) for lines in by_partner.values()) == 487
    total = weighted = Decimal(0)
    for partner, lines in by_partner.items():
        card = Performance(chief, partner, DAY)
        ahead = [row for row in lines if DAY <= close(row) <= LAST]
        late = [row for row in lines if close(row) < DAY]
        figures = {key: card.explain(key) for key in ("pipeline", "pipeline_overdue", "pipeline_weighted", "coverage")}
        for explanation in figures.values():
            same(explanation)
        assert figures["pipeline"].result == sum(Decimal(row["ProductRevenue"]) for row in ahead)
        assert figures["pipeline_overdue"].result == sum(Decimal(row["ProductRevenue"]) for row in late)
        factored = sum(float(row["FactoredProductRevenue"]) for row in ahead)
        assert abs(float(figures["pipeline_weighted"].result) - factored) < 0.01
        remaining = 12 * monthly(lines)  # nothing was sold
        expected = Fraction(figures["pipeline"].result) / Fraction(remaining)
        assert abs(Fraction(figures["coverage"].result) - expected) < Fraction(1, 10**9)
        total += figures["pipeline"].result + figures["pipeline_overdue"].result
        weighted += figures["pipeline_weighted"].result
        by_month: dict[int, Decimal] = defaultdict(Decimal)
        for row in ahead:
            by_month[close(row).month] += Decimal(row["ProductRevenue"])
        amounts = [term.value for term in figures["pipeline"].terms if term.unit == "USD"]
        assert amounts == ([by_month[month] for month in sorted(by_month)] or [0])
    assert total == sum(Decimal(row["ProductRevenue"]) for lines in by_partner.values() for row in lines)
    assert weighted > 0
