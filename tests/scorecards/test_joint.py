"""Filled in together: who may, what each sees, what became of each answer; and what a quarterly update asks."""

import datetime as dt
import re

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.permissions import Role
from partners.actions import add_action
from prm.common.vendor import today
from scorecards import actions, carrying, queries
from scorecards.actions import Given
from scorecards.definition import Category, Questionnaire, Topic
from scorecards.models import Answer, AnswerChange, Assessment
from tests.scorecards.conftest import EXAMPLE, example, filled, give, question
from tests.scorecards.test_pages import text

INTERNAL = EXAMPLE | {"t1q1": "o100"}


@pytest.fixture
def cam(acme):
    return acme.users[Role.CAM]


@pytest.fixture
def seller(acme):
    return acme.users_a[Role.PARTNER_SELLER]


@pytest.fixture
def joint(acme, internal_version, cam):
    return actions.start_assessment(partner=acme.partner_a, version=internal_version, mode="joint", by=cam)


def news(client, assessment, since, side="/portal"):
    return client.get(f"{side}/scorecards/{assessment.pk}/changes/?revision={since}")


# ── Together ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_either_side_starts_the_one_joint_draft(acme, internal_version, cam, seller, client_for):
    page = client_for(cam).post(
        f"/partners/{acme.partner_a.pk}/scorecards/start/", {"version": internal_version.pk, "mode": "joint"}
    )
    draft = Assessment.everything.get()
    assert (draft.mode, page["Location"]) == ("joint", f"/scorecards/{draft.pk}/answer/")
    portal = client_for(seller)
    assert f"/portal/scorecards/{draft.pk}/answer/" in portal.get("/portal/scorecards/").content.decode()
    again = portal.post("/portal/scorecards/start/", {"version": internal_version.pk, "mode": "joint"})
    assert again["Location"] == f"/portal/scorecards/{draft.pk}/answer/"
    assert Assessment.everything.count() == 1


def test_a_joint_one_is_no_others(acme, globex, joint, client_for):
    other = client_for(acme.users_b[Role.PARTNER_SELLER])
    stranger = client_for(acme.cam_b)
    for path in ("answer/", "changes/", "answers/", "history/a1q1/", ""):
        assert other.get(f"/portal/scorecards/{joint.pk}/{path}").status_code == 404
        assert stranger.get(f"/scorecards/{joint.pk}/{path}").status_code == 404


def test_recruiting_is_not_done_together(acme, cam):
    recruit = next(version for version in queries.startable("cam") if version.questionnaire.kind == "recruit")
    with pytest.raises(actions.NotAllowed):
        actions.start_assessment(partner=acme.partner_a, version=recruit, mode="joint", by=cam)


def test_both_write_the_last_wins_and_what_it_replaced_is_kept(joint, cam, seller):
    give(joint, cam, {"a1q1": "o100"})
    give(joint, seller, {"a1q1": "o50"})
    row = joint.answers.get(question_key="a1q1")
    assert (row.options, row.by) == (["o50"], seller)
    kept = list(queries.changes(cam, joint, "a1q1").values_list("before__options", "after__options", "by"))
    assert kept == [(["o100"], ["o50"], seller.pk), (None, ["o100"], cam.pk)]


def test_internal_questions_are_the_vendors_also_together(joint, cam, seller):
    with pytest.raises(ValidationError):
        give(joint, seller, {"t1q1": "o0"})
    give(joint, cam, {"t1q1": "o25"})
    joint.refresh_from_db()
    assert (joint.done, joint.of) == (0, 5)  # both see this figure
    assert not AnswerChange.objects.visible_to(seller).filter(assessment=joint).exists()


def test_every_write_counts_and_the_same_again_does_not(joint, cam, seller):
    revision = lambda: Assessment.everything.get(pk=joint.pk).revision  # noqa: E731
    give(joint, cam, {"a1q1": "o100"})
    assert revision() == joint.answers.get(question_key="a1q1").revision == 1
    give(joint, seller, {"a1q1": "o100"})
    assert revision() == 1
    give(joint, seller, {"a1q2": "o50"})
    assert revision() == joint.answers.get(question_key="a1q2").revision == 2
    assert joint.answers.get(question_key="a1q1").revision == 1


def test_a_comment_does_not_bring_back_a_choice_that_was_changed(joint, cam, seller, client_for):
    give(joint, cam, {"a1q1": "o100"})
    give(joint, seller, {"a1q1": "o50"})
    page = client_for(cam).post(f"/scorecards/{joint.pk}/answer/a1q1/", {"part": "more", "c-a1q1": "as agreed"})
    assert page.status_code == 200
    row = joint.answers.get(question_key="a1q1")
    assert (row.options, row.by, row.comment) == (["o50"], seller, "as agreed")


