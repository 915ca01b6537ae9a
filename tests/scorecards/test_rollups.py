"""Each figure of each roll-up against plain SQL over raw answers (`oracle`), and against the list it leads to."""

import datetime as dt
import io
import re
from collections import Counter, defaultdict
from fractions import Fraction
from statistics import mean
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from django.http import QueryDict

from accounts.permissions import Role
from partners.models import Partner, Region, RegionLimit
from prm.common.vendor import fiscal_calendar, today, vendor_settings
from scorecards.heatmap import Map
from scorecards.rollups.completion import CompletionPage
from scorecards.rollups.distribution import DistributionPage
from scorecards.rollups.investment import InvestmentPage
from scorecards.rollups.movers import MoversPage
from scorecards.rollups.times import TimePage
from tests.scorecards import oracle
from tests.scorecards.test_pages import text

COLUMNS = {
    "region": "region_id", "cam": "cam_id", "tier": "tier_id", "type": "partner_type_id", "stage": "stage_id",
}  # fmt: skip
# Each "of" and the key of the oracle's scores.
MEASURES = {"": "", "category:B": "B", "topic:a2": "a2"}


@pytest.fixture(params=[1, 2])
def crowd(acme, version, request):
    return oracle.make_crowd(acme, version, request.param, 28)


@pytest.fixture
def chief(crowd):
    return crowd.users[Role.CHIEF]


@pytest.fixture
def listed(client_for, chief):
    """The ids of the partners that an address lists."""
    client = client_for(chief)

    def get(url):
        response = client.get(url)
        assert response.status_code == 200, url
        return {int(pk) for pk in re.findall(r'class="row-link" href="/partners/(\d+)/', response.content.decode())}

    return get


def key(back=0):
    """The quarter's key in addresses."""
    return fiscal_calendar().quarter_of(oracle.quarter(back)[0]).key


def close(got, wanted):
    return abs(Fraction(got) - wanted) < Fraction(1, 10**8)


def shape(user, page, query):
    shown = page(user, QueryDict(query))
    assert shown.filter.is_valid(), shown.filter.errors
    return shown


# ── Heat map by two dimensions of partners ───────────────────────────────────────────────────────────────────────────


def test_each_cell_of_two_dimensions(crowd, chief, listed):
    for by, across in (("region", "tier"), ("cam", "stage"), ("type", "region"), ("stage", "cam")):
        for back in (0, 2):
            check_cross(chief, listed, by, across, back)


def check_cross(chief, listed, by, across, back):
    best = oracle.best(oracle.assessments(), oracle.quarter(back)[1])
    rows, columns = oracle.groups(COLUMNS[by]), oracle.groups(COLUMNS[across])
    followed = 0
    for of, name in MEASURES.items():
        shown = shape(chief, Map, f"by={by}&across={across}&of={of}&period={key(back)}")
        wanted = defaultdict(dict)
        for partner, row in rows.items():
            wanted[row, columns[partner]][partner] = best[partner].scores[name] if partner in best else None
        got = {(group.id, column): cell for group in shown.crossed for column, cell in group.cells.items()}
        assert got.keys() == wanted.keys()
        for group in shown.crossed:
            assert group.partners == sum(1 for row in rows.values() if row == group.id)
            for column, (partners, cell) in group.cells.items():
                scores = {pk: score for pk, score in wanted[group.id, column].items() if score is not None}
                assert partners == len(wanted[group.id, column])
                assert (cell.counted if cell else 0) == len(scores)
                if cell:
                    assert close(cell.mean, sum(scores.values()) / len(scores))
                    if of == "topic:a2":
                        assert listed(shown.cross_url(group, column)) == set(scores)
                        followed += 1
    assert followed >= 3


def test_rows_and_columns_are_two_things(crowd, client_for, chief):
    page = client_for(chief).get("/scorecards/roll-up/?by=tier&across=tier")
    assert "can’t stand for the same thing" in text(page)


# ── Distribution ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_part_of_the_distribution(crowd, chief, listed):
    for by in COLUMNS:
        for back in (0, 1):
            check_distribution(chief, listed, by, back)


