"""The roll-up of objectives against plain Python over the rows, and each figure against the list it leads to."""

import io
import random
import re
from collections import defaultdict
from decimal import Decimal as D

import openpyxl
import pytest
from django.http import QueryDict

from accounts.permissions import Role
from partners.models import LifeStage, Objective, ObjectiveProgress, Partner, PartnerType, Region, RegionLimit, Tier
from prm.common.vendor import fiscal_calendar, today
from scorecards.rollups.objectives import STATES, ObjectivesPage, text

COLUMNS = {"region": "region_id", "cam": "cam_id", "tier": "tier_id", "type": "partner_type_id", "stage": "stage_id"}
SIDES = ("partner", "vendor")


@pytest.fixture(params=[1, 2])
def crowd(acme, request):
    """Partners placed anyhow, most with objectives of either side, in this year and the one before, with some progress."""
    rng = random.Random(request.param)
    year = fiscal_calendar().year_of(today()).year
    regions, tiers = [*Region.objects.all(), None], [*Tier.objects.all(), None]
    cams = [acme.users[Role.CAM], acme.cam_b, None]
    for number in range(25):
        partner = Partner.objects.create(
            name=f"Crowd {number}", region=rng.choice(regions), tier=rng.choice(tiers), cam=rng.choice(cams),
            partner_type=rng.choice(PartnerType.objects.all()), stage=rng.choice(LifeStage.objects.all()),
        )  # fmt: skip
        for side in SIDES:
            for n in range(rng.choice([0, 1, 1, 2])):
                _objective(rng, partner, side, n, rng.choice([year, year, year - 1]))
    return acme


def _objective(rng, partner, side, number, year):
    start, goal = rng.choice([(0, 10), (10, 0), (None, None)])
    row = Objective.everything.create(
        partner=partner, side=side, fiscal_year=year, title=f"Aim {number}", yardstick="Any", baseline=start, goal=goal
    )
    for quarter in rng.sample([1, 2, 3, 4], rng.choice([0, 1, 2])):
        value = D(rng.choice([0, 10, 10, 5])) if goal is not None else D(rng.choice([99, 100, 120]))
        ObjectiveProgress.everything.create(objective=row, quarter=quarter, value=value, on=today())
    if rng.random() < 0.15:
        Objective.everything.filter(pk=row.pk).update(dropped_at="2026-01-01T00:00Z", dropped_reason="No")


def standing(partner, side, year, until):
    """How a partner stands, from the rows one by one."""
    rows = [
        row for row in Objective.everything.filter(partner=partner, side=side, fiscal_year=year) if not row.dropped_at
    ]
    met, entered = 0, 0
    for row in rows:
        known = {entry.quarter: entry.value for entry in ObjectiveProgress.everything.filter(objective=row)}
        known = {quarter: value for quarter, value in known.items() if quarter <= until}
        if known:
            entered += 1
            latest = known[max(known)]
            if row.goal is None:
                met += latest >= 100
            else:
                met += (latest - row.baseline) / (row.goal - row.baseline) >= 1
    if not rows:
        return "none"
    return "met" if met == len(rows) else "open" if entered else "silent"


def shape(user, query):
    page = ObjectivesPage(user, QueryDict(query))
    assert page.filter.is_valid(), page.filter.errors
    return page


def ids(client, address):
    response = client.get(address)
    assert response.status_code == 200, address
    return {int(pk) for pk in re.findall(r'class="row-link" href="/partners/(\d+)/', response.content.decode())}


def test_each_figure_by_each_dimension_and_quarter(crowd):
    chief = crowd.users[Role.CHIEF]
    now = fiscal_calendar().quarter_of(today())
    last_year = now.shift(-4).fiscal_year.quarters
    for dimension, column in COLUMNS.items():
        for quarter in (now.fiscal_year.quarters[0], now, last_year[1], last_year[3]):
            wanted = defaultdict(lambda: {side: dict.fromkeys(STATES, 0) for side in SIDES})
            for partner in Partner.objects.visible_to(chief):
                for side in SIDES:
                    wanted[getattr(partner, column)][side][standing(partner, side, quarter.year, quarter.number)] += 1
            page = shape(chief, f"by={dimension}&period={quarter.key}")
            assert {group.id: group.of for group in page.groups} == dict(wanted)
            for group in page.groups:
                some = sum(group.of["partner"][state] for state in STATES if state != "none")
                share = group.share("partner")
                assert (share is None) == (some == 0)
                assert share is None or share == D(group.of["partner"]["met"]) * 100 / some


