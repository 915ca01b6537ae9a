"""Two views become one agreed scorecard; one filled in together is agreed by both; internal answers until then."""

import re
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from django.core.exceptions import ValidationError

from accounts import tokens
from accounts.permissions import Role
from accounts.tokens import Scope
from prm.common import events
from prm.common.models import AuditEntry, Notification, OutgoingMail
from scorecards import actions, comparison, queries
from scorecards.actions import Given
from scorecards.definition import Category, Questionnaire, Topic
from scorecards.events import AssessmentAgreed
from scorecards.models import Answer, AnswerChange, Assessment, AssessmentScore
from tests.api.conftest import Api, problem
from tests.scorecards.conftest import EXAMPLE, example, filled, question
from tests.scorecards.test_pages import text
from tests.together import at_once

OWN = EXAMPLE | {"a1q1": "o80", "a2q1": "o100"}  # a1 = (80 + 50) ÷ 2 = 65, a2 = 100, b1 = 80
CAMS = EXAMPLE | {"t1q1": "o100"}  # a1 = 75, a2 = 25, b1 = 80


@pytest.fixture
def cam(acme):
    return acme.users[Role.CAM]


@pytest.fixture
def seller(acme):
    return acme.users_a[Role.PARTNER_SELLER]


@pytest.fixture
def both(acme, internal_version, cam, seller):
    """The partner's and the vendor's view: a1q1 and a2q1 differ."""
    own = filled(acme.partner_a, internal_version, seller, OWN)
    theirs = filled(acme.partner_a, internal_version, cam, CAMS)
    own.refresh_from_db()
    return own, theirs


@pytest.fixture
def together(acme, internal_version, cam):
    """One filled in together and submitted."""
    made = filled(acme.partner_a, internal_version, cam, CAMS)
    Assessment.everything.filter(pk=made.pk).update(mode="joint")
    made.refresh_from_db()
    return made


def settled(**chosen):
    return {key: Given(options=(option,)) for key, option in chosen.items()}


# ── The comparison ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_topics_come_by_how_differently_they_are_seen(both, cam):
    gaps = comparison.gaps(comparison.pair(cam, both[0]))
    assert [(each.key, each.gap) for each in gaps] == [("a2", Fraction(75)), ("a1", Fraction(-10)), ("b1", Fraction(0))]


def test_the_gap_is_exact_where_the_stored_scores_are_rounded(acme, internal_version, cam, seller):
    """b1 weighs 1 and 2: self (0 + 2 × 50) ÷ 3 = 33⅓, vendor (100 + 2 × 50) ÷ 3 = 66⅔."""
    filled(acme.partner_a, internal_version, seller, EXAMPLE | {"b1q1": "o0", "b1q2": "o50"})
    cams = filled(acme.partner_a, internal_version, cam, CAMS | {"b1q1": "o100", "b1q2": "o50"})
    gaps = {each.key: each.gap for each in comparison.gaps(comparison.pair(cam, cams))}
    assert gaps["b1"] == Fraction(-100, 3)


def test_nothing_is_compared_before_both_are_in(acme, internal_version, cam, seller, client_for):
    theirs = filled(acme.partner_a, internal_version, cam, CAMS)
    assert comparison.pair(cam, theirs) is None
    assert client_for(cam).get(f"/scorecards/{theirs.pk}/compare/").status_code == 404
    assert client_for(seller).get(f"/portal/scorecards/{theirs.pk}/compare/").status_code == 404
    assert client_for(cam).post(f"/scorecards/{theirs.pk}/agree/").status_code == 404
    with pytest.raises(actions.Closed):
        actions.agree_comparison(assessment=theirs, settled={}, by=cam)


