"""A real Celery worker in a process of its own: what it does in which vendor's schema, and what is left when it is killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.permissions import Role
from prm.celery import app
from prm.common import jobs
from prm.common.models import Holiday, Job
from prm.tenancy.models import Vendor
from prm.tenancy.tasks import HEADER
from tests.common import job_kinds  # noqa: F401  registers its kinds
from tests.database import ROOT
from tests.world import World, make_world

SECONDS = 60


def with_path(url: str, path: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, f"/{path}", "", ""))


@contextmanager
def taken_by_workers() -> Iterator[None]:
    """What is begun inside goes to the queue of this process's Redis database, which is empty before and after."""
    broker = app.connection_for_write(settings.REDIS_URL)
    send = jobs.run_job.apply_async
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs.run_job, "apply_async", lambda args, **options: send(args, connection=broker, **options))
        broker.default_channel.client.flushdb()
        yield
        broker.default_channel.client.flushdb()
    broker.release()


def start_worker(log: Path, *options: str, **more: str) -> subprocess.Popen[bytes]:
    """A worker of one process for the database this process uses now, with `more` in its environment."""
    env = os.environ | {
        "DATABASE_URL": with_path(os.environ["DATABASE_URL"], settings.DATABASES["default"]["NAME"]),
        "REDIS_URL": settings.REDIS_URL,
    }
    command = [sys.executable, "-m", "celery", "-A", "prm", "worker", "--concurrency=1", "--loglevel=INFO", *options]
    with log.open("ab") as out:
        return subprocess.Popen(command, cwd=ROOT, env=env | more, stdout=out, stderr=out, start_new_session=True)


def kill(process: subprocess.Popen[bytes]) -> None:
    """The whole worker, at once, wherever it is; nothing where it is gone already."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def acme(committed) -> Iterator[World]:
    """Where rows are committed, since a worker sees only those."""
    with taken_by_workers():
        yield committed


@pytest.fixture
def worker(acme, tmp_path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """worker() starts one; what still runs at the end is killed."""
    log, running = tmp_path / "worker.log", []

    def start() -> subprocess.Popen[bytes]:
        running.append(start_worker(log, "-I", "tests.common.job_kinds"))
        return running[-1]

    yield start
    for process in running:
        kill(process)
    print(log.read_text())


def until(true: Callable[[], bool]) -> None:
    """Waits for something to become true."""
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def state_of(job: Job) -> str:
    job.refresh_from_db()
    return job.state


@pytest.mark.parametrize("killed", ["the whole worker", "the process at work"])
def test_a_job_whose_worker_is_killed_leaves_nothing_says_so_and_runs_again(acme, worker, tmp_path, killed):
    cam = acme.users[Role.CAM]
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    process = worker()
    job = jobs.start("tests.blocks", by=cam, title="Import of partners", params={"pipe": str(pipe)})
    until(lambda: state_of(job) == Job.State.RUNNING and job.step.startswith("pid"))
    assert (job.done, job.total) == (1, 2), "progress shows while the transaction is open"
    assert not Holiday.objects.exists(), "and its work doesn't"
    jobs.mark_interrupted()
    assert state_of(job) == Job.State.RUNNING

    if killed == "the whole worker":
        kill(process)
    else:
        os.kill(int(job.step.removeprefix("pid ")), signal.SIGKILL)

    client = Client(headers={"host": "acme.localhost"})
    client.force_login(cam)
    url = reverse("common:job", args=[job.pk])
    until(lambda: "The worker stopped in the middle" in client.get(url).content.decode())
    connection.set_tenant(acme.vendor)
    assert state_of(job) == Job.State.INTERRUPTED
    assert not Holiday.objects.exists(), "nothing half done is left"

    pipe.unlink()
    if killed == "the whole worker":
        worker()
    client.post(reverse("common:job_again", args=[job.pk]))
    connection.set_tenant(acme.vendor)
    until(lambda: state_of(job) == Job.State.DONE)
    assert Holiday.objects.count() == 1

    # Redis hands out again what a dead worker never acknowledged.
    jobs.run_job.apply_async((str(job.pk),))
    after = jobs.start("tests.blocks", by=cam, title="After it", params={"pipe": str(pipe)})
    until(lambda: state_of(after) == Job.State.FAILED)  # the same holiday a second time
    assert state_of(job) == Job.State.DONE
    assert Holiday.objects.count() == 1


def test_work_is_done_in_the_schema_it_was_sent_in_and_only_for_ready_vendors(acme, worker):
    worker()
    job = jobs.start("tests.works", by=acme.users[Role.CAM], title="Acme’s")
    until(lambda: state_of(job) == Job.State.DONE)
    assert job.result["schema"] == "acme"
    with make_world("globex") as globex:
        assert not Holiday.objects.exists()
        other = jobs.start("tests.works", by=globex.users[Role.CAM], title="Globex’")
        until(lambda: state_of(other) == Job.State.DONE)
        assert other.result["schema"] == "globex"
        Vendor.objects.filter(schema_name="globex").update(state=Vendor.State.SUSPENDED)
        refused = jobs.start("tests.works", by=globex.users[Role.CAM], title="Not now")
    connection.set_tenant(acme.vendor)
    Holiday.objects.all().delete()
    jobs.run_job.apply_async((str(refused.pk),), headers={HEADER: "nobody"})
    last = jobs.start("tests.works", by=acme.users[Role.CAM], title="After them")
    until(lambda: state_of(last) == Job.State.DONE)
    connection.set_schema("globex")
    assert state_of(refused) == Job.State.QUEUED
    assert Holiday.objects.count() == 1


def test_a_worker_knows_every_list_there_is_to_export(acme, worker):
    worker()
    admin = acme.users[Role.ADMIN]
    params = {"list": "people.users", "kind": "csv", "query": "side=partner"}
    job = jobs.start("lists.export", by=admin, title="Users as CSV", params=params)
    until(lambda: not (state_of(job) and job.is_open))
    assert job.state == Job.State.DONE, job.error
    assert job.result_file.name.endswith(".csv")
