"""The versions of the tier rules among the settings: list, editor, file, and the try-out."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission as P
from prm.common import lists
from prm.common.models import Policy
from prm.common.vendor import today
from scorecards.tiers import actions, editor, filing, forms, offering, posting, programs
from scorecards.tiers.program import InvalidProgram
from scorecards.tiers.tryout import Tryout


def find(request: HttpRequest, pk: int) -> Policy:
    request.section = "settings"
    return get_object_or_404(programs.versions(), pk=pk)


def crumbs(policy: Policy | None = None) -> list[tuple[str, str]]:
    trail = [(_("Tier rules"), reverse("tiers:list"))]
    if policy is not None:
        trail.append((policy.data["name"], reverse("tiers:version", args=[policy.pk])))
    return trail


@vendor(P.SEE_PERFORMANCE)
def versions(request: HttpRequest) -> HttpResponse:
    """All versions of the program, the last to start first."""
    request.section = "settings"
    context = {
        "versions": offering.listed(today()),
        "may_edit": request.user.can(P.EDIT_PROGRAM),
        "upload": forms.UploadForm(),
    }
    return render(request, "scorecards/tiers_rules.html", context)


@vendor(P.SEE_PERFORMANCE)
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """What one version asks for, in words."""
    policy = find(request, pk)
    context = {
        "version": offering.Listed(policy, programs.in_force(today()), today()),
        "tiers": offering.described(programs.read(policy)),
        "may_edit": request.user.can(P.EDIT_PROGRAM),
        "remove_url": reverse("tiers:remove", args=[pk]),
        "crumbs": crumbs(),
    }
    return render(request, "scorecards/tiers_version.html", context)


@vendor(P.SEE_PERFORMANCE)
def download(request: HttpRequest, pk: int) -> HttpResponse:
    policy = find(request, pk)
    response = HttpResponse(filing.to_yaml(programs.read(policy)), content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="tier-rules-{policy.starts_on}.yaml"'
    return response


# ── Editing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@vendor(P.EDIT_PROGRAM)
def new(request: HttpRequest) -> HttpResponse:
    """The next version: from the last one, an example, or nothing."""
    if request.method == "POST":
        return _saved(request, None)
    document = offering.start_of(request.GET.get("from", ""))
    return _editor(request, document, forms.StartForm(initial={"starts_on": offering.first_day()}))


@vendor(P.EDIT_PROGRAM)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """A version that has not started; one that has is shown instead."""
    policy = find(request, pk)
    if policy.starts_on <= today():
        messages.info(request, str(actions.Started()))
        return redirect("tiers:version", pk)
    if request.method == "POST":
        return _saved(request, policy)
    return _editor(request, policy.data, forms.StartForm(initial={"starts_on": policy.starts_on}), policy)


@vendor(P.EDIT_PROGRAM)
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """A file's rules in the editor, with what is wrong with them; nothing is kept before it is saved there."""
    form = forms.UploadForm(request.POST, request.FILES)
    start = forms.StartForm(initial={"starts_on": offering.first_day()})
    if form.is_valid():
        try:
            document = filing.from_yaml(form.cleaned_data["file"].read())
        except filing.Unreadable as error:
            form.add_error("file", str(error))
        else:
            return _editor(request, document, start, problems=offering.problems_of(document))
    request.section = "settings"
    context = {"versions": offering.listed(today()), "may_edit": True, "upload": form}
    return render(request, "scorecards/tiers_rules.html", context, status=422)


@vendor(P.EDIT_PROGRAM)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    policy = find(request, pk)
    try:
        actions.remove_version(by=request.user, policy=policy)
    except actions.Started as error:
        messages.error(request, str(error))
        return redirect("tiers:version", pk)
    messages.success(request, _("The version is removed."))
    return redirect("tiers:list")


def _saved(request: HttpRequest, policy: Policy | None) -> HttpResponse:
    """Keeps what was posted; a button of the form, or what is wrong, gives the form back."""
    document, start = posting.posted(request.POST), forms.StartForm(request.POST)
    if op := request.POST.get("op", ""):
        start = forms.StartForm(initial={"starts_on": request.POST.get("starts_on", "")})
        return _editor(request, posting.changed(document, op), start, policy)
    problems: dict[str, list[str]] = {}
    try:
        program = programs.check(document)
        if start.is_valid():
            made = offering.save(request.user, policy, program, start.cleaned_data["starts_on"])
            messages.success(request, _("Saved. Try it out on today's partners before it starts."))
            return redirect("tiers:version", made.pk)
    except InvalidProgram as error:
        problems = offering.texts(error)
    except ValidationError as error:
        start.add_error("starts_on", error.message_dict["starts_on"])
    except actions.Started as error:
        start.add_error(None, str(error))
    return _editor(request, document, start, policy, problems, status=422)


def _editor(
    request: HttpRequest, document: dict[str, Any], start: forms.StartForm, policy: Policy | None = None,
    problems: dict[str, list[str]] | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    request.section = "settings"
    context = {
        "form": editor.Form(document, offering.choices(), problems),
        "start": start,
        "policy": policy,
        "crumbs": crumbs(policy),
        "action": reverse("tiers:edit", args=[policy.pk]) if policy else reverse("tiers:new"),
    }
    return render(request, "scorecards/tiers_editor.html", context, status=422 if problems else status)


# ── Trying out ───────────────────────────────────────────────────────────────────────────────────────────────────────


@vendor(P.SEE_PERFORMANCE)
def try_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Who of today's partners would move by a version, and why."""
    policy = find(request, pk)
    tryout = Tryout(request.user, policy, request.GET)
    page = Paginator(tryout.rows, lists.PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "policy": policy,
        "tryout": tryout,
        "filter": tryout.filter,
        "page": page,
        "rows": [(row, tryout.why(row)) for row in page],
        "query": _exported(request.GET, policy),
        "crumbs": crumbs(policy),
    }
    return render(request, "scorecards/tiers_try.html", context)


def _exported(query: QueryDict, policy: Policy) -> str:
    found = query.copy()
    found.pop("page", None)
    found["version"] = str(policy.pk)
    return str(found.urlencode())


@vendor(P.SEE_PERFORMANCE)
def try_export(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    policy = find(request, pk)
    query = request.GET.copy()
    query["version"] = str(policy.pk)
    request.GET = query  # type: ignore[assignment]
    return lists.export(request, "tiers.tryout", kind)
