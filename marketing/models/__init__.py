"""Marketing plans: what the vendor offers to start from, the plans, and what came of them."""

from marketing.models.attribution import Attribution, Clicks, How, Influence
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
from marketing.models.worksheet import Worksheet

__all__ = [
    "RATES",
    "Activity",
    "ActivityResult",
    "Attribution",
    "BudgetLine",
    "Clicks",
    "How",
    "Influence",
    "MarketingPlan",
    "OfMarketingPlan",
    "Payer",
    "Play",
    "PlayActivity",
    "Snapshot",
    "Tactic",
    "Worksheet",
    "new_code",
]
