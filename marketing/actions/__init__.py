"""Writes of marketing plans: keyword-only, atomic, with `by`, in the audit log."""

from marketing.actions.activities import (
    accept_history,
    add_activity,
    change_activity,
    decimal_rate,
    remove_activity,
    reorder,
)
from marketing.actions.closing import close_activity, reopen, save_results, verify
from marketing.actions.drafting import discard, save, share, start
from marketing.actions.reviewing import (
    begin_review,
    begin_running,
    decide,
    finish_review,
    not_ready,
    recall,
    scope_of,
    submit,
    withdraw,
)
from marketing.actions.ruling import remove_play, remove_tactic, save_play, save_tactic
from marketing.refusals import Changed, Closed, NotAllowed, NotReady, Refused

__all__ = [
    "Changed",
    "Closed",
    "NotAllowed",
    "NotReady",
    "Refused",
    "accept_history",
    "add_activity",
    "begin_review",
    "begin_running",
    "change_activity",
    "close_activity",
    "decide",
    "decimal_rate",
    "discard",
    "finish_review",
    "not_ready",
    "recall",
    "remove_activity",
    "remove_play",
    "remove_tactic",
    "reopen",
    "reorder",
    "save",
    "save_play",
    "save_results",
    "save_tactic",
    "scope_of",
    "share",
    "start",
    "submit",
    "verify",
    "withdraw",
]
