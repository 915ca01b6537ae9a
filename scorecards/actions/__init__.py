"""Writes of scorecards: keyword-only, atomic, with `by`, in the audit log."""

from scorecards.actions.agreeing import (
    AlreadyAgreed,
    Changed,
    Unsettled,
    agree_comparison,
    agree_joint,
    answer_internal,
)
from scorecards.actions.aiming import agree_goal, change_goal, drop_goal, propose_goal
from scorecards.actions.answering import (
    ACTIVE_GAP,
    LINK_PURPOSE,
    Closed,
    Given,
    Incomplete,
    NotAllowed,
    confirm,
    is_same,
    save_answer,
    start_assessment,
)
from scorecards.actions.inviting import expire_invitations, invite_partner_to_self_score, remind_of_invitations
from scorecards.actions.performance import (
    PERFORMANCE_LINK,
    mail_performance,
    may_take_back,
    review_performance,
    take_back_review,
)
from scorecards.actions.planning import PlanItem, accept_action_plan, possible_owners, proposed_plan
from scorecards.actions.publishing import publish
from scorecards.actions.reviewing import start_program, start_review
from scorecards.actions.submitting import discard, freeze, score_rows, submit

__all__ = [
    "ACTIVE_GAP",
    "LINK_PURPOSE",
    "PERFORMANCE_LINK",
    "AlreadyAgreed",
    "Changed",
    "Closed",
    "Given",
    "Incomplete",
    "NotAllowed",
    "PlanItem",
    "Unsettled",
    "accept_action_plan",
    "agree_comparison",
    "agree_goal",
    "agree_joint",
    "answer_internal",
    "change_goal",
    "confirm",
    "discard",
    "drop_goal",
    "expire_invitations",
    "freeze",
    "invite_partner_to_self_score",
    "is_same",
    "mail_performance",
    "may_take_back",
    "possible_owners",
    "propose_goal",
    "proposed_plan",
    "publish",
    "remind_of_invitations",
    "review_performance",
    "save_answer",
    "score_rows",
    "start_assessment",
    "start_program",
    "start_review",
    "submit",
    "take_back_review",
]
