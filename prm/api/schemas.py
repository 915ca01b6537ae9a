"""Shapes shared by all resources. What comes in is strict: an unknown field is an error, so that a typo is not taken for done."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer

from prm.common.currencies import MINOR_UNITS

BIGGEST = 2**63 - 1

Id = Annotated[int, Field(ge=1, le=BIGGEST)]
Key = Annotated[str, Field(max_length=60)]


def _currency(code: str) -> str:
    if code not in MINOR_UNITS:
        raise ValueError("is not the code of a currency (ISO 4217)")
    return code


class In(BaseModel):
    """A body."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


def _no_defaults(schema: dict[str, Any]) -> None:
    for each in schema["properties"].values():
        each.pop("default", None)


class Patch(In):
    """A body whose fields stay as they are where they aren't sent: a default would be a lie."""

    model_config = ConfigDict(json_schema_extra=_no_defaults)


class Out(BaseModel):
    """An answer."""


class Money(BaseModel):
    """An amount as a decimal string with its currency (ISO 4217)."""

    model_config = ConfigDict(extra="forbid")

    amount: Annotated[
        Decimal,
        Field(ge=0, max_digits=18, decimal_places=2),
        PlainSerializer(lambda value: format(value, "f"), return_type=str),
    ]
    currency: Annotated[str, AfterValidator(_currency)]


Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """`next` is the address of the next page, null on the last."""

    items: list[Item]
    next: str | None


class ProblemOut(BaseModel):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[dict[str, Any]] = []


def given(body: BaseModel) -> dict[str, Any]:
    """The fields that were sent, null included; one not sent is not there."""
    return {name: getattr(body, name) for name in body.model_fields_set}


def instant(value: dt.datetime | None) -> str | None:
    """A moment in UTC, to the microsecond."""
    return None if value is None else value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
