"""Slides "objectives", "business_plan", "next" and "appendix": each number is the tool's own page's."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.utils import timezone

from accounts.permissions import Role
from leads import actions as leads
from partners.objectives import actions as objectives
from partners.objectives import queries as boards
from pipeline.models import Metric
from planning.following import follow
from planning.tracking_pages.actuals import ActualsPage
from planning.tracking_pages.reforecast import ReforecastPage
from prm.charts.figures import number
from prm.common.vendor import fiscal_calendar, today
from prm.documents.slides import Chart, Points, Table, Tiles
from qbr import content
from qbr.content import KEYS, Choices, Ground
from qbr.content.registry import finders
from qbr.models import Commitment, Qbr
from scorecards import satisfaction
from scorecards.models import Assessment
from tests.leads.given import held, offered
from tests.marketing.approved import activity, verified
from tests.marketing.approved import plan as marketing_plan
from tests.planning.committed import committed, sold, targets, won
from tests.world import make_partner

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 15)


@pytest.fixture
def at_noon(monkeypatch):
    """15 November 2026, in the fifth month of the plans below."""
    monkeypatch.setattr(timezone, "now", lambda: dt.datetime.combine(DAY, dt.time(12), dt.UTC))


@pytest.fixture
def quarter(acme, at_noon):
    return fiscal_calendar().quarter_of(today())


@pytest.fixture
def read(acme, quarter):
    def make(key, *, partner=None, of=None, eyes=None, vendor_copy=False, chosen=None):
        found = content.propose(
            partner or acme.partner_a, of or quarter, eyes=eyes or acme.users[Role.CAM], vendor_copy=vendor_copy,
            chosen=chosen or Choices(),
        )  # fmt: skip
        return next(slide for slide in found if slide.key == key)

    return make


def blocks(slide, kind):
    return [each for each in slide.blocks if isinstance(each, kind)]


def cells(row):
    return [cell.text for cell in row]


# ── Objectives ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def add(acme, quarter):
    def make(title, side="partner", *, partner=None, value=None, at=quarter.number, **fields):
        by = acme.users[Role.ADMIN]
        fields = {"yardstick": "Deals won", "baseline": D(2), "goal": D(12), "unit": "deals", **fields}
        row = objectives.add_objective(
            by=by, side=side, title=title, partner=partner or acme.partner_a, fiscal_year=quarter.year, **fields
        )
        if value is not None:
            objectives.enter_progress(
                by=by, partner=row.partner, fiscal_year=quarter.year, quarter=at, changes={row.pk: {"value": D(value)}}
            )
        return row

    return make


def test_objectives_say_what_their_page_says(acme, add, read, quarter):
    add("Win deals", value=12)
    add("Hire engineers", value=5, at=1)
    add("Sell in France", "vendor")
    add("Theirs alone", partner=acme.partner_b, value=3)
    slide = read("objectives")
    own, vendors = blocks(slide, Table)
    assert own.title == f"{acme.partner_a.name}’s own"
    rows = {row[0].text: row for row in own.rows}
    assert cells(rows["Win deals"])[1:] == ["2 → 12 deals", "12", "100%", f"Q{quarter.number}"]
    assert rows["Win deals"][3].word == "Met"
    assert cells(rows["Hire engineers"])[1:] == ["2 → 12 deals", "5", "30%", "Q1"]
    assert cells(vendors.rows[0]) == ["Sell in France", "2 → 12 deals", "–", "–", "–"]
    board = boards.for_plan(acme.users[Role.CAM], acme.partner_a, quarter.year)
    assert [line.standing.display for line in board.lines] == [100, 30, None]
    assert slide.commentary == (
        f"1 of 2 objectives of {acme.partner_a.name} for {quarter.fiscal_year.label} are met.",
        f"0 of 1 objective of Acme for {quarter.fiscal_year.label} is met.",
        "1 has no progress entered.",
        "Furthest behind: “Hire engineers”, at 30% of the way.",
    )
    assert "Theirs alone" not in repr(slide)


def test_without_objectives_it_says_so(acme, read, quarter):
    assert read("objectives").missing == f"No objectives are set for {quarter.fiscal_year.label}."


def answer(acme, partner, quarter, overall):
    """What a partner says of the vendor and of partner A's CAM."""
    first = satisfaction.questionnaire()
    version = first.versions.filter(status="published").first()
    now = timezone.now()
    return Assessment.everything.create(
        partner=partner, questionnaire=first, version=version, mode="self", status="submitted", period=quarter.key,
        about=acme.users[Role.CAM], started_at=now, finished_at=now, finished_on=DAY, overall=D(overall),
        result={}, result_shared={},
    )  # fmt: skip