def check_distribution(chief, listed, by, back):
    best = oracle.best(oracle.assessments(), oracle.quarter(back)[1])
    groups = oracle.groups(COLUMNS[by])
    for of, name in MEASURES.items():
        shown = shape(chief, DistributionPage, f"by={by}&of={of}&period={key(back)}")
        wanted = defaultdict(set)
        for partner, group in groups.items():
            wanted[group, oracle.colour(best[partner].scores[name] if partner in best else None)].add(partner)
        got = {(group.id, colour): count for group in shown.groups for colour, count in group.of.items() if count}
        assert got == {place: len(partners) for place, partners in wanted.items()}
        if of == "topic:a2" and by in ("region", "cam"):
            for group, line in zip(shown.groups, shown.grid.lines, strict=True):
                for colour, figure in zip(("green", "amber", "red", "none"), line.figures[1::2], strict=True):
                    assert figure.value == len(wanted[group.id, colour])
                    if figure.url:
                        assert listed(figure.url) == wanted[group.id, colour]
            assert [figure.value for figure in shown.grid.total.figures[1::2]] == [
                sum(len(partners) for (_group, own), partners in wanted.items() if own == colour)
                for colour in ("green", "amber", "red", "none")
            ]


# ── Movers ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_mover(crowd, chief, listed):
    found = 0
    for since, quarters in (("", 1), ("year", 4)):
        for back in (0, 1):
            for of in MEASURES:
                found += check_movers(chief, listed, since, quarters, back, of)
    assert found > 20


def check_movers(chief, listed, since, quarters, back, of):
    rows = oracle.assessments()
    now = oracle.best(rows, oracle.quarter(back)[1])
    then = oracle.best(rows, oracle.quarter(back + quarters)[1])
    name, changes = MEASURES[of], {}
    for partner in now.keys() & then.keys():
        after, before = now[partner], then[partner]
        if after.id != before.id and after.scores[name] is not None and before.scores[name] is not None:
            changes[partner] = after.scores[name] - before.scores[name]
    shown = shape(chief, MoversPage, f"since={since}&of={of}&period={key(back)}")
    for moves, sign in ((shown.moves.up, 1), (shown.moves.down, -1)):
        wanted = {partner: change for partner, change in changes.items() if change * sign > 0}
        assert {move.partner_id for move in moves} == set(wanted)
        assert [abs(move.change) for move in moves] == sorted((abs(move.change) for move in moves), reverse=True)
        for move in moves:
            assert close(move.change, wanted[move.partner_id])
            assert (move.now_id, move.then_id) == (now[move.partner_id].id, then[move.partner_id].id)
    ways = {"up": 1, "down": -1, "same": 0}
    for tile, (direction, sign) in zip(shown.tiles, ways.items(), strict=True):
        wanted = {partner for partner, change in changes.items() if (change > 0) - (change < 0) == sign}
        assert shown.moves.counts[direction] == tile["value"] == len(wanted)
        if tile["url"]:
            assert listed(tile["url"]) == wanted
    return len(changes)


