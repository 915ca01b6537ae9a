"""A stored plan, read: its document as rules take it, and what tells whether a part of it changed meanwhile."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from planning import document
from planning.document import GROUPS, Plan
from planning.models import BusinessPlan
from prm.common.currencies import MINOR_UNITS

PARTS = ("texts", *GROUPS, "terms", "scenarios")  # of the document
FIELDS = ("first_month", "currency", "scenario")  # of the plan beside it
EMPTY = document.write(Plan())
OBJECTIVES = "objectives"  # frozen beside the document when a plan is committed


def places(currency: str) -> int:
    """Decimals of a currency's minor unit; 2 for one we don't know."""
    return MINOR_UNITS.get(currency, 2)


def document_of(plan: BusinessPlan) -> dict[str, Any]:
    """The plan's document alone, with all its parts, as it is stored."""
    content = plan.content
    return {name: content.get(name, default) for name, default in EMPTY.items()}


def read(plan: BusinessPlan) -> Plan:
    """The plan's assumptions, scenarios and texts."""
    content = {name: plan.content[name] for name in PARTS if name in plan.content}
    return document.read(content, places(plan.currency))


def objectives_of(plan: BusinessPlan) -> list[dict[str, Any]]:
    """The objectives frozen with a committed plan; of another none."""
    return list(plan.content.get(OBJECTIVES, []))


def canonical(value: Any) -> str:
    """JSON in which equal values are equal texts: keys sorted, no white space, no escapes."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(part: Any) -> str:
    """A short mark of a part's value, to send along and compare later."""
    # What is sent may hold what is no character; that it can't be kept is the document's to say.
    return hashlib.sha256(canonical(part).encode(errors="surrogatepass")).hexdigest()[:16]


def digests(plan: BusinessPlan) -> dict[str, str]:
    """The mark of every part and field of the plan as it is now: what a writer starts from."""
    return {name: digest(value) for name, value in values(plan).items()}


def values(plan: BusinessPlan) -> Mapping[str, Any]:
    """Every part and field of the plan by name, as JSON has it."""
    return {**document_of(plan), **field_values(plan)}


def field_values(plan: BusinessPlan) -> dict[str, str]:
    return {"first_month": f"{plan.first_month:%Y-%m}", "currency": plan.currency, "scenario": plan.scenario}
