import datetime as dt
import json
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import SignedLink
from accounts.permissions import Role
from partners.models import Action, LifeStage, Membership
from prm.common import events
from prm.common.models import AuditEntry, OutgoingMail
from scorecards import actions, queries
from scorecards.actions import Given, PlanItem
from scorecards.definition import Category, Questionnaire, Topic
from scorecards.events import AssessmentSubmitted
from scorecards.models import Answer, AnswerChange, Assessment, AssessmentScore
from tests.scorecards.conftest import EXAMPLE, example, filled, give, question


@pytest.fixture
def cam(acme):
    return acme.users[Role.CAM]


@pytest.fixture
def seller(acme):
    return acme.users_a[Role.PARTNER_SELLER]


@pytest.fixture
def draft(acme, version, cam):
    return actions.start_assessment(partner=acme.partner_a, version=version, mode="cam", by=cam)


def test_the_worked_example_holds_to_the_digit(acme, version, cam):
    done = filled(acme.partner_a, version, cam)
    assert done.overall == done.overall_shared == Decimal("51.666666666667")
    frozen = queries.result_payload(done, shared=False)
    assert (frozen["overall"], frozen["display"], frozen["rag"]) == ("51.666666666667", 52, "amber")
    assert frozen["completeness"] == "1.000000000000"
    topics = {t["key"]: t for c in frozen["categories"] for t in c["topics"]}
    assert [topics[k]["score"] for k in ("a1", "a2", "b1")] == ["75.000000000000", "25.000000000000", "80.000000000000"]
    assert [topics[k]["gap"] for k in ("a1", "a2", "b1")] == ["5.000000000000", "55.000000000000", "10.000000000000"]
    assert [topics[k]["impact"] for k in ("a1", "a2", "b1")] == ["0.833333333333", "27.500000000000", "3.333333333333"]
    rows = {(r.level, r.key): r.score for r in AssessmentScore.objects.visible_to(cam)}
    assert rows[("category", "A")] == Decimal("37.5")
    assert rows[("topic", "a2")] == 25
    assert done.period == "2026Q4" or len(done.period) == 6


def test_starting_twice_gives_the_one_open_draft(acme, version, cam, draft):
    again = actions.start_assessment(partner=acme.partner_a, version=version, mode="cam", by=cam)
    assert again.pk == draft.pk
    assert (draft.done, draft.of) == (0, 5)


def test_what_is_asked_is_frozen_when_it_starts(acme, cam):
    content = Questionnaire(
        "Conditions",
        categories=(
            Category(
                "A", "A",
                (Topic("t", "T", (question("all"), question("late", life_stages=frozenset({"mature"})))),),
            ),
        ),
    )  # fmt: skip
    version = actions.publish(by=None, key="conditions", content=content)
    draft = actions.start_assessment(partner=acme.partner_a, version=version, mode="cam", by=cam)
    assert draft.applicable == ["all"]
    acme.partner_a.stage = LifeStage.objects.get(key="mature")
    acme.partner_a.save()
    with pytest.raises(ValidationError):
        give(draft, cam, {"late": "o50"})


def test_a_side_cant_start_for_the_other(acme, version, cam, seller):
    for mode, by in (("self", cam), ("cam", seller)):
        with pytest.raises(actions.NotAllowed):
            actions.start_assessment(partner=acme.partner_a, version=version, mode=mode, by=by)


