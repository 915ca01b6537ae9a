"""What the operations of registrations share."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404

from accounts.models import User
from accounts.permissions import Permission as P
from accounts.tokens import Scope
from dealdesk import queries
from dealdesk.models import Registration
from dealdesk.refusals import Changed, Closed, InConflict, NotAllowed
from partners.api.common import date
from pipeline.api.common import text
from prm.api.auth import Allowed, Request
from prm.api.problems import Problem, from_validation
from prm.api.schemas import Out, instant

READS = Allowed(Scope.SALES_READ, vendor=P.SEE_REGISTRATIONS, portal=P.PORTAL)
REGISTERS = Allowed(Scope.SALES_WRITE, vendor=P.REGISTER_FOR_PARTNERS, portal=P.SELL)
ENDS = Allowed(Scope.SALES_WRITE, vendor=P.SEE_REGISTRATIONS, portal=P.SELL)
SEES_CONFLICTS = Allowed(Scope.SALES_READ, vendor=P.DECIDE_REGISTRATIONS, portal=P.PORTAL)
DECIDES = Allowed(Scope.SALES_WRITE, vendor=P.DECIDE_REGISTRATIONS)
READS_POLICY = Allowed(Scope.SALES_READ, vendor=P.SEE_REGISTRATIONS, portal=P.PORTAL)
SETS_POLICY = Allowed(Scope.SALES_WRITE, vendor=P.EDIT_SETTINGS)

State = Literal["draft", "submitted", "returned", "approved", "rejected", "expired", "released", "withdrawn"]


class AmountOut(Out):
    amount: str
    currency: str


class RegistrationOut(Out):
    """`submitted_at` is its place among those for the same customer. `may_exist`: a registration of somebody else's may already
    exist; null while it isn't checked, a moment after it was submitted. What stands in its way (`conflict`: `clear`, `possible`,
    `flagged`), those who decide are told; until when it is to be decided, the vendor's side is."""

    id: int
    reference: str
    partner: int
    state: State
    customer_name: str
    domain: str
    country: str
    product_lines: list[str]
    amount: AmountOut | None
    expected_close: str | None
    need: str
    is_rfp: bool
    contact_name: str
    contact_email: str
    submitted_at: str | None
    place_until: str | None
    decided_at: str | None
    reason: str
    protected_from: str | None
    protected_until: str | None
    renewals: int
    discount: str | None
    may_exist: bool | None
    conflict: Literal["unchecked", "clear", "possible", "flagged"] | None
    decide_by: str | None
    deal: int | None
    lead: int | None
    target: int | None
    revision: int
    created_at: str
    updated_at: str


def registration_out(registration: Registration, user: User) -> dict[str, Any]:
    told = not user.is_partner_side
    checked = registration.flag != Registration.Flag.UNCHECKED
    amount = registration.amount
    return {
        "id": registration.pk,
        "reference": registration.reference,
        "partner": registration.partner_id,
        "state": str(registration.state),
        **{
            name: getattr(registration, name)
            for name in ("customer_name", "domain", "country", "need", "is_rfp", "contact_name", "contact_email")
        },
        "product_lines": [line.key for line in registration.product_lines.all()],
        "amount": None if amount is None else {"amount": text(amount), "currency": registration.currency},
        "expected_close": date(registration.expected_close),
        "submitted_at": instant(registration.submitted_at),
        "place_until": instant(registration.place_until),
        "decided_at": instant(registration.decided_at),
        "reason": registration.reason,
        "protected_from": date(registration.protected_from),
        "protected_until": date(registration.expires_on),
        "renewals": registration.renewals,
        "discount": percent(registration.discount),
        "may_exist": registration.may_exist if checked else None,
        "conflict": str(registration.flag) if user.can(P.DECIDE_REGISTRATIONS) else None,
        "decide_by": instant(registration.decide_by) if told else None,
        "deal": registration.deal_id,
        "lead": registration.lead_id,
        "target": registration.target_id,
        "revision": registration.revision,
        "created_at": instant(registration.created_at),
        "updated_at": instant(registration.updated_at),
    }


def percent(value: Decimal | None) -> str | None:
    return None if value is None else text(value)


def find(request: Request, registration_id: int) -> Registration:
    """The registration, where this user may see it; else 404."""
    found: Registration = get_object_or_404(queries.registrations(request.user), pk=registration_id)
    return found


NAMES = {"currency": "amount"}  # as the API calls fields of the model


@contextmanager
def refusing() -> Iterator[None]:
    """Turns what an action refuses into a problem."""
    try:
        yield
    except Changed as error:
        raise Problem(412, str(error), code="changed-meanwhile") from error
    except InConflict as error:
        raise Problem(409, str(error), code="in-conflict") from error
    except Closed as error:
        raise Problem(409, str(error), code="closed") from error
    except NotAllowed as error:
        raise Problem(403, str(error)) from error
    except ValidationError as error:
        raise from_validation(error, NAMES) from error
