"""Expected lift against the lift that came, and who may not know it yet."""

import datetime as dt
import io
import json
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from accounts import tokens
from accounts.permissions import Role
from partners import queries
from partners.actions import add_action
from partners.lift import lift_of
from partners.models import Action
from scorecards import actions
from scorecards.actions import PlanItem
from scorecards.models import Assessment
from tests.api.conftest import Api
from tests.scorecards.conftest import EXAMPLE, filled, give

BETTER = EXAMPLE | {"a2q1": "o80"}  # a2 rises from 25 to 80


@pytest.fixture
def cam(acme):
    return acme.users[Role.CAM]


@pytest.fixture
def seller(acme):
    return acme.users_a[Role.PARTNER_SELLER]


def plan(assessment, by, owner=None):
    """Takes on what the plan proposes for a2, which scores 25 and should score 80."""
    [action] = actions.accept_action_plan(assessment=assessment, items=[PlanItem("a2q1", "Do a2q1", owner)], by=by)
    return action


def seen(user, action):
    return lift_of(queries.actions(user).get(pk=action.pk))


def hidden(user, action):
    lift = seen(user, action)
    assert (lift.reason == "hidden") == (lift.expected is None)
    if lift.reason == "hidden":
        assert lift.before is lift.came is None
    return lift.reason == "hidden"


def api(user, path):
    scopes = ["partners:read", "scorecards:read"]
    return Api(tokens.create(user, "t", scopes, 1)[1], "acme.localhost").get(path).json()


def test_the_lift_is_the_next_score_less_the_one_before(acme, version, cam):
    first = filled(acme.partner_a, version, cam)
    action = plan(first, cam)
    assert action.score_before == 25
    lift = seen(cam, action)
    assert (lift.before, lift.expected, lift.came, lift.reason) == (25, 55, None, "no_scorecard_since")
    filled(acme.partner_a, version, cam, BETTER)
    assert seen(cam, action).came == 55
    filled(acme.partner_a, version, cam, EXAMPLE | {"a2q1": "o0"})
    assert seen(cam, action).came == -25


def test_an_agreed_one_goes_before_a_later_submitted(acme, version, cam):
    action = plan(filled(acme.partner_a, version, cam), cam)
    agreed = filled(acme.partner_a, version, cam, BETTER)
    Assessment.everything.filter(pk=agreed.pk).update(status="agreed")
    filled(acme.partner_a, version, cam, EXAMPLE | {"a2q1": "o50"})
    assert seen(cam, action).came == 55


def test_of_a_draft_the_draft_itself_is_no_lift(acme, version, cam):
    draft = actions.start_assessment(partner=acme.partner_a, version=version, mode="cam", by=cam)
    give(draft, cam, EXAMPLE)
    action = plan(draft, cam)
    actions.submit(assessment=draft, by=cam)
    assert seen(cam, action).reason == "no_scorecard_since"


def test_an_action_made_by_hand_and_another_questionnaires_score_are_none(acme, version, cam):
    by_hand = add_action(by=cam, partner=acme.partner_a, title="Call them")
    assert seen(cam, by_hand).reason == "no_score"
    action = plan(filled(acme.partner_a, version, cam), cam)
    other = actions.publish(by=None, key="other", content=version.content)
    filled(acme.partner_a, other, cam, BETTER)
    assert seen(cam, action).reason == "no_scorecard_since"


# ── Blind until both are in ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_partner_does_not_read_figures_of_the_vendors_view_before_its_own_is_in(acme, version, cam, seller):
    theirs = filled(acme.partner_a, version, cam)
    action = plan(theirs, cam, owner=seller)
    assert not hidden(cam, action)
    assert hidden(seller, action)
    filled(acme.partner_a, version, seller, BETTER)  # now both are in
    assert not hidden(seller, action)
    assert seen(seller, action).before == 25


def test_the_vendor_does_not_read_figures_of_the_partners_view_before_its_own_is_in(acme, version, cam, seller):
    action = plan(filled(acme.partner_a, version, seller), seller)
    assert not hidden(seller, action)
    for user in (cam, acme.users[Role.CHIEF], acme.users[Role.ADMIN]):
        assert hidden(user, action)
    filled(acme.partner_a, version, cam, BETTER)
    assert not hidden(cam, action)


def test_a_draft_the_vendor_took_it_from_hides_it_too(acme, version, cam, seller):
    filled(acme.partner_a, version, seller)
    draft = actions.start_assessment(partner=acme.partner_a, version=version, mode="cam", by=cam)
    give(draft, cam, EXAMPLE)
    action = plan(draft, cam)
    assert hidden(seller, action)
    actions.discard(assessment=draft, by=cam)
    action.refresh_from_db()
    assert (action.expected_lift, action.score_before) == (None, None)


def test_an_old_view_of_another_score_does_not_hide_what_came_from_an_open_one(acme, version, cam, seller):
    old = filled(acme.partner_a, version, cam, EXAMPLE | {"a2q1": "o50"})
    Assessment.everything.filter(pk=old.pk).update(period="2020Q1", revealed=False)
    both = [filled(acme.partner_a, version, by) for by in (seller, cam)]
    assert Assessment.everything.get(pk=both[0].pk).revealed
    action = plan(Assessment.everything.get(pk=both[1].pk), cam)
    assert not hidden(seller, action)


def test_of_several_with_the_same_score_the_latest_counts(acme, version, cam, seller):
    blind = filled(acme.partner_a, version, cam)
    Assessment.everything.filter(pk=blind.pk).update(period="2020Q1")
    for by in (seller, cam):
        last = filled(acme.partner_a, version, by)
    after_both = plan(Assessment.everything.get(pk=last.pk), cam)
    assert not hidden(seller, after_both)
    Action.everything.filter(pk=after_both.pk).update(status="done", closed_at=timezone.now())
    Assessment.everything.exclude(pk=blind.pk).update(period="2020Q2")
    after_blind = plan(filled(acme.partner_a, version, cam), cam)
    assert hidden(seller, after_blind)
    assert not hidden(seller, after_both)


def test_of_somebody_who_is_gone_the_other_side_learns_nothing(acme, version, cam, seller):
    action = plan(filled(acme.partner_a, version, cam), cam)
    Action.everything.filter(pk=action.pk).update(created_by=None)
    assert hidden(seller, action)
    assert not hidden(cam, action)


def test_what_the_reader_can_not_see_does_not_count_as_the_lift_that_came(acme, version, cam, seller):
    for by in (seller, cam):
        last = filled(acme.partner_a, version, by)
    action = plan(Assessment.everything.get(pk=last.pk), cam)
    Assessment.everything.update(period="2020Q1")
    filled(acme.partner_a, version, cam, BETTER)  # of a quarter of which the partner's is not in
    assert seen(cam, action).came == 55
    assert seen(seller, action).reason == "no_scorecard_since"


SECRET = ("25.000000000000", "55.0", "+55", "25.0")


def test_no_page_file_or_answer_shows_a_hidden_figure(acme, version, cam, seller, client_for):
    action = plan(filled(acme.partner_a, version, cam), cam, owner=seller)
    texts = [client_for(seller).get(url).content.decode() for url in ("/portal/actions/", "/portal/")]
    texts.append(json.dumps(api(seller, f"/actions/{action.pk}")))
    texts.append(json.dumps(api(seller, "/actions")))
    assert "once both views are in" in texts[0]
    assert not [secret for secret in SECRET for text in texts if secret in text]
    out = api(seller, f"/actions/{action.pk}")
    assert (out["expected_lift"], out["score_before"], out["lift_came"], out["lift_reason"]) == (
        None, None, None, "hidden",
    )  # fmt: skip


def test_the_vendors_list_and_file_hide_what_came_from_a_hidden_view(acme, version, cam, seller, client_for):
    action = plan(filled(acme.partner_a, version, seller), seller)
    client = client_for(cam)
    pages = ["/actions/?sort=-lift", f"/partners/{acme.partner_a.pk}/actions/", f"/actions/{action.pk}/"]
    texts = [client.get(url).content.decode() for url in pages]
    book = load_workbook(io.BytesIO(client.get("/actions/export/xlsx/").content))
    texts.append("\n".join(str(cell) for row in book.active.iter_rows(values_only=True) for cell in row))
    assert all("Do a2q1" in text for text in texts)
    assert not [secret for secret in SECRET for text in texts if secret in text]


# ── Where it is shown ────────────────────────────────────────────────────────────────────────────────────────────────


def test_pages_portal_file_and_api_show_expected_against_what_came(acme, version, cam, seller, client_for):
    for by in (seller, cam):
        last = filled(acme.partner_a, version, by)
    action = plan(Assessment.everything.get(pk=last.pk), cam, owner=seller)
    Assessment.everything.update(period="2020Q1")
    for by in (seller, cam):
        filled(acme.partner_a, version, by, EXAMPLE | {"a2q1": "o50"})
    for user, urls in (
        (cam, ["/actions/", f"/partners/{acme.partner_a.pk}/actions/", f"/actions/{action.pk}/"]),
        (seller, ["/portal/actions/"]),
    ):
        for url in urls:
            text = client_for(user).get(url).content.decode()
            assert "55" in text, url
            assert "+25" in text, url
        out = api(user, f"/actions/{action.pk}")
        assert (out["expected_lift"], out["score_before"], out["lift_came"], out["lift_reason"]) == (
            "55.0", "25.000000000000", "25.000000000000", None,
        )  # fmt: skip
    book = load_workbook(io.BytesIO(client_for(cam).get("/actions/export/xlsx/").content))
    head, row = list(book.active.iter_rows(values_only=True))[:2]
    assert dict(zip(head, row, strict=True))["Lift that came"] == 25


def test_lists_of_actions_cost_the_same_with_one_and_with_ten(acme, version, cam, client_for):
    plan(filled(acme.partner_a, version, cam), cam)
    urls = ["/actions/", f"/partners/{acme.partner_a.pk}/actions/", "/actions/export/csv/"]

    def cost(url):
        client = client_for(cam)
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    few = [cost(url) for url in urls]
    for number in range(10):
        Action.everything.create(
            partner=acme.partner_a, title=f"More {number}", origin="topic", origin_key="a2", score_before=Decimal(25),
            expected_lift=10, created_by=cam, due_on=timezone.localdate() + dt.timedelta(days=number),
        )  # fmt: skip
    assert [cost(url) for url in urls] == few
