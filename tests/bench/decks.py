"""Forty QBRs in one go, by a worker of two processes: how long in all and each, and how much memory the worker takes above what it has
when idle, of each ten decks, so that one that grows is seen. The budget is in the docs: 3 s a deck, 90 s for forty. Fails on errors,
never on times.

    make bench-decks
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from django.db import connection
from django.db.models import Count

from accounts.models import User
from partners.models import Partner
from prm.common.models import Job
from prm.tenancy.models import Vendor
from qbr import actions
from qbr.models import Batch, BatchItem, Qbr, Version
from tests.bench import data
from tests.bench.imports import Memory, family

DECKS = int(os.environ.get("DECKS", "40"))
TENTH = 10
DECK, ALL = 3, 90  # the budget: seconds a deck, and for forty on two processors


class Done(NamedTuple):
    """Seconds in all, of each deck, and of processor time of the worker; MB above idle at most, by each ten decks; kB of a deck's PPTX
    and PDF."""

    total: float
    each: list[float]
    cpu: float
    memory: list[float]
    pptx: float
    pdf: float


def main() -> int:
    os.environ["BENCH_DATABASE"] = data.prepare()
    connection.set_tenant(Vendor.objects.get(schema_name=data.PROFILE.schema))
    print(measure())
    return 0


def measure() -> str:
    """The figures as a table. What it made is gone afterwards."""
    cam = User.objects.get(pk=_owner())
    partners = list(Partner.objects.unscoped("bench").filter(cam=cam).order_by("name", "pk")[:DECKS])
    before = set(Qbr.everything.filter(partner__in=partners).values_list("pk", flat=True))
    try:
        with worker() as memory:
            warm = _built(actions.build_all(by=cam, partners=partners[:2]), memory)
            time.sleep(1)
            memory.settle()
            done = _built(actions.build_all(by=cam, partners=partners), memory)
    finally:
        _forget(partners, before)
    return _table(warm, done)


def _owner() -> int:
    """The CAM with the most partners."""
    rows = Partner.objects.unscoped("bench").exclude(cam=None).values("cam").annotate(n=Count("pk"))
    found: int = rows.order_by("-n", "cam")[0]["cam"]
    return found


def _built(batch: Batch, memory: Memory) -> Done:
    """Waits for all of them; AssertionError where one failed."""
    started, by_ten, cpu = time.monotonic(), [], _cpu(memory.pid)
    items = BatchItem.everything.filter(batch=batch)
    while True:
        left = items.filter(job__state__in=Job.OPEN).count()
        if items.count() - left >= TENTH * (len(by_ten) + 1) or not left:
            by_ten.append(memory.above())
            memory.restart()
        if not left:
            break
        time.sleep(0.1)
    total = time.monotonic() - started
    wrong = items.exclude(job__state=Job.State.DONE).values_list("job__error", flat=True)
    assert not wrong, list(wrong)
    jobs = Job.objects.filter(pk__in=items.values("job"))
    each = sorted((job.finished_at - job.started_at).total_seconds() for job in jobs)
    versions = Version.everything.filter(pk__in=items.values("version"))
    sizes = [(row.pptx.size, row.pdf.size) for row in versions.defer("content")]
    return Done(
        total,
        each,
        _cpu(memory.pid) - cpu,
        by_ten,
        *(statistics.mean(kind) / 1000 for kind in zip(*sizes, strict=True)),
    )


def _cpu(pid: int) -> float:
    """Seconds of processor time that the worker and its processes have used."""
    used = 0
    for one in family(pid):
        with suppress(OSError):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            used += int(fields[11]) + int(fields[12])
    return used / os.sysconf("SC_CLK_TCK")


def _table(warm: Done, done: Done) -> str:
    each = done.each
    p95 = each[int(len(each) * 0.95)]
    over = "  over budget" if done.total > ALL * len(each) / 40 or statistics.median(each) > DECK else ""
    tens = ", ".join(f"{above:.0f}" for above in done.memory)
    return "\n".join(
        [
            f"{len(each)} QBRs in one go, a worker of two processes, load {os.getloadavg()[0]:.1f}; the first two took {warm.total:.1f} s",
            f"{'decks':>6} {'total':>8} {'a deck':>8} {'median':>8} {'p95':>8} {'worst':>8} {'cpu':>8}   s",
            f"{len(each):6} {done.total:8.1f} {done.total / len(each):8.2f} {statistics.median(each):8.2f} {p95:8.2f} {each[-1]:8.2f} {done.cpu / len(each):8.2f}{over}",
            "a deck: the total by their number; median, p95 and worst: from a deck's start to its end, two at a time; cpu: the worker's processor time a deck",
            f"A PPTX weighs {done.pptx:.0f} kB, a PDF {done.pdf:.0f} kB. Most memory above idle, both processes, of each ten decks: {tens} MB",
        ]
    )


def _forget(partners: list[Partner], before: set[int]) -> None:
    made = Qbr.everything.filter(partner__in=partners)
    for version in Version.everything.filter(qbr__in=made).defer("content"):
        if version.qbr_id not in before:
            version.pptx.delete(save=False)
            version.pdf.delete(save=False)
    Batch.objects.filter(items__partner__in=partners).delete()
    made.exclude(pk__in=before).delete()


@contextmanager
def worker() -> Iterator[Memory]:
    """A Celery worker of two processes for the database in use."""
    command = [sys.executable, "-m", "celery", "-A", "prm", "worker", "--concurrency=2", "--loglevel=WARNING"]
    process = subprocess.Popen(command, env=os.environ | {"BENCH_DATABASE": connection.settings_dict["NAME"]})
    memory = Memory(process.pid)
    try:
        yield memory
        memory.stop()
    finally:
        process.terminate()
        process.wait()
