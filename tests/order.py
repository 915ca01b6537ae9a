"""Rows that no order was asked for come in another one than usual: what relies on luck fails here, not in production."""

from typing import Any

from django.db.models import QuerySet

_fetch_all = QuerySet._fetch_all


def _fetch_in_another_order(self: QuerySet[Any]) -> None:
    fresh = self._result_cache is None
    _fetch_all(self)
    if fresh and not self.ordered and isinstance(self._result_cache, list):
        self._result_cache.reverse()


def upset() -> None:
    """Reverses the rows of every queryset that says nothing of their order, from now on."""
    QuerySet._fetch_all = _fetch_in_another_order  # type: ignore[method-assign]
