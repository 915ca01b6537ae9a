"""Median, 95th percentile, queries and weight of each page, at 10,000 partners. Fails on errors, never on times."""

import os
import statistics
import sys
import time
from dataclasses import dataclass

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dealdesk.actions.checking import look
from dealdesk.models import Registration
from leads.models import Lead
from partners import facts
from partners.models import Fact, Partner
from pipeline.models import Deal, SalesResult, TargetMonth
from prm.tenancy.models import Vendor
from scorecards import peer_snapshot
from scorecards.models import Answer, Assessment, AssessmentScore
from tests.bench import data, decks, load
from tests.bench.pages import Page, Target, pages

REQUESTS = int(os.environ.get("REQUESTS", "500"))  # of each page
WARM_UP = 20
MEDIAN, P95, WEIGHT = 100, 250, 200_000  # the budget: ms, ms, bytes


@dataclass(frozen=True)
class Line:
    name: str
    queries: int
    median: float
    p95: float
    worst: float
    cpu: float
    weight: int

    @property
    def over(self) -> float:
        """How much of its budget the page takes; above 1 it is over."""
        return max(self.median / MEDIAN, self.p95 / P95, self.weight / WEIGHT)

    def __str__(self) -> str:
        numbers = f"{self.queries:8} {self.median:8.0f} {self.p95:8.0f} {self.worst:8.0f} {self.cpu:8.0f} {self.weight / 1000:8.0f}"
        return f"{self.name:20} {numbers}{'  over budget' if self.over > 1 else ''}"


def main() -> int:
    os.environ["BENCH_DATABASE"] = data.prepare()
    call_command("collectstatic", "--noinput", "--clear", "--verbosity=0")
    connection.set_tenant(Vendor.objects.get(schema_name=data.PROFILE.schema))
    counts = ", ".join(
        f"{model.everything.count():,} {model._meta.verbose_name_plural}"
        for model in (Partner, Assessment, Answer, AssessmentScore, SalesResult, TargetMonth, Deal, Lead)
    )
    night = nightly()
    print(night, flush=True)
    chosen = [page for page in pages(data.PROFILE) if not sys.argv[1:] or page.name in sys.argv[1:]]
    lines, errors = [], []
    with load.serving(data.PROFILE.host) as server:
        warm_up = [page.targets[0] for page in chosen]
        server.run(warm_up, WARM_UP)
        for page in chosen:
            measured = server.measure(page, REQUESTS)
            errors += measured.errors
            times = sorted(measured.times)
            lines.append(
                Line(
                    page.name,
                    queries_of(page),
                    statistics.median(times),
                    times[int(len(times) * 0.95)],
                    times[-1],
                    measured.cpu,
                    measured.weight,
                )
            )
            print(lines[-1], flush=True)
    forty = "" if sys.argv[1:] else decks.measure()
    report(lines, counts, f"{night}\n{forty}".strip())
    print(*errors[:10], sep="\n", file=sys.stderr)
    return 1 if errors else 0


def nightly() -> str:
    """How long the work of a night takes that looks at all partners at once."""
    started = time.monotonic()
    placed = peer_snapshot.take()
    peers = f"The nightly snapshot of peers places {placed:,} assessments in {time.monotonic() - started:.1f} s"
    return f"{peers}\n{fact_times()}\n{check_times()}"


def fact_times() -> str:
    """How long facts take: of all partners, as every night, and of one of them, as after a change."""
    started = time.monotonic()
    facts.refresh()
    every, count = time.monotonic() - started, Fact.everything.count()
    partner = Fact.everything.values_list("partner_id", flat=True)[0]
    started = time.monotonic()
    facts.refresh(partner_ids=[partner])
    return f"{count:,} facts are checked in {every:.0f} s, those of one partner in {(time.monotonic() - started) * 1000:.0f} ms"


def check_times() -> str:
    """How long the conflict check of a registration takes, which keeps other submissions waiting."""
    rows = Registration.objects.unscoped("bench").filter(state__in=Registration.LIVE).select_related("partner")
    times = []
    for registration in rows.order_by("-submitted_at", "-pk")[:200]:
        with transaction.atomic():
            started = time.monotonic()
            look(registration)
            times.append((time.monotonic() - started) * 1000)
            transaction.set_rollback(True)
    times.sort()
    return (
        f"The conflict check of a registration against {rows.count():,} others and all open deals takes "
        f"{statistics.median(times):.0f} ms at the median, {times[int(len(times) * 0.95)]:.0f} ms at the 95th percentile"
    )


def queries_of(page: Page) -> int:
    """Statements of one request in this process, after a first one."""
    client = Client(SERVER_NAME=data.PROFILE.host)
    ask(client, page.targets[0])
    with CaptureQueriesContext(connection) as captured:
        ask(client, page.targets[0])
    return len(captured)


def ask(client: Client, target: Target) -> None:
    cookies = dict(pair.split("=", 1) for pair in target.headers.get("Cookie", "").split("; ") if pair)
    for name, value in cookies.items():
        client.cookies[name] = value
    headers = {name: value for name, value in target.headers.items() if name != "Cookie"}
    if target.form:
        client.post(target.path, target.form, content_type="application/x-www-form-urlencoded", headers=headers)
    else:
        client.get(target.path, headers=headers)


def report(lines: list[Line], counts: str, night: str) -> None:
    worst = max(lines, key=lambda line: line.over)
    text = "\n".join(
        [
            f"{counts}; {REQUESTS} requests of each page, {load.AT_A_TIME} at a time, after a restart and {WARM_UP}",
            f"{'page':20} {'queries':>8} {'median':>8} {'p95':>8} {'worst':>8} {'cpu':>8} {'kB':>8}",
            *map(str, lines),
            f"Times in ms; cpu: processor time of a request, web and database; two idle cores give a median of twice that. "
            f"Load {os.getloadavg()[0]:.1f}",
            night,
            f"The worst page: {worst.name}, {worst.over:.0%} of its budget ({MEDIAN} ms, {P95} ms, {WEIGHT // 1000} kB)",
        ]
    )
    print(f"\n{text}")
    (settings.STATE / "result.txt").write_text(f"{text}\n")
