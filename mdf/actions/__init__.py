"""Changes of MDF: funds and what moves their money."""

from mdf.actions.accruing import accrue
from mdf.actions.funding import allocate, change_budget, change_fund, create_fund, transfer
from mdf.actions.posting import held, lock, release, reserve, spend
from mdf.actions.reversing import on_reversal, reverse

__all__ = [
    "accrue",
    "allocate",
    "change_budget",
    "change_fund",
    "create_fund",
    "held",
    "lock",
    "on_reversal",
    "release",
    "reserve",
    "reverse",
    "spend",
    "transfer",
]
