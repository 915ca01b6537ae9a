"""Writes of registrations: keyword-only, atomic, with `by`, in the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from accounts.models import User
from dealdesk.models import Registration, Step
from dealdesk.refusals import Changed, Closed, InConflict, NotAllowed
from partners.models import Partner
from pipeline.models import Deal

FIELDS = ("customer_name", "domain", "country", "product_lines", "amount", "currency", "expected_close", "need", "is_rfp",
          "contact_name", "contact_email")


def save_draft(*, by: User, partner: Partner, registration: Registration | None = None, values: Mapping[str, Any],
               revision: int | None = None, channel: str = "page", lead: Any = None, target: Any = None) -> Registration:
    """A new draft, or what is typed into one (also into a returned registration); what isn't in `values` stays.

    `values`: of FIELDS; `product_lines` a list of ProductLine. Nothing has to be complete, only possible: ValidationError by
    field. `revision`: that of the registration when the person began; Changed where it is another by now. NotAllowed, Closed.
    `lead`, `target`: what it is made of (a lead the partner holds, an account target of the partner).
    """
    raise NotImplementedError


def discard(*, by: User, registration: Registration) -> None:
    """Throws a draft away. NotAllowed, Closed."""
    raise NotImplementedError


def submit(*, by: User, registration: Registration, revision: int | None = None) -> Registration:
    """Submits a draft, or a returned one again (within five working days it keeps its place).

    The answer is the same whatever else there is: the conflict check runs in the background afterwards and tells by mail and on
    the page (`may_exist`). ValidationError by field where it isn't complete or against the policy (minimum, slots, RFP).
    NotAllowed, Closed, Changed.
    """
    raise NotImplementedError


def approve(*, by: User, registration: Registration, reason: str, override: bool = False, deal: Deal | None = None,
            second_partner: Partner | None = None, second_share: Decimal | None = None) -> Registration:
    """Protects it for the policy's days, and makes its deal, or links the partner's open `deal`. A second partner gets a share
    (the policy's where `second_share` is None). InConflict where it is flagged and `override` isn't set; NotAllowed, Closed,
    ValidationError by field (reason, deal, second_share, second_partner)."""
    raise NotImplementedError


def give_back(*, by: User, registration: Registration, reason: str) -> Registration:
    """Returns it to the partner to be completed; it keeps its place for five working days. NotAllowed, Closed, ValidationError."""
    raise NotImplementedError


def reject(*, by: User, registration: Registration, reason: str) -> Registration:
    """NotAllowed, Closed, ValidationError."""
    raise NotImplementedError


def withdraw(*, by: User, registration: Registration, reason: str) -> Registration:
    """For good, by the partner or who decides: of one submitted, returned or approved. NotAllowed, Closed, ValidationError."""
    raise NotImplementedError


def release(*, by: User, registration: Registration, reason: str = "") -> Registration:
    """Ends the protection of an approved one before its time: the deal is open to others. NotAllowed, Closed."""
    raise NotImplementedError


def renew(*, by: User, registration: Registration) -> Registration:
    """Protects it for the policy's days more, from the end there is; `queries.renewable` says whether, and why not.
    NotAllowed, Closed (with the reason)."""
    raise NotImplementedError


def offer_proof(*, by: User, registration: Registration, text: str) -> Step:
    """The partner says what has moved on an approved one. NotAllowed, Closed, ValidationError."""
    raise NotImplementedError


def accept_proof(*, by: User, registration: Registration, reason: str) -> Step:
    """The vendor's side takes it as progress: good for a renewal within 30 days. NotAllowed, Closed, ValidationError."""
    raise NotImplementedError


__all__ = [
    "FIELDS", "Changed", "Closed", "InConflict", "NotAllowed", "accept_proof", "approve", "discard", "give_back", "offer_proof",
    "reject", "release", "renew", "save_draft", "submit", "withdraw",
]  # fmt: skip
