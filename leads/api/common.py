"""What the resources of leads share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated

from pydantic import Field

from accounts.models import User
from accounts.permissions import Permission as P
from accounts.permissions import Role
from accounts.tokens import Scope
from leads.filters import FIRST_DAY, LAST_DAY
from leads.refusals import NoRoom, NotNow, Refused, TooLate
from partners.api.common import refusing
from prm.api.auth import Allowed
from prm.api.problems import Problem
from prm.api.schemas import In

READS = Allowed(Scope.SALES_READ, vendor=P.SEE_LEADS, portal=P.PORTAL)
READS_OURS = Allowed(Scope.SALES_READ, vendor=P.SEE_LEADS)
WORKS = Allowed(Scope.SALES_WRITE, vendor=P.SEE_LEADS, portal=P.SELL)  # whoever holds the lead
WORKS_DIRECT = Allowed(Scope.SALES_WRITE, vendor=P.SEE_LEADS)  # a person of the vendor who holds it
ANSWERS = Allowed(Scope.SALES_WRITE, portal=P.SELL)
WRITES = Allowed(Scope.SALES_WRITE, vendor=P.EDIT_LEADS)
READS_RULES = Allowed(Scope.SALES_READ, vendor=P.EDIT_LEAD_RULES)
WRITES_RULES = Allowed(Scope.SALES_WRITE, vendor=P.EDIT_LEAD_RULES)

Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]  # one that can be reckoned with

CODES: dict[type[Refused], str] = {TooLate: "too-late", NotNow: "not-now", NoRoom: "no-room"}


@contextmanager
def told() -> Iterator[None]:
    """What an action refuses, as problems: 409 for the state things are in, 422 for what was sent."""
    try:
        with refusing():
            yield
    except Refused as error:
        raise Problem(409, str(error), code=CODES[type(error)]) from error


def need_inside(user: User) -> None:
    """403 for a reader of another company."""
    if is_outside(user):
        raise Problem(403)


def is_outside(user: User) -> bool:
    """Whether the reader is of another company: a partner, or a distributor."""
    return user.is_partner_side or user.roles == {Role.DISTRIBUTOR}


class ReasonIn(In):
    reason: str = Field(min_length=1, max_length=300)
