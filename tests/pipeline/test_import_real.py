"""Real files through the engine as a user would: AdventureWorks' sales, and the deals of another sample."""

import csv as csvs
import io
import os
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.db.models import Count, F, Sum

from accounts.permissions import Role
from partners.models import Partner
from pipeline.models import Customer, Deal, DealShare, DealStage, ProductLine, SalesResult, StageChange
from prm.imports import engine
from prm.imports.fields import NEW_CHOICE
from prm.imports.models import ImportRun
from tests.imports.support import imported, run_job
from tests.imports.test_engine import reasons

pytestmark = [pytest.mark.django_db, pytest.mark.real_data]
STANDING = {"partner_type": "reseller", "stage": "mature"}


@pytest.fixture
def admin(acme):
    return acme.users[Role.ADMIN]


def path(*names: str) -> Path:
    return Path(os.environ["REAL_DATA_DIR"]).joinpath(*names)


def file(*names: str) -> ContentFile:
    return ContentFile(path(*names).read_bytes(), name=names[-1])


def rows(*names: str) -> list[dict[str, str]]:
    with path(*names).open(encoding="utf-8-sig") as lines:
        return list(csvs.DictReader(lines))


def written(rows: list[dict[str, object]], name: str) -> ContentFile:
    out = io.StringIO()
    table = csvs.DictWriter(out, list(rows[0]))
    table.writeheader()
    table.writerows(rows)
    return ContentFile(out.getvalue().encode(), name=name)


def waited(run: ImportRun) -> ImportRun:
    """A long file is read and checked by jobs."""
    return run_job(run) if engine.open_job(run) else ImportRun.objects.get(pk=run.pk)


def taken(content: ContentFile, kind: str, by, mapping: dict[str, str | None] | None = None, **said) -> ImportRun:
    """A file uploaded, its columns as proposed but for `mapping`, checked."""
    run = waited(engine.create(file=content, kind=kind, by=by))
    chosen = {**dict(zip(run.columns, run.mapping, strict=True)), **(mapping or {})}
    said["defaults"] = {**engine.preset(run), **said.get("defaults", {})}
    engine.choose_columns(run, mapping=[chosen[column] for column in run.columns], **said)
    run = ImportRun.objects.get(pk=run.pk)
    return waited(engine.start_check(run, by=by))


def committed(run: ImportRun, by) -> ImportRun:
    engine.commit(run, by=by)
    run = run_job(run)
    assert run.state == "committed", run.job.error
    return run


# ── AdventureWorks ───────────────────────────────────────────────────────────────────────────────────────────────────


def resellers(admin, **mapping: str | None) -> None:
    types = dict.fromkeys(("Specialty Bike Shop", "Warehouse"), NEW_CHOICE)
    run = taken(
        file("adventureworks", "DimReseller.csv"),
        "partner",
        admin,
        mapping,
        defaults=STANDING,
        meanings={"partner_type": types},
    )
    assert (run.counts["new"], run.left_open) == (701, 0)
    committed(run, admin)


def test_all_57_851_lines_come_in_once_and_add_up(acme, admin):
    resellers(admin, ResellerKey="external_id", ResellerAlternateKey=None)
    said = {"defaults": {"currency": "USD", "source": "adventureworks"}}
    run = taken(file("adventureworks", "FactResellerSales.csv"), "result", admin, **said)
    mapped = dict(zip(run.columns, run.mapping, strict=True))
    assert {column: field for column, field in mapped.items() if field} == {
        "SalesOrderNumber": "external_id",
        "OrderDate": "on",
        "ProductKey": "line_id",
        "ResellerKey": "partner",
        "SalesAmount": "amount",
    }
    assert (run.counts["new"], run.left_open) == (57_851, 0)
    committed(run, admin)
    there = SalesResult.objects.unscoped("the test's")
    assert there.aggregate(total=Sum("amount"), partners=Count("partner", distinct=True)) == {
        "total": Decimal("77548570.20"),
        "partners": 632,
    }
    expected: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for line in rows("adventureworks", "FactResellerSales.csv"):
        expected[line["ResellerKey"], line["OrderDate"]] += Decimal(line["SalesAmount"])
    sums = there.order_by().values_list("partner__external_id", "on").annotate(total=Sum("amount"))
    assert {(partner, str(day)): total for partner, day, total in sums} == expected

    again = taken(file("adventureworks", "FactResellerSales.csv"), "result", admin, **said)
    assert (again.counts["unchanged"], again.to_write, again.left_open) == (57_851, 0, 0)
    with pytest.raises(engine.ImportRefused, match="nothing to import"):
        engine.commit(again, by=admin)


