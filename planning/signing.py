"""What is signed of a plan, and its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from partners.models import Objective
from planning.forecast.assumptions import MONTHS
from planning.models import BusinessPlan, Side
from planning.reading import OBJECTIVES, canonical, document_of, field_values, objectives_of
from prm.common.vendor import fiscal_calendar

# The signed links by which each side's signer comes in; the target is the plan's id.
VENDOR_LINK, PARTNER_LINK = "planning.sign", "planning.portal_sign"
LINKS = {Side.VENDOR: VENDOR_LINK, Side.PARTNER: PARTNER_LINK}
LINK_DAYS = 60


def signed(plan: BusinessPlan) -> dict[str, Any]:
    """All that is signed: whose plan, which version, from when, in what currency and scenario, its document and objectives.

    Of a committed plan the objectives of the day it was committed, else those there are now.
    """
    return {
        "partner": plan.partner_id,
        "version": plan.number,
        **field_values(plan),
        "document": document_of(plan),
        OBJECTIVES: objectives_of(plan) if plan.is_fixed else current_objectives(plan),
    }


def content_hash(plan: BusinessPlan) -> str:
    """The `hash_of` all that is signed of the plan as it is now."""
    return hash_of(signed(plan))


def hash_of(whole: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON (keys sorted, no white space, UTF-8) of what `signed` gave, in hex."""
    return hashlib.sha256(canonical(whole).encode()).hexdigest()


def current_objectives(plan: BusinessPlan) -> list[dict[str, Any]]:
    """The partner's objectives of the fiscal years that the plan touches, both sides', without those dropped."""
    calendar = fiscal_calendar()
    first = plan.month
    years = range(calendar.year_of(first.start).year, calendar.year_of(first.shift(MONTHS - 1).start).year + 1)
    rows = Objective.objects.unscoped("both sides sign them all").filter(
        partner=plan.partner_id, fiscal_year__in=years, dropped_at=None
    )
    return [
        {
            "side": row.side,
            "fiscal_year": row.fiscal_year,
            "title": row.title,
            "yardstick": row.yardstick,
            "unit": row.unit,
            "from": _plain(row.baseline),
            "to": _plain(row.goal),
        }
        for row in rows.order_by("fiscal_year", "side", "position", "pk")
    ]


def _plain(value: Any) -> str | None:
    return None if value is None else f"{value:f}"
