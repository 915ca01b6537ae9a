"""What other systems are told of partners. An import tells nothing: what came in a file is known where the file is from."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from partners.models import Partner
from prm.webhooks import news

EXAMPLE = {
    "id": 7,
    "name": "Brightwater GmbH",
    "country": "DE",
    "type": "reseller",
    "stage": "grow",
    "tier": "gold",
    "region": "dach",
    "cam": "ana@vendor.example",
    "external_id": "P-204",
}

news.kind("partner.added", _("Partner added"), example=EXAMPLE)
news.kind("partner.changed", _("Partner changed"), example={**EXAMPLE, "changed": ["tier"]})  # fmt: skip

NAMES = ("partner_type", "stage", "tier", "region", "cam")


def tell_added(partner: Partner) -> None:
    news.send_many("partner.added", _data([partner.pk], {}))


def tell_changed(partners: Sequence[int], changed: Iterable[str]) -> None:
    """News of partners as they are now, by their ids; `changed` names the fields."""
    named = ["type" if name == "partner_type" else name for name in changed]
    news.send_many("partner.changed", _data(partners, {"changed": named}))


def _data(ids: Sequence[int], more: dict[str, Any]) -> Iterable[dict[str, Any]]:
    rows = Partner.objects.unscoped("for those whom the vendor's own settings tell of all partners")
    for row in rows.filter(pk__in=ids).select_related(*NAMES).order_by("pk").iterator(chunk_size=500):
        yield {
            "id": row.pk,
            "name": row.name,
            "country": row.country,
            "type": _key(row.partner_type),
            "stage": _key(row.stage),
            "tier": _key(row.tier),
            "region": _key(row.region),
            "cam": row.cam.email if row.cam else None,
            "external_id": row.external_id,
            **more,
        }


def _key(entry: Any) -> str | None:
    return entry.key if entry else None
