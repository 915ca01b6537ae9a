"""Background jobs: what they leave, say and show, whatever becomes of them. A real worker is in test_worker.py."""

import re
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.urls import reverse

from accounts.permissions import Role
from prm.celery import app
from prm.common import jobs
from prm.common.models import Holiday, Job, Notification
from prm.tenancy.tasks import HEADER
from tests.common import job_kinds  # noqa: F401  registers its kinds

BLOCKED = 100_000


@pytest.fixture
def cam(acme):
    return acme.users[Role.CAM]


def start(by, kind="tests.works", **params) -> Job:
    return jobs.start(kind, by=by, title="Import of partners", params=params)


def run(job: Job) -> Job:
    jobs.run_job.apply(args=(str(job.pk),), headers={HEADER: connection.schema_name}, throw=True)
    job.refresh_from_db()
    return job


def plain(response) -> str:
    return re.sub(r'(?<=csrfmiddlewaretoken" value=")\w+', "", response.content.decode()).strip()


def page(client, job, **headers) -> str:
    return client.get(reverse("common:job", args=[job.pk]), headers=headers)


def test_a_job_that_works_leaves_its_work_its_file_and_a_line_under_the_bell(cam, client_for):
    job = run(start(cam))
    assert job.state == Job.State.DONE
    assert Holiday.objects.count() == 1
    assert job.result == {"made": 1, "schema": "acme"}
    line = Notification.objects.get(user=cam)
    assert (line.text, line.url) == ("Import of partners: done", reverse("common:job", args=[job.pk]))
    client = client_for(cam)
    body = page(client, job).content.decode()
    assert reverse("common:job_file", args=[job.pk]) in body
    assert "/settings/calendar/" in body
    file = client.get(reverse("common:job_file", args=[job.pk]))
    assert b"".join(file.streaming_content) == b"a,b\r\n"
    assert 'filename="list.csv"' in file["Content-Disposition"]


@pytest.mark.parametrize(
    ("kind", "says"), [("tests.refuses", "Row 7 has no name."), ("tests.breaks", "Something went wrong on our side")]
)
def test_a_job_that_fails_leaves_nothing_and_says_why(cam, client_for, kind, says):
    job = run(start(cam, kind))
    assert job.state == Job.State.FAILED
    assert not Holiday.objects.exists()
    body = page(client_for(cam), job).content.decode()
    assert says in body
    assert "secret detail" not in body
    assert "Run again" in body
    assert client_for(cam).get(reverse("common:job_file", args=[job.pk])).status_code == 404
    assert not list(Path(default_storage.path("jobs")).glob(f"{job.pk}/*")), "the file it had written is gone"
    assert Notification.objects.get(user=cam).text == "Import of partners: failed"


def test_one_that_waits_is_cancelled_at_once_and_never_runs(cam, client_for):
    job = start(cam)
    client_for(cam).post(reverse("common:job_cancel", args=[job.pk]))
    assert run(job).state == Job.State.CANCELLED
    assert not Holiday.objects.exists()


def test_one_that_runs_is_cancelled_at_its_next_word_and_undone(cam, client_for, monkeypatch):
    job = start(cam)

    def asked_meanwhile(context):
        Holiday.objects.create(on="2031-01-01", name="made by a job")
        jobs.cancel(context.job)
        context.progress(1, 2)
        raise AssertionError("went on")

    monkeypatch.setitem(jobs._kinds, "tests.works", asked_meanwhile)
    assert run(job).state == Job.State.CANCELLED
    assert not Holiday.objects.exists()
    assert "Nothing was changed" in page(client_for(cam), job).content.decode()
    assert not Notification.objects.exists(), "who cancelled knows"


def test_a_message_delivered_twice_runs_once(cam):
    job = run(start(cam))
    done = job.finished_at
    assert run(job).finished_at == done
    assert Holiday.objects.count() == 1


def test_run_again_runs_once_more_and_only_what_has_ended_badly(cam, client_for):
    job = run(start(cam, "tests.breaks"))
    Job.objects.filter(pk=job.pk).update(kind="tests.works")
    client_for(cam).post(reverse("common:job_again", args=[job.pk]))
    job.refresh_from_db()
    assert (job.state, job.error) == (Job.State.QUEUED, "")
    assert not jobs.run_again(job), "a second click starts nothing"
    assert run(job).state == Job.State.DONE
    assert not jobs.run_again(job)


