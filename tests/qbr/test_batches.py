"""Decks for all of one's partners: one that fails stops no other, a worker that dies loses nothing, a ZIP of what is there."""

import datetime as dt
import io
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import Role
from partners.models import Partner
from prm.common.models import Job, Notification
from qbr import actions, tasks
from qbr.content import KEYS
from qbr.models import Batch, BatchItem, Version
from qbr.refusals import Closed, NotAllowed
from tests.qbr.making import run
from tests.world import make_partner

pytestmark = pytest.mark.django_db


@pytest.fixture
def cam(acme):
    return acme.users[Role.CAM]


@pytest.fixture
def second(acme, cam):
    return make_partner(acme, "A2", name="Alpine", cam=cam)


@pytest.fixture
def batch(acme, cam, second):
    return actions.build_all(by=cam)


def items(batch):
    return list(BatchItem.everything.filter(batch=batch).select_related("job", "partner").order_by("partner__name"))


def test_each_of_ones_own_partners_gets_a_job_and_nobody_elses(acme, cam, second, batch):
    assert [item.partner for item in items(batch)] == [second, acme.partner_a]
    assert {item.job.kind for item in items(batch)} == {"qbr.build_of_batch"}
    with pytest.raises(NotAllowed):
        actions.build_all(by=cam, partners=[acme.partner_b])
    with pytest.raises(NotAllowed):
        actions.build_all(by=acme.users[Role.CHIEF])
    Partner.everything.update(cam=None)
    with pytest.raises(ValidationError):
        actions.build_all(by=cam)


def test_one_that_fails_says_why_stops_no_other_and_is_tried_again(acme, cam, batch, client_for):
    first, other = items(batch)
    qbr = actions.start(partner=first.partner, by=cam)
    actions.change(qbr=qbr, by=cam, switched=dict.fromkeys(KEYS, False))
    assert run(first.job).state == Job.State.FAILED
    assert run(other.job).state == Job.State.DONE
    browser, shown = client_for(cam), reverse("qbr:batch", args=[batch.pk])
    text = browser.get(shown).content.decode()
    assert "All slides are switched off" in text and "1 of 2 built" in text and "Try again" in text
    zipped = b"".join(browser.get(reverse("qbr:batch_zip", args=[batch.pk])).streaming_content)
    with zipfile.ZipFile(io.BytesIO(zipped)) as bundle:
        assert [name for name in bundle.namelist() if acme.partner_a.name in name] == bundle.namelist() != []
    actions.change(qbr=qbr, by=cam, switched=dict.fromkeys(KEYS))
    browser.post(reverse("qbr:batch_again", args=[first.pk]))
    assert run(first.job).state == Job.State.DONE
    assert "2 of 2 built" in browser.get(shown).content.decode()
    with pytest.raises(Closed):
        actions.again(item=first, by=cam)


def test_others_see_of_a_batch_what_is_of_their_partners(acme, batch, client_for):
    admin, stranger = client_for(acme.users[Role.ADMIN]), client_for(acme.cam_b)
    assert "0 of 2 built" in admin.get(reverse("qbr:batch", args=[batch.pk])).content.decode()
    for name in ("batch", "batch_zip"):
        assert stranger.get(reverse(f"qbr:{name}", args=[batch.pk])).status_code == 404
    assert stranger.post(reverse("qbr:batch_again", args=[items(batch)[0].pk])).status_code == 404
    Partner.everything.filter(pk=acme.partner_a.pk).update(cam=acme.cam_b)
    assert "0 of 1 built" in stranger.get(reverse("qbr:batch", args=[batch.pk])).content.decode()


def test_what_a_dead_worker_left_is_gone_on_with_and_what_was_built_stays(cam, batch, django_capture_on_commit_callbacks):
    first, other = items(batch)
    run(first.job)
    kept = Version.everything.get()
    Job.objects.filter(pk=other.job_id).update(state=Job.State.INTERRUPTED, started_at=timezone.now())
    with django_capture_on_commit_callbacks(execute=False) as sent:
        tasks.go_on_with_batches()
    assert len(sent) == 1
    assert not Batch.objects.get().told_at, "it isn't through"
    run(other.job)
    assert Version.everything.count() == 2 and Version.everything.filter(pk=kept.pk).exists()
    tasks.go_on_with_batches()
    tasks.go_on_with_batches()
    lines = Notification.objects.filter(user=cam, url=reverse("qbr:batch", args=[batch.pk]))
    assert [line.text[:4] for line in lines] == ["2 QB"]
    assert Notification.objects.filter(user=cam).count() == 1, "no line for each of its jobs"


def test_a_job_that_kills_its_worker_each_time_is_given_up(batch, django_capture_on_commit_callbacks):
    first, other = items(batch)
    run(first.job)
    for _time in range(5):
        Job.objects.filter(pk=other.job_id).update(state=Job.State.INTERRUPTED)
        with django_capture_on_commit_callbacks(execute=False):
            tasks.go_on_with_batches()
    assert BatchItem.everything.get(pk=other.pk).restarts == 3
    assert Batch.objects.get().told_at


def test_jobs_whose_message_was_lost_are_sent_again_once_nothing_runs(batch, django_capture_on_commit_callbacks):
    def sent():
        with django_capture_on_commit_callbacks(execute=False) as callbacks:
            tasks.go_on_with_batches()
        return len(callbacks)

    assert sent() == 0, "they have only just been sent"
    first, _other = items(batch)
    Job.objects.update(created_at=timezone.now() - dt.timedelta(minutes=3))
    Job.objects.filter(pk=first.job_id).update(state=Job.State.RUNNING)
    assert sent() == 0, "a worker is at it"
    Job.objects.filter(pk=first.job_id).update(state=Job.State.DONE)
    assert sent() == 1


def test_a_batch_is_stopped_and_keeps_what_is_built(cam, batch):
    first, other = items(batch)
    run(first.job)
    actions.stop(batch=batch, by=cam)
    other.job.refresh_from_db()
    assert other.job.state == Job.State.CANCELLED and Version.everything.count() == 1
