"""Why something can't be done to a marketing plan. Each message is for the person who tried."""

from collections.abc import Mapping
from typing import Any


class Refused(Exception):
    """Base of all of these."""


class NotAllowed(Refused):
    """The person may not do this; the message says why."""


class Closed(Refused):
    """The plan or activity is no longer, or not yet, in a state for this."""


class Changed(Refused):
    """Somebody else changed it since the person began. Nothing was saved. `current`: what the fields hold now."""

    def __init__(self, message: str, current: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.current = dict(current)


class NotReady(Refused):
    """It can't be submitted as it is: `reasons` in words."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons
