from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from accounts.permissions import Role
from pipeline.deals import actions
from pipeline.models import Deal, DealStage


def stage(key: str) -> DealStage:
    return DealStage.objects.get(key=key)


@pytest.fixture
def deal_for(acme) -> Callable[..., Deal]:
    """deal_for(partner, amount="1000", stage="proof", …) → a deal that the partner's CAM added."""

    def make(partner: Any = None, *, name: str = "", **fields: Any) -> Deal:
        partner = partner or acme.partner_a
        letter = "A" if partner == acme.partner_a else "B"
        if "stage" in fields:
            fields["stage"] = stage(fields["stage"])
        fields.setdefault("currency", "USD")
        amount = Decimal(fields.pop("amount", "1000"))
        by = fields.pop("by", acme.users[Role.ADMIN])
        return actions.add_deal(by=by, partner=partner, name=name or f"Deal ACME-{letter}", amount=amount, **fields)

    return make
