"""Pages every user has: background jobs, notifications; and what the frame links to."""

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.access import anyone_signed_in, open_page
from prm.common import components_demo, jobs
from prm.common.models import Job


@anyone_signed_in
def job_list(request: HttpRequest) -> HttpResponse:
    """The reader's own jobs, newest first."""
    page = Paginator(Job.objects.filter(created_by=request.user), 25).get_page(request.GET.get("page"))
    return render(request, "common/job_list.html", {"page": page})


@anyone_signed_in
def job_detail(request: HttpRequest, pk: str) -> HttpResponse:
    """One job; while it is open the page asks again every second."""
    job = _own(request, pk)
    template = (
        "common/job_detail.html#status" if request.htmx and not request.htmx.boosted else "common/job_detail.html"
    )
    return render(request, template, {"job": job})


@anyone_signed_in
@require_POST
def job_cancel(request: HttpRequest, pk: str) -> HttpResponse:
    job = _own(request, pk)
    jobs.cancel(job)
    return redirect("common:job", pk=job.pk)


@anyone_signed_in
@require_POST
def job_again(request: HttpRequest, pk: str) -> HttpResponse:
    job = _own(request, pk)
    jobs.run_again(job)
    return redirect("common:job", pk=job.pk)


@anyone_signed_in
def job_file(request: HttpRequest, pk: str) -> HttpResponse:
    job = _own(request, pk)
    if job.state != Job.State.DONE or not job.result_file:
        raise Http404
    return FileResponse(
        job.result_file.open("rb"),
        as_attachment=True,
        filename=job.result_file.name.rsplit("/", 1)[-1],
    )


@anyone_signed_in
def notifications(request: HttpRequest) -> HttpResponse:
    """The latest lines under the bell; showing them marks them read."""
    mine = list(request.user.notifications.all()[:50])
    request.user.notifications.filter(read_at=None).update(read_at=timezone.now())
    return render(request, "common/notifications.html", {"notifications": mine})


@open_page
def theme_css(request: HttpRequest) -> HttpResponse:
    """The vendor's accent colour, as a style sheet because inline styles are forbidden."""
    accent = request.vendor_settings.accent
    css = f":root{{--accent-own:{accent};}}" if accent else ""
    response = HttpResponse(css, content_type="text/css")
    response["Cache-Control"] = "max-age=300"
    return response


@open_page
def logo(request: HttpRequest) -> HttpResponse:
    file = request.vendor_settings.logo
    if not file:
        raise Http404
    response = FileResponse(file.open("rb"))
    response["Cache-Control"] = "max-age=300"
    return response


@anyone_signed_in
def components(request: HttpRequest) -> HttpResponse:
    """All UI components in all their states, for developers."""
    return render(request, "components.html", components_demo.context())


def _own(request: HttpRequest, pk: str) -> Job:
    return get_object_or_404(Job, pk=pk, created_by=request.user)