def test_both_sides_read_the_comparison_and_only_the_vendor_settles(both, cam, seller, acme, client_for):
    own, theirs = both
    page = client_for(cam).get(f"/scorecards/{own.pk}/compare/")
    shown = text(page)
    assert shown.index("Topic a2") < shown.index("Topic a1") < shown.index("Topic b1")
    assert "+75.0" in shown
    assert "−10.0" in shown
    assert b'name="s-a1q1"' in page.content
    assert b"Secret" not in page.content  # internal answers are the vendor's alone: nothing to compare
    for user, address in (
        (seller, f"/portal/scorecards/{theirs.pk}/compare/"),
        (acme.users[Role.CHIEF], f"/scorecards/{own.pk}/compare/"),
    ):
        page = client_for(user).get(address)
        assert "+75.0" in text(page)
        assert b'name="s-a1q1"' not in page.content
    assert client_for(seller).post(f"/portal/scorecards/{own.pk}/agree/").status_code == 404
    assert client_for(acme.users[Role.CHIEF]).post(f"/scorecards/{own.pk}/agree/").status_code == 403
    for who, address in (
        (acme.cam_b, f"/scorecards/{own.pk}/compare/"),
        (acme.users_b[Role.PARTNER_SELLER], f"/portal/scorecards/{own.pk}/compare/"),
    ):
        assert client_for(who).get(address).status_code == 404


def test_the_summaries_lead_to_the_comparison(both, cam, seller, client_for):
    for one in both:
        assert f"/scorecards/{one.pk}/compare/" in client_for(cam).get(f"/scorecards/{one.pk}/").content.decode()
        assert (
            f"/portal/scorecards/{one.pk}/compare/"
            in client_for(seller).get(f"/portal/scorecards/{one.pk}/").content.decode()
        )


# ── Agreeing what differs ────────────────────────────────────────────────────────────────────────────────────────────


def test_agreeing_makes_one_scorecard_of_two(acme, both, cam, seller, django_capture_on_commit_callbacks):
    """a1q1 the vendor's (100), a2q1 another (50): a1 = 75, a2 = 50, A = (75 + 3 × 50) ÷ 4 = 56.25, shared overall =
    (2 × 56.25 + 80) ÷ 3 = 64.1666…; with T = 100 (weight 3): (112.5 + 80 + 300) ÷ 6 = 82.0833…"""
    own, theirs = both
    heard = []
    events.on(AssessmentAgreed)(heard.append)
    with django_capture_on_commit_callbacks(execute=True):
        agreed = actions.agree_comparison(
            assessment=own, by=cam, settled={"a1q1": Given(options=("o100",)), "a2q1": Given(options=("o50",), comment="halfway")},
        )  # fmt: skip
    events._handlers[AssessmentAgreed].remove(heard.append)
    agreed.refresh_from_db()
    assert (agreed.mode, agreed.status, agreed.revealed, agreed.focus) == ("joint", "agreed", True, [])
    assert agreed.overall_shared == Decimal("64.166666666667")
    assert agreed.overall == Decimal("82.083333333333")
    assert agreed.contends
    given = {row.question_key: row for row in agreed.answers.all()}
    assert {key: row.options for key, row in given.items()} == {
        "a1q1": ["o100"], "a1q2": ["o50"], "a2q1": ["o50"], "b1q1": [], "b1q2": ["o80"], "t1q1": ["o100"],
    }  # fmt: skip
    assert all(row.confirmed for row in given.values())
    assert (given["a2q1"].comment, given["a2q1"].by) == ("halfway", cam)
    assert given["a1q1"].at == theirs.answers.get(question_key="a1q1").at
    assert given["b1q2"].by == seller
    assert given["t1q1"].internal
    for one in both:
        one.refresh_from_db()
        assert (one.status, one.superseded_by, one.contends) == ("superseded", agreed, False)
    assert not AssessmentScore.everything.filter(assessment__in=both, contends=True).exists()
    before = {
        tuple(change.before["options"])
        for change in AnswerChange.everything.filter(assessment=agreed, question_key="a2q1")
    }
    assert before == {("o100",), ("o25",)}
    assert [event.assessment_id for event in heard] == [agreed.pk]
    assert set(AuditEntry.objects.values_list("verb", flat=True)) >= {"assessment.agreed", "assessment.superseded"}
    mail = OutgoingMail.objects.get()
    assert mail.to == seller.email
    assert f"/portal/scorecards/{agreed.pk}/" in mail.text
    assert Notification.objects.get(user=seller).url == f"/portal/scorecards/{agreed.pk}/"


