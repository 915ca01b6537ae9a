"""What sales data tell the other tools."""

from dataclasses import dataclass

from prm.common.events import Event


@dataclass(frozen=True)
class ResultsChanged(Event):
    """Sales results of these partners were added, changed or removed."""

    partner_ids: tuple[int, ...]


@dataclass(frozen=True)
class DealsChanged(Event):
    """Deals in which these partners have a share were added, changed, moved or removed."""

    partner_ids: tuple[int, ...]
    deal_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class TargetsChanged(Event):
    partner_ids: tuple[int, ...]


@dataclass(frozen=True)
class MetricValuesChanged(Event):
    partner_ids: tuple[int, ...]
