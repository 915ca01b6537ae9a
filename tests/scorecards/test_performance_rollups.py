"""Each figure of each performance roll-up against plain Python over the rows (`performance_oracle`), and against its list."""

import datetime as dt
import io
import re
from datetime import UTC
from decimal import Decimal
from fractions import Fraction

import openpyxl
import pytest
from django.db import connection
from django.http import QueryDict
from django.utils import timezone

from accounts.permissions import Role
from partners import facts
from partners.models import Partner, Placement, Region, RegionLimit
from pipeline.models import SalesResult
from prm.common import jobs, lists
from prm.common.models import CurrencyRate, Job, Policy
from prm.common.vendor import fiscal_calendar, vendor_settings
from prm.tenancy.tasks import HEADER
from scorecards.performance_rollups.concentration import ConcentrationPage
from scorecards.performance_rollups.figures import Slot
from scorecards.performance_rollups.movers import MoversPage
from scorecards.performance_rollups.overview import OverviewPage
from scorecards.performance_rollups.ranking import ALL, RankingPage
from scorecards.performance_rollups.trend import TrendPage
from tests.scorecards import performance_oracle as oracle
from tests.scorecards.performance_oracle import Oracle

DAYS = [
    (dt.date(2026, 11, 22), 7),
    (dt.date(2024, 2, 29), 1),
    (dt.date(2026, 9, 30), 10),
    (dt.date(2026, 7, 1), 7),
]


@pytest.fixture
def on(monkeypatch):
    """on(day): it is noon of that day."""

    def set_day(day):
        moment = dt.datetime.combine(day, dt.time(12), UTC)
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return set_day


@pytest.fixture(params=DAYS, ids=str)
def crowd(acme, on, request):
    """Partners of a seed with a day and a start of the fiscal year; facts are made."""
    day, start_month = request.param
    return furnished(acme, on, day, start_month)


def furnished(acme, on, day, start_month, *, seed=5, **more):
    on(day)
    settings = vendor_settings()
    settings.fiscal_start_month = start_month
    settings.save()
    oracle.make_crowd(acme, seed, day, **more)
    facts.refresh()
    acme.day, acme.start_month = day, start_month
    return acme


def page(world, kind, query="", role=Role.CHIEF):
    shown = kind(world.users[role], QueryDict(query))
    assert shown.filter.is_valid(), shown.filter.errors
    return shown


def periods(world):
    """(key, first, last): the year to date, the quarter that runs, one that is over, one to come, and last year."""
    calendar = fiscal_calendar()
    quarter = calendar.quarter_of(world.day)
    year = calendar.year_of(world.day)
    found = [("", year)]
    found += [(each.key, each) for each in (quarter, quarter.shift(-2), quarter.next, year.previous)]
    return [(key, span.start, span.end) for key, span in found]


def known(figure):
    return None if figure.value is None else figure.value


def same(got, wanted):
    """Equal up to what six decimals a month leave out."""
    if got is None or wanted is None:
        return got is None and wanted is None
    return abs(Fraction(got) - wanted) < Fraction(1, 2000)


def check_sums(sums, wanted, slots):
    for slot in slots:
        assert same(known(sums.amount(slot)), wanted.get(slot.value, Fraction(0))), slot


# ── Overview ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("then", [True, False])
def test_each_sum_of_the_overview(crowd, then):
    truth = Oracle(crowd.day, crowd.start_month, then=then)
    moved = 0
    for by in oracle.COLUMNS:
        for key, first, last in periods(crowd):
            shown = page(crowd, OverviewPage, f"by={by}&period={key}&groups={'' if then else 'today'}")

            def group(partner, month, by=by):
                return truth.where(partner, month, by)

            wanted, members = truth.sums(first, last, group), truth.members(first, last, group)
            assert {each.id for each in shown.groups} == {*wanted, *members}
            for each in shown.groups:
                check_sums(each.sums, wanted[each.id], shown.slots)
                assert each.partners == len(members[each.id])
            everything = truth.sums(first, last, lambda partner, month: 0)[0]
            check_sums(shown.total.sums, everything, shown.slots)
            assert shown.total.partners == len(set().union(*members.values()))
            moved += sum(len(each) for each in members.values()) > shown.total.partners
    assert moved if then else True  # somebody stood in two groups