def test_every_difference_has_to_be_settled(both, cam):
    with pytest.raises(actions.Unsettled) as refused:
        actions.agree_comparison(assessment=both[0], settled=settled(a1q1="o80"), by=cam)
    assert refused.value.missing == ["a2q1"]
    assert not Assessment.everything.filter(mode="joint").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"a1q1": Given(options=("o51",))},
        {"a1q1": Given()},
        {"a1q2": Given(options=("o50",))},  # both say so: nothing to settle
        {"t1q1": Given(options=("o0",))},  # internal: the vendor's
        {"nowhere": Given(options=("o0",))},
        {"a1q1": Given(options=("o80",), comment="x" * 4001)},
    ],
)
def test_what_does_not_fit_is_refused_by_question_and_nothing_is_kept(both, cam, wrong):
    with pytest.raises(ValidationError) as refused:
        actions.agree_comparison(assessment=both[0], settled=settled(a1q1="o80", a2q1="o50") | wrong, by=cam)
    assert set(refused.value.message_dict) == set(wrong)
    assert not Assessment.everything.filter(mode="joint").exists()


def test_the_partner_cant_settle_and_nobody_for_another_partner(both, cam, seller, acme):
    with pytest.raises(actions.NotAllowed):
        actions.agree_comparison(assessment=both[0], settled=settled(a1q1="o80", a2q1="o50"), by=seller)
    with pytest.raises(Assessment.DoesNotExist):
        actions.agree_comparison(assessment=both[0], settled=settled(a1q1="o80", a2q1="o50"), by=acme.cam_b)


def test_an_answer_of_one_side_alone_stands_unless_changed(acme, cam, seller):
    version = actions.publish(by=None, key="capability", content=optional())
    filled(acme.partner_a, version, seller, {"one": "o80", "three": "o25"})
    theirs = filled(acme.partner_a, version, cam, {"two": "o100", "three": "o25"})
    shown = comparison.Comparison(cam, comparison.pair(cam, theirs))
    assert {key: str(line.stand) for key, line in shown.lines.items()} == {
        "one": "self",
        "two": "cam",
        "three": "boths",
    }
    agreed = actions.agree_comparison(assessment=theirs, settled=settled(two="o50"), by=cam)
    assert {row.question_key: (row.options, row.by) for row in agreed.answers.all()} == {
        "one": (["o80"], seller), "two": (["o50"], cam), "three": (["o25"], seller),
    }  # fmt: skip


def optional():
    asked = tuple(replace(question(key), required=False) for key in ("one", "two", "three"))
    return Questionnaire("Optional", categories=(Category("A", "A", (Topic("t", "T", asked),)),))


def test_the_newer_version_is_taken_with_the_answers_that_fit_it(acme, version, cam, seller):
    filled(acme.partner_a, version, seller, OWN)
    second = actions.publish(by=None, key="capability", content=example(internal=True))
    theirs = filled(acme.partner_a, second, cam, EXAMPLE | {"t1q1": "o80"})
    agreed = actions.agree_comparison(assessment=theirs, settled=settled(a1q1="o80", a2q1="o50"), by=cam)
    assert agreed.version == second
    assert agreed.answers.get(question_key="t1q1").options == ["o80"]
    assert agreed.result_shared["completeness"] == "1.000000000000"


def test_the_next_one_starts_from_what_was_agreed(acme, both, cam, seller, internal_version):
    agreed = actions.agree_comparison(assessment=both[0], settled=settled(a1q1="o80", a2q1="o50"), by=cam)
    for mode, by in (("self", seller), ("cam", cam)):
        draft = actions.start_assessment(partner=acme.partner_a, version=internal_version, mode=mode, by=by)
        assert draft.answers.get(question_key="a2q1").options == ["o50"]
        assert draft.answers.filter(question_key="t1q1").exists() == (mode == "cam")
    assert queries.latest(cam, acme.partner_a, internal_version.questionnaire) == agreed