def test_movers_are_paged_and_the_file_has_all(crowd, chief, client_for, monkeypatch):
    everything = MoversPage(chief, QueryDict("since=year"))
    monkeypatch.setattr("scorecards.rollups.movers.PAGE", 2)
    seen = []
    for number in range(1, everything.moves.counts["up"] // 2 + 2):
        moves = MoversPage(chief, QueryDict(f"since=year&up={number}")).moves.up
        seen += [move for move in moves if move not in seen]
    assert seen == everything.moves.up
    content = client_for(chief).get("/scorecards/roll-up/movers.xlsx?since=year").content
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert [len(list(sheet.values)) - 1 for sheet in book] == [len(everything.moves.up), len(everything.moves.down)]


# ── Investment ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_topic_to_invest_in(crowd, chief, listed):
    for back in (0, 1):
        check_investment(chief, listed, back)


def check_investment(chief, listed, back):
    best = oracle.best(oracle.assessments(), oracle.quarter(back)[1])
    wanted = defaultdict(dict)
    for partner, row in best.items():
        for topic, (gap, impact) in oracle.gains(row).items():
            wanted[topic][partner] = (gap, impact, row.scores[topic])
    shown = shape(chief, InvestmentPage, f"period={key(back)}")
    assert shown.counted == len(best)
    assert {gain.key for gain in shown.gains} == set(wanted)
    assert [gain.impact for gain in shown.gains] == sorted((gain.impact for gain in shown.gains), reverse=True)
    for gain, line in zip(shown.gains, shown.grid.lines, strict=True):
        partners = wanted[gain.key].values()
        assert gain.partners == len(partners)
        assert close(gain.impact, sum(impact for _gap, impact, _score in partners))
        assert close(gain.mean_gap, mean(gap for gap, _impact, _score in partners))
        assert close(gain.mean_score, mean(score for _gap, _impact, score in partners))
        assert listed(line.url) == set(wanted[gain.key])


# ── Completion ───────────────────────────────────────────────────────────────────────────────────────────────────────


def state(rows, back):
    """(state, overdue) of one partner's assessments in a quarter."""
    first, last = oracle.quarter(back)
    zone = ZoneInfo(vendor_settings().time_zone)
    end = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), zone)
    counted = [row.on for row in rows if row.counts and row.on <= last]
    overdue = bool(counted) and max(counted) < oracle.year_before(last)
    if any(first <= day for day in counted):
        return "done", overdue
    begun = [row for row in rows if row.started < end]
    opened = [
        row for row in begun
        if (row.status == "draft" and (row.expired is None or row.expired >= end)) or (row.at and row.at >= end)
    ]  # fmt: skip
    if any(row.mode in ("cam", "joint") for row in opened):
        return "draft", overdue
    waits = any(
        row.mode == "self" and row.status == "submitted" and not row.revealed and first <= row.on <= last
        for row in rows
    )
    return "asked" if waits or any(row.mode == "self" for row in opened) else "none", overdue


def test_each_figure_of_completion(crowd, chief, listed):
    for by in COLUMNS:
        for back in (0, 1, 2):
            check_completion(chief, listed, by, back)


def check_completion(chief, listed, by, back):
    own = defaultdict(list)
    for row in oracle.assessments():
        own[row.partner].append(row)
    wanted = defaultdict(set)
    for partner, group in oracle.groups(COLUMNS[by]).items():
        reached, overdue = state(own[partner], back)
        wanted[group, reached].add(partner)
        if overdue:
            wanted[group, "old"].add(partner)
    shown = shape(chief, CompletionPage, f"by={by}&period={key(back)}")
    got = {(group.id, name): count for group in shown.groups for name, count in group.of.items() if count}
    assert got == {place: len(partners) for place, partners in wanted.items()}
    if by != "region":
        return
    for group, line in zip(shown.groups, shown.grid.lines, strict=True):
        for name, figure in zip(("done", "draft", "asked", "none", "old"), line.figures[2:], strict=True):
            if figure.url:
                assert listed(figure.url) == wanted[group.id, name]
        assert close(line.figures[1].value, Fraction(len(wanted[group.id, "done"]) * 100, group.partners))


# ── Time ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_figure_of_time(crowd, chief, listed):
    for by in (*COLUMNS, "mode", "turn"):
        for back in (0, 1):
            check_time(chief, listed, by, back)


