"""Deals in: stages, closings, splits, and what each import leaves of a deal's way."""

import datetime as dt
from decimal import Decimal

import pytest

from accounts.permissions import Role
from pipeline.models import Customer, Deal, DealShare, DealStage, ProductLine, StageChange
from prm.common.models import AuditEntry
from prm.common.vendor import today
from prm.imports import engine, undo
from prm.imports.fields import NEW_CHOICE
from tests.imports.support import checked, csv, imported, tables, undone
from tests.imports.test_engine import reasons

pytestmark = pytest.mark.django_db
KIND = "deal"
SAID = {"currency": "USD", "source": "crm", "stage": "qualified", "led_by": "partner"}


@pytest.fixture
def admin(acme):
    return acme.users[Role.ADMIN]


def deals() -> dict[str, Deal]:
    rows = Deal.objects.unscoped("the test's").select_related("partner", "customer", "stage", "product_line")
    return {row.external_id or row.name: row for row in rows}


def shares(deal: Deal) -> dict[str, Decimal]:
    rows = DealShare.objects.unscoped("the test's").filter(deal=deal).select_related("partner")
    return {row.partner.name[-1]: row.percent for row in rows}


def way(deal: Deal) -> list[tuple[str, str, dt.date]]:
    rows = StageChange.objects.unscoped("the test's").filter(deal=deal).order_by("pk")
    return [
        (row.from_stage.key if row.from_stage else "", row.to_stage.key, row.on)
        for row in rows.select_related("from_stage", "to_stage")
    ]


def test_every_field_of_a_deal_comes_in_and_a_second_time_changes_nothing(acme, admin):
    ProductLine.objects.create(key="cloud", name="Cloud", order=1)
    a, b = acme.partner_a, acme.partner_b
    file = (
        "Opportunity ID,Opportunity Name,Partner ID,Account Name,Account ID,StageName,Amount,Probability (%),Close Date,Created Date,Registration Date,Actual Close Date,Partner Driven,Type,Product Family,Closed Lost Reason,Second partner,Split %,Currency",
        f'84.0,Big one,{a.external_id},Tailspin,72.0,Proposal,"356,981.25",55,2026-11-20 10:59:00.000000018,2026-02-09,2026-02-10,,Yes,Existing Business,cloud,,{b.name},30,EUR',
        f"85.0,Won one,{b.external_id},,,Closed Won,10,100,2026-03-01,2026-01-01,,,No,New Business,,,,,EUR",
        f"86.0,Lost one,{b.external_id},,,Closed Lost,10,,2026-03-01,2026-01-01,,2026-02-15,No,,,Too dear,,,EUR",
        f"87.0,Plain one,{b.external_id},,,Lead,0,0.25,#N/A,2026-01-01,NULL,,,,,,,,EUR",
    )
    run = imported(csv(*file), admin, KIND, defaults=SAID)
    assert run.counts["new"] == 4
    there = deals()
    big, won, lost, plain = (there[key] for key in ("84", "85", "86", "87"))
    assert (big.name, big.partner, big.customer.name, big.customer.external_id) == ("Big one", a, "Tailspin", "72")
    assert (big.stage.key, big.amount, big.currency, big.probability) == ("proposal", Decimal("356981.25"), "EUR", 55)
    assert (big.expected_close, big.created_on, big.registered_on) == (
        dt.date(2026, 11, 20),
        dt.date(2026, 2, 9),
        dt.date(2026, 2, 10),
    )
    assert (big.closed_on, big.led_by, big.kind, big.product_line.key) == (None, "partner", "renewal", "cloud")
    assert (big.source, big.created_by, big.stage_since) == ("crm", admin, dt.date(2026, 2, 9))
    assert shares(big) == {"A": 70, "B": 30}
    assert (won.stage.key, won.closed_on, won.probability, won.led_by) == ("won", dt.date(2026, 3, 1), None, "vendor")
    assert (lost.stage.key, lost.closed_on, lost.lost_reason) == ("lost", dt.date(2026, 2, 15), "Too dear")
    assert (plain.probability, plain.expected_close, plain.led_by, plain.kind) == (25, None, "partner", "new")
    assert (shares(won), way(won), way(big)) == (
        {"B": 100},
        [("", "won", dt.date(2026, 3, 1))],
        [("", "proposal", dt.date(2026, 2, 9))],
    )
    assert AuditEntry.objects.filter(verb="deal.imported", partner_id=a.pk).count() == 1
    again = checked(csv(*file), admin, KIND, defaults=SAID)
    assert (again.counts["unchanged"], again.to_write, again.left_open) == (4, 0, 0)