def test_where_the_partners_have_their_other_key_each_is_proposed_by_its_figures(acme, admin):
    resellers(admin)
    few = [
        line for line in rows("adventureworks", "FactResellerSales.csv") if line["ResellerKey"] in ("676", "1", "10")
    ]
    run = taken(written(few, "few.csv"), "result", admin)
    assert run.counts["proposed"] == len(few) > 10
    asking = list(run.kept_rows.filter(outcome="proposed"))
    keys = dict(Partner.objects.unscoped("the test's").values_list("pk", "external_id"))
    assert {row.title: keys[row.candidates[0]["id"]] for row in asking} == {
        key: f"AW{int(key):08}" for key in {line["ResellerKey"] for line in few}
    }
    run = engine.decide(run, {row.number: row.candidates[0]["id"] for row in asking}, by=admin)
    assert (run.counts["new"], run.left_open) == (len(few), 0)


def test_lines_of_two_currencies_stay_in_theirs(acme, admin):
    resellers(admin, ResellerKey="external_id", ResellerAlternateKey=None)
    lines: list[dict[str, object]] = [
        {**line, "Currency": "CAD" if line["SalesTerritoryKey"] == "6" else "USD"}
        for line in rows("adventureworks", "FactResellerSales.csv")[:3000]
    ]
    committed(taken(written(lines, "two.csv"), "result", admin), admin)
    expected: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        expected[str(line["Currency"])] += Decimal(str(line["SalesAmount"]))
    sums = SalesResult.objects.unscoped("the test's").order_by().values_list("currency").annotate(total=Sum("amount"))
    assert len(expected) == 2
    assert dict(sums) == expected


# ── Opportunities ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def sample(acme, admin):
    """Its 101 partners, and its stages as entered on the page of lists."""
    run = imported(file("opportunity_tracking", "Partner.csv"), admin, defaults=STANDING)
    assert run.counts["new"] == 101
    stages = rows("opportunity_tracking", "SalesStage.csv")
    DealStage.objects.filter(outcome=DealStage.Outcome.OPEN).delete()
    for number, row in enumerate(stages, 20):
        DealStage.objects.create(
            key=f"s{row['Sales Stage ID'][0]}",
            name=row["Sales Stage"],
            order=number,
            probability=Decimal(row["Probability"]) * 100,
        )
    return {row["Sales Stage ID"]: f"s{row['Sales Stage ID'][0]}" for row in stages}


def products() -> dict[str, str]:
    return {row["Product ID"]: NEW_CHOICE for row in rows("opportunity_tracking", "Product.csv")}


def test_487_lines_become_487_deals_whose_sums_by_stage_and_month_are_the_files(acme, admin, sample):
    """Opportunity 302 has two lines in two stages: each line is a deal, known by opportunity and product."""
    said = {
        "mapping": {"ProductRevenue": "amount", "FactoredProductRevenue": None},
        "meanings": {"stage": sample, "product_line": products()},
        "defaults": {"currency": "USD", "source": "tracker", "line_id": "Product ID"},
    }
    run = taken(file("opportunity_tracking", "Fact.csv"), "deal", admin, **said)
    mapped = dict(zip(run.columns, run.mapping, strict=True))
    assert {column: field for column, field in mapped.items() if field} == {
        "EstimatedCloseDate": "expected_close",
        "Opportunity ID": "external_id",
        "Sales Stage ID": "stage",
        "Account ID": "customer_id",
        "Partner ID": "partner",
        "Product ID": "product_line",
        "ProductRevenue": "amount",
        "Create Date": "created_on",
    }
    assert (run.counts["new"], run.left_open) == (487, 0)
    committed(run, admin)

    lines = rows("opportunity_tracking", "Fact.csv")
    open_sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    weighted: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for line in lines:
        place = (sample[line["Sales Stage ID"]], line["EstimatedCloseDate"][:7])
        open_sums[place] += Decimal(line["ProductRevenue"])
        weighted[place] += round(Decimal(line["FactoredProductRevenue"]), 4)
    there = Deal.objects.unscoped("the test's").filter(closed_on=None)
    by_place = there.order_by().values_list("stage__key", "expected_close__year", "expected_close__month")
    sums = by_place.annotate(total=Sum("amount"), expected=Sum(F("amount") * F("stage__probability") / 100))
    found = {(stage, f"{year}-{month:02}"): (total, round(value, 4)) for stage, year, month, total, value in sums}
    assert found == {place: (open_sums[place], weighted[place]) for place in open_sums}
    assert sum(weighted.values()) == sum(round(Decimal(line["FactoredProductRevenue"]), 4) for line in lines)

    twice = {
        deal.external_id: (deal.stage.name, deal.amount, str(deal.created_on))
        for deal in there.filter(external_id__startswith="302/")
    }
    assert twice == {"302/17": ("Lead", 1_952_547, "2014-02-13"), "302/7": ("Solution", 4_258_202, "2014-03-07")}
    customers = Customer.objects.unscoped("the test's")
    assert customers.values("external_id").distinct().count() == 357
    assert there.values("partner").distinct().count() == 101
    assert DealShare.objects.unscoped("the test's").filter(percent=100).count() == 487
    assert StageChange.objects.unscoped("the test's").count() == 487
    assert ProductLine.objects.count() == 25
    first = there.get(external_id="84/1")
    assert (first.partner.external_id, first.customer.external_id, str(first.expected_close)) == (
        "22",
        "72",
        "2015-11-20",
    )

    said["meanings"] = {"stage": sample}
    again = taken(file("opportunity_tracking", "Fact.csv"), "deal", admin, **said)
    assert (again.counts["unchanged"], again.to_write, again.left_open) == (487, 0, 0)


