"""Writes of scorecards: keyword-only, atomic, with `by`, in the audit log."""

from scorecards.actions.answering import (
    ACTIVE_GAP,
    LINK_PURPOSE,
    Closed,
    Given,
    Incomplete,
    NotAllowed,
    confirm,
    discard,
    freeze,
    save_answer,
    score_rows,
    start_assessment,
    submit,
)
from scorecards.actions.inviting import invite_partner_to_self_score
from scorecards.actions.planning import PlanItem, accept_action_plan, possible_owners, proposed_plan
from scorecards.actions.publishing import publish
from scorecards.actions.reviewing import start_program, start_review

__all__ = [
    "ACTIVE_GAP",
    "LINK_PURPOSE",
    "Closed",
    "Given",
    "Incomplete",
    "NotAllowed",
    "PlanItem",
    "accept_action_plan",
    "confirm",
    "discard",
    "freeze",
    "invite_partner_to_self_score",
    "possible_owners",
    "proposed_plan",
    "publish",
    "save_answer",
    "score_rows",
    "start_assessment",
    "start_program",
    "start_review",
    "submit",
]
