"""Roll-ups of today read marked assessments alone: nothing that will count may be missing among them."""

import datetime as dt
import random

import pytest
from django.utils import timezone

from accounts.permissions import Role
from partners.models import Partner
from prm.common.vendor import today
from scorecards import actions, contenders, rollup
from scorecards.models import Assessment, AssessmentScore
from tests.scorecards.conftest import EXAMPLE, filled


@pytest.fixture
def crowd(acme, version):
    chance, now = random.Random(3), timezone.now()
    for number in range(40):
        partner = Partner.objects.create(
            name=f"P{number}", partner_type=acme.partner_a.partner_type, stage=acme.partner_a.stage
        )
        for _time in range(chance.randrange(6)):
            days = chance.randrange(800)
            Assessment.everything.create(
                partner=partner, questionnaire=version.questionnaire, version=version, started_at=now, result={},
                result_shared={}, period="2026Q1", finished_on=today() - dt.timedelta(days=days),
                finished_at=now - dt.timedelta(days=days), status=chance.choice(["submitted", "agreed", "superseded"]),
                mode=chance.choice(["cam", "self", "joint"]), revealed=chance.random() < 0.5,
            )  # fmt: skip
    contenders.mark_all()
    return acme


def counting(user, questionnaire, last, *, current):
    found = rollup.latest(user, questionnaire, rollup.Window(last - dt.timedelta(days=365), last, current))
    return set(found.values_list("pk", flat=True))


def test_on_no_day_to_come_is_one_missing_or_one_too_many(crowd, version):
    chief = crowd.users[Role.CHIEF]
    for later in range(0, 800, 7):
        last = today() + dt.timedelta(days=later)
        marked = counting(chief, version.questionnaire, last, current=True)
        assert marked == counting(chief, version.questionnaire, last, current=False)
    assert Assessment.everything.filter(contends=True).exists()


def test_there_are_at_most_two_of_a_partner(crowd):
    marked = list(Assessment.everything.filter(contends=True).values_list("partner_id", flat=True))
    assert max(marked.count(partner) for partner in marked) == 2


def test_marked_one_by_one_it_is_the_same(crowd, version):
    every = set(Assessment.everything.filter(contends=True).values_list("pk", flat=True))
    Assessment.everything.update(contends=False)
    for partner in Partner.everything.all():
        contenders.mark(partner.pk, version.questionnaire_id)
    assert set(Assessment.everything.filter(contends=True).values_list("pk", flat=True)) == every


def test_submitting_marks_the_new_one_with_its_scores_and_no_other_partners(acme, version):
    cam, other = acme.users[Role.CAM], acme.cam_b
    beside = filled(acme.partner_b, version, other)
    first = filled(acme.partner_a, version, cam)
    second = filled(acme.partner_a, version, cam)
    assert set(Assessment.everything.filter(contends=True)) == {beside, second}
    scored = AssessmentScore.everything.filter(contends=True).values_list("assessment", flat=True)
    assert set(scored) == {beside.pk, second.pk}
    assert first.scores.exists()


def test_the_partners_own_contends_once_it_is_revealed(acme, version):
    champion, cam = acme.users_a[Role.PARTNER_CHAMPION], acme.users[Role.CAM]
    own = filled(acme.partner_a, version, champion)
    assert not Assessment.everything.filter(contends=True).exists()
    filled(acme.partner_a, version, cam, EXAMPLE | {"a2q1": "o100"})
    own.refresh_from_db()
    assert own.revealed
    assert set(Assessment.everything.filter(contends=True).values_list("mode", flat=True)) == {"cam"}
    actions.start_assessment(partner=acme.partner_a, version=version, mode="cam", by=cam)
    assert Assessment.everything.filter(contends=True).count() == 1
