"""News of funds."""

from dataclasses import dataclass

from prm.common.events import Event


@dataclass(frozen=True)
class LedgerMoved(Event):
    """Entries were written: figures of these accounts of the fund are others now."""

    fund_id: int
    account_ids: tuple[int, ...]
    entry_ids: tuple[int, ...]
