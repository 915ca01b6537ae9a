"""A person's background jobs: what runs, how far it is, what came of it."""

import datetime as dt
from pathlib import Path
from typing import Any

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localtime, now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from accounts.access import anyone_signed_in
from prm.common import jobs
from prm.common.models import Job
from prm.common.templatetags.numbers import format_number


@anyone_signed_in
def job_list(request: HttpRequest) -> HttpResponse:
    """The reader's own jobs, newest first."""
    page = Paginator(Job.objects.filter(created_by=request.user), 25).get_page(request.GET.get("page"))
    return render(request, "common/job_list.html", {"page": page})


@anyone_signed_in
def job_detail(request: HttpRequest, pk: str) -> HttpResponse:
    """One job; while it is open the page asks again every second, and tells when it has ended."""
    job = _own(request, pk)
    if job.state == Job.State.RUNNING:
        jobs.mark_if_interrupted(job)
    if not request.htmx or request.htmx.boosted:
        return render(request, "common/job_detail.html", _context(job))
    response = render(request, "common/job_detail.html#status", _context(job))
    return response if job.is_open else trigger_client_event(response, "toast", _toast(job), after="settle")


@anyone_signed_in
@require_POST
def job_cancel(request: HttpRequest, pk: str) -> HttpResponse:
    jobs.cancel(_own(request, pk))
    return redirect("common:job", pk=pk)


@anyone_signed_in
@require_POST
def job_again(request: HttpRequest, pk: str) -> HttpResponse:
    jobs.run_again(_own(request, pk))
    return redirect("common:job", pk=pk)


@anyone_signed_in
def job_file(request: HttpRequest, pk: str) -> FileResponse:
    job = _own(request, pk)
    if job.state != Job.State.DONE or not job.result_file:
        raise Http404
    try:
        file = job.result_file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(file, as_attachment=True, filename=Path(str(job.result_file.name)).name)


def _own(request: HttpRequest, pk: str) -> Job:
    return get_object_or_404(Job.objects.select_related("created_by"), pk=pk, created_by=request.user)


def _context(job: Job) -> dict[str, Any]:
    facts = [(_("Started"), date_format(localtime(job.created_at), "DATETIME_FORMAT"))]
    if job.started_at:
        facts.append((_("Time taken"), _elapsed((job.finished_at or now()) - job.started_at)))
    facts += [(capfirst(name.replace("_", " ")), value) for name, value in job.result.items()]
    of = {"done": format_number(job.done), "total": format_number(job.total)}
    return {
        "job": job,
        "facts": facts,
        "progress_text": _("%(done)s of %(total)s") % of,
        "crumbs": [(_("Background jobs"), reverse("common:jobs"))],
    }


def _elapsed(time: dt.timedelta) -> str:
    minutes, seconds = divmod(int(time.total_seconds()), 60)
    return (
        _("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": seconds}
        if minutes
        else _("%s s") % seconds
    )


def _toast(job: Job) -> dict[str, str]:
    texts = {
        Job.State.DONE: ("success", _("%(job)s: done")),
        Job.State.CANCELLED: ("info", _("%(job)s: cancelled")),
        Job.State.FAILED: ("error", _("%(job)s: failed")),
        Job.State.INTERRUPTED: ("error", _("%(job)s: interrupted")),
    }
    level, text = texts[Job.State(job.state)]
    return {"level": level, "text": text % {"job": job.title}}