def test_what_the_partner_thinks_is_for_channel_management_alone(acme, quarter, read):
    answer(acme, acme.partner_a, quarter, "36.6")
    for who in (Role.CAM, Role.CHIEF):
        (told,) = blocks(read("objectives", eyes=acme.users[who]), Points)
        assert told.heading == f"What {acme.partner_a.name} thinks of Acme"
        assert told.points[0].text.startswith("Answered on Nov. 15, 2026.")
        assert "37" not in repr(told)
    assert not blocks(read("objectives", vendor_copy=True), Points), "a CAM hears an average of five and more"
    (told,) = blocks(read("objectives", eyes=acme.users[Role.CHIEF], vendor_copy=True), Points)
    assert told.points[0].text == "37 of 100, answered on Nov. 15, 2026"
    assert told.points[0].word == "At risk"


def test_a_cam_reads_the_average_of_five_in_the_copy_alone(acme, quarter, read):
    answer(acme, acme.partner_a, quarter, "36.6")
    for more, letter in enumerate("CDEF"):
        answer(acme, make_partner(acme, letter, name=f"Partner {letter}"), quarter, str(80 + more))
    (told,) = blocks(read("objectives", vendor_copy=True), Points)
    assert told.points[0].text == "Your partners together: 73 of 100, the average of 5 of them"  # 362.6 ÷ 5
    assert "73" not in repr(blocks(read("objectives"), Points))


# ── The business plan ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def plan(acme, quarter):
    """1,200 a month from July 2026 on; 5,000 sold in July, 600 in September, 90 this month; three deals won."""
    made = committed(acme, acme.partner_a)
    for on, amount in ((dt.date(2026, 7, 3), 5000), (dt.date(2026, 9, 1), 600), (dt.date(2026, 11, 2), 90)):
        sold(acme.partner_a, on, amount)
        won(acme.partner_a, on)
    sold(acme.partner_b, dt.date(2026, 8, 1), 77_777)
    return made


def test_the_plan_says_what_its_pages_say(acme, plan, read):
    slide = read("business_plan")
    user = acme.users[Role.CAM]
    page, ahead = ActualsPage(user, plan), ReforecastPage(user, plan)
    (tiles,), (chart,), (table,) = (blocks(slide, kind) for kind in (Tiles, Chart, Table))
    assert [(tile.label, tile.value, tile.note) for tile in tiles.tiles] == [
        (stat.label, stat.value or "–", stat.note) for stat in page.stats
    ]
    assert tiles.tiles[0].value == "117%"  # 5,600 of 4,800
    assert chart.categories == page.chart.periods
    actual, due = chart.series
    assert actual.values == tuple(number(value) for value in page.chart.series[0].values)
    assert due.values == tuple(number(value) for value in page.chart.targets)
    assert (actual.values[0], actual.values[1], actual.values[4], actual.values[5], due.line) == (
        5000,
        0,
        90,
        None,
        True,
    )
    assert [row[2].text for row in table.rows] == [stat.value for stat in ahead.stats]
    total = follow(plan).outlook
    assert cells(table.rows[-1])[1:4] == ["43,200.00", "44,000.00", "+800.00"]
    assert total.change == 800
    assert table.rows[-1][-1].text == "117%"
    assert slide.commentary == (
        "Revenue is at 117% of the plan in the 4 months that are over.",
        "Deals won are at 25% of the plan.",
        "The re-forecast is USD 44,000.00, USD 800.00 above the plan.",
    )
    assert "77,777" not in repr(slide)


def test_without_a_plan_in_force_it_says_so(acme, plan, read):
    slide = read("business_plan", partner=acme.partner_b, eyes=acme.cam_b)
    assert (slide.missing, slide.blocks) == ("There is no business plan in force.", ())


