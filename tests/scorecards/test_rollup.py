"""The heat map against a recomputation from raw answers that calls nothing of the project's scoring or roll-up."""

import datetime as dt
import io
import random
import re
from collections import defaultdict
from fractions import Fraction

import openpyxl
import pytest
from django.db import connection
from django.http import QueryDict
from django.utils import timezone

from accounts.permissions import Role
from partners.models import Partner, Region, RegionLimit
from prm.common.vendor import fiscal_calendar, today
from scorecards import actions, contenders
from scorecards.heatmap import Map
from scorecards.models import Assessment
from scorecards.rollup import WHOLE
from tests.scorecards.conftest import EXAMPLE, give
from tests.scorecards.oracle import half_up, plant, recomputed
from tests.scorecards.test_pages import text


@pytest.fixture
def crowd(acme, version):
    """Twelve partners in two regions and none, with several assessments of either side, old ones and agreed ones."""
    chance = random.Random(7)
    cam, now = acme.users[Role.CAM], timezone.now()
    regions = [*Region.objects.order_by("order"), None]
    for number in range(12):
        partner = Partner.objects.create(
            name=f"P{number}", partner_type=acme.partner_a.partner_type, stage=acme.partner_a.stage,
            tier=acme.partner_a.tier, region=regions[number % 3], cam=cam,
        )  # fmt: skip
        for _time in range(chance.randrange(4)):
            days = chance.choice([1, 40, 100, 200, 364, 500])
            plant(
                partner, version, {key: chance.choice(["o0", "o25", "o50", "o80", "o100", None]) for key in EXAMPLE},
                finished_on=today() - dt.timedelta(days=days), finished_at=now - dt.timedelta(days=days, seconds=number),
                status=chance.choice(["submitted", "submitted", "agreed"]), mode=chance.choice(["cam", "cam", "self"]),
                revealed=chance.random() < 0.5,
            )  # fmt: skip
    give(actions.start_assessment(partner=partner, version=version, mode="cam", by=cam), cam, {"a1q1": "o100"})
    contenders.mark_all()
    return acme


