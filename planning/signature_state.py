"""Where a plan's signatures are: who is asked, who has signed, since when it waits."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from planning.models import BusinessPlan, PlanSignature, Side, SignatureRequest


@dataclass(frozen=True)
class Signer:
    """A side of a plan: who is asked for it (the newest request), and its signature that holds."""

    side: Side
    request: SignatureRequest | None
    signature: PlanSignature | None

    @property
    def user_id(self) -> int | None:
        return self.request.user_id if self.request else None

    @property
    def name(self) -> str:
        if self.signature:
            return self.signature.name
        return self.request.user.display_name if self.request else ""


def states(plan: BusinessPlan) -> list[Signer]:
    """Both sides of a plan read by `queries.with_signing`."""
    newest = {request.side: request for request in plan.asked_signers}  # type: ignore[attr-defined]  # oldest first
    held = {signature.side: signature for signature in plan.live_signatures}  # type: ignore[attr-defined]
    return [Signer(side, newest.get(side), held.get(side)) for side in Side]


def waits_since(plan: BusinessPlan) -> dt.date | None:
    """Since when a draft waits for a signature it was asked for; None where it doesn't."""
    days = [one.request.asked_on for one in states(plan) if one.request and not one.signature]
    return min(days, default=None) if plan.status == BusinessPlan.Status.DRAFT else None
