"""What reviews and their files are called."""

from __future__ import annotations

import re
import unicodedata

from prm.common.fiscal import FiscalQuarter
from prm.common.vendor import fiscal_calendar
from qbr.models import Qbr, Version


def quarter_of(qbr: Qbr) -> FiscalQuarter:
    """The quarter it reviews, as it was when it was begun: a changed fiscal year doesn't move it."""
    start_month = qbr.starts_on.month - 3 * (int(qbr.quarter[5]) - 1)
    return FiscalQuarter(int(qbr.quarter[:4]), int(qbr.quarter[5]), (start_month - 1) % 12 + 1)


def quarter_words(qbr: Qbr) -> str:
    """ "FY26 Q4"."""
    return quarter_of(qbr).label


def label_of(key: str) -> str:
    """The label of a quarter's key, as it is called now."""
    return fiscal_calendar().parse(key).label


def file_name(version: Version, ending: str) -> str:
    """A name that tells what it is and that every file system takes: "QBR Acme Partner FY26-Q4 v2.pptx"."""
    partner = unicodedata.normalize("NFC", version.qbr.partner.name)
    tidy = " ".join(re.sub(r'[\\/:*?"<>|\x00-\x1f\u200e\u200f\u202a-\u202e\u2066-\u2069]', " ", partner).split())
    copy = " vendor copy" if version.kind == Version.Kind.VENDOR else ""
    return (
        f"QBR {tidy[:80].strip('. ')} {quarter_words(version.qbr).replace(' ', '-')} v{version.number}{copy}.{ending}"
    )
