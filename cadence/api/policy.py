"""The policy of the cadence, in dated versions."""

import datetime as dt
from typing import Any, Literal

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Router, Status
from pydantic import Field

from accounts.permissions import Permission as P
from accounts.tokens import Scope
from cadence import actions, policies
from cadence.schedule import Rule
from partners.api.common import refusing
from prm.api.auth import Allowed, Request
from prm.api.paging import everything
from prm.api.problems import Problem
from prm.api.schemas import In, Key, Out, Page
from prm.common.actions import remove_policy
from prm.common.models import Policy
from prm.common.vendor import today

router = Router(tags=["Cadence"])
READS = Allowed(Scope.SALES_READ, vendor=P.EDIT_SETTINGS)
WRITES = Allowed(Scope.PROGRAM_WRITE, vendor=P.EDIT_SETTINGS)
Every = Literal["month", "quarter", "half", "year"]


class RuleIn(In):
    """`tiers` and `stages` by key (of the tiers also `none`), null for all; `offset` in working days from the period's last."""

    task: Key
    every: Every
    tiers: list[Key] | None = Field(None, max_length=100)
    stages: list[Key] | None = Field(None, max_length=100)
    offset: int | None = None


class RuleOut(Out):
    task: str
    every: Every
    tiers: list[str] | None
    stages: list[str] | None
    offset: int | None


class VersionIn(In):
    """For periods that start on `starts_on`, tomorrow or later, and after; of the rules for one task the first that fits counts."""

    starts_on: dt.date
    rules: list[RuleIn] = Field(max_length=policies.MOST_RULES)


class VersionOut(Out):
    id: int
    starts_on: str
    in_force: bool
    rules: list[RuleOut]


def _versions() -> list[Policy]:
    return list(Policy.objects.filter(kind=policies.KIND).order_by("-starts_on"))


def _out(version: Policy, current: Policy | None) -> dict[str, Any]:
    return {
        "id": version.pk,
        "starts_on": version.starts_on.isoformat(),
        "in_force": version == current,
        "rules": version.data["rules"],
    }


@router.get("/cadence/versions", response=Page[VersionOut], auth=READS)
def list_cadence_versions(request: Request) -> Any:
    """All versions, the latest first."""
    rows, day = _versions(), today()
    current = next((row for row in rows if row.starts_on <= day), None)
    return everything(rows, lambda row: _out(row, current))


@router.post("/cadence/versions", response={201: VersionOut}, auth=WRITES)
def set_cadence_version(request: Request, response: HttpResponse, body: VersionIn) -> Any:
    """A new version; one that starts the same day is replaced."""
    rules = [Rule(rule.task, rule.every, _keys(rule.tiers), _keys(rule.stages), rule.offset) for rule in body.rules]
    with refusing():
        version = actions.set_policy(by=request.user, starts_on=body.starts_on, rules=rules)
    return Status(201, _out(version, None))


def _keys(keys: list[str] | None) -> frozenset[str] | None:
    return None if keys is None else frozenset(keys)


@router.delete("/cadence/versions/{int:version_id}", response={204: None}, auth=WRITES)
def remove_cadence_version(request: Request, version_id: int) -> Any:
    """Takes away a version that hasn't started; 409 for one that has."""
    version = get_object_or_404(Policy, pk=version_id, kind=policies.KIND)
    if version.starts_on <= today():
        raise Problem(409, _("This version is or was in force and stays: set a new one instead."), code="closed")
    remove_policy(by=request.user, policy=version)
    return Status(204, None)