def oracle(by, partners=None):
    """{group: (partners, {key: (mean, counted)})} by a column of the partner, from raw answers."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, {by} FROM partners_partner")
        group_of = {pk: group for pk, group in cursor.fetchall() if partners is None or pk in partners}
        cursor.execute(
            """SELECT id, partner_id, status, finished_at, finished_on, mode, revealed FROM scorecards_assessment
               WHERE status IN ('submitted', 'agreed')"""
        )
        rows = cursor.fetchall()
        cursor.execute("SELECT assessment_id, question_key, options->>0, na FROM scorecards_answer")
        answers = defaultdict(dict)
        for assessment, question, option, na in cursor.fetchall():
            answers[assessment][question] = None if na or not option else Fraction(int(option[1:]))
    last = today()
    first = last.replace(year=last.year - 1)
    best = {}
    for pk, partner, status, at, on, mode, revealed in rows:
        if first <= on <= last and (mode != "self" or revealed) and partner in group_of:
            rank = (status == "agreed", at, pk)
            if partner not in best or rank > best[partner][0]:
                best[partner] = (rank, recomputed(answers[pk]))
    groups = {}
    for group in set(group_of.values()):
        members = [pk for pk, own in group_of.items() if own == group]
        scores = defaultdict(list)
        for pk in members:
            for key, score in (best[pk][1] if pk in best else {}).items():
                if score is not None:
                    scores[key].append(score)
        groups[group] = (len(members), {key: (sum(found) / len(found), len(found)) for key, found in scores.items()})
    return groups


def heat(user, query=""):
    return {
        group.id: (group.partners, {key: (cell.mean, cell.counted) for key, cell in group.cells.items()})
        for group in Map(user, QueryDict(query)).groups
    }


def same(got, wanted, keys):
    assert got.keys() == wanted.keys()
    for group, (partners, cells) in wanted.items():
        assert got[group][0] == partners
        for key in keys:
            if key not in cells:
                assert key not in got[group][1]
                continue
            score, counted = got[group][1][key]
            assert counted == cells[key][1]
            assert abs(Fraction(score) - cells[key][0]) < Fraction(1, 10**9)


@pytest.mark.parametrize(("rows", "column"), [
    ("region", "region_id"), ("cam", "cam_id"), ("tier", "tier_id"), ("type", "partner_type_id"), ("stage", "stage_id"),
])  # fmt: skip
def test_each_cell_equals_a_recomputation_from_raw_answers(crowd, rows, column):
    wanted = oracle(column)
    assert sum(cells.get("", (0, 0))[1] for _n, cells in wanted.values()) > 3
    user = crowd.users[Role.OPERATIONS]
    same(heat(user, f"by={rows}"), wanted, ["", "A", "B"])
    topics = heat(user, f"by={rows}&category=A")
    same(topics, wanted, ["a1", "a2"])
    assert {g: c.get(WHOLE) for g, (_n, c) in topics.items()} == {
        g: c.get("A") for g, (_n, c) in heat(user, f"by={rows}").items()
    }


def test_a_chief_limited_to_a_region_and_a_cam_see_their_own(crowd):
    west = Region.objects.get(key="west")
    chief = crowd.users[Role.CHIEF]
    RegionLimit.objects.create(user=chief, region=west)
    mine = set(Partner.everything.filter(region=west).values_list("pk", flat=True))
    same(heat(chief), oracle("region_id", mine), ["", "A", "B"])
    theirs = set(Partner.everything.filter(cam=crowd.users[Role.CAM]).values_list("pk", flat=True))
    same(heat(crowd.users[Role.CAM]), oracle("region_id", theirs), ["", "A", "B"])


def test_a_cell_leads_to_exactly_its_partners(crowd, client_for):
    client = client_for(crowd.users[Role.OPERATIONS])
    page = client.get("/scorecards/roll-up/?by=region").content.decode()
    links = re.findall(r'<td class="heat-\w+"[^>]*>\s*<a href="([^"]+)">.*?heat-count">(\d+) of (\d+)', page, re.DOTALL)
    assert len(links) >= 6
    for link, counted, _of in links:
        listed = text(client.get(link.replace("&amp;", "&")))
        assert f"of {counted} " in listed.replace(" None ", " of 0 ")
    rows = re.findall(r'<th scope="row"><a href="([^"]+)">', page)
    assert "of 5 " in text(client.get(rows[0].replace("&amp;", "&")))  # four of the crowd and one of the world


def test_the_quarter_before_knows_nothing_of_this_one(crowd):
    assert heat(crowd.users[Role.OPERATIONS], "period=nonsense") == {}
    before = fiscal_calendar().quarter_of(today()).shift(-2)
    counted = heat(crowd.users[Role.OPERATIONS], f"period={before.key}")
    expected = {
        pk
        for pk, on, mode, revealed in Assessment.everything.filter(status__in=["submitted", "agreed"]).values_list(
            "partner_id", "finished_on", "mode", "revealed"
        )
        if before.end.replace(year=before.end.year - 1) <= on <= before.end and (mode != "self" or revealed)
    }
    assert sum(cells.get("", (0, 0))[1] for _n, cells in counted.values()) == len(expected)


def test_colours_come_from_the_displayed_integer(crowd, client_for):
    page = client_for(crowd.users[Role.OPERATIONS]).get("/scorecards/roll-up/?by=tier").content.decode()
    [(_partners, cells)] = oracle("tier_id").values()
    shown = half_up(cells[""][0])
    colour = "green" if shown >= 80 else "amber" if shown >= 50 else "red"
    assert re.search(rf'heat-{colour}"[^>]*>.*?</span>{shown}</span>', page, re.DOTALL)


def test_the_workbook_holds_the_means_unrounded(crowd, client_for):
    content = client_for(crowd.users[Role.OPERATIONS]).get("/scorecards/roll-up.xlsx?by=tier").content
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).active.values)
    [(partners, cells)] = oracle("tier_id").values()
    assert rows[1][1] == partners
    assert abs(Fraction(str(rows[1][2])) - cells[""][0]) < Fraction(1, 10**8)
    assert rows[1][3] == cells[""][1]


def test_more_partners_cost_no_more_queries(crowd, client_for, django_assert_max_num_queries):
    client = client_for(crowd.users[Role.OPERATIONS])
    with django_assert_max_num_queries(22):
        client.get("/scorecards/roll-up/?by=cam")
    with django_assert_max_num_queries(24):
        client.get("/scorecards/")
