"""Figures over many rows are kept for a while: who looks at the same view again, or goes from page to page and back, waits once."""

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet

T = TypeVar("T")


def kept(make: Callable[[], T], *named: Any, worth: Callable[[T], bool] = lambda found: True) -> T:
    """What `make` gives, at most FIGURES_KEPT seconds old, in the vendor's cache.

    `named`: all that it depends on, the reader's sight among it; a queryset stands for its statement and parameters. What isn't
    `worth` it isn't kept. Not for None, nor for what is written down.
    """
    if not settings.FIGURES_KEPT:
        return make()
    text = repr([_statement(each) if isinstance(each, QuerySet) else each for each in named])
    key = f"kept:{hashlib.sha256(text.encode()).hexdigest()}"
    found: T | None = cache.get(key)
    if found is None:
        found = make()
        if worth(found):
            cache.set(key, found, settings.FIGURES_KEPT)
    return found


def _statement(rows: "QuerySet[Any, Any]") -> Any:
    try:
        return rows.query.sql_with_params()
    except EmptyResultSet:
        return ""
