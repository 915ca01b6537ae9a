"""What other systems are told of deals. An import tells nothing: what came in a file is known where the file is from."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from pipeline.deals.rules import tidy
from pipeline.models import Deal
from prm.common.money import minor_units
from prm.webhooks import news

EXAMPLE = {
    "id": 5,
    "partner": 7,
    "name": "Servers for the new plant",
    "customer": "Northwind Traders",
    "product_line": "servers",
    "stage": "proposal",
    "outcome": "open",
    "amount": {"amount": "125000.00", "currency": "EUR"},
    "expected_close": "2027-03-31",
    "closed_on": None,
    "lost_reason": "",
    "source": "crm",
    "external_id": "D-1007",
}

news.kind("deal.added", _("Deal added"), example=EXAMPLE)
news.kind("deal.changed", _("Deal changed"), example={**EXAMPLE, "changed": ["amount", "expected_close"]})
news.kind(
    "deal.moved",
    _("Deal moved to another stage"),
    example={**EXAMPLE, "stage": "won", "outcome": "won", "closed_on": "2026-11-20", "from_stage": "negotiation"},
)
news.kind("deal.removed", _("Deal removed"), example=EXAMPLE)


def tell(key: str, deal: Deal, **more: Any) -> None:
    """News of a deal as it is now. Where nobody listens it costs one statement, whatever the deal refers to."""
    news.send_many(key, _data(deal, more))


def _data(deal: Deal, more: dict[str, Any]) -> Iterable[dict[str, Any]]:
    yield {
        "id": deal.pk,
        "partner": deal.partner_id,
        "name": deal.name,
        "customer": deal.customer.name if deal.customer else None,
        "product_line": deal.product_line.key if deal.product_line else None,
        "stage": deal.stage.key,
        "outcome": deal.stage.outcome,
        "amount": {"amount": f"{tidy(deal.amount, minor_units(deal.currency)):f}", "currency": deal.currency},
        "expected_close": deal.expected_close,
        "closed_on": deal.closed_on,
        "lost_reason": deal.lost_reason,
        "source": deal.source,
        "external_id": deal.external_id,
        **more,
    }
