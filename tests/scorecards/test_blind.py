"""Blind until both are in, where it could slip: prefill, trend, lifts, mails, bells, roll-ups, the chart over time.

tests/guards/test_blind.py reads every page, file and API answer besides.
"""

from datetime import date
from decimal import Decimal

import pytest

from accounts import tokens
from accounts.permissions import Role
from accounts.tokens import Scope
from partners import queries as partner_queries
from partners.lift import lift_of
from prm.common.models import Notification, OutgoingMail
from scorecards import actions, goal_lines, over_time, queries
from scorecards.actions import Given, PlanItem
from scorecards.models import Answer, AnswerChange, Assessment, AssessmentScore
from tests.api.conftest import Api
from tests.scorecards.conftest import EXAMPLE, filled
from tests.scorecards.test_pages import text

CAMS = EXAMPLE | {"t1q1": "o100"}


@pytest.fixture
def cam(acme):
    return acme.users[Role.CAM]


@pytest.fixture
def seller(acme):
    return acme.users_a[Role.PARTNER_SELLER]


@pytest.fixture
def pair(acme, internal_version, cam, seller):
    """Of an earlier quarter, open to both: a2 is 25 by both."""
    made = [filled(acme.partner_a, internal_version, by, answers) for by, answers in ((seller, EXAMPLE), (cam, CAMS))]
    Assessment.everything.update(period="2020Q1")
    return made


@pytest.fixture(params=["cam", "self"])
def blind(request, acme, internal_version, cam, seller, pair):
    """One side's new scorecard, which the other doesn't see: a2 is 50."""
    by, answers = (cam, CAMS) if request.param == "cam" else (seller, EXAMPLE)
    made = filled(acme.partner_a, internal_version, by, answers | {"a2q1": "o50"})
    assert not made.revealed
    return made


@pytest.fixture
def author(blind, cam, seller):
    return cam if blind.mode == "cam" else seller


@pytest.fixture
def other(blind, cam, seller):
    return seller if blind.mode == "cam" else cam


def test_the_rows_of_it_are_out_of_reach(blind, author, other):
    for model, path in (
        (Assessment, "pk"),
        (Answer, "assessment"),
        (AnswerChange, "assessment"),
        (AssessmentScore, "assessment"),
    ):
        assert model.objects.visible_to(author).filter(**{path: blind.pk}).exists()
        assert not model.objects.visible_to(other).filter(**{path: blind.pk}).exists()


def test_the_other_side_starts_from_its_own_answers(acme, blind, other, internal_version):
    draft = actions.start_assessment(
        partner=acme.partner_a, version=internal_version, mode=queries.own_mode(other), by=other
    )
    assert draft.answers.get(question_key="a2q1").options == ["o25"]


def test_the_other_sides_trend_latest_and_chart_leave_it_out(acme, blind, author, other, pair):
    assert queries.latest(other, acme.partner_a, blind.questionnaire) in pair
    assert queries.latest(author, acme.partner_a, blind.questionnaire) == blind
    for one in pair:
        assert queries.previous(other, one) != blind
    chart = over_time.overall_over_time(other, acme.partner_a, blind.questionnaire, lambda row: f"/{row.pk}/")
    assert chart is None  # one quarter that the other side knows of: nothing to draw
    drawn = over_time.overall_over_time(author, acme.partner_a, blind.questionnaire, lambda row: f"/{row.pk}/")
    assert drawn.hrefs[-1] == f"/{blind.pk}/"


def test_goals_stand_where_the_reader_may_know_they_do(acme, blind, author, other, pair, cam):
    """From 25 to 75; the side that scored 50 anew sees a half, the other side nothing of it."""
    actions.propose_goal(assessment=pair[1], topic="a2", score_to=Decimal(75), by_on=date(2099, 1, 1), by=cam)
    assert [line.percent for line in goal_lines.lines(author, acme.partner_a)] == [50]
    assert [line.percent for line in goal_lines.lines(other, acme.partner_a)] == [0]


