"""Questionnaires among the settings: the list, one with its versions, preview, files, and what ends or begins a version."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission as P
from prm.common.lists import CONTENT_TYPES
from scorecards import catalogue, drafts, outline
from scorecards import questionnaire_files as files
from scorecards.definition import InvalidQuestionnaire
from scorecards.definition import Questionnaire as Content
from scorecards.editing import keep_option_keys
from scorecards.models import Questionnaire, QuestionnaireVersion
from scorecards.questionnaire_forms import FromFileForm, StepByStepForm, UploadForm
from scorecards.questionnaire_template import example
from scorecards.questionnaire_words import change_rows, file_problems
from scorecards.version_changes import changes

CHANGED_MEANWHILE = gettext_lazy("Somebody changed the draft meanwhile. Nothing was done; look at it and try again.")


def find(request: HttpRequest, pk: int) -> Questionnaire:
    """The questionnaire; those who may open these pages may see all. Its tab among the settings is marked."""
    request.section = "settings"
    return get_object_or_404(Questionnaire, pk=pk)


def find_version(questionnaire: Questionnaire, number: int) -> QuestionnaireVersion:
    return get_object_or_404(catalogue.versions().filter(questionnaire=questionnaire), number=number)


def crumbs(questionnaire: Questionnaire | None = None) -> list[tuple[str, str]]:
    trail = [(_("Questionnaires"), reverse("questionnaires:list"))]
    if questionnaire is not None:
        trail.append((questionnaire.name, reverse("questionnaires:questionnaire", args=[questionnaire.pk])))
    return trail


@vendor(P.EDIT_QUESTIONNAIRES)
def questionnaires(request: HttpRequest) -> HttpResponse:
    """All questionnaires: what is published, what is in the making."""
    request.section = "settings"
    return render(request, "scorecards/questionnaires/list.html", {"questionnaires": catalogue.questionnaires()})


# ── New ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


@vendor(P.EDIT_QUESTIONNAIRES)
def new(request: HttpRequest) -> HttpResponse:
    """A new one, from a file or step by step; it is a draft until it is published."""
    form = StepByStepForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _new(request, steps=form, status=422 if request.method == "POST" else 200)
    try:
        content = form.content()
        version = drafts.save_draft(by=request.user, key=form.key_for(content.name), content=content, new=True)
    except (InvalidQuestionnaire, ValidationError) as error:
        _refuse(form, error)
        return _new(request, steps=form, status=422)
    return redirect("questionnaires:builder", version.questionnaire_id)


@vendor(P.EDIT_QUESTIONNAIRES)
@require_POST
def new_from_file(request: HttpRequest) -> HttpResponse:
    form = FromFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _new(request, file=form, status=422)
    try:
        content = _read(form, form.cleaned_data["name"])
        version = drafts.save_draft(by=request.user, key=form.key_for(content.name), content=content, new=True)
    except InvalidQuestionnaire as error:
        return _new(request, file=form, problems=file_problems(error), status=422)
    except ValidationError as error:
        _refuse(form, error)
        return _new(request, file=form, status=422)
    messages.success(request, _("The file is read. It is a draft until you publish it."))
    return redirect("questionnaires:questionnaire", version.questionnaire_id)


def _new(
    request: HttpRequest, steps: Any = None, file: Any = None, problems: Any = (), status: int = 200
) -> HttpResponse:
    request.section = "settings"
    context = {
        "steps": steps or StepByStepForm(auto_id="step_%s"),
        "file": file or FromFileForm(auto_id="file_%s"),
        "problems": problems,
        "columns": files.COLUMNS[: -len(files.OPTION_COLUMNS)],
        "crumbs": crumbs(),
    }
    return render(request, "scorecards/questionnaires/new.html", context, status=status)


def _refuse(form: Any, error: InvalidQuestionnaire | ValidationError) -> None:
    if isinstance(error, InvalidQuestionnaire):
        for problem in error.problems:
            form.add_error(None, problem.message.translated(_))
        return
    for name, texts in error.message_dict.items():
        form.add_error(name if name in form.fields else None, texts)


def _read(form: Any, name: str = "", *, of_table: str = "") -> Content:
    """`name` goes before the one in the file; `of_table` before a sheet's only, which is cut after 31 letters."""
    data = form.cleaned_data["file"].read()
    if data.startswith(b"PK"):
        name = name or of_table
    return files.read(data, name=name, **catalogue.conditions().keys)


@vendor(P.EDIT_QUESTIONNAIRES)
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """A small questionnaire with every type of question, to write over."""
    known = catalogue.conditions()
    return _file(example(known.stages[0][0] if known.stages else ""), kind, "questionnaire-template")


def _file(content: Content, kind: str, name: str) -> HttpResponse:
    if kind not in ("xlsx", "yaml"):
        raise Http404
    data: bytes | str = files.write_xlsx(content) if kind == "xlsx" else files.write_yaml(content)
    response = HttpResponse(data, content_type=CONTENT_TYPES["xlsx"] if kind == "xlsx" else "application/yaml")
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


# ── One questionnaire ────────────────────────────────────────────────────────────────────────────────────────────────


@vendor(P.EDIT_QUESTIONNAIRES)
def questionnaire(request: HttpRequest, pk: int) -> HttpResponse:
    """Its versions, what changed between two of them, and what can be done."""
    return _page(request, find(request, pk))


