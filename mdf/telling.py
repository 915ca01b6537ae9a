"""Who is told what happened to requests and claims: mails and the bell register here, actions call `tell` inside their transaction.

    @telling.hears("request.approved")
    def mail_approved(of, *, happening, step, line) -> None: …

Moments of a request: `request.submitted` (also submitted again), `request.recalled`, `request.approved`, `request.returned`,
`request.rejected`, `request.closed`, `request.expired`; of a claim: `claim.submitted`, `claim.recalled`, `claim.approved`, `claim.returned`,
`claim.rejected`, `claim.paid`, `claim.revoked`. Of either: `step.waiting` (a step begins: those who may decide are asked),
`step.reminded`, `step.escalated`. Of a line of a request that can still be claimed: `line.reminder`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Protocol

from mdf.models import ApprovalStep, Claim, Happening, Line, Request


class Hearer(Protocol):
    """`of`: what it happened to. What goes with it, where there is any: the row of its history, the step, the line."""

    def __call__(
        self, of: Request | Claim, *, happening: Happening | None, step: ApprovalStep | None, line: Line | None
    ) -> None: ...


MOMENTS = frozenset(
    [
        "request.submitted", "request.recalled", "request.approved", "request.returned", "request.rejected", "request.closed",
        "request.expired", "claim.submitted", "claim.recalled", "claim.approved", "claim.returned", "claim.rejected", "claim.paid", "claim.revoked",
        "step.waiting", "step.reminded", "step.escalated", "line.reminder",
    ]
)  # fmt: skip
_hearers: dict[str, list[Hearer]] = defaultdict(list)


def hears(*moments: str) -> Callable[[Hearer], Hearer]:
    """Registers who tells people of these moments. What it writes stands or falls with the change."""
    if unknown := set(moments) - MOMENTS:
        raise ValueError(f"There is no such moment: {sorted(unknown)}")

    def register(hearer: Hearer) -> Hearer:
        for moment in moments:
            _hearers[moment].append(hearer)
        return hearer

    return register


def tell(
    moment: str,
    of: Request | Claim,
    *,
    happening: Happening | None = None,
    step: ApprovalStep | None = None,
    line: Line | None = None,
) -> None:
    for hearer in _hearers[moment]:
        hearer(of, happening=happening, step=step, line=line)
