"""The metrics a program may name that Cadence computes: their names, units and days."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from scorecards.tiers.document import Fixed

MONEY = "money"


@dataclass(frozen=True)
class Computed:
    """`unit` is "%", "" or MONEY (the reporting currency); `window` what it is always of, None where the program says."""

    name: Any
    unit: str
    window: str | None = None
    internal: bool = False  # the vendor's own work: no figure for the partner's side


COMPUTED = {
    "revenue": Computed(_("Revenue"), MONEY),
    "attainment": Computed(_("Performance to plan"), "%", "ytd"),
    "growth": Computed(_("Growth"), "%", "ytd"),
    "pipeline_coverage": Computed(_("Pipeline coverage"), "×", "as_of"),
    "won_deals": Computed(_("Deals won"), ""),
    "won_value": Computed(_("Value of deals won"), MONEY),
    "partner_led_share": Computed(_("Partner-led share"), "%", "12_months"),
    "capability": Computed(_("Capability score"), "", "as_of"),
    "touches": Computed(_("Touches"), "", internal=True),
    "tasks_done": Computed(_("Required tasks done"), "%", "as_of"),
}
FIXED = {code: Fixed(metric.window) for code, metric in COMPUTED.items()}
