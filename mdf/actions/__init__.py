"""Changes of MDF: funds and what moves their money."""

from mdf.actions.accruing import accrue
from mdf.actions.claims import (
    MOST_RECEIPTS,
    add_proof,
    discard_claim,
    recall_claim,
    remove_proof,
    save_claim,
    start_claim,
    submit_claim,
)
from mdf.actions.deciding import Verdict, approve, decide, give_back, reject
from mdf.actions.delegating import delegate, end_delegation
from mdf.actions.ending import close, end_due, remind_to_claim
from mdf.actions.funding import allocate, change_budget, change_fund, create_fund, transfer
from mdf.actions.posting import held, lock, release, reserve, spend
from mdf.actions.reversing import on_reversal, reverse
from mdf.actions.ruling import set_rules
from mdf.actions.settling import decide_claim, pay_claim
from mdf.actions.stepping import escalate, remind
from mdf.actions.submitting import recall, submit_plan, withdraw
from mdf.actions.undoing import follow
from mdf.refusals import Changed, Closed, NotAllowed, NotEnough

__all__ = [
    "MOST_RECEIPTS",
    "Changed",
    "Closed",
    "NotAllowed",
    "NotEnough",
    "Verdict",
    "accrue",
    "add_proof",
    "allocate",
    "approve",
    "change_budget",
    "change_fund",
    "close",
    "create_fund",
    "decide",
    "decide_claim",
    "delegate",
    "discard_claim",
    "end_delegation",
    "end_due",
    "escalate",
    "follow",
    "give_back",
    "held",
    "lock",
    "on_reversal",
    "pay_claim",
    "recall",
    "recall_claim",
    "reject",
    "release",
    "remind",
    "remind_to_claim",
    "remove_proof",
    "reserve",
    "reverse",
    "save_claim",
    "set_rules",
    "spend",
    "start_claim",
    "submit_claim",
    "submit_plan",
    "transfer",
    "withdraw",
]
