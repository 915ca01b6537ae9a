"""The rules of approval with their versions, and who decides for whom."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Router, Status
from pydantic import Field

from accounts.models import User
from accounts.permissions import Permission
from mdf import actions, steps
from mdf.actions.ruling import checked_rules
from mdf.api.shapes import DECIDES, SEES_RULES, SEES_WAITING, SETS_RULES, LevelName, refusing
from mdf.approval_rules import kind_of, rules_on
from mdf.models import Delegation, Fund
from mdf.queries import requests as queries
from mdf.refusals import NotAllowed
from mdf.steps import Rules
from partners.api.common import date, one_of
from prm.api.auth import Allowed, Request
from prm.api.paging import everything
from prm.api.schemas import Id, In, Out, Page, instant
from prm.common.models import Policy
from prm.common.vendor import today

router = Router(tags=["MDF approvals"])
Sum = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)]


class RuleDoc(In):
    """A step for what is asked `above` an amount of the fund's currency."""

    level: Literal["cam", "marketing", "chief"]
    above: Sum


class RulesIn(In):
    """What holds from `starts_on` on, today or later. `sla_days` to decide, `escalation_days` from then on: working days."""

    starts_on: dt.date
    fund: Id | None = None
    steps: list[RuleDoc] = Field(min_length=1, max_length=3)
    sla_days: int = Field(3, ge=1, le=60)
    escalation_days: int = Field(0, ge=0, le=60)


class RuleOut(Out):
    level: Literal["cam", "marketing", "chief"]
    above: str


class RulesOut(Out):
    """`fund` null: those of all funds without their own. `starts_on` null: the default."""

    fund: int | None
    starts_on: str | None
    steps: list[RuleOut]
    sla_days: int
    escalation_days: int


class NeededIn(In):
    """What a partner asks from a fund in the quarter, all requests together."""

    asked: Sum
    fund: Id | None = None
    on: dt.date | None = None
    steps: list[RuleDoc] | None = Field(None, min_length=1, max_length=3)


class NeededOut(Out):
    levels: list[LevelName]


class DelegationIn(In):
    """`person` is oneself where left out. Without `ends_on` until it is ended."""

    delegate: Id
    person: Id | None = None
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None


class DelegationOut(Out):
    id: int
    person: int
    delegate: int
    starts_on: str
    ends_on: str | None
    created_at: str


def _rules_out(rules: Rules, starts_on: dt.date | None, fund: int | None) -> dict[str, Any]:
    return {"fund": fund, "starts_on": date(starts_on), **steps.document(rules)}


def _fund(fund_id: int | None) -> Fund | None:
    return None if fund_id is None else get_object_or_404(Fund, pk=fund_id)


@router.get("/mdf/approval-rules", response=RulesOut, auth=SEES_RULES)
def get_mdf_approval_rules(request: Request, fund: Id | None = None) -> Any:
    """What holds today, for one fund or in general."""
    found = _fund(fund)
    rows = Policy.objects.filter(kind=kind_of(found), starts_on__lte=today()).order_by("-starts_on")
    row = rows.first()
    return _rules_out(rules_on(found, today()), row.starts_on if row else None, fund)


@router.get("/mdf/approval-rules/versions", response=Page[RulesOut], auth=SETS_RULES)
def list_mdf_approval_rules_versions(request: Request, fund: Id | None = None) -> Any:
    """The versions there are, also those to come, the latest first."""
    rows = Policy.objects.filter(kind=kind_of(_fund(fund))).order_by("-starts_on")
    return everything(rows, lambda row: _rules_out(steps.read(row.data), row.starts_on, fund))


@router.post("/mdf/approval-rules/versions", response={201: RulesOut}, auth=SETS_RULES)
def create_mdf_approval_rules_version(request: Request, body: RulesIn) -> Any:
    """A version from a day on; one that starts the same day is replaced. What was submitted before keeps its steps."""
    fund = None if body.fund is None else one_of(Fund.objects.all(), "fund", pk=body.fund)
    document = {
        "steps": [{"level": each.level, "above": f"{each.above:f}"} for each in body.steps],
        "sla_days": body.sla_days,
        "escalation_days": body.escalation_days,
    }
    with refusing():
        row = actions.set_rules(by=request.user, starts_on=body.starts_on, rules=document, fund=fund)
    return Status(201, _rules_out(steps.read(row.data), row.starts_on, body.fund))


@router.post("/mdf/approval-rules/needed", response=NeededOut, auth=Allowed(None, everybody=True))
def compute_mdf_steps(request: Request, body: NeededIn) -> Any:
    """The steps for a sum, by the rules of a day, which are for those who see MDF, or by `steps` that are tried out. Nothing is kept."""
    with refusing():
        if body.steps is None and not request.user.can(Permission.SEE_MDF):
            raise NotAllowed(_("The rules of approval are the vendor’s own."))
        if body.steps is not None:
            tried = {"steps": [{"level": each.level, "above": f"{each.above:f}"} for each in body.steps]}
            rules = checked_rules(tried)
        else:
            fund = None if body.fund is None else one_of(Fund.objects.all(), "fund", pk=body.fund)
            rules = rules_on(fund, body.on or today())
    return {"levels": [level.value for level in rules.needed(body.asked)]}


def delegation_out(row: Delegation) -> dict[str, Any]:
    return {
        "id": row.pk,
        "person": row.person_id,
        "delegate": row.delegate_id,
        "starts_on": date(row.starts_on),
        "ends_on": date(row.ends_on),
        "created_at": instant(row.created_at),
    }


@router.get("/mdf/delegations", response=Page[DelegationOut], auth=SEES_WAITING)
def list_mdf_delegations(request: Request) -> Any:
    """One's own delegations and those to oneself; an admin's are everybody's."""
    return everything(queries.delegations(request.user).order_by("-starts_on", "-pk"), delegation_out)


@router.post("/mdf/delegations", response={201: DelegationOut}, auth=DECIDES)
def create_mdf_delegation(request: Request, response: HttpResponse, body: DelegationIn) -> Any:
    """From a day on somebody else may decide what waits for a person."""
    people = User.objects.filter(is_active=True, membership__isnull=True)
    person = request.user if body.person is None else one_of(people, "person", pk=body.person)
    delegate = one_of(people, "delegate", pk=body.delegate)
    with refusing():
        made = actions.delegate(
            by=request.user, person=person, delegate=delegate, starts_on=body.starts_on, ends_on=body.ends_on
        )
    response["Location"] = request.build_absolute_uri("/api/v1/mdf/delegations")
    return Status(201, delegation_out(made))


@router.delete("/mdf/delegations/{int:delegation_id}", response={204: None}, auth=DECIDES)
def end_mdf_delegation(request: Request, delegation_id: int) -> Any:
    """Ends it now."""
    row = get_object_or_404(queries.delegations(request.user), pk=delegation_id)
    with refusing():
        actions.end_delegation(by=request.user, delegation=row)
    return Status(204, None)
