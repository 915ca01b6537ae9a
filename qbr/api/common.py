"""What the operations of QBRs share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from pydantic import Field

from accounts.models import User
from accounts.permissions import Permission as P
from accounts.tokens import Scope
from partners import queries as partner_queries
from partners.api.common import one_of
from prm.api.auth import Allowed, Request
from prm.api.problems import Problem, from_validation
from prm.api.schemas import Id, Out
from prm.common.models import Job
from qbr import queries
from qbr.models import Commitment, Qbr, Version
from qbr.refusals import Changed, Closed, NotAllowed

READS = Allowed(Scope.PLANS_READ, vendor=P.SEE_QBR, portal=P.PORTAL)
VENDOR_READS = Allowed(Scope.PLANS_READ, vendor=P.SEE_QBR)
WRITES = Allowed(Scope.PLANS_WRITE, vendor=P.EDIT_QBR)
BATCHES = Allowed(Scope.PLANS_READ, vendor=P.EDIT_QBR)

State = Literal["draft", "built", "held", "shared"]
SideName = Literal["vendor", "partner"]
Quarter = Annotated[str, Field(pattern=r"^[12]\d{3}Q[1-4]$", examples=["2026Q4"])]


class CommitmentOut(Out):
    """What somebody of a side does by a day. `owner`: a user, else null, and `owner_name` says who. `action`: the item of the action plan it
    became once the review was held; `status` is that item's."""

    id: int
    qbr: int
    side: SideName
    text: str
    due_on: str
    owner: int | None
    owner_name: str
    action: int | None
    status: str


class BuildOut(Out):
    """A build in the background: `state` is `queued`, `running`, `done`, `failed`, `cancelled` or `interrupted`; `step` says at what it is."""

    job: str
    state: str
    done: int
    total: int
    step: str
    error: str | None


def build_out(job: Job) -> dict[str, Any]:
    return {
        "job": str(job.pk),
        "state": str(job.state),
        "done": job.done,
        "total": job.total,
        "step": job.step,
        "error": job.error or None,
    }


def commitment_out(row: Commitment) -> dict[str, Any]:
    return {
        "id": row.pk,
        "qbr": row.qbr_id,
        "side": str(row.side),
        "text": row.text,
        "due_on": row.due_on.isoformat(),
        "owner": row.owner_id,
        "owner_name": row.who,
        "action": row.action_id,
        "status": row.status,
    }


def find(request: Request, qbr_id: int) -> Qbr:
    """The review, where this user may see it; else 404."""
    found: Qbr = get_object_or_404(queries.qbrs(request.user).select_related("partner", "job"), pk=qbr_id)
    return found


def find_version(request: Request, version_id: int) -> Version:
    rows = Version.objects.visible_to(request.user).select_related("qbr__partner", "built_by")
    found: Version = get_object_or_404(rows, pk=version_id)
    return found


def find_commitment(request: Request, commitment_id: int) -> Commitment:
    rows = Commitment.objects.visible_to(request.user).select_related("qbr__partner", "owner", "action")
    found: Commitment = get_object_or_404(rows, pk=commitment_id)
    return found


def owner_of(qbr: Qbr, owner: Id | None, field: str = "owner") -> User | None:
    """Somebody of the vendor's or of this partner's side."""
    if owner is None:
        return None
    found: User = one_of(partner_queries.action_owners(qbr.partner), field, pk=owner)
    return found


def day(value: dt.date | None) -> str | None:
    return None if value is None else value.isoformat()


@contextmanager
def refusing() -> Iterator[None]:
    """Turns what an action refuses into a problem."""
    try:
        yield
    except Changed as error:
        raise Problem(412, str(error), code="changed-meanwhile") from error
    except Closed as error:
        raise Problem(409, str(error), code="closed") from error
    except NotAllowed as error:
        raise Problem(403, str(error)) from error
    except ValidationError as error:
        raise from_validation(error) from error
