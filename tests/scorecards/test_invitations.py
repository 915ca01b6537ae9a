"""Invitations: due on a day, one reminder, then expired; and nothing that was answered is lost."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format

from accounts import links, tokens
from accounts.models import SignedLink
from accounts.permissions import Role
from partners.models import Membership
from prm.common.models import AuditEntry, Holiday, OutgoingMail, VendorSettings
from prm.common.vendor import today
from prm.common.workcal import WorkCalendar
from scorecards import actions, invitations
from scorecards.actions import inviting
from scorecards.models import Assessment
from tests.api.conftest import Api
from tests.scorecards.conftest import EXAMPLE, example, give

# Berlin, Monday to Friday 9 to 17. The day the invitation is due: Friday, 4 December 2026.
BERLIN = ZoneInfo("Europe/Berlin")
DUE = dt.date(2026, 12, 4)


def at(day: int, hour: int = 10, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 12, day, hour, minute, tzinfo=BERLIN)


@pytest.fixture
def cam(acme):
    return acme.users[Role.CAM]


@pytest.fixture
def seller(acme):
    return acme.users_a[Role.PARTNER_SELLER]


@pytest.fixture
def asked(acme, version, cam, seller):
    """An invitation of 20 November, due on Friday, 4 December, of a vendor in Berlin."""
    VendorSettings.objects.update_or_create(pk=1, defaults={"name": "Acme", "time_zone": "Europe/Berlin"})
    return invited(acme.partner_a, version, seller, cam)


def invited(partner, version, user, by):
    draft = actions.invite_partner_to_self_score(partner=partner, version=version, user=user, by=by)
    Assessment.everything.filter(pk=draft.pk).update(asked_at=dt.datetime(2026, 11, 20, tzinfo=dt.UTC), due_on=DUE)
    SignedLink.objects.all().update(expires_at=timezone.now() + dt.timedelta(days=900))
    OutgoingMail.objects.all().delete()
    draft.refresh_from_db()
    return draft


def mails():
    return list(OutgoingMail.objects.order_by("pk").values_list("to", "subject"))


# ── When ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("now", "days"),
    [
        (at(1), (1, 6)),  # Tuesday: Wednesday, Thursday, Friday are left, on the weekend no fewer
        (at(1, 8, 59), None),
        (at(1, 17, 1), None),
        (at(2), (2, 7)),  # Wednesday: Thursday, Friday, Monday; Saturday and Sunday between
        (at(5), None),  # Saturday
    ],
)
def test_three_working_days_are_left_in_working_hours(now, days):
    found = invitations.to_remind(WorkCalendar("Europe/Berlin"), now)
    assert found == (days and tuple(dt.date(2026, 12, day) for day in days))


def test_holidays_are_no_working_days():
    calendar = WorkCalendar("Europe/Berlin", holidays=frozenset({dt.date(2026, 12, 3)}))
    assert invitations.to_remind(calendar, at(1)) == (dt.date(2026, 12, 1), dt.date(2026, 12, 7))


# ── Asking ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_it_is_due_in_two_weeks_or_on_the_day_given_and_the_link_works_until_its_end(acme, version, cam, seller):
    ask = lambda **more: actions.invite_partner_to_self_score(  # noqa: E731
        partner=acme.partner_a, version=version, user=seller, by=cam, **more
    )
    draft = ask()
    assert (draft.asked, draft.due_on) == (seller, today() + dt.timedelta(days=14))
    day = today() + dt.timedelta(days=5)
    assert ask(due_on=day).pk == draft.pk
    draft.refresh_from_db()
    assert (draft.due_on, draft.reminded_at, draft.expired_at) == (day, None, None)
    latest = SignedLink.objects.latest("created_at")
    assert latest.expires_at == invitations.end_of(day)
    assert f"Please answer by {date_format(day, 'DATE_FORMAT')}." in OutgoingMail.objects.latest("pk").text
    for wrong in (today() - dt.timedelta(days=1), today() + dt.timedelta(days=366)):
        with pytest.raises(ValidationError) as refused:
            ask(due_on=wrong)
        assert set(refused.value.message_dict) == {"due_on"}


def test_the_form_says_at_the_field_that_the_day_is_past(acme, version, cam, seller, client_for):
    url = f"/partners/{acme.partner_a.pk}/scorecards/invite/"
    page = client_for(cam).get(f"/partners/{acme.partner_a.pk}/scorecards/").content.decode()
    assert f'value="{today() + dt.timedelta(days=14):%Y-%m-%d}"' in page
    form = {"user": seller.pk, "message": "So that we can plan", "version": version.pk}
    past = client_for(cam).post(url, {**form, "due_on": "2020-01-01"})
    assert past.status_code == 422
    assert "Choose today or a later day." in past.content.decode()
    assert "So that we can plan" in past.content.decode()
    assert not Assessment.everything.exists()
    day = today() + dt.timedelta(days=3)
    assert client_for(cam).post(url, {**form, "due_on": day.isoformat()}).status_code == 302
    assert Assessment.everything.get().due_on == day
    page = client_for(cam).get(f"/partners/{acme.partner_a.pk}/scorecards/").content.decode()
    assert f"{seller.display_name} is asked for it by" in page


# ── Reminding ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_reminder_with_a_link_of_its_own_however_often_the_beat_comes(asked, seller, globex):
    before = SignedLink.objects.count()
    assert actions.remind_of_invitations(now=at(1, 8)) == 0  # before they open
    assert actions.remind_of_invitations(now=at(1)) == 1
    for again in (at(1, 11), at(2), at(4)):
        assert actions.remind_of_invitations(now=again) == 0
    assert not inviting._remind(asked.pk, at(2))  # another worker, which had found it before the first was through
    [(to, subject)] = mails()
    assert to == seller.email
    assert subject.startswith("Reminder")
    text = OutgoingMail.objects.get().text
    assert "5 questions are still to answer" in text
    assert SignedLink.objects.count() == before + 1
    asked.refresh_from_db()
    assert asked.reminded_at == at(1)
    assert seller.notifications.count() == 2
    with globex:
        assert not OutgoingMail.objects.exists()


def test_each_vendor_reminds_of_its_own(acme, asked, globex):
    with globex:
        VendorSettings.objects.update_or_create(pk=1, defaults={"name": "Globex", "time_zone": "Europe/Berlin"})
        version = actions.publish(by=None, key="capability", content=example())
        seller = globex.users_a[Role.PARTNER_SELLER]
        invited(globex.partner_a, version, seller, globex.users[Role.CAM])
        assert actions.remind_of_invitations(now=at(1)) == 1
        assert [to for to, _subject in mails()] == [seller.email]
    with acme:
        asked.refresh_from_db()
        assert asked.reminded_at is None
        assert mails() == []


@pytest.mark.parametrize("why", ["inactive", "left", "no role", "submitted", "of today", "far away", "expired"])
def test_nobody_is_reminded_who_is_not_concerned(acme, asked, seller, version, why):
    row = Assessment.everything.filter(pk=asked.pk)
    if why == "inactive":
        type(seller).objects.filter(pk=seller.pk).update(is_active=False)
    elif why == "left":
        Membership.everything.filter(user=seller).update(partner=acme.partner_b)
    elif why == "no role":
        seller.groups.clear()
    elif why == "submitted":
        give(asked, seller, EXAMPLE)
        actions.submit(assessment=asked, by=seller)
    elif why == "of today":
        row.update(asked_at=at(1, 9))
    elif why == "far away":
        row.update(due_on=dt.date(2026, 12, 7))
    else:
        row.update(expired_at=at(1, 9))
    assert actions.remind_of_invitations(now=at(1)) == 0
    assert mails() == []


def test_a_holiday_of_the_vendor_brings_the_reminder_forward(asked):
    Holiday.objects.create(on=dt.date(2026, 12, 3), name="A holiday")
    assert actions.remind_of_invitations(now=dt.datetime(2026, 11, 30, 10, tzinfo=BERLIN)) == 1


# ── Expiring ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_it_expires_when_its_day_is_over_where_the_vendor_is_and_who_asked_is_told_once(asked, cam, seller, client_for):
    assert actions.expire_invitations(now=at(4, 23, 59)) == 0
    assert actions.expire_invitations(now=at(5, 0, 0)) == 1
    assert actions.expire_invitations(now=at(5, 0, 1)) == 0
    assert not inviting._expire(asked.pk, at(5, 0, 2))
    asked.refresh_from_db()
    assert asked.expired_at == at(5, 0, 0)
    [(to, subject)] = mails()
    assert to == cam.email
    assert subject.startswith("Expired")
    assert cam.notifications.get().url == f"/partners/{asked.partner_id}/scorecards/"
    assert AuditEntry.objects.filter(verb="assessment.expired", target_id=str(asked.pk)).count() == 1
    # And no reminder afterwards.
    Assessment.everything.filter(pk=asked.pk).update(due_on=dt.date(2026, 12, 7))
    assert actions.remind_of_invitations(now=at(7)) == 0


def test_the_link_no_longer_works_and_cant_be_renewed(asked, client_for):
    link = SignedLink.objects.get()
    assert links.by_token(links.token(link)) == link
    actions.expire_invitations(now=at(5))
    assert links.by_token(links.token(link)) is None
    links.renew(links.token(link))
    assert SignedLink.objects.count() == 1
    assert client_for(None).get(f"/portal/scorecards/{asked.pk}/answer/").status_code == 302  # to sign in


def test_another_is_told_where_who_asked_no_longer_looks_after_the_partner(acme, asked, cam):
    acme.partner_a.cam = acme.cam_b
    acme.partner_a.save()
    actions.expire_invitations(now=at(5))
    assert [to for to, _subject in mails()] == [acme.cam_b.email]


def test_both_sides_read_when_it_expired(asked, cam, seller, client_for):
    actions.expire_invitations(now=at(5))
    partner = asked.partner_id
    assert "Expired on" in client_for(cam).get(f"/partners/{partner}/scorecards/").content.decode()
    assert "Expired on" in client_for(cam).get("/scorecards/").content.decode()
    assert "Expired on" in client_for(seller).get("/portal/scorecards/").content.decode()
    assert "Expired on" in client_for(seller).get("/portal/").content.decode()


@pytest.mark.parametrize("how", ["answering", "starting", "asking"])
def test_going_on_keeps_what_was_answered(acme, asked, version, cam, seller, how):
    give(asked, seller, {"a1q1": "o80"})
    actions.expire_invitations(now=at(5))
    if how == "answering":
        give(asked, seller, {"a1q2": "o50"})
    elif how == "starting":
        actions.start_assessment(partner=acme.partner_a, version=version, mode="self", by=seller)
    else:
        actions.invite_partner_to_self_score(partner=acme.partner_a, version=version, user=seller, by=cam)
    row = Assessment.everything.get(mode="self")
    assert (row.pk, row.expired_at) == (asked.pk, None)
    assert row.answers.get(question_key="a1q1").options == ["o80"]
    assert (row.due_on is None) == (how != "asking")
    assert actions.expire_invitations(now=timezone.now()) == 0


# ── API ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_api_asks_and_tells_how_it_stands(acme, version, cam, seller):
    def api(user):
        return Api(tokens.create(user, "t", ["scorecards:read", "scorecards:write"], 1)[1], acme.host)

    url = f"/partners/{acme.partner_a.pk}/invitations"
    day = (today() + dt.timedelta(days=4)).isoformat()
    body = {"questionnaire": version.questionnaire.key, "user": seller.pk, "due_on": day}
    made = api(cam).post(url, body)
    assert made.status_code == 201
    assert (made.json()["asked"], made.json()["due_on"], made.json()["expired_at"]) == (seller.pk, day, None)
    assert api(cam).get(url).json()["items"] == [made.json()]
    past = api(cam).post(url, {**body, "due_on": "2020-01-01"})
    assert (past.status_code, past.json()["errors"][0]["field"]) == (422, "due_on")
    stranger = acme.users_b[Role.PARTNER_SELLER]
    assert api(cam).post(url, {**body, "user": stranger.pk}).status_code == 422
    assert api(seller).get(url).status_code == 403
    [mine] = api(seller).get("/assessments").json()["items"]
    assert mine["due_on"] == day
