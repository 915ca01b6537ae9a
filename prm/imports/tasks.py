"""The jobs of an import. Each does its work in the one transaction of its job, so one that is interrupted left nothing."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from prm.common import jobs
from prm.imports import engine, undo, writing
from prm.imports.messages import UnreadableFile
from prm.imports.models import ImportRun


def _job(kind: str) -> Callable[[Callable[[ImportRun, jobs.JobContext], ImportRun]], None]:
    def register(work: Callable[[ImportRun, jobs.JobContext], ImportRun]) -> None:
        @jobs.kind(kind)
        def job_of_run(job: jobs.JobContext) -> None:
            run = ImportRun.objects.filter(pk=job.params["run"]).first()
            if run is None:
                raise jobs.JobFailed(_("This import was discarded."))
            try:
                run = work(run, job)
            except engine.ImportRefused as error:
                raise jobs.JobFailed(str(error)) from error
            except UnreadableFile as error:
                raise jobs.JobFailed(error.message.translated(_)) from error
            job.result(reverse("imports:run", args=[run.pk]), **_facts(run))

    return register


def _facts(run: ImportRun) -> dict[str, Any]:
    return {outcome: number for outcome, number in run.counts.items() if number}


@_job("imports.read")
def read(run: ImportRun, job: jobs.JobContext) -> ImportRun:
    with engine.opened(run) as table:
        engine.read(run, table, table.rows(), job.progress)
    return run


@_job("imports.check")
def check(run: ImportRun, job: jobs.JobContext) -> ImportRun:
    return engine.check(run, job.progress)


@_job("imports.commit")
def commit(run: ImportRun, job: jobs.JobContext) -> ImportRun:
    return writing.write(run, by=job.by, progress=job.progress)


@_job("imports.undo")
def take_back(run: ImportRun, job: jobs.JobContext) -> ImportRun:
    return undo.undo(run, by=job.by, progress=job.progress)