def check_time(chief, listed, by, back):
    rows = oracle.assessments()
    finished = [row for row in rows if row.status != "draft"]
    first, last = oracle.quarter(back)
    timed = [row for row in finished if row.seen and row.seconds and first <= row.on <= last]

    def turn(row):
        earlier = any(
            other.partner == row.partner
            and other.at < row.started
            and (other.mode == row.mode or other.status == "agreed")
            for other in finished
        )
        return "again" if earlier else "first"

    group_of = oracle.groups(COLUMNS[by]) if by in COLUMNS else {}
    wanted = defaultdict(list)
    for row in timed:
        wanted[row.mode if by == "mode" else turn(row) if by == "turn" else group_of[row.partner]].append(row)
    shown = shape(chief, TimePage, f"by={by}&period={key(back)}")
    assert timed
    assert {group.id for group in shown.groups} == set(wanted)
    for group, line in [*zip(shown.groups, shown.grid.lines, strict=True), (shown.everything, shown.grid.total)]:
        own = timed if group is shown.everything else wanted[group.id]
        seconds = [row.seconds for row in own]
        assert (group.assessments, group.partners) == (len(own), len({row.partner for row in own}))
        assert close(group.median, oracle.quantile(seconds, Fraction(1, 2)))
        assert close(group.ninety, oracle.quantile(seconds, Fraction(9, 10)))
        assert group.under == sum(1 for each in seconds if each < 300)
        assert listed(line.figures[0].url) == {row.partner for row in own}
        if line.figures[-1].url:
            assert listed(line.figures[-1].url) == {row.partner for row in own if row.seconds < 300}


# ── Who sees what ────────────────────────────────────────────────────────────────────────────────────────────────────

PAGES = (Map, DistributionPage, MoversPage, InvestmentPage, CompletionPage, TimePage)
ADDRESSES = [
    f"/scorecards/roll-up/{name}" for name in ("", "distribution/", "movers/", "investment/", "completion/", "time/")
]


def counted(page, user):
    """How many partners a page is about."""
    shown = page(user, QueryDict("by=region"))
    if page is MoversPage:
        return {move.partner_id for move in (*shown.moves.up, *shown.moves.down)}
    if page is InvestmentPage:
        return shown.counted
    if page is TimePage:
        return shown.everything.partners if shown.everything else 0
    return sum(group.partners for group in shown.groups)


def test_a_limited_chief_and_a_cam_see_their_own(crowd):
    for page in PAGES:
        check_reach(crowd, page)


def check_reach(crowd, page):
    west = Region.objects.get(key="west")
    chief, cam = crowd.users[Role.CHIEF], crowd.users[Role.CAM]
    RegionLimit.objects.filter(user=chief).delete()
    everything = counted(page, type(chief).objects.get(pk=chief.pk))
    RegionLimit.objects.create(user=chief, region=west)
    rows = oracle.assessments()
    now, then = oracle.best(rows, today()), oracle.best(rows, oracle.quarter(1)[1])
    start = oracle.quarter()[0]
    for user, mine in (
        (
            type(chief).objects.get(pk=chief.pk),
            set(Partner.everything.filter(region=west).values_list("pk", flat=True)),
        ),
        (cam, set(Partner.everything.filter(cam=cam).values_list("pk", flat=True))),
    ):
        got = counted(page, user)
        assert got != everything
        if page is MoversPage:
            changed = {pk for pk in now.keys() & then.keys() if now[pk].id != then[pk].id}
            scored = {pk for pk in changed if None not in (now[pk].scores[""], then[pk].scores[""])}
            assert got == {pk for pk in scored & mine if now[pk].scores[""] != then[pk].scores[""]}
        elif page is InvestmentPage:
            assert got == len(now.keys() & mine)
        elif page is TimePage:
            timed = {
                row.partner for row in rows if row.status != "draft" and row.seen and row.seconds and row.on >= start
            }
            assert got == len(timed & mine)
        else:
            assert got == len(mine)


def test_a_narrowed_row_leads_to_its_narrowed_partners(crowd, chief, listed):
    """The filter of the page stays on the way down, and a row's own value takes the place of the filter's."""
    west, east = Region.objects.get(key="west"), Region.objects.get(key="east")
    tier = Partner.everything.filter(tier__isnull=False).first().tier
    shown = shape(chief, CompletionPage, f"by=region&region=west&region=east&tier={tier.key}")
    found = {group.id: listed(shown.group_url(group.id)) for group in shown.groups}
    assert set(found) <= {west.pk, east.pk}
    for pk, partners in found.items():
        assert partners == set(Partner.everything.filter(region=pk, tier=tier).values_list("pk", flat=True))


