"""Slides "marketing", "leads" and "accounts": each number is the tool's own; what isn't shared with the vendor isn't in them."""

import datetime as dt
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.utils.formats import date_format

from accountplans import actions as accounts
from accountplans import basis
from accountplans import queries as plans
from accountplans.models import Sharing
from accountplans.whitespace import State, Whitespace
from accounts.permissions import Role
from leads import actions as leads
from leads import fairness
from marketing.models import ActivityResult
from marketing.returns.page import ReturnsPage
from mdf import actions as mdf
from pipeline.models import Customer, ProductLine
from prm.charts.figures import number
from prm.common.vendor import fiscal_calendar, today
from prm.documents.slides import Chart, Table, Tiles
from qbr import content
from qbr.content import Choices
from tests.leads.given import held, offered
from tests.marketing.approved import activity, plan, verified
from tests.mdf.asking import approved, cam, claimed, lines
from tests.mdf.funding import give, make_fund

pytestmark = pytest.mark.django_db


@pytest.fixture
def quarter(acme):
    return fiscal_calendar().quarter_of(today())


@pytest.fixture
def read(acme, quarter):
    """read("marketing") → that slide of partner A's deck of this quarter, by its CAM."""

    def make(key, *, partner=None, of=None, eyes=None, vendor_copy=False, chosen=None):
        found = content.propose(
            partner or acme.partner_a, of or quarter, eyes=eyes or acme.users[Role.CAM], vendor_copy=vendor_copy,
            chosen=chosen or Choices(),
        )  # fmt: skip
        return next(slide for slide in found if slide.key == key)

    return make


def block(slide, kind):
    return next(each for each in slide.blocks if isinstance(each, kind))


def texts(slide):
    """All that stands on the slide."""
    return repr(slide)


# ── Marketing ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def done(acme, quarter):
    """Partner A ran a webinar and an event this quarter, and the first is verified; partner B ran one that is."""
    of = plan(acme.partner_a)
    webinar = activity(of, ends_on=today())
    verified(webinar)
    activity(of, kind="event", ends_on=quarter.start)
    verified(activity(plan(acme.partner_b), ends_on=today()), revenue=12_345)


def test_marketing_says_what_the_report_says(acme, done, read, quarter):
    slide = read("marketing")
    user = acme.users[Role.MARKETING]
    page = ReturnsPage(user, QueryDict(f"by=tactic&partner={acme.partner_a.pk}&period={quarter.key}"))
    assert slide.as_of == min(quarter.end, today())
    tiles = block(slide, Tiles).tiles
    assert [(tile.label, tile.value, tile.note) for tile in tiles[:4]] == [
        (found["label"] + (", USD" if found["label"] == "Revenue" else ""), found["figure"] or "–", found["note"])
        for found in page.tiles[:4]
    ]
    table, grid = block(slide, Table), page.grid
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in table.rows}
    total = [figure.text or figure.value for figure in grid.total.figures]
    titles = [column.title for column in grid.columns[1:]]
    of_report = dict(zip(titles, total, strict=True))
    assert rows["MGOs"][:2] == [of_report["MGOs forecast"], of_report["MGOs"]] == ["48.0", "30.0"]
    assert rows["Wins"] == ["12.0", "6.0", "50%"]
    assert "They cost USD 8,000.00; USD 9,000.00 was planned." in slide.notes
    chart = block(slide, Chart)
    assert chart.categories == page.chart.periods
    assert [(one.name, one.values) for one in chart.series] == [
        (one.name, tuple(number(value) for value in one.values)) for one in page.chart.series
    ]
    assert slide.commentary[:2] == (
        "1 of 2 approved activities are verified.",
        "They brought 30 MGOs, 63% of the forecast.",
    )


def test_what_another_partner_did_is_on_nobody_elses_slide(acme, done, read):
    assert "12,345" not in texts(read("marketing"))
    assert "12,345" in texts(read("marketing", partner=acme.partner_b, eyes=acme.cam_b))


