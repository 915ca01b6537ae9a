"""Decks for many partners in one go."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Router, Status
from pydantic import Field

from partners.models import Partner
from prm.api.auth import Request
from prm.api.schemas import Id, In, Out, instant
from qbr import actions, queries
from qbr.api.common import BATCHES, WRITES, BuildOut, Quarter, build_out, refusing
from qbr.models import Batch, BatchItem
from qbr.refusals import NotAllowed

router = Router(tags=["QBR batches"])


class BatchIn(In):
    """`partners`: ids, all that are one's own where left out."""

    quarter: Quarter | None = None
    partners: list[Id] | None = Field(None, max_length=500)


class BatchItemOut(Out):
    """`version`: the id of what was built, null as long as nothing is."""

    partner: int
    partner_name: str
    build: BuildOut | None
    version: int | None


class BatchOut(Out):
    """`done` of `total` are built."""

    id: int
    quarter: str
    created_at: str
    total: int
    done: int
    items: list[BatchItemOut]


def _out(request: Request, pk: int) -> dict[str, Any]:
    batch: Batch = get_object_or_404(queries.batches(request.user), pk=pk)
    items = queries.items(request.user, batch)
    return {
        "id": batch.pk,
        "quarter": batch.quarter,
        "created_at": instant(batch.created_at),
        "total": len(items),
        "done": len([item for item in items if item.version_id]),
        "items": [_item_out(item) for item in items],
    }


def _item_out(item: BatchItem) -> dict[str, Any]:
    return {
        "partner": item.partner_id,
        "partner_name": item.partner.name,
        "build": build_out(item.job) if item.job else None,
        "version": item.version_id,
    }


@router.post("/qbrs/batches", response={202: BatchOut}, auth=WRITES)
def build_qbrs(request: Request, body: BatchIn) -> Any:
    """Starts a build for each partner. One that fails stops no other."""
    partners = None
    with refusing():
        if body.partners is not None:
            partners = list(Partner.objects.visible_to(request.user).filter(pk__in=body.partners))
            if len(partners) != len(set(body.partners)):
                raise NotAllowed(_("You may not work on all of these partners’ QBRs."))
        batch = actions.build_all(by=request.user, quarter=body.quarter, partners=partners)
    return Status(202, _out(request, batch.pk))


@router.get("/qbrs/batches/{int:batch_id}", response=BatchOut, auth=BATCHES)
def get_qbr_batch(request: Request, batch_id: int) -> Any:
    """How far each is, of the partners one sees. 404 for a batch without any."""
    return _out(request, batch_id)
