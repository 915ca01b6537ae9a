from mdf.models.approval import ApprovalStep, Delegation, Happening
from mdf.models.claim import Claim, Proof, Receipt
from mdf.models.fund import Account, Accrual, Entry, Fund, Lot, Posting
from mdf.models.request import Line, Request

__all__ = [
    "Account",
    "Accrual",
    "ApprovalStep",
    "Claim",
    "Delegation",
    "Entry",
    "Fund",
    "Happening",
    "Line",
    "Lot",
    "Posting",
    "Proof",
    "Receipt",
    "Request",
]