def test_a_change_of_stage_is_a_step_of_its_way_and_closing_dates_it(acme, admin):
    head, a = (
        "Deal ID,Deal Name,Partner,Deal Stage,Amount,Close Date,Probability,Create Date",
        acme.partner_a.external_id,
    )
    imported(csv(head, f"1,One,{a},Qualified,10,2026-03-01,30,2026-01-02"), admin, KIND, defaults=SAID)
    before = tables()
    first = deals()["1"]
    run = imported(csv(head, f"1,One,{a},Won,12,2026-03-01,100,2026-01-02"), admin, KIND, defaults=SAID)
    (row,) = run.kept_rows.all()
    assert row.changes == {
        "stage": ["Qualified", "Won"],
        "amount": ["10.00", "12.00"],
        "probability": ["30.00", ""],
        "closed_on": ["", "2026-03-01"],
        "stage_since": [str(first.stage_since), "2026-03-01"],
    }
    won = deals()["1"]
    assert (won.closed_on, won.stage_since, won.probability) == (dt.date(2026, 3, 1), dt.date(2026, 3, 1), None)
    assert way(won) == [("", "qualified", dt.date(2026, 1, 2)), ("qualified", "won", dt.date(2026, 3, 1))]
    reopened = imported(csv(head, f"1,One,{a},Proposal,12,2026-12-01,,2026-01-02"), admin, KIND, defaults=SAID)
    assert (deals()["1"].closed_on, deals()["1"].stage_since, len(way(won))) == (None, today(), 3)
    undone(reopened, admin)
    run = undone(run, admin)
    assert run.state == "undone", run.job.error
    assert tables() == before
    now = deals()["1"]
    assert (now.stage.key, now.closed_on, now.amount, now.probability) == ("qualified", None, 10, 30)


def test_unknown_stages_are_mapped_or_made_with_the_probability_their_deals_have(acme, admin):
    file = csv("id,deal,partner,stage,amount,probability", *(f"{n},D{n},{acme.partner_a.name},{stage},1,{p}" for n, (stage, p) in enumerate([("Legal", 90), ("Legal", 90), ("1.0", 10)])))  # fmt: skip
    run = engine.create(file=file, kind=KIND, by=admin)
    assert engine.questions(run, run.mapping).unknown == {"stage": {"Legal": 2, "1.0": 1}}
    said = {"meanings": {"stage": {"Legal": NEW_CHOICE, "1.0": "proof"}}, "defaults": SAID}
    before = tables()
    run = imported(file, admin, KIND, **said)
    assert [deal.stage.key for deal in deals().values()].count("proof") == 1
    legal = DealStage.objects.get(name="Legal")
    assert (legal.probability, legal.outcome, legal.order) == (90, "open", 7)
    run = undone(run, admin)
    assert run.state == "undone", run.job.error
    assert tables() == before


def test_a_deal_that_goes_to_another_partner_takes_its_share_along(acme, admin):
    a, b = acme.partner_a.external_id, acme.partner_b.external_id
    head = "id,deal,partner,amount,second partner,split,customer"
    imported(csv(head, f"1,One,{a},10,,,Somark"), admin, KIND, defaults=SAID)
    run = checked(csv("id,deal,partner,amount", f"1,One,{b},10"), admin, KIND, defaults=SAID)
    assert reasons(run) == [(2, "", "It goes to another partner: say the end customer, too.")]
    imported(csv(head, f"1,One,{b},10,,,Somark"), admin, KIND, defaults=SAID)
    assert (shares(deals()["1"]), deals()["1"].customer.partner) == ({"B": 100}, acme.partner_b)
    split = imported(csv(head, f"1,One,{b},10,{a},25,"), admin, KIND, defaults=SAID)
    assert shares(deals()["1"]) == {"B": 75, "A": 25}
    assert checked(csv(head, f"1,One,{b},10,{a},25 %,"), admin, KIND, defaults=SAID).counts["unchanged"] == 1
    imported(csv(head, f"1,One,{b},10,{a},0.4,"), admin, KIND, defaults=SAID)
    assert shares(deals()["1"]) == {"B": 60, "A": 40}
    assert "changed since" in undo.blockers(split)[0].what


def test_each_bad_row_is_named(acme, admin):
    a, b = acme.partner_a.external_id, acme.partner_b.external_id
    run = checked(
        csv(
            "id,deal,partner,amount,second partner,split,probability,product family",
            f"1,One,{a},-5,,,,",
            f"2,One,{a},5,{a},50,,",
            f"3,One,{a},5,{b},,,",
            f"4,One,{a},5,{b},100,,",
            f"5,One,{a},5,,,120,",
            f",,{a},5,,,,",
            "7,One,Nobody Ltd,5,,,,",
            f"8,One,{a},,,,,",
            f"302,One,{a},5,,,,",
            f"302,One,{a},7,,,,",
            f"10,One,{a},5,,,,Spaceships",
        ),
        admin,
        KIND,
        defaults=SAID,
    )
    assert reasons(run) == [
        (2, "amount", "-5 is negative; 0 is the least."),
        (3, "second partner", "The second partner is the first one."),
        (4, "second partner", "A split needs the second partner and its share."),
        (5, "split", "Each of the two partners needs a share above 0 %."),
        (6, "probability", "120 is too large; 100 is the most."),
        (7, "deal", "A deal needs a name or an id."),
        (8, "partner", "Partner “Nobody Ltd” is not known."),
        (9, "amount", "Amount is missing."),
        (11, "id", "The same External id as in row 10, but not the same values."),
        (12, "product family", "“Spaceships” is not one of: ."),
    ]


