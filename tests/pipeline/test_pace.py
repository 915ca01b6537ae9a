"""How fast deals go, by hand."""

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.urls import reverse

from accounts.permissions import Role
from pipeline.deals import actions
from pipeline.deals.pace import Pace, PaceFilter, pace
from prm.common.vendor import today
from tests.api.conftest import api_for  # noqa: F401
from tests.pipeline.conftest import stage


def ago(days: int) -> dt.date:
    return today() - dt.timedelta(days=days)


@pytest.fixture
def went(acme, deal_for):
    """went(60, proof=50, won=20, …): a deal created so many days ago, and moved to stages so many days ago."""

    def make(created: int, partner=None, **moves: int):
        deal = deal_for(partner, stage="qualified", created_on=ago(created))
        for key, days in moves.items():
            reason = "Too dear" if key == "lost" else ""
            by = acme.users[Role.ADMIN]
            actions.move_deal(by=by, deal=deal, to=stage(key.rstrip("_")), on=ago(days), lost_reason=reason)
        return deal

    return make


@pytest.fixture
def figures(acme):
    def read(query: str = "", role: Role = Role.ADMIN) -> Pace:
        user = acme.users[role]
        return pace(user, PaceFilter(QueryDict(query), user=user))

    return read


def of(found: Pace, key: str):
    return next(one for one in found.stages if one.stage.key == key)


def test_days_in_a_stage_and_where_deals_went_from_there(went, figures):
    went(60, proof=50, proposal=20)  # 10 days in qualified, 30 in proof: on
    went(60, proof=40, qualified_=35, proof_=5)  # 20, back after 5, then 30
    went(90, proof=84, lost=80)  # 6, lost after 4
    went(30, won=10)  # 20, straight to won
    went(12)
    found = figures()
    qualified, proof = of(found, "qualified"), of(found, "proof")
    # Stays in qualified that ended: 10, 20, 30 (after it came back), 6, 20.
    assert (qualified.ended, qualified.on, qualified.back, qualified.lost) == (5, 5, 0, 0)
    assert qualified.days == 20
    assert (qualified.now, qualified.stale) == (1, 0)
    # In proof: 30 on, 5 back, 4 lost; one is in it now.
    assert (proof.ended, proof.on, proof.back, proof.lost) == (3, 1, 1, 1)
    assert proof.days == 5
    assert proof.went_on == Decimal(100) / 3
    assert (proof.now, proof.stale) == (1, 0)
    negotiation = of(found, "negotiation")
    assert (negotiation.ended, negotiation.days, negotiation.went_on) == (0, None, None)
    assert (found.won, found.lost, found.win_rate, found.days) == (1, 1, 50, 20)


def test_what_ended_before_the_span_does_not_count_and_half_days_are_said(went, figures):
    went(300, proof=200)
    went(20, proof=10)
    went(20, proof=5)
    assert of(figures(), "qualified").days == Decimal("12.5")
    assert of(figures(), "proof").stale == 1
    assert of(figures("span=year"), "qualified").ended == 3
    assert of(figures("span=year"), "qualified").days == 15


def test_everybody_sees_the_pace_of_their_own_deals(acme, went, figures):
    went(20, proof=10)
    went(40, acme.partner_b, proof=10)
    assert of(figures(role=Role.CAM), "qualified").days == 10
    assert of(figures(), "qualified").ended == 2
    assert of(figures(f"partner={acme.partner_b.pk}"), "qualified").days == 30
    assert figures("led=vendor").stages[0].ended == 0


def test_nothing_yet_is_said_with_its_reason(acme, figures, client_for):
    found = figures()
    assert (found.win_rate, found.days) == (None, None)
    page = client_for(acme.users[Role.CAM]).get(reverse("pipeline:deals_pace"))
    assert page.status_code == 200
    assert "None was closed" in page.text
    assert "No stay ended" in page.text


def test_page_and_file_say_the_same(acme, went, client_for):
    went(60, proof=50, proposal=20)
    client = client_for(acme.users[Role.CAM])
    page = client.get(reverse("pipeline:deals_pace")).text
    assert "100%" in page
    assert f"{reverse('pipeline:deals')}?deal_stage=proposal" in page
    file = client.get(reverse("pipeline:deals_pace_export", args=["csv"])).content.decode("utf-8-sig")
    rows = {row["Stage"]: row for row in csv.DictReader(io.StringIO(file))}
    assert (rows["Proof"]["Stays ended"], rows["Proof"]["Median days"], rows["Proof"]["Went on, %"]) == (
        "1",
        "30",
        "100",
    )
    assert rows["Proposal"]["In it now"] == "1"
    assert rows["Negotiation"]["Median days"] == ""


def test_the_same_by_the_api(acme, went, api_for):  # noqa: F811
    went(60, proof=50, proposal=20)
    found = api_for(acme.users[Role.CAM]).get("/deals/pace", span="year").json()
    assert (found["won"], found["lost"], found["days"]) == (0, 0, None)
    proof = next(one for one in found["stages"] if one["stage"] == "proof")
    assert proof == {"stage": "proof", "ended": 1, "on": 1, "back": 0, "lost": 0, "days": "30", "now": 0, "stale": 0}
    assert api_for(acme.users[Role.CAM]).get("/deals/pace", spam="year").status_code == 422