def _page(
    request: HttpRequest, found: Questionnaire, form: Any = None, problems: Any = (), status: int = 200
) -> HttpResponse:
    versions = list(catalogue.versions().filter(questionnaire=found))
    draft = next((version for version in versions if version.status == "draft"), None)
    published = next((version for version in versions if version.status == "published"), None)
    context = {
        "questionnaire": found,
        "versions": versions,
        "draft": draft,
        "published": published,
        "seen": catalogue.seen(draft),
        "form": form or UploadForm(),
        "problems": problems,
        "crumbs": crumbs(),
        **_compared(request, versions),
    }
    return render(request, "scorecards/questionnaires/questionnaire.html", context, status=status)


def _compared(request: HttpRequest, versions: list[QuestionnaireVersion]) -> dict[str, Any]:
    """The two versions chosen in the address, else the newest and the one before it, and what is different."""
    if len(versions) < 2:
        return {"after": None, "before": None, "changes": []}
    by_number = {str(version.number): version for version in versions}
    after = by_number.get(request.GET.get("to", ""), versions[0])
    before = by_number.get(request.GET.get("from", ""), versions[1])
    return {"after": after, "before": before, "changes": change_rows(changes(before.content, after.content))}


@vendor(P.EDIT_QUESTIONNAIRES)
def preview(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """A version as a partner of a chosen life stage and type answers it; nothing is kept."""
    found = find(request, pk)
    version = find_version(found, number)
    known = catalogue.conditions()
    stage, partner_type = (
        key if key in dict(pairs) else ""
        for key, pairs in ((request.GET.get("stage", ""), known.stages), (request.GET.get("type", ""), known.types))
    )
    context = {
        "questionnaire": found,
        "version": version,
        "known": known,
        "stage": stage,
        "type": partner_type,
        "preview": outline.preview(version.content, stage, partner_type),
        "asked": catalogue.asked(version.content, known),
        "crumbs": crumbs(found),
    }
    return render(request, "scorecards/questionnaires/preview.html", context)


@vendor(P.EDIT_QUESTIONNAIRES)
def file(request: HttpRequest, pk: int, number: int, kind: str) -> HttpResponse:
    """A version as a file that can be read in again."""
    found = find(request, pk)
    return _file(find_version(found, number).content, kind, f"{found.key}-{number}")


# ── From version to version ──────────────────────────────────────────────────────────────────────────────────────────


@vendor(P.EDIT_QUESTIONNAIRES)
@require_POST
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Opens the draft; where there is none it is made from the latest version."""
    drafts.open_draft(by=request.user, questionnaire=find(request, pk))
    return redirect("questionnaires:builder", pk)


@vendor(P.EDIT_QUESTIONNAIRES)
@require_POST
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """A file as the draft. With one mistake in it the draft stays as it was, and every mistake is named by row and column."""
    found = find(request, pk)
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    latest = found.versions.order_by("-number").first()
    assert latest is not None
    try:
        content = keep_option_keys(_read(form, of_table=latest.content.name), latest.content)
        drafts.save_draft(by=request.user, key=found.key, content=content, new=False, seen=request.POST.get("seen", ""))
    except InvalidQuestionnaire as error:
        return _page(request, found, form, file_problems(error), status=422)
    except ValidationError as error:
        form.add_error("file", error.messages)
        return _page(request, found, form, status=422)
    except drafts.Stale:
        form.add_error(None, str(CHANGED_MEANWHILE))
        return _page(request, found, form, status=422)
    messages.success(request, _("The file is the draft now. Partners are asked it once you publish it."))
    return redirect("questionnaires:questionnaire", pk)


@vendor(P.EDIT_QUESTIONNAIRES)
@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    found = find(request, pk)
    try:
        version = drafts.publish_draft(by=request.user, questionnaire=found, seen=request.POST.get("seen", ""))
    except drafts.NothingToPublish:
        messages.error(request, _("There is no draft to publish."))
    except drafts.Stale:
        messages.error(request, CHANGED_MEANWHILE)
    else:
        messages.success(
            request, _("Version %(n)s is published. New scorecards are answered with it.") % {"n": version.number}
        )
    return redirect("questionnaires:questionnaire", pk)


@vendor(P.EDIT_QUESTIONNAIRES)
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    found = find(request, pk)
    try:
        was_all = drafts.discard_draft(by=request.user, questionnaire=found, seen=request.POST.get("seen", ""))
    except drafts.NothingToPublish:
        messages.error(request, _("There is no draft any more."))
        was_all = False
    except drafts.Stale:
        messages.error(request, CHANGED_MEANWHILE)
        was_all = False
    else:
        messages.success(request, _("The draft is discarded."))
    return redirect("questionnaires:list") if was_all else redirect("questionnaires:questionnaire", pk)


@vendor(P.EDIT_QUESTIONNAIRES)
@require_POST
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    found = find(request, pk)
    if drafts.retire(by=request.user, questionnaire=found):
        messages.success(request, _("%(name)s is retired. Nothing new starts with it.") % {"name": found.name})
    else:
        messages.info(request, _("No version is published."))
    return redirect("questionnaires:questionnaire", pk)