def test_days_that_contradict_each_other_are_named_and_a_closing_that_is_not_said_follows_the_creation(acme, admin):
    a = acme.partner_a.external_id
    head = "id,deal,partner,amount,stage,created on,close date,closed on,registration date,lost reason"
    run = checked(
        csv(
            head,
            f"1,One,{a},5,won,2026-03-01,2026-01-01,,,",
            f"2,Two,{a},5,won,,2026-01-01,,,Too dear",
            f"3,Three,{a},5,won,2026-03-01,,2026-02-01,,",
            f"4,Four,{a},5,qualified,2199-01-01,,,,",
            f"5,Five,{a},5,lost,,,2026-02-01,2026-02-02,",
        ),
        admin,
        KIND,
        defaults=SAID,
    )
    assert reasons(run) == [
        (4, "created on", "This can’t be after the day the deal was closed."),
        (5, "created on", "This day is still to come."),
        (6, "registration date", "This can’t be after the day the deal was closed."),
    ]
    found = {
        row.number: {name: pair[1] for name, pair in row.changes.items()} for row in run.kept_rows.filter(outcome="new")
    }
    assert [found[2][name] for name in ("created_on", "closed_on", "stage_since")] == ["2026-03-01"] * 3
    assert [found[3][name] for name in ("created_on", "closed_on")] == ["2026-01-01"] * 2
    assert "lost_reason" not in found[3], "it was won"


def test_lines_of_one_opportunity_are_deals_of_their_own_where_the_user_says_what_tells_them_apart(acme, admin):
    file = csv("id,partner,product,stage,amount", *(f"302.0,{acme.partner_a.name},{p},{s},{n}" for p, s, n in (("Talus", "Qualified", 1), ("Gratus", "Proof", 2))))  # fmt: skip
    said = {"meanings": {"product_line": {"Talus": NEW_CHOICE, "Gratus": NEW_CHOICE}}}
    imported(file, admin, KIND, defaults={**SAID, "line_id": "product"}, **said)
    found = {key: (deal.name, deal.stage.key, deal.product_line.name) for key, deal in deals().items()}
    assert found == {
        "302/Talus": ("Deal 302/Talus", "qualified", "Talus"),
        "302/Gratus": ("Deal 302/Gratus", "proof", "Gratus"),
    }
    assert checked(file, admin, KIND, defaults={**SAID, "line_id": "product"}).counts["unchanged"] == 2


def test_deals_without_ids_are_known_by_partner_and_name(acme, admin):
    head = "deal,partner,amount"
    imported(csv(head, f"One,{acme.partner_a.name},5", f"One,{acme.partner_b.name},6"), admin, KIND, defaults=SAID)
    run = imported(
        csv(head, f"one,{acme.partner_a.name},5", f"One,{acme.partner_b.name},7"), admin, KIND, defaults=SAID
    )
    assert (run.counts["changed"], run.counts["new"]) == (2, 0)
    assert {(deal.name, deal.amount) for deal in Deal.objects.unscoped("the test's")} == {("one", 5), ("One", 7)}


def test_undo_is_refused_once_something_stands_on_a_deal(acme, admin):
    before = tables()
    run = imported(
        csv("id,deal,partner,amount,customer", f"1,One,{acme.partner_a.name},5,Somark"), admin, KIND, defaults=SAID
    )
    deal = deals()["1"]
    step = StageChange.objects.create(
        deal=deal, from_stage=deal.stage, to_stage=DealStage.objects.get(key="proof"), on=today(), by=admin
    )
    assert [blocker.record for blocker in undo.blockers(run)] == ["One"]
    assert undone(run, admin).state == "committed"
    step.delete()
    assert Customer.objects.unscoped("the test's").count() == 1
    assert undone(run, admin).state == "undone"
    assert tables() == before


HUBSPOT = (
    "Record ID,dealname,dealstage,amount,closedate,createdate,hs_deal_stage_probability,dealtype,deal_currency_code"
)
DYNAMICS = "opportunityid,name,estimatedvalue,estimatedclosedate,closeprobability,salesstage,createdon,actualclosedate,transactioncurrencyid"
SALESFORCE = "Id,Name,StageName,CloseDate,Amount,Probability,AccountId,PartnerAccountId,Type,CreatedDate,LastStageChangeDate,CurrencyIsoCode,ExpectedRevenue"


@pytest.mark.parametrize(
    ("head", "fields"),
    [
        (HUBSPOT, ["external_id", "name", "stage", "amount", "expected_close", "created_on", "probability", "kind", "currency"]),
        (DYNAMICS, ["external_id", "name", "amount", "expected_close", "probability", "stage", "created_on", "closed_on", "currency"]),
        (SALESFORCE, ["external_id", "name", "stage", "expected_close", "amount", "probability", "customer_id", "partner", "kind", "created_on", "stage_since", "currency", None]),
    ],
)  # fmt: skip
def test_columns_of_other_programs_are_recognised(admin, head, fields):
    run = engine.create(file=csv(head, ",".join("1" for _name in fields)), kind=KIND, by=admin)
    assert run.mapping == fields