def test_percents_are_computed_from_the_sums(acme, on):
    world = furnished(acme, on, dt.date(2026, 11, 22), 7, lacking=False)
    truth = Oracle(world.day, world.start_month)
    _key, first, last = periods(world)[0]
    wanted = truth.sums(first, last, lambda partner, month: 0)[0]
    sums = page(world, OverviewPage).total.sums
    assert same(sums.attainment.value, wanted["actual"] * 100 / wanted["plan"])
    assert same(sums.growth.value, (wanted["actual"] / wanted["before"] - 1) * 100)
    assert same(sums.coverage.value, wanted["pipeline"] / (wanted["ahead"] - wanted["done"]))


def test_what_has_no_rate_is_named_and_never_left_out(acme, on):
    """One franc is enough: the groups it is in show no amount, the others do."""
    on(dt.date(2026, 11, 22))
    a, b = acme.partner_a, acme.partner_b
    for partner, amount, currency in ((a, 100, "USD"), (a, 5, "CHF"), (b, 70, "USD")):
        SalesResult.everything.create(partner=partner, on="2026-10-03", amount=amount, currency=currency)
    SalesResult.everything.create(partner=b, on="2026-11-03", amount=1, currency="CHF")
    facts.refresh()
    by_cam = {each.id: each.sums for each in page(acme, OverviewPage, "by=cam&period=2026-10").groups}
    assert by_cam[a.cam_id].amount(Slot.ACTUAL).reason == "No rate for CHF in 2026-10."
    assert by_cam[b.cam_id].amount(Slot.ACTUAL).value == 70
    this_month = {each.id: each.sums for each in page(acme, OverviewPage, "by=cam&period=2026-11").groups}
    assert this_month[b.cam_id].amount(Slot.ACTUAL).reason == "No rate for CHF in 2026-11."
    CurrencyRate.objects.create(on="2026-01-01", currency="CHF", rate="2")
    facts.refresh()
    by_cam = {each.id: each.sums for each in page(acme, OverviewPage, "by=cam&period=2026Q4").groups}
    assert by_cam[a.cam_id].amount(Slot.ACTUAL).value == 110


def test_actuals_from_won_deals(acme, on):
    on(dt.date(2026, 11, 22))
    Policy.objects.create(kind="actuals", starts_on="2020-01-01", data={"from": "won_deals"})
    world = furnished(acme, on, dt.date(2026, 11, 22), 1, lacking=False)
    truth = Oracle(world.day, world.start_month, won=True)
    for key, first, last in periods(world):
        wanted = truth.sums(first, last, lambda partner, month: 0)[0]
        shown = page(world, OverviewPage, f"period={key}")
        check_sums(shown.total.sums, wanted, shown.slots)
    assert shown.total.sums.amounts[Slot.ACTUAL] != 0


# ── The list behind ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_list_behind_a_group_adds_up_to_its_figures(crowd, client_for):
    client = client_for(crowd.users[Role.CHIEF])
    for by in ("region", "cam", "stage", "type"):
        for key, _first, _last in periods(crowd)[:3]:
            for family in ("", "each"):
                shown = page(crowd, OverviewPage, f"by={by}&period={key}&family={family}")
                for each in [*shown.groups, shown.total]:
                    url = shown.list_url() if each is shown.total else shown.group_url(each.id)
                    listed = page(crowd, RankingPage, url.partition("?")[2])
                    rows = listed.read(1, ALL)
                    assert rows.count == len(rows.rows) == each.partners
                    for slot in shown.slots:
                        assert known(rows.total.amount(slot)) == known(each.sums.amount(slot))
                        if slot not in each.sums.lacks:
                            assert sum(row.sums.amounts.get(slot, 0) for row in rows.rows) == each.sums.amounts.get(
                                slot, 0
                            )
    assert client.get(url).status_code == 200


