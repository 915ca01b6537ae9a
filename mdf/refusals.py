"""Why something can't be done with funds, requests and claims. Each message is for the person who tried."""

from collections.abc import Mapping
from typing import Any

from prm.common.money import Money


class NotAllowed(Exception):
    """The person may not do this; the message says why."""


class Closed(Exception):
    """What it is about is no longer, or not yet, in a state for this."""


class NotEnough(Exception):
    """More was to be taken than is left. `left`: what there is to take, in the fund's currency."""

    def __init__(self, message: str, left: Money) -> None:
        super().__init__(message)
        self.left = left


class Changed(Exception):
    """Somebody changed it since the person began. Nothing was saved. `current`: what the fields hold now."""

    def __init__(self, message: str, current: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.current = dict(current)
