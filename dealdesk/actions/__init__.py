"""Writes of registrations: keyword-only, atomic, with `by`, in the audit log and the registration's own history."""

from dealdesk.actions.checking import check, check_waiting
from dealdesk.actions.deciding import approve, give_back, reject
from dealdesk.actions.drafting import FIELDS, discard, save_draft
from dealdesk.actions.ending import expire, release, withdraw
from dealdesk.actions.protecting import accept_proof, escalate, offer_proof, remind, renew, why_not_renewed
from dealdesk.actions.ruling import set_policy
from dealdesk.actions.submitting import refused, submit
from dealdesk.refusals import Changed, Closed, InConflict, NotAllowed

__all__ = [
    "FIELDS",
    "Changed",
    "Closed",
    "InConflict",
    "NotAllowed",
    "accept_proof",
    "approve",
    "check",
    "check_waiting",
    "discard",
    "escalate",
    "expire",
    "give_back",
    "offer_proof",
    "refused",
    "reject",
    "release",
    "remind",
    "renew",
    "save_draft",
    "set_policy",
    "submit",
    "why_not_renewed",
    "withdraw",
]
