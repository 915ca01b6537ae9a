"""Targets in: by month, by quarter, by year, by columns of months; versions only where something differs."""

import datetime as dt
from decimal import Decimal

import pytest

from accounts.permissions import Role
from pipeline.models import Metric, TargetMonth, TargetVersion
from prm.common.models import Policy
from prm.imports import engine, undo
from tests.imports.support import checked, csv, imported, tables, undone
from tests.imports.test_engine import reasons

pytestmark = pytest.mark.django_db
KIND = "target"
SAID = {"currency": "USD", "metric": "revenue"}


@pytest.fixture
def admin(acme):
    return acme.users[Role.ADMIN]


def months(partner, number: int, metric: str = "revenue") -> dict[str, Decimal]:
    version = TargetVersion.objects.unscoped("the test's").get(
        partner=partner, metric=metric, source="import", number=number
    )
    rows = TargetMonth.objects.unscoped("the test's").filter(version=version)
    return {f"{row.month:%Y-%m}": row.value for row in rows}


def versions() -> int:
    return TargetVersion.objects.unscoped("the test's").count()


def test_months_come_in_as_one_version_and_a_second_time_changes_nothing(acme, admin):
    a, b = acme.partner_a, acme.partner_b
    lines = (
        "Partner,Month,Target",
        f"{a.name},2026-07,100.5",
        f"{a.name},Aug 2026,200",
        f"{b.name},01/09/2026,300",
        f"{b.name},2026-10,",
    )
    run = imported(csv(*lines), admin, KIND, defaults=SAID)
    assert (run.counts["new"], run.counts["unchanged"]) == (3, 1)
    assert months(a, 1) == {"2026-07": Decimal("100.5"), "2026-08": 200}
    assert months(b, 1) == {"2026-09": 300}
    version = TargetVersion.objects.unscoped("the test's").get(partner=a)
    assert (version.first_month, version.created_by, version.note) == (dt.date(2026, 7, 1), admin, "partners.csv")
    again = checked(csv(*lines), admin, KIND, defaults=SAID)
    assert (again.counts["unchanged"], again.to_write, again.left_open) == (4, 0, 0)


def test_a_later_import_makes_a_version_of_what_differs_and_its_undo_takes_that_away(acme, admin):
    a = acme.partner_a
    imported(csv("Partner,Period,Target", f"{a.name},2026-07,100", f"{a.name},2026-08,200"), admin, KIND, defaults=SAID)
    before = tables()
    run = imported(
        csv("Partner,Period,Target", f"{a.name},2026-07,100", f"{a.name},2026-08,250", f"{a.name},2026-09,300"),
        admin,
        KIND,
        defaults=SAID,
    )
    assert (run.counts["unchanged"], run.counts["changed"], run.counts["new"]) == (1, 1, 1)
    assert months(a, 2) == {"2026-08": 250, "2026-09": 300}
    (row,) = run.kept_rows.filter(outcome="changed")
    assert row.changes == {"value": ["2026-08: 200 USD", "2026-08: 250 USD"]}
    assert row.record_id == TargetVersion.objects.unscoped("the test's").get(partner=a, number=2).pk
    run = undone(run, admin)
    assert run.state == "undone", run.job.error
    assert tables() == before


def test_quarters_and_years_are_spread_by_the_seasons_of_the_fiscal_year(acme, admin):
    """The fiscal year of this vendor begins in January; the weights are 1, 2, … 12."""
    Policy.objects.create(kind="seasonality", starts_on="2020-01-01", data={"weights": list(range(1, 13))})
    a, b = acme.partner_a, acme.partner_b
    imported(csv("Partner,Period,Target", f"{a.name},2027Q3,100", f"{b.name},2027,1000"), admin, KIND, defaults=SAID)
    assert months(a, 1) == {"2027-07": Decimal("29.16"), "2027-08": Decimal("33.33"), "2027-09": Decimal("37.51")}
    year = months(b, 1)
    assert (len(year), sum(year.values()), year["2027-01"], year["2027-12"]) == (
        12,
        1000,
        Decimal("12.82"),
        Decimal("153.88"),
    )


