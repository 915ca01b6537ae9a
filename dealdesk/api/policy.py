"""The policy of registrations and its versions."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Router, Status
from pydantic import Field

from dealdesk import actions, policy
from dealdesk.api.common import READS_POLICY, SETS_POLICY, refusing
from dealdesk.policy import KIND, RegistrationPolicy
from prm.api.auth import Request
from prm.api.paging import everything
from prm.api.schemas import In, Out, Page
from prm.common.models import Policy
from prm.common.vendor import today

router = Router(tags=["Deal registrations"])
Percent = Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2)]


class RegistrationPolicyIn(In):
    """What holds from `starts_on` on, today or later. `minimum` is in the reporting currency; `slots` null: no limit; `discounts`
    in percent by key of the tier. What is left out is the default."""

    starts_on: dt.date
    minimum: Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)] = Decimal(0)
    protection_days: int = Field(90, ge=1, le=730)
    renewals: int = Field(1, ge=0, le=10)
    progress_days: int = Field(30, ge=1, le=365)
    sla_days: int = Field(2, ge=1, le=60)
    escalation_days: int = Field(0, ge=0, le=60)
    place_days: int = Field(5, ge=0, le=60)
    rfp: Literal["first", "shared", "refused"] = "first"
    slots: int | None = Field(None, ge=1, le=100_000)
    second_share: Annotated[Decimal, Field(ge=0, lt=100, max_digits=4, decimal_places=2)] = Decimal(20)
    reopens: bool = True
    discounts: dict[str, Percent] = Field({}, max_length=100)


class RegistrationPolicyOut(Out):
    starts_on: str | None
    minimum: str
    protection_days: int
    renewals: int
    progress_days: int
    sla_days: int
    escalation_days: int
    place_days: int
    rfp: Literal["first", "shared", "refused"]
    slots: int | None
    second_share: str
    reopens: bool
    discounts: dict[str, str]


def _out(found: RegistrationPolicy, starts_on: dt.date | None) -> dict[str, Any]:
    return {"starts_on": starts_on.isoformat() if starts_on else None, **policy.data(found)}


@router.get("/registration-policy", response=RegistrationPolicyOut, auth=READS_POLICY)
def get_registration_policy(request: Request) -> Any:
    """What holds for registrations today; `starts_on` null: the default."""
    rows = Policy.objects.filter(kind=KIND, starts_on__lte=today()).order_by("-starts_on")
    row = rows.first()
    return _out(policy.read(row.data if row else {}), row.starts_on if row else None)


@router.get("/registration-policy/versions", response=Page[RegistrationPolicyOut], auth=SETS_POLICY)
def list_registration_policy_versions(request: Request) -> Any:
    """The versions there are, also those to come, the latest first."""
    rows = Policy.objects.filter(kind=KIND).order_by("-starts_on")
    return everything(rows, lambda row: _out(policy.read(row.data), row.starts_on))


@router.post("/registration-policy/versions", response={201: RegistrationPolicyOut}, auth=SETS_POLICY)
def create_registration_policy_version(request: Request, body: RegistrationPolicyIn) -> Any:
    """A version from a day on; one that starts the same day is replaced. What was approved keeps what it was approved with."""
    fields = body.model_dump(exclude={"starts_on"})
    with refusing():
        wanted = policy.read(
            {**fields, "minimum": str(body.minimum), "second_share": str(body.second_share),
             "discounts": {key: str(share) for key, share in body.discounts.items()}}
        )  # fmt: skip
        row = actions.set_policy(by=request.user, starts_on=body.starts_on, policy=wanted)
    return Status(201, _out(policy.read(row.data), row.starts_on))
