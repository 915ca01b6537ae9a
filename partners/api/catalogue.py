"""The vendor's own names for what partners are and where they stand. Other resources name them by `key`."""

from typing import Any

from ninja import Router

from partners.api.common import READS_BOTH
from partners.models import LifeStage, PartnerType, Region, Tier
from partners.models.catalogue import Named
from prm.api.auth import Request
from prm.api.paging import everything
from prm.api.schemas import Out, Page

router = Router(tags=["Catalogue"])


class NamedOut(Out):
    key: str
    name: str
    order: int


class LifeStageOut(NamedOut):
    is_lapsed: bool


class PartnerTypeOut(NamedOut):
    transacts: bool


def _named(row: Named, **more: Any) -> dict[str, Any]:
    return {"key": row.key, "name": row.name, "order": row.order, **more}


@router.get("/life-stages", response=Page[LifeStageOut], auth=READS_BOTH)
def list_life_stages(request: Request) -> Any:
    """The life stages, in order."""
    return everything(LifeStage.objects.all(), lambda row: _named(row, is_lapsed=row.is_lapsed))


@router.get("/partner-types", response=Page[PartnerTypeOut], auth=READS_BOTH)
def list_partner_types(request: Request) -> Any:
    """The types of partners, in order."""
    return everything(PartnerType.objects.all(), lambda row: _named(row, transacts=row.transacts))


@router.get("/tiers", response=Page[NamedOut], auth=READS_BOTH)
def list_tiers(request: Request) -> Any:
    """The program levels, the lowest first."""
    return everything(Tier.objects.all(), _named)


@router.get("/regions", response=Page[NamedOut], auth=READS_BOTH)
def list_regions(request: Request) -> Any:
    """The regions, in order."""
    return everything(Region.objects.all(), _named)