def test_what_is_sent_again_after_a_cut_does_not_undo_what_came_between(joint, cam, seller, client_for):
    """The reply was lost with the line: the page can't know that its answer arrived."""
    portal, url = client_for(seller), f"/portal/scorecards/{joint.pk}/answer/a1q1/"
    sent = {"a-a1q1": "o:o50", "once": "17-0.5"}
    assert portal.post(url, sent).status_code == 200
    give(joint, cam, {"a1q1": "o100"})
    again = portal.post(url, sent)
    assert again.status_code == 200
    assert f"{cam.display_name}," in text(again)
    assert joint.answers.get(question_key="a1q1").options == ["o100"]
    assert portal.post(url, {**sent, "once": "18-0.5"}).status_code == 200  # chosen anew, it wins
    assert joint.answers.get(question_key="a1q1").options == ["o50"]


def test_without_script_a_stale_form_does_not_undo_the_others_answer(joint, cam, seller, client_for):
    portal, url = client_for(seller), f"/portal/scorecards/{joint.pk}/answer/"
    give(joint, cam, {"a1q1": "o100"})
    form = {"topic": "a1", "revision": "0", "a-a1q1": "o:o50", "a-a1q2": "o:o80"}
    refused = portal.post(url, form)
    assert refused.status_code == 422
    assert f"Changed meanwhile: {cam.display_name}," in text(refused)
    assert 'name="revision" value="1"' in refused.content.decode()
    assert {a.question_key: a.options for a in joint.answers.all()} == {"a1q1": ["o100"], "a1q2": ["o80"]}
    assert portal.post(url, {**form, "revision": "2"}).status_code == 302
    assert joint.answers.get(question_key="a1q1").options == ["o50"]


def test_what_the_vendor_started_the_partner_does_not_throw_away(
    acme, internal_version, joint, cam, seller, client_for
):
    with pytest.raises(actions.NotAllowed):
        actions.discard(assessment=joint, by=seller)
    portal = client_for(seller)
    assert portal.post(f"/portal/scorecards/{joint.pk}/discard/").status_code == 302
    assert "Discard draft" not in text(portal.get(f"/portal/scorecards/{joint.pk}/"))
    actions.discard(assessment=joint, by=cam)
    own = actions.start_assessment(partner=acme.partner_a, version=internal_version, mode="joint", by=seller)
    actions.discard(assessment=own, by=seller)
    assert not Assessment.everything.exists()


def test_the_page_hears_what_the_other_side_answered(joint, cam, seller, client_for):
    portal = client_for(seller)
    give(joint, cam, {"a1q1": "o100", "a2q1": "o25"})
    page = news(portal, joint, 1)
    body = page.content.decode()
    assert 'data-revision="2"' in body
    assert re.findall(r'<fieldset[^>]*data-question="(\w+)"', body) == ["a2q1"]
    assert re.search(r'value="o:o25"[^>]*checked', body)
    assert f"{cam.display_name}," in text(page)
    assert ">Vendor<" in body
    assert "2 of 5" in text(page)
    assert news(portal, joint, 2).status_code == 204


def test_the_partner_hears_nothing_of_what_is_internal(joint, cam, seller, client_for):
    portal, vendor = client_for(seller), client_for(cam)
    give(joint, cam, {"a1q1": "o50", "t1q1": "o100"})
    assert news(portal, joint, 1).status_code == 204
    assert "t1q1" in news(vendor, joint, 1, "").content.decode()
    everything = news(portal, joint, "all").content.decode()
    for hidden in ("Secret", "t1q1", 'data-revision="2"'):
        assert hidden not in everything
    assert "Overall 50," in " ".join(everything.split())


def test_nothing_new_is_asked_cheaply(joint, cam, seller, client_for):
    give(joint, cam, {"a1q1": "o50"})
    for client, side in ((client_for(seller), "/portal"), (client_for(cam), "")):
        news(client, joint, 1, side)
        with CaptureQueriesContext(connection) as asked:
            assert news(client, joint, 1, side).status_code == 204
        own = [query["sql"] for query in asked if "tenan" not in query["sql"] and "search_path" not in query["sql"]]
        assert len(own) <= 5, "\n".join(own)
        assert sum("scorecards_assessment" in query for query in own) == 1


def test_whoever_submits_the_others_page_says_so(joint, cam, seller, client_for):
    portal, vendor = client_for(seller), client_for(cam)
    give(joint, seller, EXAMPLE)
    with pytest.raises(actions.Incomplete) as refused:
        actions.submit(assessment=joint, by=cam)
    assert refused.value.missing == ["t1q1"]
    assert portal.post(f"/portal/scorecards/{joint.pk}/submit/").status_code == 302
    page = news(vendor, joint, 5, "")
    assert f"Submitted by {seller.display_name}" in text(page)
    assert f'href="/scorecards/{joint.pk}/"' in page.content.decode()
    assert portal.get(f"/portal/scorecards/{joint.pk}/answer/").status_code == 302
    joint.refresh_from_db()
    assert (joint.status, joint.revealed, joint.agreed_by_partner) == ("submitted", False, None)


