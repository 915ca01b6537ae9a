"""Questionnaires and their versions: to read, to make, to publish, as JSON and as files."""

from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import File, Form, Query, Router, Status
from ninja.files import UploadedFile
from pydantic import Field

from accounts.models import User
from accounts.permissions import Permission
from partners.models import LifeStage, PartnerType
from prm.api.auth import Request
from prm.api.paging import Paging, page
from prm.api.problems import Problem, from_validation
from prm.api.schemas import Out, Page, instant
from prm.common.lists import CONTENT_TYPES
from scorecards import drafts, queries
from scorecards import questionnaire_files as files
from scorecards.api.common import EDITS, READS
from scorecards.api.definitions import Definition, Kind, refusal
from scorecards.definition import InvalidQuestionnaire
from scorecards.definition import Questionnaire as Content
from scorecards.definition_json import to_json
from scorecards.editing import keep_option_keys
from scorecards.models import Questionnaire, QuestionnaireVersion

router = Router(tags=["Questionnaires"])
FIELDS = ("number", "status")


class VersionOut(Out):
    number: int
    status: Literal["draft", "published", "retired"]
    created_at: str
    published_at: str | None


class QuestionnaireOut(Out):
    """`published` is the number of the published version: what assessments start with."""

    key: str
    name: str
    kind: Kind
    published: int | None
    versions: list[VersionOut]


class VersionWithDefinition(VersionOut):
    questionnaire: str
    definition: Definition


class NewQuestionnaire(Definition):
    """A definition with the questionnaire's key; with `publish` its first version is published at once, else it is a draft."""

    key: str = Field(max_length=60)
    publish: bool = False


class NewVersion(Definition):
    """A definition; with `publish` it is published at once, else it is the draft."""

    publish: bool = False


def _versions(user: User) -> "QuerySet[QuestionnaireVersion]":
    """Drafts are for those who make them; a partner sees what partners may fill in."""
    rows = QuestionnaireVersion.objects.all()
    if not user.can(Permission.EDIT_QUESTIONNAIRES):
        rows = rows.exclude(status="draft")
    if user.is_partner_side:
        rows = rows.filter(questionnaire__kind__in=[kind for kind, modes in queries.MODES.items() if "self" in modes])
    return rows


def _questionnaires(user: User) -> "QuerySet[Questionnaire]":
    versions = _versions(user)
    shown = Prefetch("versions", versions.defer("definition").order_by("-number"), to_attr="shown")
    return Questionnaire.objects.filter(pk__in=versions.order_by().values("questionnaire")).prefetch_related(shown)


def version_out(version: QuestionnaireVersion) -> dict[str, Any]:
    return {
        "number": version.number,
        "status": version.status,
        "created_at": instant(version.created_at),
        "published_at": instant(version.published_at),
    }


def questionnaire_out(questionnaire: Any) -> dict[str, Any]:
    return {
        "key": questionnaire.key,
        "name": questionnaire.name,
        "kind": questionnaire.kind,
        "published": next((each.number for each in questionnaire.shown if each.status == "published"), None),
        "versions": [version_out(version) for version in questionnaire.shown],
    }


def _content(user: User, version: QuestionnaireVersion) -> Content:
    return queries.without_internal(version.content) if user.is_partner_side else version.content


def _with_definition(user: User, version: QuestionnaireVersion) -> dict[str, Any]:
    definition = to_json(_content(user, version))
    return {**version_out(version), "questionnaire": version.questionnaire.key, "definition": definition}


def _find(request: Request, key: str) -> Questionnaire:
    questionnaire: Questionnaire = get_object_or_404(_questionnaires(request.user), key=key)
    return questionnaire


def _version(request: Request, key: str, number: int) -> QuestionnaireVersion:
    rows = _versions(request.user).select_related("questionnaire")
    return get_object_or_404(rows, questionnaire__key=key, number=number)


def _keep(request: Request, key: str, content: Content, *, new: bool, publish: bool) -> QuestionnaireVersion:
    try:
        version = drafts.save_draft(by=request.user, key=key, content=content, new=new)
    except InvalidQuestionnaire as error:
        raise refusal(error) from error
    except ValidationError as error:
        raise from_validation(error) from error
    return drafts.publish_draft(by=request.user, questionnaire=version.questionnaire) if publish else version


def _read(body: Definition) -> Content:
    return body.content(*_keys())


def _keys() -> tuple[list[str], list[str]]:
    """The life stages and partner types that conditions may name."""
    return list(LifeStage.objects.values_list("key", flat=True)), list(
        PartnerType.objects.values_list("key", flat=True)
    )


