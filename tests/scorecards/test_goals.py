"""Goals: how far, who sets, who agrees; on the pages and through the API."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from django.core.exceptions import ValidationError
from hypothesis import assume, given
from hypothesis import strategies as st

from accounts import tokens
from accounts.permissions import Role
from accounts.tokens import Scope
from prm.common.models import AuditEntry, Notification
from prm.common.rag import Rag, Thresholds
from scorecards import actions, goal_lines, goals
from scorecards.models import Assessment, Goal
from tests.api.conftest import Api, problem
from tests.scorecards.conftest import EXAMPLE, filled
from tests.scorecards.test_pages import text

CAMS = EXAMPLE | {"t1q1": "o100"}  # a1 = 75, a2 = 25, b1 = 80
LIMITS = Thresholds(green=90, amber=70)
SCORES = st.decimals(min_value=0, max_value=100, places=2)


# ── The rule ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("start", "goal", "now", "share", "percent", "rag"),
    [
        (25, 75, 50, Fraction(1, 2), 50, Rag.RED),
        (25, 75, 75, Fraction(1), 100, Rag.GREEN),
        (25, 75, 100, Fraction(3, 2), 150, Rag.GREEN),  # beyond the goal
        (25, 75, 0, Fraction(-1, 2), -50, Rag.RED),  # a step back
        (0, 90, 63, Fraction(7, 10), 70, Rag.AMBER),
        (0, 3, 2, Fraction(2, 3), 67, Rag.RED),
        (0, 200, 179, Fraction(179, 200), 90, Rag.GREEN),  # 89.5 % is shown as 90: the colour goes by what is shown
    ],
)
def test_attainment_by_hand(start, goal, now, share, percent, rag):
    found = goals.attainment(Decimal(start), Decimal(goal), Decimal(now))
    assert (found, goals.displayed(found), goals.status(found, LIMITS)) == (share, percent, rag)


def test_without_a_score_there_is_no_attainment():
    assert goals.attainment(Decimal(0), Decimal(50), None) is None
    assert goals.displayed(None) is None
    assert goals.status(None, LIMITS) is None
    with pytest.raises(ValueError, match="above"):
        goals.attainment(Decimal(50), Decimal(50), Decimal(50))


@given(SCORES, SCORES, SCORES)
def test_the_start_is_nothing_the_goal_is_all_and_in_between_it_grows(start, goal, now):
    assume(start < goal)
    assert goals.attainment(start, goal, start) == 0
    assert goals.attainment(start, goal, goal) == 1
    share = goals.attainment(start, goal, now)
    assert (share > 1) == (now > goal)
    assert (share < 0) == (now < start)
    assert Fraction(start) + share * (Fraction(goal) - Fraction(start)) == Fraction(now)


# ── Setting and agreeing ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def cam(acme):
    return acme.users[Role.CAM]


@pytest.fixture
def seller(acme):
    return acme.users_a[Role.PARTNER_SELLER]


@pytest.fixture
def both(acme, internal_version, cam, seller):
    own = filled(acme.partner_a, internal_version, seller, EXAMPLE | {"a2q1": "o50"})
    theirs = filled(acme.partner_a, internal_version, cam, CAMS)
    own.refresh_from_db()
    return own, theirs


LATER = dt.date(2099, 3, 31)


def propose(assessment, by, topic="a2", score_to=75, by_on=LATER):
    return actions.propose_goal(assessment=assessment, topic=topic, score_to=Decimal(score_to), by_on=by_on, by=by)


def test_one_side_proposes_the_other_agrees(both, cam, seller):
    goal = propose(both[1], cam)
    assert (goal.score_from, goal.agreed_by_vendor, goal.agreed_by_partner, goal.is_agreed) == (25, cam, None, False)
    assert Notification.objects.filter(user=seller, url=f"/portal/goals/{goal.pk}/").exists()
    assert not actions.agree_goal(goal=goal, by=cam).is_agreed  # one's own agreement is there already
    assert actions.agree_goal(goal=goal, by=seller).is_agreed
    actions.agree_goal(goal=goal, by=seller)
    assert AuditEntry.objects.filter(verb="goal.agreed").count() == 1
    assert Notification.objects.filter(user=cam, url=f"/goals/{goal.pk}/").count() == 1


def test_a_changed_goal_is_agreed_anew(both, cam, seller):
    goal = propose(both[1], seller)
    actions.agree_goal(goal=goal, by=cam)
    same = actions.change_goal(goal=goal, score_to=Decimal(75), by_on=LATER, by=cam)
    assert same.is_agreed
    changed = actions.change_goal(goal=goal, score_to=Decimal(90), by_on=LATER, by=cam)
    assert (changed.score_from, changed.score_to, changed.agreed_by_vendor, changed.agreed_by_partner) == (
        25,
        90,
        cam,
        None,
    )
    assert AuditEntry.objects.get(verb="goal.changed").changes == {"score_to": ["75.00", "90"]}


def test_one_live_goal_a_topic_and_a_dropped_one_makes_room(both, cam, seller):
    goal = propose(both[1], cam)
    with pytest.raises(ValidationError, match="has a goal already"):
        propose(both[0], seller)
    actions.drop_goal(goal=goal, by=seller)
    for late in (actions.drop_goal, actions.agree_goal):
        with pytest.raises(actions.Closed):
            late(goal=goal, by=cam)
    assert propose(both[0], seller).score_from == 50
    assert Goal.everything.count() == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"topic": "t1"}, "topic"),  # internal
        ({"topic": "nowhere"}, "topic"),
        ({"score_to": 25}, "score_to"),
        ({"score_to": 101}, "score_to"),
        ({"by_on": dt.date(2020, 1, 1)}, "by_on"),
    ],
)
def test_what_is_no_goal_is_refused_by_field(both, cam, wrong, field):
    with pytest.raises(ValidationError) as refused:
        propose(both[1], cam, **wrong)
    assert set(refused.value.message_dict) == {field}


def test_no_goal_tells_a_score_that_is_not_open_yet(acme, internal_version, cam, seller, client_for):
    for by, answers in ((cam, CAMS),):
        blind = filled(acme.partner_a, internal_version, by, answers)
        with pytest.raises(actions.NotAllowed):
            propose(blind, by)
    assert client_for(cam).get(f"/scorecards/{blind.pk}/goals/").status_code == 404
    assert f"/scorecards/{blind.pk}/goals/" not in client_for(cam).get(f"/scorecards/{blind.pk}/").content.decode()


def test_what_a_goal_has_come_to_is_what_the_reader_may_see(acme, both, internal_version, cam, seller):
    """From 25 to 75. The vendor scores anew, 50: half of it; the partner, still blind, sees what it saw."""
    propose(both[1], cam)
    before = goal_lines.lines(seller, acme.partner_a)[0].now
    Assessment.everything.filter(pk__in=[one.pk for one in both]).update(period="2020Q1")
    filled(acme.partner_a, internal_version, cam, CAMS | {"a2q1": "o50"})
    line = goal_lines.lines(cam, acme.partner_a)[0]
    assert (line.now, line.share, line.percent) == (50, Fraction(1, 2), 50)
    assert goal_lines.lines(seller, acme.partner_a)[0].now == before == 25


def test_a_topic_without_a_score_now_says_so(acme, both, internal_version, cam):
    propose(both[1], cam)
    filled(acme.partner_a, internal_version, cam, CAMS | {"a2q1": None})
    line = goal_lines.lines(cam, acme.partner_a)[0]
    assert (line.now, line.percent) == (None, None)
    assert line.reason == "Not assessed in the latest scorecard"


def test_others_see_and_touch_no_goal(acme, both, cam):
    goal = propose(both[1], cam)
    for stranger in (acme.cam_b, acme.users_b[Role.PARTNER_SELLER]):
        assert goal_lines.lines(stranger, acme.partner_a) == []
        with pytest.raises(Goal.DoesNotExist):
            actions.drop_goal(goal=goal, by=stranger)
    with pytest.raises(actions.NotAllowed):
        actions.drop_goal(goal=goal, by=acme.users[Role.CHIEF])


# ── The pages ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_from_the_summary_to_an_agreed_goal_on_both_sides(both, cam, seller, acme, client_for):
    vendor, portal = client_for(cam), client_for(seller)
    url = f"/scorecards/{both[1].pk}/goals/"
    assert url in vendor.get(f"/scorecards/{both[1].pk}/").content.decode()
    form = vendor.get(f"{url}?topic=a2")
    assert "Topic a2 (25)" in text(form)
    assert "Secret" not in text(form)
    bad = vendor.post(url, {"topic": "a2", "score_to": "20", "by_on": "2099-03-31"})
    assert bad.status_code == 422
    assert "A goal is above where the topic stands" in text(bad)
    assert 'value="20"' in bad.content.decode()
    good = vendor.post(url, {"topic": "a2", "score_to": "75", "by_on": "2099-03-31"})
    assert good["Location"] == f"/scorecards/{both[1].pk}/#goals"
    goal = Goal.everything.get()
    assert "Agree a goal: Topic a2" in text(portal.get("/portal/"))
    assert "asks for your agreement" in text(portal.get("/portal/scorecards/"))
    page = portal.get(f"/portal/goals/{goal.pk}/")
    assert "Agree" in text(page)
    assert 'value="75"' in page.content.decode()
    assert portal.post(f"/portal/goals/{goal.pk}/agree/").status_code == 302
    assert "Agree a goal" not in text(portal.get("/portal/"))
    for client, where in (
        (vendor, f"/scorecards/{both[1].pk}/"),
        (vendor, f"/partners/{acme.partner_a.pk}/scorecards/"),
        (portal, f"/portal/scorecards/{both[0].pk}/"),
    ):
        assert "by both" in text(client.get(where))
    changed = vendor.post(f"/goals/{goal.pk}/", {"score_to": "90", "by_on": "2099-03-31"})
    assert changed["Location"] == f"/partners/{acme.partner_a.pk}/scorecards/#goals"
    assert vendor.post(f"/goals/{goal.pk}/", {"score_to": "10", "by_on": "2099-03-31"}).status_code == 422
    assert "waits for the partner" in text(vendor.get(f"/goals/{goal.pk}/"))
    portal.post(f"/portal/goals/{goal.pk}/drop/")
    assert vendor.get(f"/goals/{goal.pk}/").status_code == 404
    assert "Topic a2" not in text(portal.get("/portal/scorecards/"))


def test_who_only_reads_sees_goals_and_no_way_to_set_them(both, cam, acme, client_for):
    goal = propose(both[1], cam)
    chief = client_for(acme.users[Role.CHIEF])
    page = chief.get(f"/scorecards/{both[1].pk}/").content.decode()
    assert "waits for the partner" in page
    assert f"/goals/{goal.pk}/" not in page
    assert chief.get(f"/goals/{goal.pk}/").status_code == 403
    assert chief.post(f"/goals/{goal.pk}/agree/").status_code == 403
    assert client_for(acme.cam_b).get(f"/goals/{goal.pk}/").status_code == 404
    assert client_for(acme.users_b[Role.PARTNER_SELLER]).post(f"/portal/goals/{goal.pk}/agree/").status_code == 404


# ── The API ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_goals_through_the_api(acme, both, cam, seller):
    vendor, portal = (Api(tokens.create(user, "Test", list(Scope), 1)[1], acme.host) for user in (cam, seller))
    where = f"/partners/{acme.partner_a.pk}/goals"
    body = {"assessment": both[1].pk, "topic": "a2", "score_to": "75", "by_on": "2099-03-31"}
    problem(vendor.post(where, body | {"score_to": "20"}), 422)
    problem(vendor.post(where, body | {"assessment": 999999}), 422)
    made = vendor.post(where, body)
    assert made.status_code == 201
    goal = made.json()
    # The latest the vendor sees is its own, submitted last: 25, where the goal starts.
    assert {name: goal[name] for name in ("score_from", "score_to", "now", "attainment", "attainment_percent", "rag", "agreed")} == {
        "score_from": "25.000000000000", "score_to": "75.00", "now": "25.000000000000", "attainment": "0.000000000000",
        "attainment_percent": 0, "rag": "red", "agreed": False,
    }  # fmt: skip
    assert portal.get(where).json()["items"][0]["id"] == goal["id"]
    assert portal.post(f"/goals/{goal['id']}/agree").json()["agreed"]
    assert vendor.get(f"/assessments/{both[0].pk}/result").json()["goals"][0]["agreed"]
    assert not portal.patch(f"/goals/{goal['id']}", {"by_on": "2099-06-30"}).json()["agreed"]
    vendor.patch(f"/goals/{goal['id']}", {"dropped": True})
    problem(vendor.patch(f"/goals/{goal['id']}", {"score_to": "80"}), 409)
    assert vendor.get(where).json()["items"] == []