def test_of_a_quarter_gone_by_it_is_what_was_verified_on_its_last_day(acme, read, quarter):
    before = quarter.previous
    made = activity(plan(acme.partner_a, before.start))
    verified(made)
    other = activity(plan(acme.partner_a, before.start), kind="event")
    verified(other, revenue=777_000)
    noon = dt.datetime.combine(before.end, dt.time(12), dt.UTC)
    ActivityResult.everything.filter(activity=made).update(verified_at=noon)
    slide = read("marketing", of=before)
    assert slide.as_of == before.end
    assert "777,000" not in texts(slide)
    assert block(slide, Tiles).tiles[1].value == "90,000"
    assert slide.commentary[0] == "1 of 2 approved activities are verified."


def test_where_nothing_is_verified_yet_it_says_what_was_approved(acme, read):
    made = activity(plan(acme.partner_a), ends_on=today(), mdf_approved=Decimal(4000))
    slide = read("marketing")
    tiles = block(slide, Tiles).tiles
    assert [(tile.label, tile.value, tile.note) for tile in tiles[:-1]] == [("Approved activities", "1", "verified: 0")]
    (row,) = block(slide, Table).rows
    assert [cell.text for cell in row] == [
        made.title, "Webinar", date_format(today(), "DATE_FORMAT"), "48.0", "USD 216,000.00", "USD 9,000.00", "USD 4,000.00",
    ]  # fmt: skip
    assert slide.commentary == ("1 activity was approved and isn’t verified yet.",)


def test_mdf_used_is_what_the_ledger_says(acme, read):
    fund = make_fund(acme, budget="50000")
    give(acme, fund, "10000", partner=acme.partner_a)
    line = lines(approved(acme, fund, "6000"))[0]
    mdf.decide_claim(by=cam(acme), claim=claimed(acme, line, "4000"))
    tile = block(read("marketing"), Tiles).tiles[-1]
    assert (tile.value, tile.note) == ("EUR 2,000.00", "reserved: EUR 4,000.00 · left: EUR 4,000.00")
    assert "EUR 2,000.00 of MDF was used in the quarter." in read("marketing").commentary
    assert "MDF" not in texts(read("marketing", partner=acme.partner_b, eyes=acme.cam_b)).replace("no MDF was used", "")


def test_money_that_is_still_there_is_no_reason_for_a_slide(acme, read):
    give(acme, make_fund(acme, budget="50000"), "10000", partner=acme.partner_a)
    assert read("marketing").missing.endswith("no MDF was used.")


def test_nothing_marketed_says_so(acme, read, quarter):
    slide = read("marketing")
    assert slide.missing == f"No approved activity of this partner ended in {quarter.label}, and no MDF was used."
    assert not slide.blocks


# ── Leads ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_leads_say_what_the_partners_own_report_says(acme, read, quarter):
    seller = acme.users_a[Role.PARTNER_SELLER]
    leads.contacted(by=seller, lead=held(acme, "First"))
    leads.convert(by=seller, lead=held(acme, "Second", score=Decimal(60)))
    leads.decline(by=seller, offer=offered(acme, "Third"), reason="Far")
    held(acme, "Theirs", partner=acme.partner_b)
    slide = read("leads")
    own = fairness.of_partner(acme.partner_a, quarter.start, quarter.end).own
    tiles = {tile.label: tile.value for tile in block(slide, Tiles).tiles}
    every = own[""]
    assert (every.given, every.offers, every.accepted, every.converted) == (2, 3, 2, 1)
    assert tiles == {"Offers": "3", "Accepted": "2", "Held": "2", "Converted": "1", "Won": "0"}
    rows = {row[0].text: [cell.text for cell in row] for row in block(slide, Table).rows}
    assert rows["All"][1:4] == ["3", "67%", "2"]
    assert rows["A"][3] == str(own["A"].given)
    assert rows["B"][5] == "100%"
    (bars,) = block(slide, Chart).series
    assert bars.values == (every.accepted, every.contacted, every.converted, every.won)
    assert slide.commentary[0] == f"{acme.partner_a.name} accepted 2 of 3 leads offered (67%)."
    assert "Theirs" not in texts(slide)


