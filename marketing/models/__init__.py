"""Marketing plans: what the vendor offers to start from, the plans, and what came of them."""

from marketing.models.plan import (
    Activity,
    BudgetLine,
    MarketingPlan,
    OfMarketingPlan,
    Payer,
    Snapshot,
    new_code,
)
from marketing.models.result import ActivityResult
from marketing.models.tactic import RATES, Play, PlayActivity, Tactic

__all__ = [
    "RATES",
    "Activity",
    "ActivityResult",
    "BudgetLine",
    "MarketingPlan",
    "OfMarketingPlan",
    "Payer",
    "Play",
    "PlayActivity",
    "Snapshot",
    "Tactic",
    "new_code",
]
