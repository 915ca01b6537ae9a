"""The deck: built with progress, its versions, their files; the meeting, and what is shared."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission as P
from prm.common import jobs, uploads
from prm.common.models import Job
from prm.common.vendor import today
from qbr import actions, forms, queries, reading
from qbr.forms import CommitmentForm, HeldForm, ShareForm
from qbr.models import Qbr, Side, Version
from qbr.naming import file_name, quarter_words
from qbr.views.finding import crumbs, done, find, find_version, tabs

TYPES = {
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "pdf": "application/pdf",
}
State = Qbr.State


@vendor(P.SEE_QBR)
def deck(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the review is: its build, versions, meeting and sharing. While a build runs the page asks for its part every second."""
    found = find(request, pk)
    if found.job and found.job.state == Job.State.RUNNING:
        jobs.mark_if_interrupted(found.job)
    context = _context(request, found)
    if not request.htmx or request.htmx.boosted:
        return render(request, "qbr/deck.html", context)
    response = render(request, "qbr/deck.html#build", context)
    if not context["building"]:
        response["HX-Refresh"] = "true"  # what stands beside it is another now, too
    return response


def _context(request: HttpRequest, found: Qbr) -> dict[str, Any]:
    job, user = found.job, request.user
    mine = job is not None and job.created_by_id == user.pk
    ended = job is not None and job.state in (Job.State.FAILED, Job.State.INTERRUPTED, Job.State.CANCELLED)
    return {
        "qbr": found,
        "quarter": quarter_words(found),
        "job": job if job is not None and (job.is_open or (mine and ended)) else None,
        "building": job is not None and job.is_open,
        "mine": mine,
        "job_text": _("Step %(done)s of %(total)s") % {"done": job.done, "total": job.total} if job else "",
        "versions": list(queries.versions(user, found)),
        "commitments": queries.commitments(user, found),
        "attendees": _by_side(queries.attendees(user, found)),
        "may_edit": user.can(P.EDIT_QBR),
        "steps": _steps(found),
        "tabs": tabs(found, "deck"),
        "crumbs": crumbs(found),
    }


def _by_side(people: list[Any]) -> list[tuple[str, str]]:
    sides = ((_("Our side"), Side.VENDOR), (_("The partner’s side"), Side.PARTNER))
    return [(words, ", ".join(row.name for row in people if row.side == side)) for words, side in sides]


def _steps(found: Qbr) -> list[dict[str, str]]:
    order = list(State)
    place = order.index(State(found.state))
    return [
        {"label": str(state.label), "state": "done" if number < place else "current" if number == place else "ahead"}
        for number, state in enumerate(order)
    ]


@vendor(P.EDIT_QBR)
@require_POST
def build(request: HttpRequest, pk: int) -> HttpResponse:
    """Starts the next version, for the partner or as a vendor copy."""
    done(request, actions.build, qbr=find(request, pk), kind=request.POST.get("kind", Version.Kind.PARTNER))
    return redirect("qbr:deck", pk)


@vendor(P.SEE_QBR)
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """A version as it was built, slide by slide."""
    found = find_version(request, pk)
    context = {
        "version": found,
        "qbr": found.qbr,
        "quarter": quarter_words(found.qbr),
        "slides": reading.pages_of(found),
        "crumbs": crumbs(found.qbr, inside=True),
    }
    return render(request, "qbr/version.html", context)


@vendor(P.SEE_QBR)
def file(request: HttpRequest, pk: int, ending: str) -> HttpResponseBase:
    return download(find_version(request, pk), ending)


def download(found: Version, ending: str) -> HttpResponseBase:
    """The file of a version the reader may have. 404 where storage lost it."""
    if ending not in TYPES:
        raise Http404
    try:
        return uploads.download(getattr(found, ending), name=file_name(found, ending), content_type=TYPES[ending])
    except FileNotFoundError:
        raise Http404 from None


# ── The meeting ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _people(request: HttpRequest, found: Qbr) -> dict[str, Any]:
    return {
        "ours": queries.vendor_people(found.partner),
        "theirs": queries.partner_people(found.partner),
        "contacts": queries.contacts(request.user, found.partner),
    }


@vendor(P.EDIT_QBR)
def held(request: HttpRequest, pk: int) -> HttpResponse:
    """The day, and who was there."""
    found = find(request, pk)
    if found.state == State.DRAFT:
        messages.error(request, _("Build the deck first: what was held is one that there is."))
        return redirect("qbr:deck", pk)
    people = _people(request, found)
    form = HeldForm(request.POST or None, **people, initial=_held_initial(request, found, people))
    if form.is_valid() and forms.hold(form, found, request.user):
        messages.success(request, _("Saved. The commitments are actions of the partner’s plan now."))
        return redirect("qbr:deck", pk)
    context = {"form": form, "qbr": found, "quarter": quarter_words(found), "crumbs": crumbs(found, inside=True)}
    return render(request, "qbr/held.html", context, status=422 if form.is_bound else 200)


def _held_initial(request: HttpRequest, found: Qbr, people: dict[str, Any]) -> dict[str, Any]:
    """Today, with the CAM and the partner's main contact; or what was written down."""
    rows = queries.attendees(request.user, found)
    if not rows:
        main = next((contact for contact in people["contacts"] if contact.is_primary), None)
        return {
            "held_on": today(),
            "ours": [f"u{user.pk}" for user in people["ours"] if user.pk in (found.partner.cam_id, request.user.pk)],
            "theirs": [f"c{main.pk}"] if main else [],
        }
    known = {f"u{user.pk}" for user in (*people["ours"], *people["theirs"])} | {
        f"c{each.pk}" for each in people["contacts"]
    }
    initial: dict[str, Any] = {"held_on": found.held_on}
    for side, name in ((Side.VENDOR, "ours"), (Side.PARTNER, "theirs")):
        of_side = [
            (f"u{row.user_id}" if row.user_id else f"c{row.contact_id}", row.name) for row in rows if row.side == side
        ]
        initial[name] = [key for key, _name in of_side if key in known]
        initial[f"{name}_more"] = "\n".join(name for key, name in of_side if key not in known)
    return initial


@vendor(P.EDIT_QBR)
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    """A commitment added beside the meeting, where the draft is no more at hand."""
    found = find(request, pk)
    quarter_end = found.ends_on
    form = CommitmentForm(
        request.POST or None, **_people(request, found), initial={"due_on": max(quarter_end, today())}
    )
    if form.is_valid() and forms.saved(form, actions.commit, by=request.user, qbr=found, **form.values):
        messages.success(request, _("Added, as an action of the partner’s plan.") if found.is_held else _("Added."))
        return redirect("qbr:deck", pk)
    context = {
        "form": form, "row": None, "qbr": found, "quarter": quarter_words(found), "crumbs": crumbs(found, inside=True)
    }  # fmt: skip
    return render(request, "qbr/commitment.html", context, status=422 if form.is_bound else 200)


# ── Shared ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@vendor(P.EDIT_QBR)
def share(request: HttpRequest, pk: int) -> HttpResponse:
    """Which version the partner sees, and who gets a mail."""
    found = find(request, pk)
    if not found.is_held:
        messages.error(request, _("Share it once it was held: enter the day and who was there first."))
        return redirect("qbr:deck", pk)
    versions = queries.versions(request.user, found).filter(kind=Version.Kind.PARTNER)
    form = ShareForm(request.POST or None, versions=versions, people=queries.partner_people(found.partner))
    if form.is_valid():
        values = form.cleaned_data
        given = {"version": values["version"], "to": form.readers, "message": values["message"]}
        if forms.saved(form, actions.share, by=request.user, qbr=found, **given):
            messages.success(request, _("Shared: the partner finds it in the portal."))
            return redirect("qbr:deck", pk)
    context = {"form": form, "qbr": found, "quarter": quarter_words(found), "crumbs": crumbs(found, inside=True)}
    return render(request, "qbr/share.html", context, status=422 if form.is_bound else 200)


@vendor(P.EDIT_QBR)
@require_POST
def unshare(request: HttpRequest, pk: int) -> HttpResponse:
    done(request, actions.unshare, qbr=find(request, pk), said=_("No longer shared."))
    return redirect("qbr:deck", pk)
