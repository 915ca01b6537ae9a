"""The home pages: whom to talk to next, what waits, and nobody else's business."""

import datetime as dt

import pytest

from accounts.permissions import Role
from cadence import queries
from partners.models import Action, Partner
from prm.common.vendor import fiscal_calendar, today
from scorecards.actions import Given, confirm, save_answer, start_assessment, submit
from scorecards.models import Assessment
from scorecards.queries import published
from scorecards.tables import default_questionnaire


def score(partner, by, *, finished: dt.date | None = None) -> Assessment:
    """A submitted CAM scorecard with the first level everywhere, finished on a day."""
    version = published()[0]
    assessment = start_assessment(partner=partner, version=version, mode="cam", by=by)
    for question in version.content.questions():
        if question.key in assessment.applicable:
            save_answer(
                assessment=assessment, question_key=question.key, given=Given(options=(question.options[0].key,)), by=by
            )
    confirm(assessment=assessment, by=by)
    submit(assessment=assessment, by=by)
    if finished:
        Assessment.everything.filter(pk=assessment.pk).update(
            finished_on=finished, finished_at=dt.datetime.combine(finished, dt.time(12), dt.UTC)
        )
    return assessment


@pytest.fixture
def cam(acme):
    return acme.users[Role.CAM]


def test_partners_never_scored_come_first_then_the_longest_ago(acme, cam):
    quarter_start = fiscal_calendar().quarter_of(today()).start
    kind = {"partner_type": acme.partner_a.partner_type, "stage": acme.partner_a.stage, "cam": cam}
    old, older, current = (Partner.objects.create(name=name, **kind) for name in ("Old", "Older", "Current"))
    score(old, cam, finished=quarter_start - dt.timedelta(days=10))
    score(older, cam, finished=quarter_start - dt.timedelta(days=90))
    score(current, cam)
    shown = queries.conversations(cam, default_questionnaire())
    assert [row.standing.partner for row in shown] == [acme.partner_a, older, old]
    assert shown[0].score is None
    assert shown[1].score == 1  # answered with the lowest level everywhere: shown as 1, never 0


def test_the_quarter_counts_each_partner_once(acme, cam):
    questionnaire = default_questionnaire()
    score(acme.partner_a, cam)
    score(acme.partner_a, cam)
    quarter = queries.quarter(queries.own_partners(cam), questionnaire)
    assert (quarter.partners, quarter.scored, quarter.to_go, quarter.drafts) == (1, 1, 0, 0)


def test_due_actions_are_mine_or_my_partners(acme, cam):
    day = today()
    late = Action.objects.create(partner=acme.partner_a, title="Late ACME-A", due_on=day - dt.timedelta(days=1))
    Action.objects.create(partner=acme.partner_a, title="Far", due_on=day + dt.timedelta(days=90))
    Action.objects.create(partner=acme.partner_b, title="Late ACME-B", due_on=day, owner=acme.cam_b)
    assert queries.due_actions(cam) == [late]
    assert [a.title for a in queries.due_actions(acme.users_b[Role.PARTNER_SELLER])] == ["Late ACME-B"]


@pytest.mark.parametrize("role", [role for role in Role if not role.is_partner_side and role is not Role.DISTRIBUTOR])
def test_every_vendor_role_has_a_home(acme, client_for, role):
    page = client_for(acme.users[role]).get("/").content.decode()
    assert "<h1" in page
    if role is Role.CAM:
        assert acme.partner_a.name in page
        assert acme.partner_b.name not in page


def test_the_portal_home_asks_and_shows_the_partners_own(acme, client_for):
    user = acme.users_a[Role.PARTNER_EXECUTIVE]
    Action.objects.create(partner=acme.partner_a, title="Shared task", due_on=today())
    Action.objects.create(partner=acme.partner_a, title="Kept to ourselves", due_on=today(), shared=False)
    Action.objects.create(partner=acme.partner_b, title="Of ACME-B", due_on=today())
    page = client_for(user).get("/portal/").content.decode()
    assert "Shared task" in page
    assert acme.users[Role.CAM].email in page
    assert "Kept to ourselves" not in page
    assert "ACME-B" not in page


def test_home_costs_the_same_whatever_the_number_of_partners(acme, cam, client_for, django_assert_max_num_queries):
    kind = {"partner_type": acme.partner_a.partner_type, "stage": acme.partner_a.stage, "cam": cam}
    for number in range(6):
        Partner.objects.create(name=f"More {number}", **kind)
    client = client_for(cam)
    with django_assert_max_num_queries(20):
        client.get("/")