def test_jobs_are_their_owners_alone(acme, cam, client_for):
    job = run(start(cam))
    admin = client_for(acme.users[Role.ADMIN])
    for name in ("job", "job_file"):
        assert admin.get(reverse(f"common:{name}", args=[job.pk])).status_code == 404
    for name in ("job_cancel", "job_again"):
        assert admin.post(reverse(f"common:{name}", args=[job.pk])).status_code == 404
    assert "Import of partners" not in admin.get("/jobs/").content.decode()
    assert "Import of partners" in client_for(cam).get("/jobs/").content.decode()


def test_an_open_job_asks_again_every_second_and_says_when_it_has_ended(cam, client_for):
    job = start(cam)
    client = client_for(cam)
    whole, fragment = page(client, job), page(client, job, **{"hx-request": "true"})
    assert 'hx-trigger="every 1s"' in whole.content.decode()
    assert plain(fragment) in plain(whole)
    assert "HX-Trigger" not in fragment.headers
    assert "<html" not in fragment.content.decode()
    run(job)
    fragment = page(client, job, **{"hx-request": "true"})
    assert "hx-get" not in fragment.content.decode()
    assert "done" in fragment["HX-Trigger-After-Settle"]


def test_progress_is_a_real_number(cam, client_for):
    job = start(cam)
    Job.objects.filter(pk=job.pk).update(state=Job.State.QUEUED, done=1234, total=5000, step="Writing rows")
    body = page(client_for(cam), job).content.decode()
    assert 'value="1234" max="5000"' in body
    assert "1,234 of 5,000" in body


def test_a_running_job_nobody_holds_is_interrupted_as_soon_as_one_looks(cam, client_for):
    job = start(cam)
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING)
    body = page(client_for(cam), job).content.decode()
    assert "The worker stopped in the middle" in body
    assert "Run again" in body
    assert Notification.objects.get(user=cam).text == "Import of partners: interrupted"


def test_one_whose_worker_is_at_work_is_left_alone_however_long_it_is_silent(cam):
    job = start(cam)
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING)
    worker = connection.copy()
    try:
        worker.set_schema("acme")
        with worker.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [jobs._lock_key(job.pk)])
        jobs.mark_interrupted()
        job.refresh_from_db()
        assert job.state == Job.State.RUNNING
    finally:
        worker.close()


@pytest.fixture
def broker_away(monkeypatch):
    """Celery's broker points nowhere."""
    nowhere = app.connection_for_write("redis://127.0.0.1:1/0")
    send = jobs.run_job.apply_async
    monkeypatch.setattr(jobs.run_job, "apply_async", lambda args: send(args, connection=nowhere))


def test_with_the_queue_away_the_page_says_so_and_it_can_be_run_again(
    cam, client_for, broker_away, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        job = start(cam)
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    body = page(client_for(cam), job).content.decode()
    assert "The background service can’t be reached" in body.replace("&#x27;", "’")
    assert "Run again" in body
    with django_capture_on_commit_callbacks(execute=True):
        assert client_for(cam).post(reverse("common:job_again", args=[job.pk])).status_code == 302
    job.refresh_from_db()
    assert job.state == Job.State.FAILED


def test_a_job_of_a_rolled_back_request_is_never_sent(cam, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks, transaction.atomic():
        start(cam)
        transaction.set_rollback(True)
    assert callbacks == []


def test_what_a_job_says_is_in_its_owners_language(cam):
    cam.language = "de"
    cam.save()
    from django.utils.translation import get_language

    seen = []
    jobs._kinds["tests.language"] = lambda job: seen.append(get_language())
    run(start(cam, "tests.language"))
    assert seen == ["de"]


def test_notifications_are_marked_read_when_seen(cam, client_for):
    run(start(cam))
    client = client_for(cam)
    assert "1 new notification" in client.get("/profile/").content.decode()
    assert "Import of partners: done" in client.get("/notifications/").content.decode()
    assert "1 new notification" not in client.get("/profile/").content.decode()