def test_two_views_of_long_ago_stay_history(acme, both, cam, seller, internal_version, client_for):
    own, theirs = both
    Assessment.everything.filter(pk__in=[own.pk, theirs.pk]).update(period="2025Q1")
    for by, answers in ((seller, OWN), (cam, CAMS)):
        filled(acme.partner_a, internal_version, by, answers)
    page = client_for(cam).get(f"/scorecards/{own.pk}/compare/")
    assert "these differences are history" in text(page)
    assert b'name="s-a1q1"' not in page.content
    with pytest.raises(actions.Closed):
        actions.agree_comparison(assessment=own, settled=settled(a1q1="o80", a2q1="o50"), by=cam)


def test_the_next_two_of_the_quarter_are_blind_again(acme, both, cam, seller, internal_version):
    actions.agree_comparison(assessment=both[0], settled=settled(a1q1="o80", a2q1="o50"), by=cam)
    again = filled(acme.partner_a, internal_version, cam, CAMS)
    assert not again.revealed
    assert not queries.assessments(seller).filter(pk=again.pk).exists()
    assert filled(acme.partner_a, internal_version, seller).revealed


# ── The form ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_form_settles_with_either_sides_or_another_answer(both, cam, client_for):
    own, theirs = both
    client = client_for(cam)
    data = {
        "own": own.pk,
        "cam": theirs.pk,
        "s-a1q1": "self",
        "c-a1q1": "agreed on the call",
        "s-a2q1": "other",
        "a-a2q1": "o:o50",
    }
    response = client.post(f"/scorecards/{theirs.pk}/agree/", data)
    agreed = Assessment.everything.get(mode="joint")
    assert response["Location"] == f"/scorecards/{agreed.pk}/"
    rows = {row.question_key: row for row in agreed.answers.all()}
    assert (rows["a1q1"].options, rows["a1q1"].comment) == (["o80"], "agreed on the call")
    assert rows["a2q1"].options == ["o50"]
    assert "Agreed by both sides" in text(client.get(response["Location"]))
    assert "taken the place" in text(client.get(f"/scorecards/{own.pk}/"))
    page = client.get(f"/scorecards/{own.pk}/compare/")
    assert b'name="s-a1q1"' not in page.content
    assert "Both views are kept" in text(page)


def test_a_refused_form_keeps_every_choice_and_names_what_is_open(both, cam, client_for):
    response = client_for(cam).post(
        f"/scorecards/{both[0].pk}/agree/", {"s-a1q1": "cam", "c-a1q1": "typed", "s-a2q1": "other"}
    )
    assert response.status_code == 422
    page = response.content.decode()
    assert "1 question is still to settle" in text(response)
    assert ">typed</textarea>" in page
    assert re.search(r'name="s-a1q1" value="cam"[^>]*checked', page)
    assert re.search(r'name="s-a2q1" value="other"[^>]*checked', page)
    assert not Assessment.everything.filter(mode="joint").exists()


def test_another_answer_that_does_not_fit_comes_back_with_its_message(both, cam, client_for):
    data = {"s-a1q1": "cam", "s-a2q1": "other", "a-a2q1": "o:gone"}
    response = client_for(cam).post(f"/scorecards/{both[0].pk}/agree/", data)
    assert response.status_code == 422
    assert "That option does not exist." in text(response)


def test_pressed_twice_there_is_one_agreed_scorecard_and_a_clear_word(both, cam, client_for):
    client = client_for(cam)
    data = {"s-a1q1": "self", "s-a2q1": "self"}
    first = client.post(f"/scorecards/{both[0].pk}/agree/", data)
    second = client.post(f"/scorecards/{both[1].pk}/agree/", data, follow=True)
    assert second.redirect_chain[0][0] == first["Location"]
    assert "agreed this scorecard already" in text(second)
    assert Assessment.everything.filter(mode="joint").count() == 1