def test_each_count_leads_to_its_partners(crowd, client_for):
    chief = crowd.users[Role.CHIEF]
    client = client_for(chief)
    page = shape(chief, "by=region&stage=accelerate&stage=onboard&stage=recruit&stage=mature")
    quarter = page.quarter
    for group in page.groups:
        for side in SIDES:
            for state in STATES:
                found = ids(client, page.group_url(group.id, objectives=text(side, quarter, state)))
                assert len(found) == group.of[side][state], (group, side, state)
                for pk in found:
                    assert standing(pk, side, quarter.year, quarter.number) == state
    total = page.grid.total
    counted = sum(group.of["partner"]["met"] for group in page.groups)
    assert total.figures[3].value == counted
    assert len(ids(client, total.figures[3].url)) == counted if counted else total.figures[3].url == ""


def test_a_figure_that_makes_no_sense_finds_nobody_and_says_so(crowd, client_for):
    client = client_for(crowd.users[Role.CHIEF])
    for wrong in ("nobody~2026Q1~met", "partner~2026~met", "partner~2026Q1~maybe", "x", "partner~2026Q1~met~more"):
        response = client.get(f"/partners/?objectives={wrong}")
        assert response.status_code == 200
        assert "That is not a figure of a roll-up." in response.content.decode()
        assert "row-link" not in response.content.decode()


def test_everybody_rolls_up_what_they_see(crowd, client_for):
    cam, chief = crowd.users[Role.CAM], crowd.users[Role.CHIEF]
    RegionLimit.objects.create(user=chief, region=Region.objects.get(key="west"))
    for user, seen in (
        (cam, Partner.objects.visible_to(cam)), (chief, Partner.objects.visible_to(chief))
    ):  # fmt: skip
        assert sum(group.partners for group in shape(user, "").groups) == seen.count()
        assert client_for(user).get("/objectives/roll-up/").status_code == 200
    for user in (crowd.users[Role.MARKETING], crowd.users_a[Role.PARTNER_EXECUTIVE]):
        assert client_for(user).get("/objectives/roll-up/").status_code == 403
        assert client_for(user).get("/objectives/roll-up.xlsx").status_code == 403


def test_the_workbook_has_what_the_page_has(crowd, client_for):
    chief = crowd.users[Role.CHIEF]
    client = client_for(chief)
    page = shape(chief, "by=tier")
    book = openpyxl.load_workbook(io.BytesIO(client.get("/objectives/roll-up.xlsx?by=tier").content))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    names = [row[0] for row in rows]
    for group in page.groups:
        row = rows[names.index(page.name(group.id))]
        assert row[1] == group.partners
        assert row[4] == group.of["partner"]["met"]
        assert row[8] == group.of["vendor"]["met"]
    response = client.get("/objectives/roll-up/?by=tier").content.decode()
    assert "How these figures are computed" in response
    empty = client.get("/objectives/roll-up/?q=nobody-of-this-name").content.decode()
    assert "No partner matches" in empty


def test_the_api_tells_what_the_page_tells(crowd, client_for):
    chief = crowd.users[Role.CHIEF]
    from django.test import Client

    from accounts import tokens

    _row, token = tokens.create(chief, "Test", ["partners:read"], 1)
    headers = {"authorization": f"Bearer {token}", "host": crowd.host}
    answer = Client().get("/api/v1/rollups/objectives", {"by": "cam"}, headers=headers).json()
    page = shape(chief, "by=cam")
    assert [(row["partners"], row["own"]["met"], row["vendor"]["silent"]) for row in answer["rows"]] == [
        (group.partners, group.of["partner"]["met"], group.of["vendor"]["silent"]) for group in page.groups
    ]
    assert answer["period"] == page.quarter.key
    wrong = Client().get("/api/v1/rollups/objectives", {"by": "nothing"}, headers=headers)
    assert wrong.status_code == 422
