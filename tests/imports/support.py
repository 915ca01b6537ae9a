"""What tests of imports share: files in, jobs run here and now, and what stands in a vendor's tables."""

import io

import openpyxl
from django.core.files.base import ContentFile
from django.db import connection

from prm.common import jobs
from prm.common.models import Job
from prm.imports import engine
from prm.imports.models import ImportRun
from prm.tenancy.tasks import HEADER

# Where an import and its undo leave their traces: the import log, the audit log, jobs and what is said of them.
LOGS = {"imports_importrun", "imports_importrow", "imports_importchange", "common_auditentry"}
LOGS |= {"common_job", "common_notification", "django_session"}


def csv(*lines: str) -> ContentFile:
    return ContentFile("\n".join(lines).encode(), name="partners.csv")


def xlsx(*rows: tuple[object, ...]) -> ContentFile:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return ContentFile(out.getvalue(), name="partners.xlsx")


def run_job(run: ImportRun) -> ImportRun:
    """Runs the job that waits for the run, as a worker would."""
    run.refresh_from_db()
    jobs.run_job.apply(args=(str(run.job_id),), headers={HEADER: connection.schema_name}, throw=True)
    return ImportRun.objects.select_related("job").get(pk=run.pk)


def checked(file: ContentFile, by, kind: str = "partner", **said) -> ImportRun:
    """A file taken in, its columns as proposed, checked."""
    run = engine.create(file=file, kind=kind, by=by)
    engine.choose_columns(run, mapping=said.pop("mapping", run.mapping), **said)
    return engine.check(run)


def imported(file: ContentFile, by, kind: str = "partner", partial: bool = False, **said) -> ImportRun:
    run = checked(file, by, kind, **said)
    engine.commit(run, by=by, partial=partial)
    run = run_job(run)
    assert run.job.state == Job.State.DONE, run.job.error
    return run


def undone(run: ImportRun, by) -> ImportRun:
    engine.start_undo(run, by=by)
    return run_job(run)


def tables() -> dict[str, int]:
    """How many rows each of the vendor's tables has, logs excepted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [connection.schema_name])
        names = sorted({name for (name,) in cursor.fetchall()} - LOGS)
        counts = {}
        for name in names:
            cursor.execute(f'SELECT count(*) FROM "{name}"')
            counts[name] = cursor.fetchone()[0]
    return counts