def test_leads_of_a_quarter_gone_by_stay_as_they_were(acme, read, quarter, monkeypatch):
    before = quarter.previous
    noon = dt.datetime.combine(before.end, dt.time(12), dt.UTC)
    lead = held(acme, "Umbrella", at=noon - dt.timedelta(days=9))
    leads.contacted(by=acme.users_a[Role.PARTNER_SELLER], lead=lead, at=noon - dt.timedelta(days=8))
    then = read("leads", of=before)
    leads.convert(by=acme.users_a[Role.PARTNER_SELLER], lead=lead, at=noon + dt.timedelta(days=5))
    assert read("leads", of=before) == then
    assert then.as_of == before.end
    assert "1 lead has not become a deal yet." in then.commentary


def test_no_lead_says_so(acme, read, quarter):
    assert read("leads").missing == f"No lead that came in in {quarter.label} was offered to this partner."


# ── Accounts ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def planned(acme):
    """Partner A plans with Secret Bank, a target for servers; the second customer owns backup."""
    for order, key in enumerate(("servers", "backup"), 1):
        ProductLine.objects.create(key=key, name=key.title(), order=order)
    seller = acme.users_a[Role.PARTNER_SELLER]
    bank = accounts.add_account(by=seller, partner=acme.partner_a, name="Secret Bank", domain="secret-bank.example")
    Customer.everything.create(partner=acme.partner_a, name="Owner Ltd", name_key="owner ltd")
    accounts.set_target(
        by=seller, customer=bank, product_line=ProductLine.objects.get(key="servers"), next_step="Call the board",
        due_on=today() - dt.timedelta(days=1), amount=Decimal(5000), currency="USD",
    )  # fmt: skip
    return seller


def share(acme, level):
    accounts.share(by=acme.users_a[Role.PARTNER_CHAMPION], partner=acme.partner_a, level=level)


@pytest.mark.parametrize("vendor_copy", [False, True])
def test_a_plan_that_is_not_shared_is_in_no_deck(acme, planned, read, vendor_copy):
    slide = read("accounts", vendor_copy=vendor_copy)
    assert slide.missing == "The partner doesn’t share its account plan."
    assert not slide.blocks
    assert "Secret" not in texts(slide)


@pytest.mark.parametrize("vendor_copy", [False, True])
def test_where_counts_are_shared_there_are_counts(acme, planned, read, vendor_copy):
    share(acme, Sharing.Level.COUNTS)
    slide = read("accounts", vendor_copy=vendor_copy)
    tiles = {tile.label: tile.value for tile in block(slide, Tiles).tiles}
    assert (tiles["Customers"], tiles["Targets"], tiles["Ruled out"]) == ("2", "1", "0")
    assert "Secret" not in texts(slide)
    assert "Call the board" not in texts(slide)


@pytest.mark.parametrize("vendor_copy", [False, True])
def test_where_targets_are_shared_they_are_listed(acme, planned, read, vendor_copy):
    share(acme, Sharing.Level.TARGETS)
    slide = read("accounts", vendor_copy=vendor_copy)
    (row,) = block(slide, Table).rows
    assert [cell.text for cell in row][:3] == ["Secret Bank", "Servers", "Call the board"]
    assert (row[3].word, row[5].text) == ("Late", "5,000.00")
    assert "1 target is past its date." in slide.commentary
    assert "Owner Ltd" not in texts(slide)


def test_where_all_is_shared_the_chart_adds_up_the_matrix(acme, planned, read):
    share(acme, Sharing.Level.ALL)
    basis.keep()
    slide = read("accounts")
    user = acme.users[Role.CAM]
    rows = Whitespace(user, acme.partner_a, list(plans.customers(user, acme.partner_a))).rows
    chart = block(slide, Chart)
    counted = {series.name: dict(zip(chart.categories, series.values, strict=True)) for series in chart.series}
    for state, name in ((State.TARGET, "Target"), (State.EMPTY, "Open"), (State.OWNED, "Owned")):
        for place, line in enumerate(("Servers", "Backup")):
            assert counted[name][line] == sum(row.cells[place].state == state for row in rows)
    assert counted["Target"] == {"Servers": 1, "Backup": 0}


def test_of_another_partner_nothing_is_known(acme, planned, read):
    share(acme, Sharing.Level.ALL)
    assert "Secret" not in texts(read("accounts", partner=acme.partner_b, eyes=acme.cam_b))
