"""Background jobs a person starts and watches: progress, cancel, a result, and an honest word when the worker died."""

import datetime as dt
import hashlib
import logging
from collections.abc import Callable
from typing import Any

from celery import shared_task
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from prm.common import schedule
from prm.common.models import Job
from prm.common.notify import notify
from prm.common.reader import as_read_by

log = logging.getLogger(__name__)


class Cancelled(Exception):
    """The person asked the job to stop; everything it did in its transaction is rolled back."""


class JobFailed(Exception):
    """Stops the job with a message meant for the person who started it."""


_kinds: dict[str, Callable[["JobContext"], None]] = {}
_quiet: set[str] = set()


def kind(
    name: str, *, quiet: bool = False
) -> Callable[[Callable[["JobContext"], None]], Callable[["JobContext"], None]]:
    """Registers the function that does the work of one kind of job. It runs in a worker, in the vendor's schema.

    `quiet`: one of many that are begun together; the end of each leaves no line under the bell, who begins them tells of all.
    """

    def register(
        function: Callable[["JobContext"], None],
    ) -> Callable[["JobContext"], None]:
        _kinds[name] = function
        if quiet:
            _quiet.add(name)
        return function

    return register


class JobContext:
    """What the work sees of its job. Progress is written on a second connection, so it shows while a transaction is open."""

    def __init__(self, job: Job, *, side_connection: bool = True) -> None:
        self.job = job
        self._side_connection = side_connection
        self.params: dict[str, Any] = job.params
        self.by = job.created_by
        self._told = timezone.now() - dt.timedelta(days=1)

    def progress(self, done: int, total: int, step: str = "") -> None:
        """Tells how far the work is, at most twice a second. Raises Cancelled when the person asked to stop."""
        now = timezone.now()
        if now - self._told < dt.timedelta(seconds=0.5) and done < total:
            return
        self._told = now
        sql = "UPDATE common_job SET done=%s, total=%s, step=%s WHERE id=%s AND NOT cancel_asked"
        if not self._execute(sql, [done, total, step[:200], self.job.pk]):
            raise Cancelled

    def save_file(self, name: str, content: bytes) -> None:
        """Keeps the result for download from the job's page."""
        self.job.result_file.save(f"{self.job.pk}/{name}", ContentFile(content), save=False)

    def result(self, url: str = "", **facts: Any) -> None:
        """Where the result is to be seen, and facts about it for the job's page."""
        self.job.result = facts
        self.job.result_url = url

    def _execute(self, sql: str, params: list[Any]) -> int:
        """Runs one statement at once, outside the job's transaction; returns the number of rows."""
        if not self._side_connection:
            with connection.cursor() as cursor:
                cursor.execute(sql, params)
                return cursor.rowcount
        side = connection.copy()
        try:
            side.set_schema(connection.schema_name)
            with side.cursor() as cursor:
                cursor.execute(sql, params)
                return cursor.rowcount
        finally:
            side.close()


def start(kind: str, *, by: Any, title: str, params: dict[str, Any] | None = None) -> Job:
    """Records the job and sends it to a worker once the surrounding transaction is committed.

    When the queue can't be reached the job is kept as failed, with a message that says so and that it can be run again.
    """
    if kind not in _kinds:
        raise KeyError(f"no job kind {kind!r}")
    job = Job.objects.create(kind=kind, title=title, params=params or {}, created_by=by)
    transaction.on_commit(lambda: _send(job))
    return job


def run_again(job: Job) -> bool:
    """Starts a failed, cancelled or interrupted job again; False when somebody else has already done so."""
    claimed = Job.objects.filter(
        pk=job.pk,
        state__in=[Job.State.FAILED, Job.State.CANCELLED, Job.State.INTERRUPTED],
    ).update(
        state=Job.State.QUEUED,
        done=0,
        total=0,
        step="",
        error="",
        cancel_asked=False,
        started_at=None,
        finished_at=None,
        created_at=timezone.now(),
    )
    if claimed:
        job.refresh_from_db()
        transaction.on_commit(lambda: _send(job))
    return bool(claimed)


def send_again(job: Job) -> None:
    """Sends a job that still waits once more, for when its message may have died with a worker. Arriving twice it runs once."""
    transaction.on_commit(lambda: _send(job))