def test_a_page_has_its_tabs_and_its_file_and_takes_nonsense(crowd, chief, client_for):
    for address in ADDRESSES:
        check_page(client_for(chief), address)


def check_page(client, address):
    page = client.get(f"{address}?tier=gold").content.decode()
    assert page.count('aria-current="page"') >= 1
    file = re.search(r'href="(/scorecards/roll-up[^"]*\.xlsx[^"]*)"', page)[1].replace("&amp;", "&")
    assert "tier=gold" in file
    content = client.get(file).content
    assert next(iter(openpyxl.load_workbook(io.BytesIO(content)).active.values))[0]
    other = [url for url in re.findall(r'<li><a href="(/scorecards/roll-up[^"]*)"', page) if "tier=gold" in url]
    assert len(set(other)) == 6
    assert client.get(f"{address}?period=nonsense").status_code == 200
    assert client.get(f"{address}?of=topic:none&by=colour&across=x&since=x&up=x&down=99&page=x").status_code == 200


NONSENSE = [
    "", "x", "rag~capability", "rag~capability~2026Q1~~blue", "rag~capability~2026~~red", "rag~none~2026Q1~~red",
    "rag~capability~2026Q1~topic:none~red", "moved~capability~2026Q1~~week~up", "done~capability~2026Q1~x",
    "time~capability~2026Q1~x~~", "below~capability~2026Q1", "rag~capability~2026Q1~~red~more", "~~~~",
]  # fmt: skip


def test_a_figure_that_is_none_lists_nobody(crowd, chief, client_for):
    client = client_for(chief)
    for figure in NONSENSE:
        page = text(client.get("/scorecards/", {"figure": figure}))
        assert ("That is not a figure of a roll-up." in page) == bool(figure), figure


# ── How a figure came about ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_figure_explains_itself_with_its_numbers(crowd, chief, client_for):
    client = client_for(chief)
    best = oracle.best(oracle.assessments(), today())
    scores = [row.scores[""] for row in best.values() if row.scores[""] is not None]
    shown = Map(chief, QueryDict("by=tier"))
    group = max(shown.groups, key=lambda group: group.cells[""].counted)
    page = text(client.get(shown.cell_url(group, "overall", "")))
    cell = group.cells[""]
    assert f"÷ {cell.counted} = " in page
    assert re.search(rf"= {float(cell.mean):.2f}".rstrip("0").rstrip("."), page)

    distribution = DistributionPage(chief, QueryDict("by=tier"))
    red = Counter(map(oracle.colour, scores))["red"]
    total = sum(group.partners for group in distribution.groups)
    page = text(client.get(distribution.grid.total.figures[5].url))
    assert f"{red} ÷ {total} × 100 = " in page

    investment = InvestmentPage(chief, QueryDict(""))
    gain, line = investment.gains[0], investment.grid.lines[0]
    assert f"÷ {gain.partners} = " in text(client.get(line.url))

    time = TimePage(chief, QueryDict("by=mode"))
    assert f"of {time.everything.assessments}" in text(client.get(time.grid.total.figures[0].url))
    for address in ADDRESSES:
        assert "How these figures are computed" in text(client.get(address))


def test_many_partners_cost_no_more_queries(crowd, chief, client_for, django_assert_max_num_queries):
    client = client_for(chief)
    for address in ADDRESSES:
        with django_assert_max_num_queries(24):
            client.get(f"{address}?by=cam")
    for page in (DistributionPage, CompletionPage, TimePage, InvestmentPage):
        url = page(chief, QueryDict("by=tier")).grid.lines[0].figures[1 if page is not CompletionPage else 2].url
        with django_assert_max_num_queries(44):
            client.get(url or "/scorecards/")


def test_a_page_without_a_questionnaire_is_empty(acme, client_for):
    from scorecards.models import QuestionnaireVersion

    QuestionnaireVersion.objects.update(status="retired")
    for address in ADDRESSES:
        assert client_for(acme.users[Role.CHIEF]).get(address).status_code == 200
