"""What an assessment says: its result, the action plan it proposes, and taking actions of it on."""

import datetime as dt
from fractions import Fraction
from typing import Any, Literal

from django.utils.translation import gettext as _
from ninja import Router, Status
from pydantic import Field

from accounts.models import User
from partners import queries as partner_queries
from partners.api.plans import ActionOut, action_out
from prm.api.auth import Request
from prm.api.problems import Problem, field_error, invalid
from prm.api.schemas import Id, In, Key, Out, Page
from scorecards import actions, comparison, goal_lines, queries
from scorecards.actions import PlanItem
from scorecards.api.agreement import GoalOut, goal_out
from scorecards.api.assessments import Mode, State
from scorecards.api.common import PLANS, READS, find, refusing
from scorecards.api.peers import PeerReason, peers_out, topic_peers_out
from scorecards.forms import short
from scorecards.goal_lines import GoalLine
from scorecards.models import Assessment
from scorecards.perception import trend
from scorecards.scoring import decimal
from scorecards.standing import Peers
from scorecards.summary import Summary

router = Router(tags=["Results"])
RagColour = Literal["green", "amber", "red"]
Reason = Literal["not_assessed", "no_target"]


class TopicOut(Out):
    """`gap` to the target; `share` of the topic in the overall; `impact`: what the overall gains at the target.

    Null comes with its `reason`. On the partner's side share and impact are the shared ones. `trend`: points since the
    assessment named in the result's `trend`, null where either has no score.
    """

    key: str
    name: str
    weight: str
    target: str | None
    score: str | None
    display: int | None
    rag: RagColour | None
    provisional: bool
    completeness: str | None
    gap: str | None
    share: str | None
    impact: str | None
    share_shared: str | None = None
    impact_shared: str | None = None
    trend: str | None = None
    peer_percentile: str | None
    peer_median: str | None
    reason: Reason | None


class CategoryOut(Out):
    key: str
    name: str
    weight: str
    internal: bool
    score: str | None
    display: int | None
    rag: RagColour | None
    provisional: bool
    completeness: str | None
    reason: Reason | None
    topics: list[TopicOut]


class PerceptionGapOut(Out):
    """How partner (`self`) and vendor (`cam`) score a topic; `gap` = self − cam, null where only one side answered."""

    key: str
    name: str
    self: str | None
    cam: str | None
    gap: str | None


class TrendOut(Out):
    """Points the overall gained (`overall` the vendor's, `overall_shared` the partner's side) since that assessment."""

    assessment: int
    finished_on: str
    overall: str | None = None
    overall_shared: str | None = None


class ResultOut(Out):
    """Scores 0–100 as decimal strings with 12 places, beside the integers shown (`display`), from which colours are taken.

    `completeness` is a share, 0–1. `overall` and internal categories are for the vendor's side only; `overall_shared` leaves
    internal categories out. `provisional`: answers not yet confirmed count in it. A draft's result is as it stands now.

    `trend` is against the latest agreed, else submitted, assessment before; null for the first. `perception_gap` is there
    once both views of the quarter are in, the largest difference first; until then null with its reason.

    `peer_…`: where it stands among its peers by the snapshot of `peers_as_of`. The vendor's side gets 12 places; the
    partner's side a band ("60–69") and quartiles rounded to 5. Null comes with `peer_reason`, of a topic for want of five peers.
    """

    assessment: int
    partner: int | None
    mode: Mode
    status: State
    period: str | None
    overall: str | None = None
    overall_display: int | None = None
    display: int | None = None
    rag: RagColour | None = None
    overall_shared: str | None
    overall_shared_display: int | None
    display_shared: int | None
    rag_shared: RagColour | None
    provisional: bool
    completeness: str | None
    completeness_shared: str | None = None
    done: int
    of: int
    reason: Reason | None
    trend: TrendOut | None = None
    perception_gap: list[PerceptionGapOut] | None = None
    perception_gap_reason: Literal["not_both_in", "answered_together"] | None = None
    goals: list[GoalOut] = []
    peer_percentile: str | None
    peer_lower_quartile: str | None
    peer_median: str | None
    peer_upper_quartile: str | None
    peer_count: int | None
    peer_all_types: bool | None
    peers_as_of: str | None
    peer_reason: PeerReason | None
    categories: list[CategoryOut]


class ProposedActionOut(Out):
    """`lift`: points the topic gains when this question comes up to the topic's target."""

    question: str
    title: str
    text: str
    score: str
    lift: str


class ProposedTopicOut(Out):
    key: str
    name: str
    category: str
    score: str
    target: str
    gap: str
    impact: str
    actions: list[ProposedActionOut]


class PlanItemIn(In):
    """`title` is the proposed action's where it isn't sent; `owner` the id of a user."""

    question: Key
    title: str | None = Field(None, min_length=1, max_length=250)
    owner: Id | None = None
    due_on: dt.date | None = None


class Plan(In):
    items: list[PlanItemIn] = Field(min_length=1, max_length=500)


