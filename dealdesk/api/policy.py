"""The policy of registrations and its versions."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Status
from pydantic import Field

from dealdesk import actions, policy, trial
from dealdesk.api.common import READS_POLICY, SETS_POLICY, refusing
from dealdesk.policy import KIND, RegistrationPolicy
from prm.api.auth import Request
from prm.api.paging import everything
from prm.api.schemas import In, Out, Page
from prm.common import actions as common
from prm.common.models import Policy
from prm.common.vendor import today, work_calendar

router = Router(tags=["Deal registrations"])
Percent = Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2)]


class RegistrationRulesIn(In):
    """`minimum` is in the reporting currency; `slots` null: no limit; `discounts` in percent by key of the tier. What is left out is the
    default."""

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


class RegistrationPolicyIn(RegistrationRulesIn):
    """What holds from `starts_on` on, today or later. `minimum` is in the reporting currency; `slots` null: no limit; `discounts`
    in percent by key of the tier. What is left out is the default."""

    starts_on: dt.date


class RegistrationPolicyOut(Out):
    """`id` of a version; null for the default."""

    id: int | None
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


class RegistrationFigureOut(Out):
    """`before` by the policy in force, `after` by the one tried."""

    what: str
    before: int
    after: int


class RegistrationTriedOut(Out):
    """A registration that would have gone another way, and how, in words."""

    registration: int
    reference: str
    partner: int
    changes: list[str]


class RegistrationTrialOut(Out):
    """Of `total` registrations of a year."""

    total: int
    figures: list[RegistrationFigureOut]
    changed: list[RegistrationTriedOut]


def _out(row: Policy | None) -> dict[str, Any]:
    found = policy.read(row.data if row else {})
    return {
        "id": row.pk if row else None,
        "starts_on": row.starts_on.isoformat() if row else None,
        **policy.data(found),
    }


def _asked(body: RegistrationRulesIn) -> RegistrationPolicy:
    return policy.read(
        {**body.model_dump(exclude={"starts_on"}), "minimum": str(body.minimum), "second_share": str(body.second_share),
         "discounts": {key: str(share) for key, share in body.discounts.items()}}
    )  # fmt: skip


@router.get("/registration-policy", response=RegistrationPolicyOut, auth=READS_POLICY)
def get_registration_policy(request: Request) -> Any:
    """What holds for registrations today; `starts_on` null: the default."""
    rows = Policy.objects.filter(kind=KIND, starts_on__lte=today()).order_by("-starts_on")
    return _out(rows.first())


@router.get("/registration-policy/versions", response=Page[RegistrationPolicyOut], auth=SETS_POLICY)
def list_registration_policy_versions(request: Request) -> Any:
    """The versions there are, also those to come, the latest first."""
    rows = Policy.objects.filter(kind=KIND).order_by("-starts_on")
    return everything(rows, _out)


@router.post("/registration-policy/versions", response={201: RegistrationPolicyOut}, auth=SETS_POLICY)
def create_registration_policy_version(request: Request, body: RegistrationPolicyIn) -> Any:
    """A version from a day on; one that starts the same day is replaced. What was approved keeps what it was approved with."""
    with refusing():
        row = actions.set_policy(by=request.user, starts_on=body.starts_on, policy=_asked(body))
    return Status(201, _out(row))


@router.delete("/registration-policy/versions/{int:version_id}", response={204: None}, auth=SETS_POLICY)
def delete_registration_policy_version(request: Request, version_id: int) -> Any:
    """Removes a version that has not started; 422 for one that has."""
    with refusing():
        common.remove_policy(by=request.user, policy=get_object_or_404(Policy, kind=KIND, pk=version_id))
    return Status(204, None)


@router.post("/registration-policy/trial", response=RegistrationTrialOut, auth=SETS_POLICY)
def try_registration_policy(request: Request, body: RegistrationRulesIn) -> Any:
    """What would have become of last year's registrations by another policy. Nothing is changed by it."""
    tried = trial.Trial(trial.last_year(timezone.now()), policy.policy_on(today()), _asked(body), work_calendar())
    return {
        "total": tried.total,
        "figures": [{"what": what, "before": before, "after": after} for what, before, after in tried.figures],
        "changed": [
            {
                "registration": line.past.id,
                "reference": line.past.reference,
                "partner": line.past.partner_id,
                "changes": list(line.changes),
            }
            for line in tried.lines
        ],
    }