def test_the_vendor_submits_with_its_internal_answers(joint, cam, seller):
    give(joint, seller, EXAMPLE)
    give(joint, cam, {"t1q1": "o100"})
    done = actions.submit(assessment=joint, by=cam)
    assert str(done.overall_shared) == "51.666666666667"
    assert done.overall != done.overall_shared


def test_together_starts_with_what_both_know(acme, internal_version, cam, seller):
    filled(acme.partner_a, internal_version, cam, INTERNAL)  # blind: the partner must not read it this way
    first = actions.start_assessment(partner=acme.partner_a, version=internal_version, mode="joint", by=seller)
    assert not first.answers.exists()
    give(first, cam, INTERNAL)
    actions.submit(assessment=first, by=cam)
    second = actions.start_assessment(partner=acme.partner_a, version=internal_version, mode="joint", by=seller)
    assert second.answers.filter(prefilled=True, confirmed=False).count() == 6
    assert actions.confirm(assessment=second, by=seller, questions=second.applicable) == 5
    assert not second.answers.get(question_key="t1q1").confirmed


# ── History ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_history_says_before_and_after_who_and_when(joint, cam, seller, client_for):
    give(joint, cam, {"a1q1": "o100"})
    actions.save_answer(
        assessment=joint, question_key="a1q1", by=seller,
        given=Given(options=("o50",), comment="We lost two people", evidence_url="https://example.com/cv"),
    )  # fmt: skip
    for client, side in ((client_for(cam), ""), (client_for(seller), "/portal")):
        page = text(client.get(f"{side}/scorecards/{joint.pk}/history/a1q1/"))
        assert f"{seller.display_name} Partner Answer Level 100 Level 50" in page
        assert "Comment nothing We lost two people" in page
        assert "Evidence nothing https://example.com/cv" in page
        assert f"{cam.display_name} Vendor Answer nothing Level 100" in page
        answers = client.get(f"{side}/scorecards/{joint.pk}/answers/").content.decode()
        assert "We lost two people" in answers
        assert 'href="https://example.com/cv"' in answers
        assert f'href="{side}/scorecards/{joint.pk}/history/a1q1/"' in answers
        assert (
            f'href="{side}/scorecards/{joint.pk}/history/a1q1/"'
            in client.get(f"{side}/scorecards/{joint.pk}/answer/").content.decode()
        )


def test_histories_keep_internal_and_blind_from_the_partner(acme, internal_version, joint, cam, seller, client_for):
    give(joint, cam, {"t1q1": "o25"})
    blind = filled(acme.partner_a, internal_version, cam, INTERNAL)
    portal = client_for(seller)
    for path in (
        f"{joint.pk}/history/t1q1/",
        f"{blind.pk}/history/a1q1/",
        f"{blind.pk}/answers/",
        f"{joint.pk}/history/x/",
    ):
        assert portal.get(f"/portal/scorecards/{path}").status_code == 404
    assert "Secret" not in portal.get(f"/portal/scorecards/{joint.pk}/answers/").content.decode()
    assert "Level 25" in text(client_for(cam).get(f"/scorecards/{joint.pk}/history/t1q1/"))


# ── Quarterly update ─────────────────────────────────────────────────────────────────────────────────────────────────

# Targets 80, 80, 90 and 60 of the example: a1, b1 and t1 reach theirs, a2 does not.
WELL = {"a1q1": "o100", "a1q2": "o80", "a2q1": "o25", "b1q1": None, "b1q2": "o100", "t1q1": "o100"}


def updated(acme, version, by, mode="cam"):
    return actions.start_assessment(partner=acme.partner_a, version=version, mode=mode, by=by, only_update=True)


def test_an_update_asks_what_is_below_target_and_the_rest_takes_one_key(acme, internal_version, cam, client_for):
    filled(acme.partner_a, internal_version, cam, WELL)
    client = client_for(cam)
    assert "Quarterly update (1 question)" in text(client.get(f"/partners/{acme.partner_a.pk}/scorecards/"))
    client.post(f"/partners/{acme.partner_a.pk}/scorecards/start/", {"version": internal_version.pk, "update": "1"})
    draft = Assessment.everything.get(status="draft")
    assert draft.focus == ["a2"]
    answering = f"/scorecards/{draft.pk}/answer/"
    page = text(client.get(answering))
    assert "Everything else is as it was: 3 topics" in page
    assert "Provisional: 6 answers" in page
    assert client.post(answering, {"topic": "a2", "a-a2q1": "o:o50"})["Location"] == f"{answering}?topic=-rest"
    assert client.post(answering, {"topic": "-rest"})["Location"] == f"/scorecards/{draft.pk}/"
    assert not draft.answers.filter(confirmed=False).exists()
    done = actions.submit(assessment=draft, by=cam)
    topics = [topic["score"] for category in done.result["categories"] for topic in category["topics"]]
    assert topics == ["90.000000000000", "50.000000000000", "100.000000000000", "100.000000000000"]


