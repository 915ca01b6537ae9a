"""Decks for all of one's partners: begun by one click, with progress for each, and one ZIP of what is finished."""

from __future__ import annotations

import tempfile
import zipfile
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission as P
from prm.common import jobs
from prm.common.models import Job
from qbr import actions, queries
from qbr.models import Batch, BatchItem
from qbr.naming import file_name, label_of
from qbr.views.finding import done

IN_MEMORY = 4 * 1024 * 1024


def _find(request: HttpRequest, pk: int) -> Batch:
    return get_object_or_404(queries.batches(request.user), pk=pk)


@vendor(P.EDIT_QBR)
@require_POST
def build_all(request: HttpRequest) -> HttpResponse:
    """A job for each of one's own partners."""
    batch = done(request, actions.build_all, quarter=request.POST.get("quarter") or None)
    return redirect("qbr:batch", batch.pk) if batch else redirect("qbr:new")


@vendor(P.EDIT_QBR)
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """How far each of them is; while any runs the page asks again every two seconds."""
    found = _find(request, pk)
    items = queries.items(request.user, found)
    for item in items:
        if item.job and item.job.state == Job.State.RUNNING:
            jobs.mark_if_interrupted(item.job)
    template = "qbr/batch.html#items" if request.htmx and not request.htmx.boosted else "qbr/batch.html"
    return render(request, template, _context(found, items))


def _context(found: Batch, items: list[BatchItem]) -> dict[str, Any]:
    finished = [item for item in items if item.version]
    runs = [item for item in items if item.job and item.job.is_open]
    return {
        "batch": found,
        "quarter": label_of(found.quarter),
        "items": items,
        "finished": len(finished),
        "total": len(items),
        "runs": bool(runs),
        "failed": len([item for item in items if item.job and item.job.can_run_again]),
        "text": _("%(done)s of %(total)s built") % {"done": len(finished), "total": len(items)},
        "crumbs": [(_("QBRs"), reverse("qbr:list")), (_("Build"), reverse("qbr:new"))],
    }


@vendor(P.EDIT_QBR)
@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    done(request, actions.stop, batch=_find(request, pk), said=_("Stopped. What is built stays."))
    return redirect("qbr:batch", pk)


@vendor(P.EDIT_QBR)
@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """One that failed, once more."""
    item = get_object_or_404(BatchItem.objects.visible_to(request.user), pk=pk)
    done(request, actions.again, item=item)
    return redirect("qbr:batch", item.batch_id)


@vendor(P.EDIT_QBR)
def zipped(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What is finished, as one ZIP of PPTX files."""
    found = _find(request, pk)
    versions = [item.version for item in queries.items(request.user, found) if item.version]
    if not versions:
        messages.info(request, _("Nothing is built yet."))
        return redirect("qbr:batch", pk)
    file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  the response closes it
    names: set[str] = set()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as bundle:
        for version in versions:
            name = _once(file_name(version, "pptx"), names)
            with version.pptx.open("rb") as deck:
                bundle.writestr(name, deck.read())
    file.seek(0)
    name = _("QBRs %(quarter)s.zip") % {"quarter": label_of(found.quarter).replace(" ", "-")}
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")


def _once(name: str, names: set[str]) -> str:
    """A name that isn't taken: two partners may be called the same."""
    stem, _dot, ending = name.rpartition(".")
    found, number = name, 1
    while found.casefold() in names:
        number += 1
        found = f"{stem} ({number}).{ending}"
    names.add(found.casefold())
    return found
