"""Why something can't be done to a registration. Each message is for the person who tried."""

from typing import Any


class NotAllowed(Exception):
    """The person may not do this; the message says why."""


class Closed(Exception):
    """The registration is no longer, or not yet, in a state for this."""


class Changed(Exception):
    """Somebody changed it since the person began. Nothing was saved. `current`: what the fields hold now."""

    def __init__(self, message: str, current: dict[str, Any]) -> None:
        super().__init__(message)
        self.current = current


class InConflict(Exception):
    """Approving this goes against what the check found: it takes an override, which is kept and shown to the partner."""
