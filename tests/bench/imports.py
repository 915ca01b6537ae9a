"""100,000 sales results, as CSV and as XLSX, through a real worker: how long each step takes, and how much memory the worker
takes above what it has when idle. Fails on errors and on a second import that writes anything, never on times.

    make bench-imports                     # or ROWS=20000 make bench-imports
"""

import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import xlsxwriter
from django.core.files import File
from django.core.management import call_command
from django.db import connection

from accounts.models import User
from accounts.permissions import Role
from partners.models import LifeStage, Partner, PartnerType
from pipeline.models import SalesResult
from prm.common.models import Job
from prm.common.names import normalised
from prm.imports import engine
from prm.imports.models import ImportRun
from prm.tenancy.models import Vendor
from prm.tenancy.provisioning import create_vendor, provision_vendor
from tests.bench import data

ROWS = int(os.environ.get("ROWS", "100000"))
PARTNERS = 701
SCHEMA = "intake"
HEAD = ("Order Number", "Line Number", "Order Date", "Reseller", "Net Amount", "Currency", "End Customer", "Order Type")


def main() -> int:
    """Prints the figures; 1 where something went wrong."""
    data.use(_database())
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        files = [_csv(Path(folder) / "results.csv"), _xlsx(Path(folder) / "results.xlsx")]
        with worker() as memory:
            for file in files:
                lines += measure(file, memory)
    print("\n".join(["", f"{ROWS:,} sales results of {PARTNERS} partners; load {os.getloadavg()[0]:.1f}", *lines]))
    return 0


# ── What is measured ─────────────────────────────────────────────────────────────────────────────────────────────────


def measure(file: Path, memory: "Memory") -> list[str]:
    """The steps of a first import, the same file once more, and the undo of the first."""
    admin = User.objects.get(email=f"admin@{SCHEMA}.example")
    first, text = _checked(file, admin, memory, f"{file.name}, first")
    lines = [text, _step(f"{file.name}, import", memory, lambda: engine.commit(first, by=admin))]
    assert SalesResult.everything.count() == ROWS, SalesResult.everything.count()
    total = sum(seconds for seconds in memory.seconds[-3:])
    lines.append(f"{file.name}: {total:.0f} s in all until it is imported")
    second, text = _checked(file, admin, memory, f"{file.name}, again")
    assert second.counts["unchanged"] == ROWS, second.counts
    engine.discard(second)
    lines += [text, _step(f"{file.name}, undo", memory, lambda: engine.start_undo(first, by=admin))]
    assert not SalesResult.everything.exists()
    return lines


def _checked(file: Path, admin: User, memory: "Memory", name: str) -> tuple[ImportRun, str]:
    with file.open("rb") as handle:
        run = engine.create(file=File(handle, name=file.name), kind="result", by=admin)
    texts = [_step(f"{name} read", memory, lambda: run.job)]
    run.refresh_from_db()
    engine.choose_columns(run, mapping=run.mapping, defaults={"source": "erp"})
    run.refresh_from_db()
    texts.append(_step(f"{name} check", memory, lambda: engine.start_check(run, by=admin).job))
    run.refresh_from_db()
    assert not run.left_open, run.counts
    return run, "\n".join(texts)


def _step(name: str, memory: "Memory", begin: Callable[[], Job | None]) -> str:
    """Waits for a job; its time, the most memory meanwhile, and how often its progress moved."""
    started = time.monotonic()
    memory.restart()
    job = begin()
    seen = set()
    while True:
        assert job is not None
        job.refresh_from_db()
        seen.add((job.done, job.step))
        if not job.is_open:
            break
        time.sleep(0.1)
    assert job.state == Job.State.DONE, job.error
    seconds = time.monotonic() - started
    memory.seconds.append(seconds)
    return f"{name:28} {seconds:6.1f} s  {memory.above():6.0f} MB above idle  progress moved {len(seen)} times"


# ── The worker ───────────────────────────────────────────────────────────────────────────────────────────────────────


