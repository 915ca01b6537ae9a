"""Commitments of reviews."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ninja import Router, Status
from pydantic import Field

from prm.api.auth import Request
from prm.api.paging import everything
from prm.api.schemas import Id, In, Page, Patch, given
from qbr import actions, queries
from qbr.api.common import (
    READS,
    WRITES,
    CommitmentOut,
    SideName,
    commitment_out,
    find,
    find_commitment,
    owner_of,
    refusing,
)

router = Router(tags=["QBR commitments"])


class CommitmentIn(In):
    """Of a side, by a user (`owner`) or somebody who is none (`owner_name`)."""

    side: SideName
    text: str = Field(min_length=1, max_length=250)
    due_on: dt.date
    owner: Id | None = None
    owner_name: str = Field("", max_length=150)


class CommitmentPatch(Patch):
    side: SideName = "vendor"
    text: str = Field("", max_length=250)
    due_on: dt.date = dt.date.min
    owner: Id | None = None
    owner_name: str = Field("", max_length=150)


@router.get("/qbrs/{int:qbr_id}/commitments", response=Page[CommitmentOut], auth=READS)
def list_commitments(request: Request, qbr_id: int) -> Any:
    """What was agreed, or is proposed for the meeting, in order."""
    return everything(queries.commitments(request.user, find(request, qbr_id)), commitment_out)


@router.post("/qbrs/{int:qbr_id}/commitments", response={201: CommitmentOut}, auth=WRITES)
def add_commitment(request: Request, qbr_id: int, body: CommitmentIn) -> Any:
    """Adds one; of a review that was held it becomes an action of the partner's plan at once."""
    qbr = find(request, qbr_id)
    with refusing():
        row = actions.commit(
            qbr=qbr, by=request.user, side=body.side, text=body.text, due_on=body.due_on, owner=owner_of(qbr, body.owner),
            owner_name=body.owner_name,
        )  # fmt: skip
    return Status(201, commitment_out(find_commitment(request, row.pk)))


@router.patch("/qbrs/commitments/{int:commitment_id}", response=CommitmentOut, auth=WRITES)
def change_commitment(request: Request, commitment_id: int, body: CommitmentPatch) -> Any:
    """409 `closed` once it is an action: then the action is changed."""
    row, sent = find_commitment(request, commitment_id), given(body)
    if "owner" in sent:
        sent["owner"] = owner_of(row.qbr, sent["owner"])
    with refusing():
        actions.change_commitment(commitment=row, by=request.user, **sent)
    return commitment_out(find_commitment(request, commitment_id))


@router.delete("/qbrs/commitments/{int:commitment_id}", response={204: None}, auth=WRITES)
def remove_commitment(request: Request, commitment_id: int) -> Any:
    """409 `closed` once it is an action: then the action is dropped."""
    with refusing():
        actions.remove_commitment(commitment=find_commitment(request, commitment_id), by=request.user)
    return Status(204, None)
