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
from scorecards.actions.inviting import expire_invitations, invite_partner_to_self_score, remind_of_invitations
from scorecards.actions.planning import PlanItem, accept_action_plan, possible_owners, proposed_plan
from scorecards.actions.publishing import publish

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
    "expire_invitations",
    "freeze",
    "invite_partner_to_self_score",
    "possible_owners",
    "proposed_plan",
    "publish",
    "remind_of_invitations",
    "save_answer",
    "score_rows",
    "start_assessment",
    "submit",
]