def test_a_column_for_each_month_with_empty_ones_and_a_byte_order_mark(acme, admin):
    a = acme.partner_a
    head = "\ufeffYear,EmployeeID," + ",".join(f"M{n:02}" for n in range(1, 13))
    file = csv(
        head, f"2017,{a.external_id},,NULL,NULL,#N/A,-,NULL,200,400,600,400,800,800", f"2018,{a.external_id}{',' * 12}"
    )
    run = engine.create(file=file, kind=KIND, by=admin)
    assert run.mapping == ["year", None, *(f"m{n:02}" for n in range(1, 13))]
    run = imported(file, admin, KIND, defaults=SAID, mapping=["year", "partner", *run.mapping[2:]])
    assert (run.counts["new"], run.counts["unchanged"]) == (1, 1)
    assert months(a, 1) == {
        "2017-07": 200,
        "2017-08": 400,
        "2017-09": 600,
        "2017-10": 400,
        "2017-11": 800,
        "2017-12": 800,
    }
    assert versions() == 1


def test_a_metric_that_is_not_money_has_no_currency_and_two_decimals(acme, admin):
    Metric.objects.create(key="users", name="Active users", order=1)
    imported(csv("Partner,Metric,Period,Target", f"{acme.partner_a.name},Active users,2027Q1,100", f"{acme.partner_a.name},deals,2027-01,3"), admin, KIND, defaults=SAID)  # fmt: skip
    assert months(acme.partner_a, 1, "users") == {
        "2027-01": Decimal("33.33"),
        "2027-02": Decimal("33.33"),
        "2027-03": Decimal("33.34"),
    }
    assert months(acme.partner_a, 1, "deals") == {"2027-01": 3}
    assert {row.currency for row in TargetMonth.objects.unscoped("the test's").all()} == {""}


def test_each_bad_row_is_named_and_what_is_said_twice_is_dropped(acme, admin):
    a = acme.partner_a.name
    run = checked(
        csv(
            "Partner,Period,Target,Currency,Metric",
            f"{a},2026-07,100,,",
            f"{a},2026-07,100,,",
            f"{a},2026-07,101,,",
            f"{a},2026Q3,300,EUR,",
            f"{a},2026-13,1,,",
            f"{a},2026-07,-1,,",
            f"{a},,1,,",
            "Nobody Ltd,2026-07,1,,",
            f"{a},2026-08,1,QQQ,",
            f"{a},2026-08,1,,Happiness",
        ),
        admin,
        KIND,
        defaults=SAID,
    )
    assert reasons(run) == [
        (4, "Target", "Row 2 gives this partner another target for 2026-07."),
        (6, "Period", "“2026-13” is not a period (expected: 2026-07, 2026Q3, 2026H1, 2026 or a date)."),
        (7, "Target", "-1 is negative; 0 is the least."),
        (8, "Period", "The target’s month, quarter or year is missing."),
        (9, "Partner", "Partner “Nobody Ltd” is not known."),
        (10, "Currency", "“QQQ” is not a currency. Use its ISO code, such as USD or EUR."),
        (11, "Metric", "“Happiness” is not one of: Revenue, Deals won."),
    ]
    assert (run.counts["new"], run.counts["repeated"]) == (2, 1)


def test_undo_is_refused_once_a_month_was_changed(acme, admin):
    run = imported(csv("Partner,Period,Target", f"{acme.partner_a.name},2026-07,100"), admin, KIND, defaults=SAID)
    TargetMonth.objects.unscoped("the test's").update(value=5)
    (blocker,) = undo.blockers(run)
    assert blocker.what == "changed since: target"
    assert undone(run, admin).state == "committed"