def cancel(job: Job) -> None:
    """Asks the job to stop: at once while it waits, at its next progress report while it runs."""
    now = timezone.now()
    if not Job.objects.filter(pk=job.pk, state=Job.State.QUEUED).update(
        state=Job.State.CANCELLED, cancel_asked=True, finished_at=now
    ):
        Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(cancel_asked=True)


def _send(job: Job) -> None:
    try:
        run_job.apply_async((str(job.pk),))
    except (OperationalError, RedisError, OSError):
        log.exception("job %s could not be sent", job.pk)
        job.state = Job.State.FAILED
        job.finished_at = timezone.now()
        job.error = _(
            "The background service can't be reached, so nothing was started. Nothing is lost: run it again in a minute."
        )
        job.save(update_fields=["state", "finished_at", "error"])


@shared_task
def run_job(job_id: str) -> None:
    """Runs a waiting job in one transaction. Delivered twice, or after the job was cancelled, it does nothing."""
    now = timezone.now()
    with transaction.atomic():
        if not Job.objects.filter(pk=job_id, state=Job.State.QUEUED).update(state=Job.State.RUNNING, started_at=now):
            return
        _lock(job_id)
    job = Job.objects.select_related("created_by").get(pk=job_id)
    try:
        with as_read_by(job.created_by):
            _run(job)
    finally:
        _unlock(job_id)


def _run(job: Job) -> None:
    try:
        context = JobContext(job, side_connection=not connection.in_atomic_block)
        with transaction.atomic():
            _kinds[job.kind](context)
    except Cancelled:
        _finish(job, Job.State.CANCELLED)
    except JobFailed as error:
        _finish(job, Job.State.FAILED, str(error))
    except Exception:
        log.exception("job %s (%s) failed", job.pk, job.kind)
        _finish(
            job,
            Job.State.FAILED,
            _("Something went wrong on our side. Nothing was changed; the operators can see why."),
        )
    else:
        _finish(job, Job.State.DONE)


def _finish(job: Job, state: Job.State, error: str = "") -> None:
    ended: dict[str, Any] = {"state": state, "error": error, "finished_at": timezone.now()}
    if state == Job.State.DONE:
        ended |= {"result": job.result, "result_url": job.result_url, "result_file": job.result_file.name or ""}
    elif job.result_file:
        job.result_file.delete(save=False)
    Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(**ended)
    if state != Job.State.CANCELLED:
        _tell(job, state)


def _tell(job: Job, state: str) -> None:
    if job.kind in _quiet:
        return
    texts = {
        Job.State.DONE: _("%(job)s: done"),
        Job.State.FAILED: _("%(job)s: failed"),
        Job.State.INTERRUPTED: _("%(job)s: interrupted"),
    }
    notify(job.created_by, texts[Job.State(state)] % {"job": job.title}, reverse("common:job", args=[job.pk]))


@schedule.sweep
def mark_interrupted() -> None:
    """Says of running jobs whose worker is gone that they were interrupted. Their transaction was rolled back with it."""
    for job in Job.objects.filter(state=Job.State.RUNNING).select_related("created_by"):
        mark_if_interrupted(job)


def mark_if_interrupted(job: Job) -> None:
    """The same for one running job, at once. A worker holds the job's lock for as long as its session lives."""
    with connection.cursor() as cursor:
        key = _lock_key(job.pk)
        cursor.execute(
            "SELECT CASE WHEN pg_try_advisory_lock(%s) THEN pg_advisory_unlock(%s) ELSE false END", [key, key]
        )
        if not cursor.fetchone()[0]:
            return
    with as_read_by(job.created_by), transaction.atomic():
        marked = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(
            state=Job.State.INTERRUPTED,
            finished_at=timezone.now(),
            error=_("The worker stopped in the middle. Nothing was changed: you can run it again."),
        )
        if marked:
            _tell(job, Job.State.INTERRUPTED)
    job.refresh_from_db()


def _lock_key(job_id: Any) -> int:
    digest = hashlib.sha256(f"{connection.schema_name}.job.{job_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def _lock(job_id: str) -> None:
    # Waits at most for a look of mark_if_interrupted: nobody else locks a job that is still queued.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_lock_key(job_id)])


def _unlock(job_id: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [_lock_key(job_id)])
