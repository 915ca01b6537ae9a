"""Sales results in through the engine: matched, piece by piece, once only, and taken back."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.files.base import ContentFile

from accounts.permissions import Role
from pipeline.models import Customer, ProductLine, SalesResult
from prm.common import jobs
from prm.common.models import AuditEntry, Job
from prm.imports import engine, undo
from prm.imports.fields import NEW_CHOICE
from prm.imports.models import ImportChange, ImportRun
from prm.imports.values import salesforce_18
from tests.imports.support import checked, csv, imported, run_job, tables, undone, xlsx
from tests.imports.test_engine import reasons

pytestmark = pytest.mark.django_db
KIND = "result"
SAID = {"currency": "USD", "source": "erp"}


@pytest.fixture
def admin(acme):
    return acme.users[Role.ADMIN]


@pytest.fixture
def in_pieces(monkeypatch):
    """Three rows a piece, so that a short file has several."""
    monkeypatch.setattr(engine, "PIECE", 3)


def results() -> dict[str, SalesResult]:
    rows = SalesResult.objects.unscoped("the test's").select_related(
        "partner", "customer", "product_line", "distributor"
    )
    return {row.external_id: row for row in rows}


def lines(acme, *rows: str) -> tuple[str, ...]:
    return ("Order Number,Line Number,Partner,Order Date,Net Amount,Customer", *rows)


def test_every_field_of_a_result_comes_in_and_a_second_time_changes_nothing(acme, admin):
    ProductLine.objects.create(key="cloud", name="Cloud", order=1)
    file = (
        "Invoice No;Line Item;Reseller;Posting Date;Revenue;Currency;Product Family;End User;Customer Number;Order Type;Distributor;System",
        f"SO-1;1;{acme.partner_a.external_id};31.12.2025;1.234,5678;EUR;cloud;Tailspin GmbH;K-7;Renewals;{acme.partner_b.name};sap",
        f"SO-1;2;www.{acme.partner_a.domain};01.01.2026;(12,50);€;Metal;Tailspin;;;;sap",
        f"84.0;;{acme.partner_b.name.upper()};02.01.2026;0;EUR;#N/A;NULL;;upsell;;sap",
    )
    said = {"meanings": {"product_line": {"Metal": NEW_CHOICE}}}
    run = imported(csv(*file), admin, KIND, **said)
    assert run.counts["new"] == 3
    there = results()
    one, two, three = there["SO-1/1"], there["SO-1/2"], there["84"]
    assert (one.partner, one.on, one.amount, one.currency) == (
        acme.partner_a,
        dt.date(2025, 12, 31),
        Decimal("1234.5678"),
        "EUR",
    )
    assert (one.product_line.key, one.customer.name, one.customer.external_id) == ("cloud", "Tailspin GmbH", "K-7")
    assert (one.kind, one.distributor, one.source, one.created_by) == ("renewal", acme.partner_b, "sap", admin)
    assert (two.partner, two.amount, two.product_line.name, two.kind) == (
        acme.partner_a,
        Decimal("-12.5"),
        "Metal",
        "new",
    )
    assert (three.partner, three.amount, three.product_line, three.customer, three.kind) == (
        acme.partner_b,
        0,
        None,
        None,
        "expansion",
    )
    assert two.customer == one.customer, "the same company by its normalised name"
    again = checked(csv(*file), admin, KIND)
    assert (again.counts["unchanged"], again.to_write, again.left_open) == (3, 0, 0)


def test_what_changes_is_changed_and_the_rest_stays(acme, admin, in_pieces):
    rows = [f"SO-{n},,{acme.partner_a.external_id},2026-01-{n:02},{n}.5,Somark" for n in range(1, 8)]
    imported(csv(*lines(acme, *rows)), admin, KIND, defaults=SAID)
    rows[5] = f"SO-6,,{acme.partner_b.external_id},2026-01-06,66,Somark"
    run = imported(csv(*lines(acme, *rows)), admin, KIND, defaults=SAID)
    assert (run.counts["changed"], run.counts["unchanged"], run.counts["new"]) == (1, 6, 0)
    six = results()["SO-6"]
    assert (six.partner, six.amount, six.customer.partner) == (acme.partner_b, 66, acme.partner_b)
    (row,) = run.kept_rows.all()
    assert row.changes["amount"] == ["6.50", "66.00"]
    assert row.changes["partner"] == [acme.partner_a.name, acme.partner_b.name]
    undone(run, admin)
    assert (results()["SO-6"].partner, results()["SO-6"].amount) == (acme.partner_a, Decimal("6.5"))
    assert Customer.objects.unscoped("the test's").count() == 1


def test_one_currency_one_source_and_the_column_that_tells_lines_apart_are_said_for_all(acme, admin):
    file = csv(
        "Order,Product,Partner,Date,Amount", *(f"S-1,{p},{acme.partner_a.name},2026-01-01,5" for p in ("A", "B"))
    )
    run = engine.create(file=file, kind=KIND, by=admin)
    mapping = ["external_id", "product_line", "partner", "on", "amount"]
    asked = engine.questions(run, mapping)
    assert [field.name for field in asked.for_all] == ["currency", "line_id", "source"]
    assert asked.needed == {"currency", "source"}
    assert engine.preset(run) == {"currency": "USD", "source": "import"}
    said = {
        "defaults": {**SAID, "line_id": "Product"},
        "meanings": {"product_line": {"A": NEW_CHOICE, "B": NEW_CHOICE}},
    }
    engine.choose_columns(run, mapping=mapping, **said)
    run = engine.check(run)
    engine.commit(run, by=admin)
    assert run_job(run).counts["new"] == 2
    there = results()
    assert {key: (row.product_line.name, row.currency, row.source) for key, row in there.items()} == {
        "S-1/A": ("A", "USD", "erp"),
        "S-1/B": ("B", "USD", "erp"),
    }
    run = checked(
        csv("Order,Partner,Date,Amount", *(f"S-2,{acme.partner_a.name},2026-01-01,{n}" for n in (1, 2))),
        admin,
        KIND,
        defaults=SAID,
    )
    assert reasons(run) == [(3, "Order", "The same External id as in row 2, but not the same values.")]


BAD = (
    "SO-1,,Nobody Ltd,2026-01-01,5,",
    "SO-2,,ACME-A-1,31/02/2026,5,",
    "SO-3,,ACME-A-1,2026-01-01,999999999999999,",
    "SO-4,,ACME-A-1,2026-01-01,=SUM(A1:A3),",
    "SO-5,,ACME-A-1,2026-01-01,,",
    ",,ACME-A-1,2026-01-01,5,",
    "SO-7,,ACME-A-1,2026-01-01,7,",
    "SO-7,,ACME-A-1,2026-01-01,8,",
    "SO-7,,ACME-A-1,2026-01-01,7,",
    f"{'X' * 121},,ACME-A-1,2026-01-01,8,",
    "SO-12,,ACME-A-1,2026-01-01,7,=HYPERLINK(A1)",
)


def test_each_bad_row_is_named_and_repeats_are_found_across_pieces(acme, admin, in_pieces):
    run = checked(csv(*lines(acme, *BAD)), admin, KIND, defaults=SAID)
    assert reasons(run) == [
        (2, "Partner", "Partner “Nobody Ltd” is not known."),
        (3, "Order Date", "“31/02/2026” is not a date (expected: 31/12/2026, 2026-12-31)."),
        (4, "Net Amount", "999999999999999 is too large; 99999999999999.9999 is the most."),
        (5, "Net Amount", "“=SUM(A1:A3)” is not a number (expected: 1,234.50)."),
        (6, "Net Amount", "Amount is missing."),
        (7, "Order Number", "External id is missing."),
        (9, "Order Number", "The same External id as in row 8, but not the same values."),
        (11, "Order Number", "121 characters; 120 is the most."),
    ]
    assert (run.counts["new"], run.counts["repeated"], run.counts["failing"]) == (2, 1, 8)
    assert [row.same_as for row in run.kept_rows.filter(outcome="repeated")] == [8]
    assert run.kept_rows.get(number=4).cells == ["SO-3", "", "ACME-A-1", "2026-01-01", "999999999999999", ""]
    with pytest.raises(engine.ImportRefused, match="8 rows can’t go in"):
        engine.commit(run, by=admin)
    engine.commit(run, by=admin, partial=True)
    assert run_job(run).state == "committed"
    assert set(results()) == {"SO-7", "SO-12"}
    assert results()["SO-12"].customer.name == "=HYPERLINK(A1)", "a formula is a text like any other"


def test_a_bad_currency_is_named(acme, admin):
    run = checked(csv("id,partner,date,amount,currency", f"1,{acme.partner_a.name},2026-01-01,5,QQQ"), admin, KIND)
    ((_row, column, text),) = reasons(run)
    assert (column, text) == ("currency", "“QQQ” is not a currency. Use its ISO code, such as USD or EUR.")


def test_partners_that_only_look_alike_are_proposed_and_one_answer_is_for_all_their_rows(acme, admin, in_pieces):
    a = acme.partner_a
    a.external_id = "AW00000676"
    a.save()
    rows = [
        *(f"SO-{n},,Northwind ACME A Systems,2026-01-01,1," for n in range(4)),
        *(f"SO-6-{n},,676,2026-01-01,1," for n in range(4)),
        f"SO-9,,{acme.partner_b.name},2026-01-01,1,",
    ]
    run = checked(csv(*lines(acme, *rows)), admin, KIND, defaults=SAID)
    assert (run.counts["proposed"], run.counts["new"]) == (8, 1)
    asking = list(run.kept_rows.filter(outcome="proposed"))
    assert [(row.number, row.title) for row in asking] == [(2, "Northwind ACME A Systems"), (6, "676")]
    assert [row.candidates[0]["id"] for row in asking] == [a.pk, a.pk]
    with pytest.raises(engine.ImportRefused, match="8 rows can’t go in"):
        engine.commit(run, by=admin)
    run = engine.decide(run, {2: None, 6: a.pk}, by=admin)
    assert (run.counts["proposed"], run.counts["failing"], run.counts["new"]) == (0, 4, 5)
    engine.commit(run, by=admin, partial=True)
    run_job(run)
    assert SalesResult.objects.unscoped("the test's").filter(partner=a).count() == 4


def test_customers_of_one_name_and_two_ids_stay_two(acme, admin):
    file = csv(
        "id,partner,date,amount,end customer,end customer id",
        f"1,{acme.partner_a.name},2026-01-01,1,Groovetom,K-1",
        f"2,{acme.partner_a.name},2026-01-01,1,Groovetom,K-2",
        f"3,{acme.partner_a.name},2026-01-01,1,Groovetom,K-2",
        f"4,{acme.partner_b.name},2026-01-01,1,,K-2",
    )
    imported(file, admin, KIND, defaults=SAID)
    found = {key: (row.customer.name, row.customer.external_id) for key, row in results().items()}
    assert found == {
        "1": ("Groovetom", "K-1"),
        "2": ("Groovetom (K-2)", "K-2"),
        "3": ("Groovetom (K-2)", "K-2"),
        "4": ("K-2", "K-2"),
    }
    assert checked(file, admin, KIND, defaults=SAID).counts["unchanged"] == 4


def test_what_it_leaves_is_one_audit_entry_and_an_entry_of_the_log_for_many_rows(acme, admin, in_pieces):
    before = AuditEntry.objects.count()
    rows = [f"SO-{n},,{acme.partner_a.external_id},2026-01-01,{n},Somark" for n in range(10)]
    run = imported(csv(*lines(acme, *rows)), admin, KIND, defaults=SAID)
    assert AuditEntry.objects.count() == before + 1
    assert ImportChange.objects.filter(run=run, model="pipeline.SalesResult").count() == 4, "a piece each"


def test_undo_takes_everything_back_and_is_refused_naming_what_was_done_since(acme, admin, in_pieces):
    before = tables()
    rows = [f"SO-{n},,{acme.partner_a.external_id},2026-01-01,{n},Customer {n}" for n in range(8)]
    run = imported(csv(*lines(acme, *rows)), admin, KIND, defaults=SAID)
    fourth = results()["SO-4"]
    SalesResult.objects.unscoped("the test's").filter(pk=fourth.pk).update(amount=5)
    customer = results()["SO-2"].customer
    other = SalesResult.objects.create(
        partner=acme.partner_a, on="2026-01-02", amount=1, currency="USD", customer=customer
    )
    named = [(blocker.record, blocker.what) for blocker in undo.blockers(run)]
    assert named == [("Customer 2", "Sales result: 2026-01-02 1 USD"), (str(results()["SO-4"]), "changed since")]
    run = undone(run, admin)
    assert (run.state, run.job.state) == ("committed", Job.State.FAILED)
    assert "Customer 2 (Sales result: 2026-01-02 1 USD)" in run.job.error
    other.delete()
    SalesResult.objects.unscoped("the test's").filter(pk=fourth.pk).update(amount=4)
    run = undone(run, admin)
    assert (run.state, run.job.state) == ("undone", Job.State.DONE), run.job.error
    assert tables() == before


def test_a_workbook_gives_the_same(acme, admin):
    file = xlsx(
        ("Order Number", "Partner", "Date", "Amount"),
        (84.0, acme.partner_a.external_id, dt.datetime(2026, 1, 1), 12.5),
        ("SO-2", acme.partner_a.external_id, dt.date(2026, 1, 2), "-3.25"),
    )
    imported(file, admin, KIND, defaults=SAID)
    assert {key: (row.on, row.amount) for key, row in results().items()} == {
        "84": (dt.date(2026, 1, 1), Decimal("12.5")),
        "SO-2": (dt.date(2026, 1, 2), Decimal("-3.25")),
    }


def test_a_salesforce_export_in_windows_1252_with_a_footer(acme, admin):
    text = "\r\n".join(
        [
            "Close Date;Account ID;Amount;Opportunity ID;End Customer",
            "31.12.2025;0015g00000ABCDe;1.000,50;0065g00000XyZab;Müller & Söhne",
            "",
            "Grand Total (1 record);;;;",
            "Confidential Information - Do Not Distribute;;;;",
        ]
    )
    acme.partner_a.external_id = salesforce_18("0015g00000ABCDe")
    acme.partner_a.save()
    file = ContentFile(text.encode("cp1252"), name="report.csv")
    run = engine.create(file=file, kind=KIND, by=admin)
    mapping = ["on", "partner", "amount", "external_id", "customer"]
    engine.choose_columns(run, mapping=mapping, defaults=SAID)
    run = engine.check(run)
    assert (run.counts["new"], run.left_open) == (1, 0), reasons(run)
    engine.commit(run, by=admin)
    run_job(run)
    ((key, row),) = results().items()
    assert key == salesforce_18("0065g00000XyZab")
    assert (row.partner, row.amount, row.customer.name) == (acme.partner_a, Decimal("1000.5"), "Müller & Söhne")


def test_the_run_stays_when_it_is_cancelled(acme, admin, in_pieces, monkeypatch):
    rows = [f"SO-{n},,{acme.partner_a.external_id},2026-01-01,{n},Customer {n}" for n in range(20)]
    run = checked(csv(*lines(acme, *rows)), admin, KIND, defaults=SAID)
    before = tables()
    engine.commit(run, by=admin)
    told = []

    def progress(self, done, total, step=""):
        told.append((done, total))
        if done >= 9:
            assert SalesResult.objects.unscoped("the test's").count() == 9, "it was at it"
            raise jobs.Cancelled

    monkeypatch.setattr(jobs.JobContext, "progress", progress)
    run = run_job(run)
    assert (run.state, run.job.state) == ("checked", Job.State.CANCELLED)
    assert [done for done, total in told if total] == [3, 6, 9]
    assert tables() == before
    assert ImportRun.objects.count() == 1
