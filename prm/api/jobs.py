"""Background jobs: how far one is, its result, asking it to stop. Everybody sees their own."""

from typing import Annotated, Any, Literal
from uuid import UUID

from django.db.models import F
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router

from accounts.tokens import Scope
from prm.api.auth import Allowed, Request
from prm.api.paging import Paging, page
from prm.api.problems import Problem
from prm.api.schemas import Out, Page, instant
from prm.common import jobs
from prm.common.models import Job

router = Router(tags=["Jobs"])
READS = Allowed(Scope.JOBS_READ, everybody=True)
WRITES = Allowed(Scope.JOBS_WRITE, everybody=True)


class JobOut(Out):
    """`file` is the address of the result's file once there is one."""

    id: UUID
    kind: str
    title: str
    state: Literal["queued", "running", "done", "failed", "cancelled", "interrupted"]
    done: int
    total: int
    step: str
    error: str
    result: dict[str, Any]
    file: str | None
    created_at: str
    started_at: str | None
    finished_at: str | None


def job_out(job: Job, request: HttpRequest) -> dict[str, Any]:
    return {
        "id": job.pk,
        **{name: getattr(job, name) for name in ("kind", "title", "state", "done", "total", "step", "error", "result")},
        "file": request.build_absolute_uri(f"/api/v1/jobs/{job.pk}/file") if _has_file(job) else None,
        **{name: instant(getattr(job, name)) for name in ("created_at", "started_at", "finished_at")},
    }


def _has_file(job: Job) -> bool:
    return job.state == Job.State.DONE and bool(job.result_file)


def _own(request: Request, job_id: UUID) -> Job:
    job: Job = get_object_or_404(Job, pk=job_id, created_by=request.user)
    return job


@router.get("/jobs", response=Page[JobOut], auth=READS)
def list_jobs(request: Request, response: HttpResponse, paging: Annotated[Paging, Query()]) -> Any:
    """One's own jobs, newest first."""
    rows = Job.objects.filter(created_by=request.user)
    by = {"created_at": F("created_at")}
    return page(request, response, rows, lambda job: job_out(job, request), paging=paging, sort="-created_at", by=by)


@router.get("/jobs/{uuid:job_id}", response=JobOut, auth=READS)
def get_job(request: Request, job_id: UUID) -> Any:
    """One job. Ask again while its state is queued or running."""
    return job_out(_own(request, job_id), request)


@router.post("/jobs/{uuid:job_id}/cancel", response=JobOut, auth=WRITES)
def cancel_job(request: Request, job_id: UUID) -> Any:
    """Asks it to stop: at once while it waits, soon while it runs. 409 once it has ended."""
    job = _own(request, job_id)
    if not job.is_open:
        raise Problem(409, job.get_state_display())
    jobs.cancel(job)
    job.refresh_from_db()
    return job_out(job, request)


@router.get("/jobs/{uuid:job_id}/file", response={200: bytes}, auth=READS)
def get_job_file(request: Request, job_id: UUID) -> Any:
    """The file a job made."""
    job = _own(request, job_id)
    if not _has_file(job):
        raise Http404
    return FileResponse(
        job.result_file.open("rb"), as_attachment=True, filename=str(job.result_file.name).rsplit("/", 1)[-1]
    )
