"""Assessments: start, look at, submit, throw away."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from django.utils import timezone
from ninja import Query, Router, Status
from pydantic import BaseModel, Field

from accounts.models import User
from partners.api.common import date, one_of
from partners.models import Partner
from prm.api.auth import Request
from prm.api.paging import Paging, page
from prm.api.schemas import Id, In, Key, Out, Page, instant
from scorecards import actions, queries, scoring, update
from scorecards.api.common import READS, WRITES, find, find_own, may_run, refusing
from scorecards.models import Assessment, QuestionnaireVersion

router = Router(tags=["Assessments"])
Mode = Literal["self", "cam", "joint"]
Kind = Literal["capability", "recruit", "satisfaction", "program", "cam"]
State = Literal["draft", "submitted", "agreed", "superseded"]


class AssessmentOut(Out):
    """Whose answers: `mode` self is the partner's, cam the vendor's. `done` of `of` questions are answered and confirmed.

    The overalls are there once it is submitted. `revealed` says that both sides are in and see each other's. The partner's
    side gets neither `overall` nor, of the vendor's assessments, progress. `due_on` and `expired_at`: of one somebody was asked for.
    """

    id: int
    partner: int | None
    partner_name: str | None
    about: int | None = None
    about_name: str | None = None
    questionnaire: str
    version: int
    kind: str
    mode: Mode
    status: State
    revealed: bool
    period: str | None
    started_at: str
    finished_at: str | None
    finished_on: str | None
    overall_shared: str | None
    overall_shared_display: int | None
    overall: str | None = None
    overall_display: int | None = None
    done: int | None = None
    of: int | None = None
    active_seconds: int | None = None
    due_on: str | None = None
    expired_at: str | None = None


class AssessmentDetails(AssessmentOut):
    """`applicable`: keys of the questions asked, in order; `missing`: those in the way of submitting a draft.

    `focus`: keys of the topics that a quarterly update asks, the others are only confirmed; null where it is no update.
    """

    applicable: list[str]
    focus: list[str] | None
    missing: list[str]


class NewAssessment(In):
    """`questionnaire` is the key of one with a published version; `mode` is the own side's where it isn't sent.

    `update` asks for a quarterly update: the topics below target, older than 12 months or with an open action.

    `partner` for the kinds about a partner; for the kind `cam` the user it is about; neither for `program`.
    """

    partner: Id | None = None
    about: Id | None = None
    questionnaire: Key
    mode: Mode | None = None
    update: bool = False


class AssessmentQuery(BaseModel):
    partner: Id | None = None
    about: Id | None = None
    questionnaire: str = Field("", description="Key.")
    kind: Kind | None = None
    mode: Mode | None = None
    status: list[State] = []
    period: str = Field("", description="Fiscal quarter of the finish, as in 2026Q4.")


def assessment_out(assessment: Assessment, user: User) -> dict[str, Any]:
    data = {
        "id": assessment.pk,
        "partner": assessment.partner_id,
        "partner_name": assessment.partner.name if assessment.partner else None,
        "questionnaire": assessment.questionnaire.key,
        "version": assessment.version.number,
        "kind": assessment.questionnaire.kind,
        "mode": assessment.mode,
        "status": assessment.status,
        "revealed": assessment.revealed,
        "period": assessment.period or None,
        "started_at": instant(assessment.started_at),
        "finished_at": instant(assessment.finished_at),
        "finished_on": assessment.finished_on.isoformat() if assessment.finished_on else None,
        **_overall("overall_shared", assessment.overall_shared),
    }
    if not user.is_partner_side:
        data |= {**_overall("overall", assessment.overall), "active_seconds": assessment.active_seconds}
        data |= {
            "about": assessment.about_id,
            "about_name": assessment.about.display_name if assessment.about else None,
        }
    if not user.is_partner_side or assessment.mode != Assessment.Mode.CAM:
        data |= {"done": assessment.done, "of": assessment.of}
    if assessment.mode == Assessment.Mode.SELF:
        data |= {"due_on": date(assessment.due_on), "expired_at": instant(assessment.expired_at)}
    return data


def _overall(name: str, score: Decimal | None) -> dict[str, Any]:
    return {
        name: None if score is None else format(score, "f"),
        f"{name}_display": None if score is None else scoring.display(score),
    }


def details_out(assessment: Assessment, user: User) -> dict[str, Any]:
    asked = queries.asked(assessment)
    content = queries.content_for(user, assessment)
    applicable = [each.key for each in content.questions() if each.key in asked]
    focus = update.asked_of(assessment.focus)
    topics = [topic.key for category in content.categories for topic in category.topics]
    missing: list[str] = []
    if assessment.is_draft and assessment.is_filled_in_by(user):
        given = queries.as_rules(assessment.answers.all())
        missing = queries.missing(assessment, given, user)
    return {
        **assessment_out(assessment, user),
        "applicable": applicable,
        "focus": None if focus is None else [key for key in topics if key in focus],
        "missing": missing,
    }


@router.get("/assessments", response=Page[AssessmentOut], auth=READS, exclude_unset=True)
def list_assessments(
    request: Request,
    response: HttpResponse,
    paging: Annotated[Paging, Query()],
    query: Annotated[AssessmentQuery, Query()],
) -> Any:
    """The assessments open to one, the latest started first. The other side's are, once both are in."""
    rows = queries.assessments(request.user).defer("version__definition", "applicable", "result", "result_shared")
    names = {"questionnaire": "questionnaire__key", "kind": "questionnaire__kind", "status": "status__in"}
    rows = rows.filter(**{names.get(name, name): value for name, value in query if value})
    return page(
        request, response, rows, lambda row: assessment_out(row, request.user), paging=paging, sort="-id",
        known=AssessmentQuery.model_fields,
    )  # fmt: skip