def test_each_partner_and_family_of_the_ranking(crowd):
    for family in (True, False):
        truth = Oracle(crowd.day, crowd.start_month, family=family)
        for key, first, last in periods(crowd):
            shown = page(crowd, RankingPage, f"period={key}&family={'' if family else 'each'}")
            wanted = truth.sums(first, last, lambda partner, month, truth=truth: truth.root(partner))
            rows = shown.read(1, ALL).rows
            assert {row.root for row in rows} == {truth.root(partner) for partner in truth.partners}
            for row in rows:
                check_sums(row.sums, wanted[row.root], shown.slots)
                mine = [pk for pk in truth.partners if truth.root(pk) == row.root]
                assert row.branches == len(mine) - 1


def test_the_ranking_sorts_by_each_figure_and_pages(crowd):
    for key in ("attainment", "growth", "coverage", "actual", "plan", "before", "pipeline", "full"):
        shown = page(crowd, RankingPage, f"sort=-{key}")
        every = shown.read(1, ALL)
        values = [sort_value(row.sums, key) for row in every.rows]
        there = [value for value in values if value is not None]
        assert there == sorted(there, reverse=True)
        assert values[len(there) :] == [None] * (len(values) - len(there))
        assert [row.place for row in every.rows] == list(range(1, every.count + 1))
        assert [row.root for row in shown.read(2, 4).rows] == [row.root for row in every.rows[4:8]]
        assert [row.root for row in shown.read(99, 4).rows] == [
            row.root for row in every.rows[(every.count - 1) // 4 * 4 :]
        ]


def sort_value(sums, key):
    figures = {
        "attainment": sums.attainment, "growth": sums.growth, "actual": sums.amount(Slot.ACTUAL), "full": sums.target(Slot.FULL),
        "plan": sums.target(Slot.PLAN), "before": sums.amount(Slot.BEFORE), "pipeline": sums.amount(Slot.PIPELINE),
    }  # fmt: skip
    if key == "coverage":  # who has met the target stands first
        return Decimal("Infinity") if sums.remaining.value == 0 else sums.coverage.value
    return figures[key].value


def test_a_family_that_is_out_of_sight_names_nobody(acme, on, client_for):
    """A CAM of a branch sees neither the parent's name nor its figures."""
    on(dt.date(2026, 11, 22))
    a, b = acme.partner_a, acme.partner_b
    Partner.everything.filter(pk=a.pk).update(parent=b)
    for partner in (a, b):
        SalesResult.everything.create(partner=partner, on="2026-10-03", amount=100, currency="USD")
    facts.refresh()
    response = client_for(acme.users[Role.CAM]).get("/performance/roll-up/ranking/")
    assert a.name in response.content.decode()
    assert b.name not in response.content.decode()
    shown = page(acme, RankingPage, role=Role.CAM)
    assert [(row.root, row.sums.amounts[Slot.ACTUAL]) for row in shown.found.rows] == [(a.pk, 100)]
    whole = page(acme, RankingPage)
    assert [(row.root, row.branches, row.sums.amounts[Slot.ACTUAL]) for row in whole.found.rows] == [(b.pk, 1, 200)]


# ── Trend, concentration, movers ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("query", ["", "region=west&cam=none", "groups=today&region=west", "type=reseller"])
def test_each_month_of_the_trend(crowd, query):
    asked = QueryDict(query)
    truth = Oracle(crowd.day, crowd.start_month, then="groups" not in asked)
    west = Region.objects.get(key="west").pk

    def keep(partner, month):
        return (
            ("region" not in asked or truth.where(partner, month, "region") == west)
            and ("cam" not in asked or truth.where(partner, month, "cam") is None)
            and ("type" not in asked or truth.partners[partner].partner_type.key == "reseller")
        )

    shown = page(crowd, TrendPage, query)
    assert len(shown.points) == 12
    found = 0
    for point in shown.points:
        month = point.month.start
        wanted = truth.sums(month, oracle.last_of(month), lambda partner, month: 0, keep)[0]
        check_sums(point.sums, {"plan": wanted["full"]}, [Slot.PLAN])
        if point.begun:
            check_sums(point.sums, wanted, [Slot.ACTUAL])
        before = oracle.shift(month, -12)
        whole = [
            amount for partner, on, amount in truth.actuals() if on.replace(day=1) == before and keep(partner, before)
        ]
        check_sums(point.sums, {"before": None if None in whole else sum(whole, Fraction(0))}, [Slot.BEFORE])
        for name, outcome in (("won_count", "won"), ("lost_count", "lost")):
            closed = [
                share
                for share in oracle.DealShare.everything.filter(deal__stage__outcome=outcome).select_related("deal")
                if share.deal.closed_on.replace(day=1) == month and keep(share.partner_id, month)
            ]
            assert point.counts.get(name, 0) == len(closed)
            found += len(closed) + bool(wanted.get("full"))
    assert found or "cam" in asked


def test_a_month_of_the_trend_leads_to_its_list(crowd):
    shown = page(crowd, TrendPage)
    for point in shown.points:
        listed = page(crowd, RankingPage, f"period={point.month.key}")
        total = listed.read(1, ALL).total
        if point.begun:
            assert known(total.amount(Slot.ACTUAL)) == known(point.sums.amount(Slot.ACTUAL))
        full = total.amount(Slot.FULL) if listed.period.running else total.amount(Slot.PLAN)
        assert known(full) == known(point.sums.amount(Slot.PLAN))


def test_who_makes_eighty_percent(crowd):
    for key, first, last in periods(crowd):
        truth = Oracle(crowd.day, crowd.start_month)
        wanted = truth.sums(first, last, lambda partner, month, truth=truth: truth.root(partner))
        roots = {truth.root(partner) for partner in truth.partners}
        shown = page(crowd, ConcentrationPage, f"period={key}")
        for slot, found in (("actual", shown.now), ("before", shown.before)):
            every = [wanted[root][slot] for root in roots]
            sizes = sorted((max(value or 0, Fraction(0)) for value in every), reverse=True)
            assert found.members == len(sizes)
            assert found.lacking == every.count(None)
            total, needed = sum(sizes), 0
            while total and sum(sizes[:needed]) < total * 8 / 10:
                needed += 1
            assert found.needed == needed
            if total:
                assert [same(y, sum(sizes[:n]) * 100 / total) for n, (_x, y) in enumerate(found.points)] == [True] * (
                    len(sizes) + 1
                )
        if shown.now.needed:
            listed = page(crowd, RankingPage, shown.list_url(top=80).partition("?")[2]).read(1, ALL)
            assert listed.count == shown.now.needed


@pytest.mark.parametrize("of", ["", "attainment"])
def test_each_mover(crowd, of):
    found = 0
    for key, first, last in periods(crowd)[:3]:
        truth = Oracle(crowd.day, crowd.start_month)
        wanted = truth.sums(first, last, lambda partner, month, truth=truth: truth.root(partner))
        changes = {}
        for root in {truth.root(partner) for partner in truth.partners}:
            now, before, plan, plan_before = (
                wanted[root][name] for name in ("actual", "before", "plan", "plan_before")
            )
            if now is None or before is None or (of and not (plan and plan_before)):
                continue
            changes[root] = now / plan - before / plan_before if of else now - before
        shown = page(crowd, MoversPage, f"of={of}&period={key}")
        every = shown.read(size=1000)
        assert [row.root for row in every.up] == sorted(
            (r for r in changes if changes[r] > 0), key=lambda r: -changes[r]
        )
        assert [row.root for row in every.down] == sorted(
            (r for r in changes if changes[r] < 0), key=lambda r: changes[r]
        )
        assert every.counts["same"] == sum(1 for change in changes.values() if not change)
        for tile, direction in zip(shown.tiles, ("up", "down", "same"), strict=True):
            assert tile["value"] == every.counts[direction]
            if tile["url"]:
                listed = page(crowd, RankingPage, tile["url"].partition("?")[2]).read(1, ALL)
                assert listed.count == tile["value"]
                found += 1
        assert [row.root for row in shown.read(size=2, up=2).up] == [row.root for row in every.up[2:4] or every.up[-2:]]
    assert found


# ── Whose figures ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_cam_and_a_chief_of_one_region_add_up_their_own_partners(acme, on):
    world = furnished(acme, on, dt.date(2026, 11, 22), 1, lacking=False)
    west = Region.objects.get(key="west")
    RegionLimit.objects.create(user=world.users[Role.CHIEF], region=west)
    truth = Oracle(world.day, world.start_month)
    _key, first, last = periods(world)[0]
    cam = world.users[Role.CAM]
    for role, sees in (
        (Role.CHIEF, lambda row: row.region_id == west.pk),
        (Role.CAM, lambda row: cam.pk in (row.cam_id, row.cover_id)),
        (Role.OPERATIONS, lambda row: True),
    ):
        wanted = truth.sums(first, last, lambda *_: 0, lambda partner, month, sees=sees: sees(truth.partners[partner]))[
            0
        ]
        shown = page(world, OverviewPage, role=role)
        check_sums(shown.total.sums, wanted, shown.slots)


def test_a_cam_that_left_is_named_where_the_months_were_theirs(acme, on, client_for):
    on(dt.date(2026, 11, 22))
    a = acme.partner_a
    Placement.everything.filter(partner=a).delete()
    for start, cam in (("2026-01-01", acme.cam_b), ("2026-10-10", acme.users[Role.CAM])):
        Placement.everything.create(partner=a, starts_on=start, stage=a.stage, tier=a.tier, region=a.region, cam=cam)
    for day in ("2026-09-30", "2026-10-01"):
        SalesResult.everything.create(partner=a, on=day, amount=100, currency="USD")
    facts.refresh()
    by_cam = {each.id: each.sums for each in page(acme, OverviewPage, "by=cam", role=Role.CAM).groups}
    # October's end is the new CAM's.
    assert by_cam[acme.cam_b.pk].amounts[Slot.ACTUAL] == 100
    assert by_cam[a.cam_id].amounts[Slot.ACTUAL] == 100
    text = client_for(acme.users[Role.CAM]).get("/performance/roll-up/?by=cam").content.decode()
    assert acme.cam_b.name in text
    today = {each.id: each.sums for each in page(acme, OverviewPage, "by=cam&groups=today", role=Role.CAM).groups}
    assert {group: sums.amounts[Slot.ACTUAL] for group, sums in today.items()} == {a.cam_id: 200}


def test_nothing_of_another_vendor_counts(acme, globex, on):
    on(dt.date(2026, 11, 22))
    with globex:
        SalesResult.everything.create(partner=globex.partner_a, on="2026-10-03", amount=999, currency="USD")
        facts.refresh()
    connection.set_tenant(acme.vendor)
    SalesResult.everything.create(partner=acme.partner_a, on="2026-10-03", amount=1, currency="USD")
    facts.refresh()
    assert page(acme, OverviewPage).total.sums.amounts[Slot.ACTUAL] == 1
    with globex:
        assert page(globex, OverviewPage).total.sums.amounts[Slot.ACTUAL] == 999
    connection.set_tenant(acme.vendor)


# ── Pages, files ─────────────────────────────────────────────────────────────────────────────────────────────────────

TABS = ("", "trend/", "concentration/", "movers/", "ranking/")


def test_every_tab_shows_in_few_queries(acme, on, client_for, django_assert_max_num_queries):
    world = furnished(acme, on, dt.date(2026, 11, 22), 7)
    client = client_for(world.users[Role.CHIEF])
    for tab in TABS:
        client.get(f"/performance/roll-up/{tab}")
        with django_assert_max_num_queries(24):
            response = client.get(f"/performance/roll-up/{tab}")
        assert response.status_code == 200
        assert response.content.decode().count("<h1") == 1


def test_nobody_is_found_and_nothing_was_sold(acme, client_for):
    client = client_for(acme.users[Role.CHIEF])
    for tab in TABS:
        assert client.get(f"/performance/roll-up/{tab}").status_code == 200
        assert client.get(f"/performance/roll-up/{tab}?q=nobodyhasthisname").status_code == 200
        nonsense = client.get(f"/performance/roll-up/{tab}?region=nowhere&period=soon&page=x&sort=%00")
        assert nonsense.status_code == 200
        assert "may have been removed" in nonsense.content.decode()


def test_the_workbook_has_the_figures_of_the_page(acme, on, client_for):
    world = furnished(acme, on, dt.date(2026, 11, 22), 7, lacking=False)
    client = client_for(world.users[Role.CHIEF])
    for tab in ("", "/trend", "/concentration", "/movers", "/ranking"):
        response = client.get(f"/performance/roll-up{tab}.xlsx?by=region")
        assert response.status_code == 200, tab
        sheet = openpyxl.load_workbook(io.BytesIO(response.content)).worksheets[0]
        rows = list(sheet.iter_rows(values_only=True))
        if tab == "":
            total = page(world, OverviewPage).total.sums
            line = next(row for row in rows if row[0] == "Together")
            assert Decimal(str(line[3])) == round(total.amounts[Slot.ACTUAL], 2)
        if tab == "/ranking":
            assert sum(1 for row in rows if isinstance(row[0], int)) == page(world, RankingPage).found.count


def test_a_long_ranking_is_made_in_the_background(acme, on, client_for, monkeypatch):
    world = furnished(acme, on, dt.date(2026, 11, 22), 7)
    monkeypatch.setattr(lists, "DIRECT_ROWS", 1)
    client = client_for(world.users[Role.CHIEF])
    address = "/performance/roll-up/ranking.xlsx?family=each&sort=name"
    assert "rows" in client.get(address).content.decode()
    client.post(address)
    job = Job.objects.get()
    jobs.run_job.apply(args=(str(job.pk),), headers={HEADER: connection.schema_name}, throw=True)
    job.refresh_from_db()
    assert (job.state, job.total) == ("done", Partner.everything.count())
    with job.result_file.open() as file:
        sheet = openpyxl.load_workbook(file).active
    names = [row[1] for row in sheet.iter_rows(values_only=True) if isinstance(row[0], int)]
    assert sorted(names) == sorted(Partner.everything.values_list("name", flat=True))


def test_the_signs_stand_by_their_words(acme, on, client_for):
    """91 of 100 is on track, 65 of 100 at risk: from the percent as displayed, with a word."""
    on(dt.date(2026, 11, 22))
    for partner, amount in ((acme.partner_a, "89.5"), (acme.partner_b, "65")):
        SalesResult.everything.create(partner=partner, on="2026-10-03", amount=amount, currency="USD")
        version = oracle.TargetVersion.everything.create(
            partner=partner, source="import", number=1, first_month="2026-10-01"
        )
        oracle.TargetMonth.everything.create(version=version, month="2026-10-01", value=100, currency="USD")
    facts.refresh()
    text = client_for(acme.users[Role.CHIEF]).get("/performance/roll-up/?by=region&period=2026-10").content.decode()
    cells = re.findall(r'data-label="Attainment">(.*?)</td>', text, re.DOTALL)
    words = [re.sub(r"<[^>]+>", "", cell).split() for cell in cells]
    assert words == [["▲On", "track", "90%"], ["▼At", "risk", "65%"], ["◆Watch", "77%"]]