def test_one_submitted_anew_meanwhile_is_looked_at_first(acme, both, cam, seller, internal_version, client_for):
    own, theirs = both
    filled(acme.partner_a, internal_version, seller, OWN | {"b1q2": "o100"})
    data = {"own": own.pk, "cam": theirs.pk, "s-a1q1": "self", "s-a2q1": "self", "s-b1q2": "self"}
    response = client_for(cam).post(f"/scorecards/{theirs.pk}/agree/", data)
    assert response.status_code == 422
    assert "submitted anew meanwhile" in text(response)
    assert not Assessment.everything.filter(mode="joint").exists()


# ── Filled in together ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_joint_one_is_agreed_once_both_have_said_so(together, cam, seller, acme, client_for):
    vendor, portal = client_for(cam), client_for(seller)
    assert "Vendor: not yet" in text(portal.get(f"/portal/scorecards/{together.pk}/"))
    assert vendor.post(f"/scorecards/{together.pk}/agree/")["Location"] == f"/scorecards/{together.pk}/"
    vendor.post(f"/scorecards/{together.pk}/agree/")  # again changes nothing
    together.refresh_from_db()
    assert (together.status, together.agreed_by_vendor, together.agreed_by_partner) == ("submitted", cam, None)
    page = portal.get(f"/portal/scorecards/{together.pk}/")
    assert f"Vendor: {cam.display_name}" in text(page)
    assert Notification.objects.filter(user=seller).count() == 1
    assert portal.post(f"/portal/scorecards/{together.pk}/agree/").status_code == 302
    together.refresh_from_db()
    assert (together.status, together.agreed_by_partner) == ("agreed", seller)
    assert "Agreed by both sides" in text(vendor.get(f"/scorecards/{together.pk}/"))
    assert "agreed this scorecard already" in text(vendor.post(f"/scorecards/{together.pk}/agree/", follow=True))
    assert AuditEntry.objects.filter(verb="assessment.agreed").count() == 1


def test_agreeing_to_a_joint_one_leaves_others_of_the_quarter(acme, both, internal_version, cam, seller):
    joint = filled(acme.partner_a, internal_version, cam, CAMS)
    Assessment.everything.filter(pk=joint.pk).update(mode="joint")
    for by in (seller, cam):
        actions.agree_joint(assessment=joint, by=by)
    assert [Assessment.everything.get(pk=one.pk).status for one in both] == ["submitted", "submitted"]


def test_a_joint_draft_and_others_cant_be_agreed(acme, together, cam, seller, internal_version):
    draft = actions.start_assessment(partner=acme.partner_a, version=internal_version, mode="cam", by=cam)
    with pytest.raises(actions.NotAllowed):
        actions.agree_joint(assessment=draft, by=cam)
    Assessment.everything.filter(pk=draft.pk).update(mode="joint")
    with pytest.raises(actions.Closed):
        actions.agree_joint(assessment=draft, by=cam)
    with pytest.raises(actions.NotAllowed):
        actions.agree_joint(assessment=together, by=acme.users[Role.CHIEF])


# ── Internal answers ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_vendor_answers_internal_questions_until_it_is_agreed(acme, both, cam, seller, client_for):
    """The partner's own: a1 = 65, a2 = 100, A = 91.25, B = 80, shared (182.5 + 80) ÷ 3 = 87.5; with T = 25 (weight 3)
    (182.5 + 80 + 75) ÷ 6 = 56.25."""
    own, _theirs = both
    shared, contends = own.result_shared, own.contends
    assert own.overall == own.overall_shared == Decimal("87.5")
    vendor = client_for(cam)
    assert f"/scorecards/{own.pk}/internal/" in vendor.get(f"/scorecards/{own.pk}/").content.decode()
    assert "How about t1q1?" in text(vendor.get(f"/scorecards/{own.pk}/internal/"))
    bad = vendor.post(f"/scorecards/{own.pk}/internal/", {"a-t1q1": "o:o25", "e-t1q1": "no link"})
    assert bad.status_code == 422
    assert 'value="no link"' in bad.content.decode()
    assert vendor.post(f"/scorecards/{own.pk}/internal/", {"a-t1q1": "o:o25"})["Location"] == f"/scorecards/{own.pk}/"
    own.refresh_from_db()
    assert (own.overall, own.overall_shared) == (Decimal("56.25"), Decimal("87.5"))
    assert own.result_shared == shared
    assert own.contends == contends
    assert set(AssessmentScore.everything.filter(assessment=own).values_list("contends", flat=True)) == {contends}
    assert AssessmentScore.everything.get(assessment=own, key="t1").score == 25
    assert own.answers.get(question_key="t1q1").internal
    page = client_for(seller).get(f"/portal/scorecards/{own.pk}/")
    assert b"Secret" not in page.content
    agreed = actions.agree_comparison(assessment=own, settled=settled(a1q1="o80", a2q1="o50"), by=cam)
    for one in (own, agreed):
        response = vendor.get(f"/scorecards/{one.pk}/internal/", follow=True)
        assert "from the submission to the agreement" in text(response)
        with pytest.raises(actions.Closed):
            actions.answer_internal(assessment=one, given=settled(t1q1="o0"), by=cam)


