"""Changes of MDF: funds and what moves their money."""

from mdf.actions.funding import allocate, change_budget, change_fund, create_fund, transfer
from mdf.actions.posting import held, lock, release, reserve, spend

__all__ = [
    "allocate",
    "change_budget",
    "change_fund",
    "create_fund",
    "held",
    "lock",
    "release",
    "reserve",
    "spend",
    "transfer",
]
