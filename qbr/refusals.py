"""Why something can't be done to a QBR. Each message is for the person who tried."""

from collections.abc import Mapping
from typing import Any


class Refused(Exception):
    """Base of all of these."""


class NotAllowed(Refused):
    """The person may not do this; the message says why."""


class Closed(Refused):
    """The QBR, or the commitment, is no longer (or not yet) in a state for this."""


class Changed(Refused):
    """Somebody else changed it since the person began. Nothing was saved. `current`: what the choices are now."""

    def __init__(self, message: str, current: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.current = dict(current)
