"""What the resources of sales data share."""

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer

from accounts.permissions import Permission as P
from accounts.tokens import Scope
from prm.api.auth import Allowed
from prm.common.currencies import MINOR_UNITS

READS = Allowed(Scope.SALES_READ, vendor=P.SEE_PERFORMANCE)
WRITES = Allowed(Scope.SALES_WRITE, vendor=P.EDIT_SALES_DATA)
READS_LISTS = Allowed(Scope.SALES_READ, vendor=P.SEE_PARTNERS, portal=P.PORTAL)
WRITES_SETTINGS = Allowed(Scope.SALES_WRITE, vendor=P.EDIT_SETTINGS)


def text(value: Decimal) -> str:
    """A number without the zeros that its column pads it with."""
    return f"{value.normalize():f}"


def _currency(code: str) -> str:
    if code not in MINOR_UNITS:
        raise ValueError("is not the code of a currency (ISO 4217)")
    return code


Currency = Annotated[str, AfterValidator(_currency)]
Number = PlainSerializer(text, return_type=str)


class Amount(BaseModel):
    """An amount as a decimal string, negative for a credit note, with its currency (ISO 4217)."""

    model_config = ConfigDict(extra="forbid")

    amount: Annotated[Decimal, Field(max_digits=18, decimal_places=4), Number]
    currency: Currency
