"""What every list of a page asks for is read once while a request runs; outside a request, each time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")

_read: ContextVar[dict[Any, Any] | None] = ContextVar("read_in_this_request", default=None)


@contextmanager
def in_a_request() -> Iterator[None]:
    token = _read.set({})
    try:
        yield
    finally:
        _read.reset(token)


def forget(key: Any) -> None:
    """It has changed: who reads it next reads it afresh."""
    (_read.get() or {}).pop(key, None)


def read(key: Any, make: Callable[[], T]) -> T:
    """What `make` gives. Only for what no request changes and then goes on to use, or `forget`s."""
    known = _read.get()
    if known is None:
        return make()
    if key not in known:
        known[key] = make()
    found: T = known[key]
    return found
