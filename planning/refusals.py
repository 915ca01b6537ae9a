"""Why something can't be done to a plan. Each message is for the person who tried."""

from collections.abc import Mapping
from typing import Any


class NotAllowed(Exception):
    """The person may not do this; the message says why."""


class Closed(Exception):
    """The plan is no longer (or not yet) in a state for this: signed, discarded, not asked to be signed …"""


class Changed(Exception):
    """Somebody else changed the same thing since the person began. Nothing was saved.

    `parts`: the names of what differs, as in `planning.reading.PARTS` and FIELDS; `theirs`: what each of them is now.
    """

    def __init__(self, message: str, theirs: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.theirs = dict(theirs)
        self.parts = list(theirs)


class NotReady(Exception):
    """The plan can't be committed as it is: `reasons` in words."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons
