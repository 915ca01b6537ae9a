"""The home pages: whom to talk to next, what waits, and nobody else's business."""

import datetime as dt
import html

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.permissions import Role
from cadence import queries
from cadence.home import cam_home, overview
from cadence.models import DueItem
from partners.models import Action, LifeStage, Partner
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


def owed(partner, task, due_on: dt.date, **more) -> DueItem:
    """An item of a period that ends on its due day."""
    values = {"starts_on": due_on.replace(day=1), "ends_on": due_on, "period": f"{due_on:%Y-%m}", **more}
    return DueItem.everything.create(partner=partner, task=task, due_on=due_on, **values)


def test_whose_conversation_is_due_first_is_called_first_and_one_button_starts_it(acme, cam):
    day = today()
    kind = {"partner_type": acme.partner_a.partner_type, "stage": acme.partner_a.stage, "cam": cam}
    late, later, held = (Partner.objects.create(name=name, **kind) for name in ("Late", "Later", "Held"))
    owed(acme.partner_a, "capabilities", day + dt.timedelta(days=3))
    owed(late, "performance_review", day + dt.timedelta(days=30))
    owed(late, "capabilities", day - dt.timedelta(days=12))
    owed(later, "capabilities", day - dt.timedelta(days=2))
    owed(held, "capabilities", day, state="done", done_on=day)
    owed(acme.partner_b, "capabilities", day - dt.timedelta(days=90))
    draft = start_assessment(partner=later, version=published()[0], mode="cam", by=cam)
    found = cam_home(cam, day)
    assert [call.partner for call in found.calls] == [late, later, acme.partner_a]
    assert [(r.label, r.cell.state, r.cell.days) for r in found.calls[0].reasons] == [
        ("Capabilities", "late", 12),
        ("Performance", "open", 30),
    ]
    assert [(call.button, call.url) for call in found.calls] == [
        ("Start", f"/partners/{late.pk}/scorecards/"),
        ("", f"/scorecards/{draft.pk}/answer/"),  # goes on where it was left
        ("Start", f"/partners/{acme.partner_a.pk}/scorecards/"),
    ]
    assert (found.partners, found.held.overdue) == (4, 2)
    cells = {
        line.partner: [cell.state for _short, _label, cell, _url in line.cells]
        for half in found.halves
        for line in half
    }
    assert cells == {
        acme.partner_a: ["none", "open"],
        held: ["none", "done"],
        late: ["open", "late"],
        later: ["none", "late"],
    }


def test_forty_partners_stand_in_two_columns_in_the_order_of_names(acme, cam):
    kind = {"partner_type": acme.partner_a.partner_type, "stage": acme.partner_a.stage, "cam": cam}
    Partner.everything.bulk_create(Partner(name=f"P{n:02}", name_key=f"p{n:02}", **kind) for n in range(40))
    first, second = cam_home(cam, today()).halves
    assert (len(first), len(second)) == (21, 20)
    names = [line.partner.name for line in [*first, *second]]
    assert names == sorted(names, key=str.lower)


def test_a_lapsed_partner_stays_on_the_page_while_something_is_open_with_it(acme, cam):
    lapsed = LifeStage.objects.get(is_lapsed=True)
    kind = {"partner_type": acme.partner_a.partner_type, "stage": lapsed, "cam": cam}
    gone, owing = (Partner.objects.create(name=name, **kind) for name in ("Gone", "Owing"))
    owed(owing, "capabilities", today() - dt.timedelta(days=1))
    shown = [line.partner for line in cam_home(cam, today()).halves[0]]
    assert owing in shown
    assert gone not in shown


def test_the_page_says_how_each_conversation_stands_in_words(acme, cam, client_for):
    day = today()
    owed(acme.partner_a, "performance_review", day - dt.timedelta(days=12))
    owed(acme.partner_a, "capabilities", day, state="done", done_on=day - dt.timedelta(days=5))
    owed(acme.partner_a, "satisfaction", day)
    page = html.unescape(client_for(cam).get("/").content.decode())
    assert "12 d late" in page
    assert "done 5 days ago" in page
    assert "conversations held" in page
    assert "1 late" in page
    assert "Satisfaction" not in page  # that the partner is asked is none of its CAM's business


def test_the_chief_sees_who_holds_conversations_and_what_nobody_looks_after(acme, cam, client_for):
    day = today()
    quarter = fiscal_calendar().quarter_of(day)
    owed(acme.partner_a, "capabilities", quarter.end, state="done", done_on=day, period=quarter.key)
    owed(acme.partner_b, "capabilities", day - dt.timedelta(days=120))
    Partner.everything.filter(pk=acme.partner_b.pk).update(cam=None)
    found = overview(acme.users[Role.CHIEF], day)
    assert [(row.cam, row.held.quarter.percent) for row in found.cams] == [(cam, 100)]
    assert [item.partner for item, _cell in found.unassigned] == [acme.partner_b]
    page = client_for(acme.users[Role.CHIEF]).get("/").content.decode()
    assert "Looked after by nobody" in page
    assert cam.display_name in page


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


def test_home_costs_the_same_whatever_the_number_of_partners(acme, cam, client_for, django_assert_num_queries):
    client = client_for(cam)
    kind = {"partner_type": acme.partner_a.partner_type, "stage": acme.partner_a.stage, "cam": cam}
    owed(acme.partner_a, "capabilities", today())
    with CaptureQueriesContext(connection) as few:
        client.get("/")
        client.get("/")
    for number in range(6):
        partner = Partner.objects.create(name=f"More {number}", **kind)
        owed(partner, "capabilities", today() - dt.timedelta(days=number))
        owed(partner, "performance_review", today() + dt.timedelta(days=number), period=f"2000-0{number + 1}")
    with django_assert_num_queries(len(few)):
        client.get("/")
        client.get("/")
    assert len(few) < 45
