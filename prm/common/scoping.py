"""Reads that fail closed: what belongs to a partner can't be read without saying for whom.

`Model.objects` refuses to touch the database until `.visible_to(user)`, or `.unscoped("why")`, was called. Reverse relations
of an object already in hand (`partner.contacts`) are fine. Django's own machinery (constraints, deletion) uses `everything`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models

if TYPE_CHECKING:
    from accounts.models import User


class Unscoped(RuntimeError):
    """A partner-owned table was about to be read without a scope."""


class ScopedQuerySet(models.QuerySet[Any]):
    _scoped = False

    def _clone(self) -> Self:
        clone = super()._clone()
        clone._scoped = self._scoped
        return clone

    def _check(self) -> None:
        if not self._scoped and not self._hints.get("instance"):
            raise Unscoped(f"{self.model.__name__}: call .visible_to(user) or .unscoped('why') first")

    def visible_to(self, user: User) -> Self:
        """Rows this user may see. The rule is the model's `visible_q`; someone with no standing sees nothing."""
        scoped = self.filter(self.model.visible_q(user))
        scoped._scoped = True
        return scoped

    def unscoped(self, why: str) -> Self:
        """All partners' rows, for roll-ups, tasks and rules that look across partners; `why` is for the reader."""
        assert why
        scoped = self._chain()
        scoped._scoped = True
        return scoped

    def _fetch_all(self) -> None:
        self._check()
        super()._fetch_all()

    def iterator(self, *args: Any, **kwargs: Any) -> Any:
        self._check()
        return super().iterator(*args, **kwargs)

    def count(self) -> int:
        self._check()
        return super().count()

    def exists(self) -> bool:
        self._check()
        return super().exists()

    def aggregate(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        self._check()
        return super().aggregate(*args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        self._check()
        return super().update(**kwargs)

    update.alters_data = True

    def delete(self) -> tuple[int, dict[str, int]]:
        self._check()
        return super().delete()

    delete.alters_data = True


class ScopedManager(models.Manager.from_queryset(ScopedQuerySet)):
    pass


class PartnerOwned(models.Model):
    """A table whose rows belong to one partner, reached by `partner_path` (e.g. "assessment__partner")."""

    everything = models.Manager()
    objects = ScopedManager()

    partner_path: ClassVar[str] = "partner"

    class Meta:
        abstract = True

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        return _rules["partner"](user, cls.partner_path)


_rules: dict[str, Callable[[User, str], models.Q]] = {}


def partner_rule(
    rule: Callable[[User, str], models.Q],
) -> Callable[[User, str], models.Q]:
    """Registers the one rule that says which partners a user may see: (user, path to the partner) → Q."""
    _rules["partner"] = rule
    return rule