@router.get("/questionnaires", response=Page[QuestionnaireOut], auth=READS)
def list_questionnaires(request: Request, response: HttpResponse, paging: Annotated[Paging, Query()]) -> Any:
    """The questionnaires and their versions, the newest version first."""
    return page(request, response, _questionnaires(request.user), questionnaire_out, paging=paging)


@router.post("/questionnaires", response={201: VersionWithDefinition}, auth=EDITS)
def create_questionnaire(request: Request, response: HttpResponse, body: NewQuestionnaire) -> Any:
    """Makes a questionnaire from its definition."""
    version = _keep(request, body.key, _read(body), new=True, publish=body.publish)
    response["Location"] = request.build_absolute_uri(f"/api/v1/questionnaires/{body.key}")
    return Status(201, _with_definition(request.user, version))


@router.get("/questionnaires/{key}", response=QuestionnaireOut, auth=READS)
def get_questionnaire(request: Request, key: str) -> Any:
    """One questionnaire and its versions."""
    return questionnaire_out(_find(request, key))


@router.post("/questionnaires/{key}/versions", response={201: VersionWithDefinition}, auth=EDITS)
def create_questionnaire_version(request: Request, key: str, body: NewVersion) -> Any:
    """The next version, or what takes the place of its draft. A published version never changes."""
    questionnaire = _find(request, key)
    version = _keep(request, questionnaire.key, _read(body), new=False, publish=body.publish)
    return Status(201, _with_definition(request.user, version))


@router.get("/questionnaires/{key}/versions/{int:number}", response=VersionWithDefinition, auth=READS)
def get_questionnaire_version(request: Request, key: str, number: int) -> Any:
    """A version with its definition; partners get it without internal categories."""
    return _with_definition(request.user, _version(request, key, number))


@router.get("/questionnaires/{key}/versions/{int:number}/file", response={200: bytes}, auth=READS)
def get_questionnaire_file(request: Request, key: str, number: int, format: Literal["xlsx", "yaml"] = "xlsx") -> Any:
    """A version as a file that can be read in again."""
    content = _content(request.user, _version(request, key, number))
    data: bytes | str = files.write_xlsx(content) if format == "xlsx" else files.write_yaml(content)
    response = HttpResponse(data, content_type=CONTENT_TYPES["xlsx"] if format == "xlsx" else "application/yaml")
    response["Content-Disposition"] = f'attachment; filename="{key}-{number}.{format}"'
    return response


@router.post("/questionnaires/{key}/publish", response=VersionWithDefinition, auth=EDITS)
def publish_questionnaire(request: Request, key: str) -> Any:
    """Publishes the draft; the version before is retired. 409 where there is no draft."""
    try:
        version = drafts.publish_draft(by=request.user, questionnaire=_find(request, key))
    except drafts.NothingToPublish as error:
        raise Problem(409, _("There is no draft to publish."), code="no-draft") from error
    return _with_definition(request.user, version)


@router.delete("/questionnaires/{key}/draft", response={204: None}, auth=EDITS)
def discard_questionnaire_draft(request: Request, key: str) -> Any:
    """Throws the draft away, and with it a questionnaire that never was published. 409 where there is no draft."""
    try:
        drafts.discard_draft(by=request.user, questionnaire=_find(request, key))
    except drafts.NothingToPublish as error:
        raise Problem(409, _("There is no draft any more."), code="no-draft") from error
    return Status(204, None)


@router.post("/questionnaires/{key}/retire", response=QuestionnaireOut, auth=EDITS)
def retire_questionnaire(request: Request, key: str) -> Any:
    """Nothing new starts with it any more; what was begun may be finished. 409 where no version is published."""
    if not drafts.retire(by=request.user, questionnaire=_find(request, key)):
        raise Problem(409, _("No version is published."), code="not-published")
    return questionnaire_out(_find(request, key))


@router.post("/questionnaires/{key}/file", response={201: VersionWithDefinition}, auth=EDITS)
def upload_questionnaire(
    request: Request,
    key: str,
    file: Annotated[UploadedFile, File(description="XLSX or YAML.")],
    name: Annotated[str, Form(max_length=200, description="In place of the name in the file.")] = "",
    publish: Annotated[bool, Form()] = False,
) -> Any:
    """Makes the questionnaire, or its next version, from a file. Errors come with row and column."""
    stages, types = _keys()
    try:
        content = files.read(file.read(), name=name, life_stages=stages, partner_types=types)
    except InvalidQuestionnaire as error:
        raise refusal(error) from error
    latest = QuestionnaireVersion.objects.filter(questionnaire__key=key).order_by("-number").first()
    if latest is not None:
        content = keep_option_keys(content, latest.content)
    new = latest is None
    return Status(201, _with_definition(request.user, _keep(request, key, content, new=new, publish=publish)))
