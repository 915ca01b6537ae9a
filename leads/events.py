"""What leads tell the other tools."""

from dataclasses import dataclass

from prm.common.events import Event


@dataclass(frozen=True)
class LeadsChanged(Event):
    """Leads were added, changed, given out, worked on or closed. `partner_ids`: who holds them, or is or was asked to. `imported`: by
    a file."""

    lead_ids: tuple[int, ...]
    partner_ids: tuple[int, ...] = ()
    imported: bool = False


@dataclass(frozen=True)
class LeadOffered(Event):
    """A lead was offered to a partner: its sellers are to be told. By the rules, or by hand."""

    offer_id: int
    partner_id: int


@dataclass(frozen=True)
class LeadOfferEnded(Event):
    """An offer was accepted, declined, withdrawn, or not answered in time (`state`: LeadOffer.State)."""

    offer_id: int
    partner_id: int
    state: str


@dataclass(frozen=True)
class LeadNudged(Event):
    """The clock for the first contact has run out: whoever holds the lead is to be told. `partner_id` None: held direct."""

    lead_id: int
    partner_id: int | None


@dataclass(frozen=True)
class LeadPulledBack(Event):
    """A lead was taken back from a partner that left it lying."""

    lead_id: int
    partner_id: int