class Memory:
    """The memory of a worker and its children, watched by a thread."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.idle = self.peak = 0.0
        self.seconds: list[float] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def restart(self) -> None:
        self.peak = 0.0

    def above(self) -> float:
        return self.peak - self.idle

    def settle(self) -> None:
        """Takes what it has now as idle, and begins to watch."""
        self.idle = self.now()
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def now(self) -> float:
        """Resident memory in MB, the children's included."""
        return sum(_resident(pid) for pid in family(self.pid))

    def _watch(self) -> None:
        while not self._stop.wait(0.05):
            self.peak = max(self.peak, self.now())


def family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(other for child in children for other in family(int(child)))]


def _resident(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def worker() -> Iterator[Memory]:
    """A Celery worker of one process, as in production."""
    command = [sys.executable, "-m", "celery", "-A", "prm", "worker", "--concurrency=1", "--loglevel=WARNING"]
    process = subprocess.Popen(command, env=os.environ | {"BENCH_DATABASE": connection.settings_dict["NAME"]})
    memory = Memory(process.pid)
    try:
        admin = User.objects.get(email=f"admin@{SCHEMA}.example")
        with tempfile.NamedTemporaryFile(suffix=".csv") as small:
            small.write(b"Order Number,Reseller,Order Date,Net Amount\n")
            small.writelines(b"W-%d,P-1,2026-01-01,1\n" % n for n in range(engine.DIRECT_ROWS + 1))
            small.flush()
            run = engine.create(file=File(small, name="warm.csv"), kind="result", by=admin)
        job = run.job
        while job and job.is_open:
            time.sleep(0.1)
            job.refresh_from_db()
        engine.discard(run)
        time.sleep(1)
        memory.settle()
        yield memory
        memory.stop()
    finally:
        process.terminate()
        process.wait()


# ── The data ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _database() -> str:
    """A new database with one vendor and its partners."""
    name = "bench_imports"
    with data._administering() as (databases, execute):
        if name in databases:
            execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        execute(f'CREATE DATABASE "{name}"')
    data.use(name)
    call_command("migrate_vendors", verbosity=0)
    vendor = create_vendor(schema_name=SCHEMA, name="Intake", host=f"{SCHEMA}.localhost")
    provision_vendor(vendor)
    connection.set_tenant(Vendor.objects.get(schema_name=SCHEMA))
    User.objects.create_user(f"admin@{SCHEMA}.example", "x" * 12, name="Ada Admin", roles=[Role.ADMIN])
    kind, stage = PartnerType.objects.all()[0], LifeStage.objects.all()[0]
    Partner.objects.bulk_create(
        Partner(name=f"Partner {n}", name_key=normalised(f"Partner {n}"), external_id=f"P-{n}", partner_type=kind, stage=stage)
        for n in range(1, PARTNERS + 1)
    )  # fmt: skip
    return name


def _rows() -> Iterator[tuple[str, int, date, str, float, str, str, str]]:
    chance = random.Random(20)
    day = date(2023, 7, 1)
    for n in range(ROWS):
        yield (
            f"SO{100_000 + n // 4}",
            n % 4 + 1,
            day + timedelta(days=n * 1_095 // ROWS),
            f"P-{chance.randint(1, PARTNERS)}",
            round(chance.uniform(-200, 9_000), 2),
            chance.choice(("USD", "USD", "EUR")),
            f"Customer {chance.randint(1, 5)}",
            chance.choice(("new", "renewal", "")),
        )


def _csv(path: Path) -> Path:
    with path.open("w") as out:
        out.write(",".join(HEAD) + "\n")
        out.writelines(",".join(map(str, row)) + "\n" for row in _rows())
    return path


def _xlsx(path: Path) -> Path:
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("Results")
    sheet.write_row(0, 0, HEAD)
    for index, row in enumerate(_rows(), 1):
        for place, cell in enumerate(row):
            if isinstance(cell, date):
                sheet.write_datetime(index, place, cell)
            else:
                sheet.write(index, place, cell)
    book.close()
    return path