def test_internal_answers_are_the_vendors_and_of_what_it_sees(acme, internal_version, cam, seller, client_for):
    own = filled(acme.partner_a, internal_version, seller)
    assert client_for(cam).get(f"/scorecards/{own.pk}/internal/").status_code == 404  # blind yet
    with pytest.raises(Assessment.DoesNotExist):
        actions.answer_internal(assessment=own, given=settled(t1q1="o0"), by=cam)
    with pytest.raises(actions.NotAllowed):
        actions.answer_internal(assessment=own, given=settled(t1q1="o0"), by=seller)
    theirs = filled(acme.partner_a, internal_version, cam, CAMS)
    with pytest.raises(ValidationError):
        actions.answer_internal(assessment=theirs, given=settled(a1q1="o0"), by=cam)
    assert Answer.everything.get(assessment=theirs, question_key="a1q1").options == ["o100"]


# ── Two people at once ───────────────────────────────────────────────────────────────────────────────────────────────


def test_two_people_at_once_make_one_agreed_scorecard(committed):
    world = committed
    version = actions.publish(by=None, key="capability", content=example())
    own = filled(world.partner_a, version, world.users_a[Role.PARTNER_SELLER], OWN)
    filled(world.partner_a, version, world.users[Role.CAM])

    def press(by):
        return actions.agree_comparison(assessment=own, settled=settled(a1q1="o80", a2q1="o50"), by=by)

    outcomes = at_once(world, *[lambda role=role: press(world.users[role]) for role in (Role.CAM, Role.OPERATIONS)])
    (late,) = [outcome for outcome in outcomes if isinstance(outcome, actions.AlreadyAgreed)]
    assert "agreed this scorecard already" in str(late)
    assert Assessment.everything.filter(mode="joint").count() == 1


# ── Through the API ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def api_for(acme):
    return lambda user: Api(tokens.create(user, "Test", list(Scope), 1)[1], acme.host)


def test_the_api_tells_the_gap_once_both_are_in(acme, internal_version, cam, seller, api_for):
    theirs = filled(acme.partner_a, internal_version, cam, CAMS)
    result = api_for(cam).get(f"/assessments/{theirs.pk}/result").json()
    assert (result["perception_gap"], result["perception_gap_reason"]) == (None, "not_both_in")
    own = filled(acme.partner_a, internal_version, seller, OWN)
    for user, one in ((cam, own), (cam, theirs), (seller, own), (seller, theirs)):
        result = api_for(user).get(f"/assessments/{one.pk}/result").json()
        assert result["perception_gap_reason"] is None
        assert result["perception_gap"] == [
            {"key": "a2", "name": "Topic a2", "self": "100.000000000000", "cam": "25.000000000000", "gap": "75.000000000000"},
            {"key": "a1", "name": "Topic a1", "self": "65.000000000000", "cam": "75.000000000000", "gap": "-10.000000000000"},
            {"key": "b1", "name": "Topic b1", "self": "80.000000000000", "cam": "80.000000000000", "gap": "0.000000000000"},
        ]  # fmt: skip


