"""What the operations of MDF share."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from django.core.exceptions import ValidationError

from accounts.permissions import Permission as P
from accounts.tokens import Scope
from mdf.refusals import Closed, NotAllowed, NotEnough
from prm.api.auth import Allowed
from prm.api.problems import Problem, field_error, from_validation
from prm.common.money import minor_units
from prm.common.numbers import round_half_away

READS = Allowed(Scope.MARKETING_READ, vendor=P.SEE_MDF, portal=P.PORTAL)
EDITS_FUNDS = Allowed(Scope.MARKETING_WRITE, vendor=P.EDIT_FUNDS)


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