def test_without_a_line_id_the_second_line_of_302_fails_and_names_the_first(acme, admin, sample):
    meanings = {"stage": sample, "product_line": products()}
    run = taken(
        file("opportunity_tracking", "Fact.csv"), "deal", admin, meanings=meanings, defaults={"currency": "USD"}
    )
    lines = rows("opportunity_tracking", "Fact.csv")
    first, second = (number for number, line in enumerate(lines, 2) if line["Opportunity ID"] == "302.0")
    assert reasons(run) == [
        (second, "Opportunity ID", f"The same External id as in row {first}, but not the same values.")
    ]
    assert run.counts["new"] == 486


def test_names_instead_of_ids_are_enough_but_for_the_partners_of_one_name(acme, admin, sample):
    named = {
        what: {row[f"{what} ID"]: row for row in rows("opportunity_tracking", f"{what}.csv")}
        for what in ("Partner", "Account", "Opportunity")
    }
    stages = {row["Sales Stage ID"]: row["Sales Stage"] for row in rows("opportunity_tracking", "SalesStage.csv")}
    lines: list[dict[str, object]] = [
        {
            "Opportunity ID": line["Opportunity ID"],
            "Opportunity Name": named["Opportunity"][line["Opportunity ID"]]["Name"],
            "Partner": named["Partner"][line["Partner ID"]]["Partner"],
            "Partner Driven": named["Partner"][line["Partner ID"]]["Partner Driven"],
            "Account Name": named["Account"][line["Account ID"]]["Account"],
            "Account ID": line["Account ID"],
            "Stage": stages[line["Sales Stage ID"]],
            "Amount": line["ProductRevenue"],
            "Close Date": line["EstimatedCloseDate"],
        }
        for line in rows("opportunity_tracking", "Fact.csv")
        if line["Opportunity ID"] != "302.0"
    ]
    run = taken(written(lines, "joined.csv"), "deal", admin, defaults={"currency": "USD"})
    quadtex = [number for number, line in enumerate(lines, 2) if line["Partner"] == "Quadtex"]
    assert quadtex
    assert reasons(run) == [(number, "Partner", "“Quadtex” fits 2 records. Give an id.") for number in quadtex]
    engine.commit(run, by=admin, partial=True)
    run = run_job(run)
    there = Deal.objects.unscoped("the test's")
    assert there.count() == len(lines) - len(quadtex)
    assert there.get(external_id="84").name == "Opportunity #84"
    direct = there.filter(partner__name="Direct")
    assert {deal.led_by for deal in direct} == {"vendor"}
    assert not there.exclude(partner__name="Direct").filter(led_by="vendor").exists()
    namesakes = set(
        Customer.objects.unscoped("the test's")
        .filter(name__startswith="Groovetom")
        .values_list("external_id", flat=True)
    )
    assert len(namesakes) == 2