def test_agreeing_through_the_api(acme, both, cam, seller, api_for):
    own, theirs = both
    api = api_for(cam)
    open_ = problem(api.post(f"/assessments/{own.pk}/agree", {"settled": {"a1q1": {"option": "o80"}}}), 422)
    assert open_["type"].endswith("unsettled")
    assert [each["field"] for each in open_["errors"]] == ["settled.a2q1"]
    wrong = problem(
        api.post(f"/assessments/{own.pk}/agree", {"settled": {"a1q1": {"option": "gone"}, "a2q1": {"na": True}}}), 422
    )
    assert [each["field"] for each in wrong["errors"]] == ["settled.a1q1"]
    problem(api_for(seller).post(f"/assessments/{own.pk}/agree", {}), 403)
    problem(api_for(acme.cam_b).post(f"/assessments/{own.pk}/agree", {}), 404)
    body = {"settled": {"a1q1": {"option": "o80", "comment": "so"}, "a2q1": {"na": True}}}
    made = api.post(f"/assessments/{theirs.pk}/agree", body).json()
    assert (made["mode"], made["status"]) == ("joint", "agreed")
    assert api.get(f"/assessments/{own.pk}").json()["status"] == "superseded"
    problem(api.post(f"/assessments/{theirs.pk}/agree", body), 409)
    assert api.get(f"/assessments/{made['id']}/result").json()["perception_gap"][0]["key"] == "a2"


def test_a_joint_one_through_the_api(together, cam, seller, api_for):
    assert api_for(cam).post(f"/assessments/{together.pk}/agree", {}).json()["status"] == "submitted"
    assert api_for(seller).post(f"/assessments/{together.pk}/agree", {}).json()["status"] == "agreed"
    problem(api_for(seller).post(f"/assessments/{together.pk}/agree", {}), 409)
    result = api_for(cam).get(f"/assessments/{together.pk}/result").json()
    assert result["perception_gap_reason"] == "answered_together"


def test_the_trend_is_of_unrounded_scores(acme, internal_version, cam, seller, api_for):
    """b1: (0 + 2 × 50) ÷ 3 = 33⅓, then (100 + 2 × 50) ÷ 3 = 66⅔. The overall: A stays 37.5, so (75 + 33⅓) ÷ 3 = 36.11…
    and (75 + 66⅔) ÷ 3 = 47.22…; with T = 100, weight 3: ÷ 6 each, so half of it."""
    first = filled(acme.partner_a, internal_version, cam, CAMS | {"b1q1": "o0", "b1q2": "o50"})
    second = filled(acme.partner_a, internal_version, cam, CAMS | {"b1q1": "o100", "b1q2": "o50"})
    result = api_for(cam).get(f"/assessments/{second.pk}/result").json()
    topics = {topic["key"]: topic["trend"] for category in result["categories"] for topic in category["topics"]}
    assert topics == {"a1": "0.000000000000", "a2": "0.000000000000", "b1": "33.333333333333", "t1": "0.000000000000"}
    assert result["trend"] == {
        "assessment": first.pk, "finished_on": first.finished_on.isoformat(), "overall": "5.555555555556",
    }  # fmt: skip
    assert api_for(cam).get(f"/assessments/{first.pk}/result").json()["trend"] is None
    filled(acme.partner_a, internal_version, seller)
    shared = api_for(seller).get(f"/assessments/{second.pk}/result").json()
    assert shared["trend"]["overall_shared"] == "11.111111111111"
    assert "overall" not in shared["trend"]


def test_two_views_that_differ_in_nothing_are_agreed_as_they_are(acme, internal_version, cam, seller, client_for):
    filled(acme.partner_a, internal_version, seller)
    theirs = filled(acme.partner_a, internal_version, cam, CAMS)
    client = client_for(cam)
    assert "Both see it alike" in text(client.get(f"/scorecards/{theirs.pk}/compare/"))
    assert client.post(f"/scorecards/{theirs.pk}/agree/").status_code == 302
    assert Assessment.everything.get(mode="joint").overall_shared == Decimal("51.666666666667")