@pytest.mark.parametrize(
    ("key", "given", "field"),
    [
        ("nowhere", Given(options=("o50",)), "options"),
        ("a1q1", Given(options=("o51",)), "options"),
        ("a1q1", Given(options=("o50", "o80")), "options"),
        ("a1q1", Given(options=("o50",), na=True), "na"),
        ("a1q1", Given(value="80"), "value"),
        ("a1q1", Given(options=("o50",), evidence_url="javascript:alert(1)"), "evidence_url"),
        ("a1q1", Given(options=("o50",), comment="x" * 4001), "comment"),
        ("a1q1", Given(options=("o50",), comment="a\x00b"), "comment"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_with_its_field(draft, cam, key, given, field):
    with pytest.raises(ValidationError) as refused:
        actions.save_answer(assessment=draft, question_key=key, given=given, by=cam)
    assert set(refused.value.message_dict) <= {field, "options"}
    assert not draft.answers.exists()


def test_the_last_answer_wins_and_the_ones_before_are_kept(draft, cam):
    for _twice in range(2):
        give(draft, cam, {"a1q1": "o50"})
    give(draft, cam, {"a1q1": "o80"})
    assert draft.answers.get().options == ["o80"]
    history = [(c.before and c.before["options"], c.after["options"]) for c in AnswerChange.objects.visible_to(cam)]
    assert history == [(["o50"], ["o80"]), (None, ["o50"])]


def test_a_comment_alone_changes_no_choice_and_a_choice_no_comment(draft, cam):
    save = lambda **given: actions.save_answer(assessment=draft, question_key="a1q1", given=Given(**given), by=cam)  # noqa: E731
    save(options=("o50",), comment="because", evidence_url="https://example.com/a")
    answer = save(options=("o80",))
    assert (answer.options, answer.comment, answer.evidence_url) == (["o80"], "because", "https://example.com/a")


def test_taking_an_answer_back_makes_it_unanswered(draft, cam):
    give(draft, cam, {"a1q1": "o50"})
    actions.save_answer(assessment=draft, question_key="a1q1", given=Given(), by=cam)
    draft.refresh_from_db()
    assert draft.done == 0
    with pytest.raises(actions.Incomplete) as refused:
        actions.submit(assessment=draft, by=cam)
    assert refused.value.missing == list(EXAMPLE)


def test_the_next_one_starts_with_the_answers_of_the_last_unconfirmed(acme, version, cam):
    first = filled(acme.partner_a, version, cam)
    second = actions.start_assessment(partner=acme.partner_a, version=version, mode="cam", by=cam)
    assert {(a.question_key, *a.options) for a in second.answers.all()} == {
        (key, *([option] if option else [])) for key, option in EXAMPLE.items()
    }
    assert not second.answers.filter(confirmed=True).exists()
    assert {a.at for a in second.answers.all()} == {a.at for a in first.answers.all()}
    assert (second.done, second.of) == (0, 5)
    payload = queries.result_payload(second, shared=False)
    assert (payload["overall"], payload["provisional"], payload["done"]) == ("51.666666666667", True, 0)
    with pytest.raises(actions.Incomplete):
        actions.submit(assessment=second, by=cam)
    assert actions.confirm(assessment=second, by=cam, topic="a1") == 2
    second.refresh_from_db()
    assert second.done == 2
    give(second, cam, {"a2q1": "o25"})  # chosen again as it was: confirmed, not changed
    kept = second.answers.get(question_key="a2q1")
    assert kept.prefilled
    assert kept.confirmed
    assert not AnswerChange.objects.visible_to(cam).filter(assessment=second).exists()


def test_prefill_carries_over_only_what_still_fits(acme, version, cam):
    filled(acme.partner_a, version, cam)
    content = example()
    options = content.categories[0].topics[0].questions[0].options[:3]  # o80 and o100 are gone from a1q1
    smaller = Category("A", "A", (Topic("a1", "a1", (question("a1q2"),)), Topic("x", "x", (
        type(question("a1q1"))(key="a1q1", text="?", options=options),
    ))))  # fmt: skip
    second = actions.publish(by=None, key="capability", content=Questionnaire("Example", categories=(smaller,)))
    draft = actions.start_assessment(partner=acme.partner_a, version=second, mode="cam", by=cam)
    assert [a.question_key for a in draft.answers.all()] == ["a1q2"]


def test_prefill_never_takes_the_other_sides_answers(acme, version, cam, seller):
    filled(acme.partner_a, version, cam)
    mine = actions.start_assessment(partner=acme.partner_a, version=version, mode="self", by=seller)
    assert not mine.answers.exists()


def test_only_the_own_side_writes(acme, version, cam, seller):
    mine = actions.start_assessment(partner=acme.partner_a, version=version, mode="self", by=seller)
    with pytest.raises(Assessment.DoesNotExist):
        give(mine, cam, {"a1q1": "o50"})
    theirs = filled(acme.partner_a, version, cam)
    with pytest.raises(Assessment.DoesNotExist):
        give(theirs, seller, {"a1q1": "o50"})


def test_blind_until_both_of_the_period_are_in(acme, version, cam, seller):
    theirs = filled(acme.partner_a, version, cam)
    seen = lambda user: set(Assessment.objects.visible_to(user).values_list("pk", flat=True))  # noqa: E731
    assert seen(seller) == set()
    mine = actions.start_assessment(partner=acme.partner_a, version=version, mode="self", by=seller)
    give(mine, seller, EXAMPLE)
    assert seen(cam) == {theirs.pk}
    assert not Answer.objects.visible_to(seller).filter(assessment=theirs).exists()
    assert not AssessmentScore.objects.visible_to(seller).exists()
    [standing] = queries.standings(cam, [acme.partner_a], version.questionnaire)
    assert (standing.latest, standing.other) == (theirs, "draft")
    actions.submit(assessment=mine, by=seller)
    assert seen(cam) == seen(seller) == {theirs.pk, mine.pk}
    assert queries.standings(cam, [acme.partner_a], version.questionnaire)[0].other == ""


def test_another_period_stays_blind(acme, version, cam, seller):
    old = filled(acme.partner_a, version, cam)
    Assessment.everything.filter(pk=old.pk).update(period="2020Q1")
    mine = filled(acme.partner_a, version, seller)
    assert not Assessment.objects.visible_to(cam).filter(pk=mine.pk).exists()
    assert not Assessment.objects.visible_to(seller).filter(pk=old.pk).exists()


def test_internal_categories_stay_with_the_vendor(acme, internal_version, cam, seller):
    mine = actions.start_assessment(partner=acme.partner_a, version=internal_version, mode="self", by=seller)
    assert mine.of == 5
    with pytest.raises(ValidationError):
        give(mine, seller, {"t1q1": "o100"})
    give(mine, seller, EXAMPLE)
    mine = actions.submit(assessment=mine, by=seller)
    theirs = filled(acme.partner_a, internal_version, cam, EXAMPLE | {"t1q1": "o100"})
    assert theirs.overall != theirs.overall_shared == Decimal("51.666666666667")
    assert Answer.objects.visible_to(seller).filter(assessment=theirs).count() == 5
    assert not AssessmentScore.objects.visible_to(seller).filter(internal=True).exists()
    for hidden in ("Secret", "t1", f'"{theirs.overall}"', '"overall"'):
        assert hidden not in json.dumps(queries.result_payload(theirs, shared=True))


def test_submitting_freezes_tells_the_others_and_shuts_the_answers(
    acme, version, cam, django_capture_on_commit_callbacks
):
    heard = []
    events.on(AssessmentSubmitted)(heard.append)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            done = filled(acme.partner_a, version, cam)
    finally:
        events._handlers[AssessmentSubmitted].remove(heard.append)
    assert [(e.assessment_id, e.partner_id, e.kind, e.mode, e.period) for e in heard] == [
        (done.pk, acme.partner_a.pk, "capability", "cam", done.period)
    ]
    with pytest.raises(actions.Closed):
        give(done, cam, {"a1q1": "o0"})
    with pytest.raises(actions.Closed):
        actions.submit(assessment=done, by=cam)
    assert AuditEntry.objects.filter(verb="assessment.submitted", target_id=str(done.pk)).exists()


def test_pauses_over_two_minutes_are_not_time_on_task(draft, cam):
    for ago, seconds in (
        (dt.timedelta(seconds=90), 90),
        (dt.timedelta(minutes=3), 90),
        (dt.timedelta(seconds=30), 120),
    ):
        Assessment.everything.filter(pk=draft.pk).update(last_active_at=timezone.now() - ago)
        give(draft, cam, {"a1q1": "o50"})
        draft.refresh_from_db()
        assert draft.active_seconds == pytest.approx(seconds, abs=3)


def test_the_trend_compares_with_the_one_before(acme, version, cam):
    first = filled(acme.partner_a, version, cam)
    second = filled(acme.partner_a, version, cam, {"a2q1": "o100"})
    assert queries.previous(cam, second) == first
    assert queries.previous(cam, first) is None
    assert queries.latest(cam, acme.partner_a, version.questionnaire) == second


def test_the_other_sides_view_of_the_quarter_is_no_trend(acme, version, cam, seller):
    mine = filled(acme.partner_a, version, seller)
    theirs = filled(acme.partner_a, version, cam)
    assert mine.pk in Assessment.objects.visible_to(cam).values_list("pk", flat=True)
    assert queries.previous(cam, theirs) is None


def test_discarding_a_draft_leaves_nothing_but_the_log(draft, cam):
    give(draft, cam, EXAMPLE)
    actions.discard(assessment=draft, by=cam)
    assert not Assessment.everything.exists()
    assert not Answer.everything.exists()
    assert AuditEntry.objects.filter(verb="assessment.discarded").exists()


def test_actions_of_the_plan_come_with_lift_owner_and_date(acme, version, cam, seller):
    done = filled(acme.partner_a, version, cam)
    plan = actions.proposed_plan(done, shared=False)
    assert [topic.key for topic in plan] == ["a2", "b1", "a1"]
    due = dt.date(2027, 1, 15)
    items = [PlanItem("a2q1", "Book the bootcamp", seller, due)]
    [made] = actions.accept_action_plan(assessment=done, items=items, by=cam)
    assert (made.origin, made.origin_key, made.title, made.owner, made.due_on) == (
        "topic", "a2", "Book the bootcamp", seller, due,
    )  # fmt: skip
    assert made.expected_lift == 55
    assert actions.accept_action_plan(assessment=done, items=items, by=cam) == []
    for bad in (PlanItem("a1q1", "x"), PlanItem("a2q1", " "), PlanItem("a2q1", "x", acme.users_b[Role.PARTNER_SELLER])):
        with pytest.raises(ValidationError):
            actions.accept_action_plan(assessment=done, items=[bad], by=cam)
    assert Action.objects.visible_to(cam).count() == 1


def test_an_action_of_an_internal_topic_is_not_shared(acme, internal_version, cam, seller):
    done = filled(acme.partner_a, internal_version, cam, EXAMPLE | {"t1q1": "o25"})
    actions.accept_action_plan(assessment=done, items=[PlanItem("t1q1", "Earn trust")], by=cam)
    assert not Action.objects.visible_to(seller).exists()


def test_an_invitation_mails_a_link_for_this_one_draft(acme, version, cam, seller):
    asked = actions.invite_partner_to_self_score(
        partner=acme.partner_a, version=version, user=seller, by=cam, message="Before Friday, please."
    )
    link = SignedLink.objects.get()
    assert (link.user, link.purpose, link.target_id) == (seller, "scorecards.answer", str(asked.pk))
    mail = OutgoingMail.objects.get()
    assert mail.to == seller.email
    assert "Before Friday, please." in mail.text
    assert "/l/" in mail.text or "http://acme.localhost" in mail.text
    assert seller.notifications.count() == 1
    assert asked.last_active_at is None
    stranger = acme.users_b[Role.PARTNER_SELLER]
    assert Membership.objects.unscoped("test").get(user=stranger).partner == acme.partner_b
    with pytest.raises(actions.NotAllowed):
        actions.invite_partner_to_self_score(partner=acme.partner_a, version=version, user=stranger, by=cam)