def test_a_topic_of_the_rest_opens_to_change_it_after_all(acme, internal_version, cam, client_for):
    filled(acme.partner_a, internal_version, cam, WELL)
    draft = updated(acme, internal_version, cam)
    client = client_for(cam)
    page = client.get(f"/scorecards/{draft.pk}/answer/?topic=b1").content.decode()
    assert re.search(r'<section class="topic" id="topic-b1"[^>]*(?<!hidden)>', page)
    answer = client.post(f"/scorecards/{draft.pk}/answer/", {"topic": "b1", "a-b1q1": "o:o0", "a-b1q2": "o:o100"})
    assert answer["Location"].endswith("?topic=-rest")
    assert actions.confirm(assessment=draft, by=cam, topic="-rest") == 3
    assert draft.answers.get(question_key="b1q1").options == ["o0"]


def test_old_answers_and_open_actions_are_asked_again(acme, internal_version, cam):
    source = filled(acme.partner_a, internal_version, cam, WELL | {"a2q1": "o100"})
    assert updated(acme, internal_version, cam).focus == ["-"]
    Assessment.everything.filter(status="draft").delete()
    old = timezone.now() - dt.timedelta(days=367)
    Answer.everything.filter(assessment=source, question_key="b1q2").update(at=old)
    add_action(by=cam, partner=acme.partner_a, origin="topic", origin_key="a1", title="Train", shared=False)
    assert updated(acme, internal_version, cam).focus == ["a1", "b1"]


def test_what_a_partner_is_asked_tells_nothing_of_unshared_actions(acme, internal_version, cam, seller):
    filled(acme.partner_a, internal_version, seller, {key: WELL[key] for key in EXAMPLE} | {"a2q1": "o100"})
    add_action(by=cam, partner=acme.partner_a, origin="topic", origin_key="a1", title="Train", shared=False)
    add_action(by=cam, partner=acme.partner_a, origin="topic", origin_key="b1", title="Hire", shared=True)
    assert updated(acme, internal_version, seller, "self").focus == ["b1"]


def test_what_is_new_in_the_questionnaire_is_asked(acme, version, cam):
    filled(acme.partner_a, version, cam, {key: WELL[key] for key in EXAMPLE} | {"a2q1": "o100"})
    new = Topic("n1", "New", (question("n1q1"),))
    content = example()
    grown = Questionnaire("Example", categories=(*content.categories, Category("N", "New", (new,))))
    second = actions.publish(by=None, key="capability", content=grown)
    assert updated(acme, second, cam).focus == ["n1"]


def test_an_update_with_nothing_to_ask_still_wants_its_one_key(acme, internal_version, cam, client_for):
    filled(acme.partner_a, internal_version, cam, WELL | {"a2q1": "o100"})
    draft = updated(acme, internal_version, cam)
    page = text(client_for(cam).get(f"/scorecards/{draft.pk}/answer/"))
    assert "Everything else is as it was: 4 topics" in page
    with pytest.raises(actions.Incomplete):
        actions.submit(assessment=draft, by=cam)
    actions.confirm(assessment=draft, by=cam, topic="-rest")
    assert actions.submit(assessment=draft, by=cam).status == "submitted"


def test_without_anything_to_carry_over_all_is_asked(acme, internal_version, cam, seller):
    assert carrying.starts(cam, acme.partner_a, "cam")[0].update is None
    assert updated(acme, internal_version, cam).focus == []
    invited = actions.invite_partner_to_self_score(
        partner=acme.partner_a, version=internal_version, user=seller, by=cam, only_update=True
    )
    assert invited.focus == []


def test_the_invitation_may_ask_for_an_update(acme, internal_version, cam, seller, client_for):
    filled(acme.partner_a, internal_version, seller, {key: WELL[key] for key in EXAMPLE})
    client = client_for(cam)
    page = client.post(
        f"/partners/{acme.partner_a.pk}/scorecards/invite/",
        {"user": seller.pk, "update": "on", "due_on": today() + dt.timedelta(days=9)},
    )
    assert page.status_code == 302
    assert Assessment.everything.get(status="draft").focus == ["a2"]


def test_other_partners_updates_are_their_own(acme, internal_version, cam):
    filled(acme.partner_a, internal_version, cam, WELL)
    assert carrying.starts(acme.cam_b, acme.partner_b, "cam")[0].update is None