def test_nothing_of_it_is_mailed_or_rung(blind, other):
    assert not OutgoingMail.objects.filter(to=other.email).exists()
    assert not Notification.objects.filter(user=other).exists()


def test_an_action_taken_from_it_shows_the_other_side_no_lift_until_both_are_in(
    acme, blind, author, other, internal_version, client_for
):
    """a2 is 50 of 80: the lift of its only question is 30 points."""
    made = actions.accept_action_plan(assessment=blind, items=[PlanItem("a2q1", "Train")], by=author)[0]
    assert made.expected_lift == 30

    def lift(user):
        through_api = Api(tokens.create(user, "Test", list(Scope), 1)[1], acme.host).get(f"/actions/{made.pk}").json()
        shown = lift_of(partner_queries.actions(user).get(pk=made.pk)).expected
        assert through_api["expected_lift"] == (None if shown is None else str(shown))
        where = "/portal/actions/" if user.is_partner_side else f"/partners/{acme.partner_a.pk}/actions/"
        assert ("+30" in text(client_for(user).get(where))) == (shown is not None)
        return shown

    assert lift(author) == 30
    assert lift(other) is None
    answers = EXAMPLE if other.is_partner_side else CAMS
    filled(acme.partner_a, internal_version, other, answers)
    assert lift(other) == 30


def test_changing_an_actions_status_tells_no_lift_either(acme, pair, internal_version, cam, seller):
    blind = filled(acme.partner_a, internal_version, cam, CAMS | {"a2q1": "o50"})
    made = actions.accept_action_plan(assessment=blind, items=[PlanItem("a2q1", "Train")], by=cam)[0]
    portal = Api(tokens.create(seller, "Test", list(Scope), 1)[1], acme.host)
    assert portal.patch(f"/actions/{made.pk}", {"status": "done"}).json()["expected_lift"] is None


def test_an_action_taken_late_from_a_blind_one_has_no_lift(acme, internal_version, cam, seller):
    """After a later scorecard is open to both, what an old one tells stays untold for good."""
    old = filled(acme.partner_a, internal_version, cam, CAMS)
    Assessment.everything.update(period="2020Q1")
    for by, answers in ((seller, EXAMPLE), (cam, CAMS)):
        latest = filled(acme.partner_a, internal_version, by, answers)
    late = actions.accept_action_plan(assessment=old, items=[PlanItem("a2q1", "Late")], by=cam)[0]
    assert lift_of(partner_queries.actions(seller).get(pk=late.pk)).expected is None
    assert lift_of(partner_queries.actions(cam).get(pk=late.pk)).expected == 55
    fresh = actions.accept_action_plan(assessment=latest, items=[PlanItem("a2q1", "Fresh")], by=cam)[0]
    assert fresh.expected_lift == 55
    assert lift_of(partner_queries.actions(seller).get(pk=fresh.pk)).expected == 55


def test_the_partners_own_counts_in_no_figure_of_the_vendor(acme, internal_version, cam, seller, client_for):
    own = filled(acme.partner_a, internal_version, seller, EXAMPLE | {"a2q1": "o100"})
    assert not own.contends
    assert not AssessmentScore.everything.filter(assessment=own, contends=True).exists()
    for who in (cam, acme.users[Role.CHIEF]):
        page = text(client_for(who).get("/scorecards/roll-up/"))
        assert "87" not in page
        assert "0 of" in page
    listed = text(client_for(cam).get("/scorecards/"))
    assert "Submitted, waits for yours" in listed
    assert " 87 " not in listed
    assert " 88 " not in listed


def test_a_search_finds_nothing_of_it(acme, internal_version, cam, seller, client_for):
    draft = actions.start_assessment(partner=acme.partner_a, version=internal_version, mode="self", by=seller)
    given = Given(("o50",), comment="Barracuda unseen")
    actions.save_answer(assessment=draft, question_key="a1q1", given=given, by=seller)
    assert "unseen" not in client_for(cam).get("/search?q=Barracuda").content.decode()
