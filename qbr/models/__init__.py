"""QBRs: what people chose for a partner's quarter, the versions built of it, what was agreed; and what decks are drawn on."""

from qbr.models.batch import Batch, BatchItem
from qbr.models.look import PartnerLogo, Template
from qbr.models.review import Attendee, Commitment, Qbr, Side, Version

__all__ = [
    "Attendee",
    "Batch",
    "BatchItem",
    "Commitment",
    "PartnerLogo",
    "Qbr",
    "Side",
    "Template",
    "Version",
]
