"""Kinds of jobs that only tests start; the real worker of test_worker.py imports this module too."""

import os
from pathlib import Path

from django.db import connection

from prm.common import jobs
from prm.common.models import Holiday


@jobs.kind("tests.works")
def works(job: jobs.JobContext) -> None:
    Holiday.objects.create(on="2031-01-01", name="made by a job")
    job.progress(1, 2, "Half way")
    job.save_file("list.csv", b"a,b\r\n")
    job.result("/settings/calendar/", made=1, schema=connection.schema_name)


@jobs.kind("tests.refuses")
def refuses(job: jobs.JobContext) -> None:
    Holiday.objects.create(on="2031-01-01", name="made by a job")
    job.save_file("list.csv", b"a,b\r\n")
    raise jobs.JobFailed("Row 7 has no name.")


@jobs.kind("tests.breaks")
def breaks(job: jobs.JobContext) -> None:
    Holiday.objects.create(on="2031-01-01", name="made by a job")
    raise ZeroDivisionError("secret detail")


@jobs.kind("tests.blocks")
def blocks(job: jobs.JobContext) -> None:
    """Stops in the middle of its transaction for as long as the pipe it is given stands there."""
    Holiday.objects.create(on="2031-01-01", name="made by a job")
    job.progress(1, 2, f"pid {os.getpid()}")
    pipe = Path(job.params["pipe"])
    if pipe.exists():
        pipe.read_bytes()
    job.progress(2, 2, "Done")
