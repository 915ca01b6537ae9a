"""What the operations of MDF share."""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet

from accounts.permissions import Permission as P
from accounts.tokens import Scope
from mdf.refusals import Closed, NotAllowed, NotEnough
from prm.api.auth import Allowed
from prm.api.problems import Problem, field_error, from_validation
from prm.common.money import minor_units
from prm.common.numbers import round_half_away

READS = Allowed(Scope.MARKETING_READ, vendor=P.SEE_MDF, portal=P.PORTAL)
EDITS_FUNDS = Allowed(Scope.MARKETING_WRITE, vendor=P.EDIT_FUNDS)

M = TypeVar("M", bound=Model)


class Narrowing(Protocol):
    """The parameters of a list of requests or claims."""

    @property
    def state(self) -> Sequence[str]: ...
    @property
    def updated_since(self) -> dt.datetime | None: ...


def narrowed(rows: QuerySet[M], query: Narrowing, *names: str) -> QuerySet[M]:
    """The rows a list's parameters ask for; of those in `names`, each by its field, only what is given narrows them."""
    given: dict[str, Any] = {name: value for name in names if (value := getattr(query, name)) is not None}
    if query.state:
        given["state__in"] = query.state
    if query.updated_since is not None:
        given["updated_at__gte"] = query.updated_since
    return rows.filter(**given)


def amount(value: Decimal, currency: str) -> str:
    """An amount at its currency's minor unit."""
    return f"{round_half_away(value, minor_units(currency)):f}"


@contextmanager
def refusing() -> Iterator[None]:
    """Turns what an action refuses into a problem."""
    try:
        yield
    except NotEnough as error:
        left = amount(error.left.amount, error.left.currency)
        told = field_error("amount", str(error)) | {"left": left, "currency": error.left.currency}
        raise Problem(409, str(error), code="not-enough", errors=[told]) from error
    except Closed as error:
        raise Problem(409, str(error), code="closed") from error
    except NotAllowed as error:
        raise Problem(403, str(error)) from error
    except ValidationError as error:
        raise from_validation(error) from error
