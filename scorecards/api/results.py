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
from prm.api.problems import field_error, invalid
from prm.api.schemas import Id, In, Key, Out, Page
from scorecards import actions, queries
from scorecards.actions import PlanItem
from scorecards.api.assessments import Mode, State
from scorecards.api.common import READS, WRITES, find, refusing
from scorecards.api.peers import PeerReason, peers_out, topic_peers_out
from scorecards.forms import short
from scorecards.models import Assessment
from scorecards.scoring import decimal
from scorecards.standing import Peers

router = Router(tags=["Results"])
RagColour = Literal["green", "amber", "red"]
Reason = Literal["not_assessed", "no_target"]


class TopicOut(Out):
    """`gap` to the target; `share` of the topic in the overall; `impact`: what the overall gains at the target.

    Null comes with its `reason`. On the partner's side share and impact are the shared ones.
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


class ResultOut(Out):
    """Scores 0–100 as decimal strings with 12 places, beside the integers shown (`display`), from which colours are taken.

    `completeness` is a share, 0–1. `overall` and internal categories are for the vendor's side only; `overall_shared` leaves
    internal categories out. `provisional`: answers not yet confirmed count in it. A draft's result is as it stands now.

    `peer_…`: where it stands among its peers by the snapshot of `peers_as_of`. The vendor's side gets 12 places; the
    partner's side a band ("60–69") and quartiles rounded to 5. Null comes with `peer_reason`, of a topic for want of five peers.
    """

    assessment: int
    partner: int
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
    peers = Peers(user, assessment)
    data |= {
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
    topics = actions.proposed_plan(find(request, assessment_id), shared=request.user.is_partner_side)
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


@router.post("/assessments/{int:assessment_id}/plan", response={201: Page[ActionOut]}, auth=WRITES)
def accept_plan(request: Request, assessment_id: int, body: Plan) -> Any:
    """Puts actions of the proposed plan into the partner's list; one that is in it and open is passed over."""
    assessment = find(request, assessment_id)
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
