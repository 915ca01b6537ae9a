"""News of funds."""

from dataclasses import dataclass

from prm.common.events import Event


@dataclass(frozen=True)
class LedgerMoved(Event):
    """Entries were written: figures of these accounts of the fund are others now."""

    fund_id: int
    account_ids: tuple[int, ...]
    entry_ids: tuple[int, ...]


@dataclass(frozen=True)
class MdfChanged(Event):
    """Requests or claims were submitted, decided, ended or paid."""

    partner_ids: tuple[int, ...]
    request_ids: tuple[int, ...] = ()
    claim_ids: tuple[int, ...] = ()
