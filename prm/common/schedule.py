"""Work that comes round for each vendor: nightly, and a sweep every minute. Apps register functions; order of registration."""

import logging
from collections.abc import Callable

from celery import shared_task

log = logging.getLogger(__name__)

_rounds: dict[str, list[Callable[[], None]]] = {"nightly": [], "sweep": []}


def nightly(function: Callable[[], None]) -> Callable[[], None]:
    """Registers work for every night. It may run twice, late, or after a gap, and must not mind."""
    _rounds["nightly"].append(function)
    return function


def sweep(function: Callable[[], None]) -> Callable[[], None]:
    """Registers work for every minute, under the same conditions as `nightly`."""
    _rounds["sweep"].append(function)
    return function


@shared_task
def run_round(which: str) -> None:
    """Runs each registered function; one that fails is logged and does not stop the others."""
    for function in _rounds[which]:
        try:
            function()
        except Exception:
            log.exception("%s round: %s failed", which, function.__qualname__)