@router.post("/assessments", response={200: AssessmentDetails, 201: AssessmentDetails}, auth=WRITES, exclude_unset=True)
def start_assessment(request: Request, response: HttpResponse, body: NewAssessment) -> Any:
    """Starts one, filled in from last time and to be confirmed; or gives the draft there is (200)."""
    user, now = request.user, timezone.now()
    published = QuestionnaireVersion.objects.filter(status="published").select_related("questionnaire")
    version = one_of(published, "questionnaire", questionnaire__key=body.questionnaire)
    with refusing():
        assessment = _started(request, version, body)
    was_there = assessment.started_at < now
    response["Location"] = request.build_absolute_uri(f"/api/v1/assessments/{assessment.pk}")
    return Status(200 if was_there else 201, details_out(find(request, assessment.pk), user))


def _started(request: Request, version: QuestionnaireVersion, body: NewAssessment) -> Assessment:
    user, kind = request.user, version.questionnaire.kind
    if kind == "program":
        return actions.start_program(version=version, by=user)
    if kind == "cam":
        people = queries.reviewed_cams(user) | User.objects.filter(pk=user.pk)
        return actions.start_review(version=version, cam=one_of(people.distinct(), "about", pk=body.about), by=user)
    may_run(request)
    partners = Partner.objects.visible_to(user).select_related("stage", "partner_type", "cam")
    partner = one_of(partners, "partner", pk=body.partner)
    mode = body.mode or queries.own_mode(user)
    return actions.start_assessment(partner=partner, version=version, mode=mode, by=user, only_update=body.update)


@router.get("/assessments/{int:assessment_id}", response=AssessmentDetails, auth=READS, exclude_unset=True)
def get_assessment(request: Request, assessment_id: int) -> Any:
    """One assessment. Its questions are in the questionnaire's version, its answers and its result have their own address."""
    return details_out(find(request, assessment_id), request.user)


@router.delete("/assessments/{int:assessment_id}", response={204: None}, auth=WRITES)
def discard_assessment(request: Request, assessment_id: int) -> Any:
    """Throws a draft away; 409 for what is submitted."""
    with refusing():
        actions.discard(assessment=find_own(request, assessment_id), by=request.user)
    return Status(204, None)


@router.post("/assessments/{int:assessment_id}/submit", response=AssessmentDetails, auth=WRITES, exclude_unset=True)
def submit_assessment(request: Request, assessment_id: int) -> Any:
    """Freezes answers and result. 422 names the questions still to answer or confirm, 409 says it is submitted."""
    with refusing():
        actions.submit(assessment=find_own(request, assessment_id), by=request.user)
    return details_out(find(request, assessment_id), request.user)