# ── The next quarter ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_next_quarter_has_its_targets_and_what_was_agreed(acme, read, quarter):
    months = {month.start: 1000 * (n + 1) for n, month in enumerate(quarter.next.months)}
    targets(acme.partner_a, "operations", {**months, quarter.start: 99_999})
    targets(acme.partner_b, "operations", dict.fromkeys(months, 88_888))
    qbr = Qbr.everything.create(
        partner=acme.partner_a, quarter=quarter.key, starts_on=quarter.start, ends_on=quarter.end
    )
    cam = acme.users[Role.CAM]
    due = dt.date(2027, 1, 20)
    Commitment.everything.create(qbr=qbr, side="vendor", text="Train two engineers", due_on=due, owner=cam)
    slide = read("next")
    of_target, agreed = blocks(slide, Table)
    assert [cells(row) for row in of_target.rows] == [
        ["Revenue", "USD 6,000.00", "USD 1,000.00", "USD 2,000.00", "USD 3,000.00"]
    ]
    assert [cells(row) for row in agreed.rows] == [["Train two engineers", cam.display_name, "Vendor", "Jan. 20, 2027"]]
    assert slide.commentary == (
        f"The target of {quarter.next.label}: Revenue USD 6,000.00.",
        "1 commitment, due on Jan. 20, 2027.",
    )
    assert "88,888" not in repr(slide)


def test_targets_of_what_is_internal_are_in_the_vendor_copy_alone(acme, read, quarter):
    Metric.objects.create(key="usage", name="App usage", order=1)
    Metric.objects.create(key="margin", name="Margin", order=2, internal=True)
    for key in ("usage", "margin"):
        targets(acme.partner_a, "operations", {quarter.next.start: 70}, metric=key, currency="")
    (of_target, _agreed) = blocks(read("next"), Table)
    assert [row[0].text for row in of_target.rows] == ["App usage"]
    assert "Margin" not in repr(read("next"))
    (of_target, _agreed) = blocks(read("next", vendor_copy=True), Table)
    assert [row[0].text for row in of_target.rows] == ["App usage", "Margin"]


def test_nothing_agreed_and_no_target_says_so(acme, read, quarter):
    assert read("next").missing == f"There are no targets for {quarter.next.label} and nothing was agreed yet."


# ── The appendix ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_appendix_tells_the_days_and_only_the_figures_that_are_on(acme, read, quarter):
    slide = read("appendix", of=quarter.previous)
    (days,) = blocks(slide, Points)
    said = [point.text for point in days.points]
    assert said[0].endswith("as of Sept. 30, 2026, the quarter’s last day.")
    assert said[1] == "Everything else: as of Nov. 15, 2026."
    (terms,) = blocks(slide, Table)
    assert "Acceptance, conversion" in [row[0].text for row in terms.rows]
    less = read("appendix", chosen=Choices(off=frozenset({"leads"})))
    assert "Acceptance, conversion" not in repr(less)


def test_without_any_data_every_slide_says_so_or_stands(acme, quarter):
    """A partner with nothing at all: no slide fails, and none is empty without a word."""
    for vendor_copy in (False, True):
        found = content.read(acme.partner_a, quarter, eyes=acme.users[Role.CAM], vendor_copy=vendor_copy)
        assert [slide.key for slide in found] == list(KEYS)
        for slide in found:
            assert slide.missing or slide.blocks or slide.key == "title", slide.key
            assert slide.as_of <= today()


# ── For the summary ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_summary_takes_its_lines_from_the_slides(acme, plan, add, read):
    add("Win deals", value=12)
    verified(activity(marketing_plan(acme.partner_a), ends_on=today()), revenue=300_000)
    seller = acme.users_a[Role.PARTNER_SELLER]
    for name in ("One", "Two"):
        leads.decline(by=seller, offer=offered(acme, name), reason="Far")
    held(acme, "Three")
    summary = read("summary")
    (areas,) = blocks(summary, Table)
    lines = {row[0].text: (row[1].word or row[1].text, row[2].text) for row in areas.rows}
    assert lines["Business plan"] == ("On track", "117% of plan")
    assert lines["Marketing"] == ("On track", "139% of the revenue forecast")
    assert lines["Objectives"] == ("All met", "1 of 1 met")
    assert lines["Leads"] == ("At risk", "1 of 3 accepted, 0 converted")
    ground = Ground(
        acme.partner_a, fiscal_calendar().quarter_of(today()), acme.users[Role.CAM], vendor_copy=False, chosen=Choices(),
        today=today(),
    )  # fmt: skip
    wins = {one.text for key in finders for one in finders[key](ground).wins}
    concerns = {one.text for key in finders for one in finders[key](ground).concerns}
    assert "Marketing brought 139% of the revenue that was forecast." in wins
    assert "Revenue is at 117% of the plan in the 4 months that are over." in wins
    assert f"{acme.partner_a.name} has met its 1 own objective for FY26." in wins
    assert "Only 33% of the leads offered were accepted." in concerns
