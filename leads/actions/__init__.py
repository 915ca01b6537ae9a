"""Writes of leads: keyword-only, atomic, with `by`, in the audit log and the lead's history.

Whether a person may see the lead or offer is the caller's business (start at `queries`). `at` is the moment it happens: now where left
out. Refusals (`leads.refusals`) say in words why not.
"""

from leads.actions.adding import add_lead, update_lead
from leads.actions.answering import accept, decline, time_out
from leads.actions.giving import distribute, keep_direct, offer, put_back, withdraw
from leads.actions.ruling import set_capacity, set_policy, start_trial
from leads.actions.working import (
    close_direct,
    contacted,
    convert,
    customer_of,
    disqualified,
    nudge,
    pull_back,
    qualified,
    reopen,
)
from leads.refusals import NoRoom, NotNow, Refused, TooLate

__all__ = [
    "NoRoom",
    "NotNow",
    "Refused",
    "TooLate",
    "accept",
    "add_lead",
    "close_direct",
    "contacted",
    "convert",
    "customer_of",
    "decline",
    "disqualified",
    "distribute",
    "keep_direct",
    "nudge",
    "offer",
    "pull_back",
    "put_back",
    "qualified",
    "reopen",
    "set_capacity",
    "set_policy",
    "start_trial",
    "time_out",
    "update_lead",
    "withdraw",
]
