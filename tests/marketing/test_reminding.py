"""Mails that ask for results, and for somebody to verify them."""

import datetime as dt

import pytest

from accounts import links
from accounts.models import SignedLink
from accounts.permissions import Role
from marketing import actions, reminding
from marketing.models import Activity
from prm.common.models import OutgoingMail
from tests.marketing.making import RESULTS, approved, closed, fresh, marketer, parts
from tests.marketing.sending import sent

DAY = dt.timedelta(days=1)


@pytest.fixture
def activity(acme):
    return parts(approved(acme, activities=1))[0]


def mailed():
    return [(mail.to, mail.subject) for mail in OutgoingMail.objects.order_by("pk")]


def test_results_are_asked_for_once_it_is_over_and_again_after_two_weeks(acme, activity):
    ended = activity.ends_on
    assert reminding.remind(on=ended) == 0
    assert reminding.remind(on=ended + DAY) == 1
    assert [to for to, _subject in mailed()] == [marketer(acme).email]  # who submitted it
    assert reminding.remind(on=ended + DAY) == 0
    assert reminding.remind(on=ended + 15 * DAY) == 1
    assert reminding.remind(on=ended + 120 * DAY) == 0
    closed(acme, activity)
    assert reminding.remind(on=ended + 40 * DAY) == 0


def test_its_owner_is_asked_first_and_nobody_who_has_left(acme, activity):
    owner = acme.users_a[Role.PARTNER_CHAMPION]
    Activity.everything.filter(pk=activity.pk).update(owner=owner)
    assert reminding.asked(fresh(activity)) == [owner]
    owner.is_active = False
    owner.save()
    assert reminding.asked(fresh(activity)) == [marketer(acme)]


def test_the_cam_verifies_what_the_partner_entered_and_a_marketing_manager_what_the_cam_did(
    acme, activity, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        closed(acme, activity)
    assert [to for to, _subject in mailed()] == [acme.users[Role.CAM].email]
    other = parts(approved(acme, activities=1))[0]
    OutgoingMail.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        closed(acme, other, by=acme.users[Role.CAM])
    assert [to for to, _subject in mailed()] == [acme.users[Role.MARKETING].email]


def test_by_the_mailed_link_results_are_entered_without_a_password_and_nothing_else_is_open(acme, activity, client_for):
    reminding.remind(on=activity.ends_on + DAY)
    link = SignedLink.objects.get(purpose=reminding.PARTNER_LINK, target_id=str(activity.pk))
    page = f"/portal/marketing/activities/{activity.pk}/results/"
    client = client_for()
    assert client.get(f"/l/{links.token(link)}/")["Location"] == page
    form = sent(client, page, "")
    assert fresh(activity).state == "planned"  # opening it closes nothing
    typed = {key: str(value) for key, value in RESULTS.items()}
    client.post(page, {**form, **typed, "close": "1"})
    assert fresh(activity).state == "closed"
    assert client.get(page).status_code == 200
    assert client.get(f"/portal/marketing/plans/{activity.plan_id}/").status_code == 302
    assert client.get(f"/portal/marketing/activities/{activity.pk + 1}/results/").status_code == 404


def test_the_vendors_link_verifies(acme, activity, client_for, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        closed(acme, activity)
    link = SignedLink.objects.get(purpose=reminding.VENDOR_LINK, target_id=str(activity.pk))
    client = client_for()
    client.get(f"/l/{links.token(link)}/")
    page = client.get(f"/marketing/activities/{activity.pk}/results/").content.decode()
    assert "Verify these results" in page
    assert "Open the results again" not in page
    client.post(f"/marketing/activities/{activity.pk}/verify/", {"note": "Receipts seen"})
    assert fresh(activity).state == "verified"
    with pytest.raises(actions.Closed):
        actions.verify(activity=fresh(activity), by=acme.users[Role.MARKETING])