def result_out(assessment: Assessment, user: User) -> dict[str, Any]:
    shared = user.is_partner_side
    data = queries.result_payload(assessment, shared=shared)
    since, changes = _trend(assessment, user)
    peers = Peers(user, assessment)
    data |= {
        "trend": since,
        **_perception_gap(assessment, user),
        "goals": [goal_out(line) for line in _goals(assessment, user)],
        "assessment": assessment.pk,
        "partner": assessment.partner_id,
        "mode": assessment.mode,
        "status": assessment.status,
        "period": assessment.period or None,
        "overall_shared_display": data["display_shared"],
        "reason": _reason(data["overall_shared" if shared else "overall"]),
        "categories": [
            {
                **category,
                "reason": _reason(category["score"]),
                "topics": [
                    {
                        **topic,
                        "trend": _exact(changes.get(topic["key"])),
                        **topic_peers_out(peers.of(topic["key"])),
                        "reason": _reason(topic["score"]) or (None if topic["target"] else "no_target"),
                    }
                    for topic in category["topics"]
                ],
            }
            for category in data["categories"]
        ],
    }
    if not shared:
        data["overall_display"] = data["display"]
    return data | peers_out(peers)


def _trend(assessment: Assessment, user: User) -> tuple[dict[str, Any] | None, dict[str, Fraction | None]]:
    """Against which one, with the change of the overall, and the changes by topic key."""
    before = queries.previous(user, assessment)
    if before is None or before.finished_on is None:
        return None, {}
    now, then = comparison.exact(assessment), comparison.exact(before)
    name = "overall_shared" if user.is_partner_side else "overall"
    overall = trend({name: getattr(now, name).exact}, {name: getattr(then, name).exact})[name]
    since = {"assessment": before.pk, "finished_on": before.finished_on.isoformat(), name: _exact(overall)}
    scores, scores_then = ({topic.key: topic.score.exact for topic in each.topics()} for each in (now, then))
    return since, trend(scores, scores_then)


def _perception_gap(assessment: Assessment, user: User) -> dict[str, Any]:
    both = None if assessment.partner_id is None else comparison.pair(user, assessment)
    if both is None:
        together = assessment.mode == Assessment.Mode.JOINT
        return {"perception_gap": None, "perception_gap_reason": "answered_together" if together else "not_both_in"}
    names = {topic.key: topic.name for category in both.content.categories for topic in category.topics}
    rows = [
        {"key": each.key, "name": names[each.key], "self": _exact(each.self_score), "cam": _exact(each.cam_score),
         "gap": _exact(each.gap)}
        for each in comparison.gaps(both)
    ]  # fmt: skip
    return {"perception_gap": rows, "perception_gap_reason": None}


def _goals(assessment: Assessment, user: User) -> list[GoalLine]:
    if assessment.partner_id is None:
        return []
    return goal_lines.lines(user, assessment.of_partner, assessment.questionnaire)


def _exact(value: Fraction | None) -> str | None:
    return None if value is None else _text(value)


def _reason(score: str | None) -> str | None:
    return "not_assessed" if score is None else None


def _text(value: Fraction) -> str:
    return format(decimal(value), "f")


@router.get("/assessments/{int:assessment_id}/result", response=ResultOut, auth=READS, exclude_unset=True)
def get_result(request: Request, assessment_id: int) -> Any:
    """The result: frozen once submitted."""
    return result_out(find(request, assessment_id), request.user)


@router.get("/assessments/{int:assessment_id}/plan", response=Page[ProposedTopicOut], auth=READS)
def get_proposed_plan(request: Request, assessment_id: int) -> Any:
    """The proposed action plan: topics by what they would add to the overall, each with up to three actions."""
    assessment = find(request, assessment_id)
    topics = Summary(request.user, assessment).plan
    items = [
        {
            "key": topic.key,
            "name": topic.name,
            "category": topic.category,
            "score": _text(topic.score),
            "target": str(topic.target),
            "gap": _text(topic.gap),
            "impact": _text(topic.impact),
            "actions": [
                {
                    "question": each.question,
                    "title": short(each.text),
                    "text": each.text,
                    "score": _text(each.score),
                    "lift": _text(each.lift),
                }
                for each in topic.actions
            ],
        }
        for topic in topics
    ]
    return {"items": items, "next": None}


@router.post("/assessments/{int:assessment_id}/plan", response={201: Page[ActionOut]}, auth=PLANS)
def accept_plan(request: Request, assessment_id: int, body: Plan) -> Any:
    """Puts actions of the proposed plan into the partner's list; one that is in it and open is passed over. Not of the
    kinds whose plan is the vendor's own to do: 404."""
    assessment = find(request, assessment_id)
    if not assessment.takes_actions:
        raise Problem(404)
    user = request.user
    proposed = {
        each.question: short(each.text)
        for topic in actions.proposed_plan(assessment, shared=user.is_partner_side)
        for each in topic.actions
    }
    if user.is_partner_side:
        owners = {owner.pk: owner for owner in actions.possible_owners(assessment.of_partner)}
    else:
        owners = {owner.pk: owner for owner in partner_queries.action_owners(assessment.of_partner)}
    errors = [
        field_error(f"items.{n}.owner", _("There is none such that you can use here."))
        for n, item in enumerate(body.items)
        if item.owner is not None and item.owner not in owners
    ]
    if errors:
        raise invalid(errors)
    items = [
        PlanItem(item.question, item.title or proposed.get(item.question, ""), owners.get(item.owner or 0), item.due_on)
        for item in body.items
    ]
    with refusing():
        made = actions.accept_action_plan(assessment=assessment, items=items, by=user)
    rows = partner_queries.actions(user).in_bulk([action.pk for action in made])
    return Status(201, {"items": [action_out(rows[action.pk]) for action in made], "next": None})
