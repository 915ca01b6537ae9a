"""What partners sell and are to sell: results, deals, targets, and other figures about them."""

from pipeline.models.catalogue import Customer, DealStage, Metric, ProductLine
from pipeline.models.deal import Deal, DealShare, StageChange
from pipeline.models.result import MetricValue, SalesResult
from pipeline.models.target import TargetMonth, TargetVersion

__all__ = [
    "Customer",
    "Deal",
    "DealShare",
    "DealStage",
    "Metric",
    "MetricValue",
    "ProductLine",
    "SalesResult",
    "StageChange",
    "TargetMonth",
    "TargetVersion",
]
