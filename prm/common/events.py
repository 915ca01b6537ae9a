"""News between apps, where imports may not go. Typed events are delivered once the change they tell of is committed."""

import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import transaction

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Event:
    """Base of all events. Subclasses are frozen dataclasses of ids, never of model instances."""


E = TypeVar("E", bound=Event)
_handlers: dict[type[Event], list[Callable[[Any], None]]] = defaultdict(list)


def on(kind: type[E]) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Registers a handler, in the app that wants to know. A handler that fails is logged and stops nobody else."""

    def register(handler: Callable[[E], None]) -> Callable[[E], None]:
        _handlers[kind].append(handler)
        return handler

    return register


def send(event: Event) -> None:
    """Delivers `event` after the current transaction commits; not at all if it rolls back."""
    transaction.on_commit(lambda: _deliver(event))


def _deliver(event: Event) -> None:
    for handler in _handlers[type(event)]:
        try:
            handler(event)
        except Exception:
            log.exception("handler %s failed for %r", handler.__qualname__, event)
