"""Agreement on an assessment, and the goals of a partner."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Router, Status
from pydantic import Field

from partners.api.common import find as find_partner
from partners.api.common import one_of
from prm.api.auth import Request
from prm.api.problems import Problem
from prm.api.schemas import Id, In, Key, Out, Page, Patch, given, instant
from scorecards import actions, goal_lines, queries
from scorecards.api.answers import AnswerIn
from scorecards.api.assessments import AssessmentDetails, details_out
from scorecards.api.common import PLANS, READS, find, refusing
from scorecards.goal_lines import GoalLine
from scorecards.models import Assessment, Goal
from scorecards.scoring import decimal

router = Router(tags=["Agreement"])
Score = Annotated[Decimal, Field(ge=1, le=100, max_digits=5, decimal_places=2)]


class Agreement(In):
    """`settled`: by question key the answer that stands, for each that the two sides answered differently.

    Nothing for an assessment filled in together: the call is the own side's agreement.
    """

    settled: dict[Key, AnswerIn] = Field({}, max_length=500)


class GoalOut(Out):
    """From `score_from` to `score_to` points of the topic by a day. `now` is the topic's score in the latest assessment that
    one sees; `attainment` = (now − from) ÷ (to − from), null without a score now (`reason`). Agreed once both sides are."""

    id: int
    partner: int
    questionnaire: str
    topic: str
    topic_name: str
    score_from: str
    score_to: str
    by_on: str
    agreed: bool
    agreed_by_vendor_at: str | None
    agreed_by_partner_at: str | None
    proposed_by: int | None
    proposed_at: str
    now: str | None
    attainment: str | None
    attainment_percent: int | None
    rag: Literal["green", "amber", "red"] | None
    reason: Literal["not_assessed"] | None


class NewGoal(In):
    """The goal starts from the topic's score in `assessment`, which both sides must see."""

    assessment: Id
    topic: Key
    score_to: Score
    by_on: dt.date


class GoalPatch(Patch):
    """A changed goal has to be agreed by the other side anew. `dropped` true gives it up."""

    score_to: Score = Decimal(1)
    by_on: dt.date = dt.date.max
    dropped: Literal[True] = True


def goal_out(line: GoalLine) -> dict[str, Any]:
    goal = line.goal
    return {
        "id": goal.pk,
        "partner": goal.partner_id,
        "questionnaire": goal.questionnaire.key,
        "topic": goal.topic_key,
        "topic_name": goal.topic_name,
        "score_from": format(goal.score_from, "f"),
        "score_to": format(goal.score_to, "f"),
        "by_on": goal.by_on.isoformat(),
        "agreed": goal.is_agreed,
        "agreed_by_vendor_at": instant(goal.agreed_by_vendor_at),
        "agreed_by_partner_at": instant(goal.agreed_by_partner_at),
        "proposed_by": goal.proposed_by_id,
        "proposed_at": instant(goal.proposed_at),
        "now": None if line.now is None else format(line.now, "f"),
        "attainment": None if line.share is None else format(decimal(line.share), "f"),
        "attainment_percent": line.percent,
        "rag": line.rag,
        "reason": "not_assessed" if line.now is None else None,
    }


@router.post("/assessments/{int:assessment_id}/agree", response=AssessmentDetails, auth=PLANS, exclude_unset=True)
def agree(request: Request, assessment_id: int, body: Agreement) -> Any:
    """Filled in together: the own side's agreement; agreed once both are. Else, for the vendor: settles the differences of
    both views of the quarter and gives the agreed assessment, which takes the place of both.

    409 where there is nothing to agree (yet), or it is agreed already; 422 `unsettled` names the questions still open.
    """
    user = request.user
    assessment = find(request, assessment_id)
    with refusing("settled"):
        if assessment.mode == Assessment.Mode.JOINT:
            if body.settled:
                raise Problem(409, "", code="closed")
            done = actions.agree_joint(assessment=assessment, by=user)
        else:
            settled = {key: each.given() for key, each in body.settled.items()}
            done = actions.agree_comparison(assessment=assessment, settled=settled, by=user)
    return details_out(find(request, done.pk), user)


def _find_goal(request: Request, goal_id: int) -> Goal:
    rows = Goal.objects.visible_to(request.user).select_related("partner", "questionnaire")
    goal: Goal = get_object_or_404(rows, pk=goal_id)
    return goal


def _one(request: Request, goal: Goal) -> dict[str, Any]:
    return goal_out(goal_lines.with_standing(request.user, [_find_goal(request, goal.pk)])[0])


@router.get("/partners/{int:partner_id}/goals", response=Page[GoalOut], auth=READS)
def list_goals(request: Request, partner_id: int) -> Any:
    """The partner's goals, without those dropped; the one due first first."""
    found = goal_lines.lines(request.user, find_partner(request, partner_id))
    return {"items": [goal_out(line) for line in found], "next": None}


@router.post("/partners/{int:partner_id}/goals", response={201: GoalOut}, auth=PLANS)
def propose_goal(request: Request, response: HttpResponse, partner_id: int, body: NewGoal) -> Any:
    """Proposes a goal; the other side is asked to agree. One a topic."""
    partner = find_partner(request, partner_id)
    mine = queries.assessments(request.user).filter(partner=partner)
    assessment = one_of(mine, "assessment", pk=body.assessment)
    with refusing():
        goal = actions.propose_goal(
            assessment=assessment, topic=body.topic, score_to=body.score_to, by_on=body.by_on, by=request.user
        )
    return Status(201, _one(request, goal))


@router.patch("/goals/{int:goal_id}", response=GoalOut, auth=PLANS)
def change_goal(request: Request, goal_id: int, body: GoalPatch) -> Any:
    """Changes the fields sent, or drops it; 409 for one that is dropped."""
    goal = _find_goal(request, goal_id)
    sent = given(body)
    with refusing():
        if "dropped" in sent:
            goal = actions.drop_goal(goal=goal, by=request.user)
        else:
            wanted: dict[str, Any] = {"score_to": goal.score_to, "by_on": goal.by_on} | sent
            goal = actions.change_goal(goal=goal, by=request.user, **wanted)
    return _one(request, goal)


@router.post("/goals/{int:goal_id}/agree", response=GoalOut, auth=PLANS)
def agree_goal(request: Request, goal_id: int) -> Any:
    """The own side's agreement; again it changes nothing."""
    with refusing():
        goal = actions.agree_goal(goal=_find_goal(request, goal_id), by=request.user)
    return _one(request, goal)
