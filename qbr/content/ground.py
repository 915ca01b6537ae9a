"""What all slides of a deck are read from: the partner, the quarter, whose eyes, and the days their figures are of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

from accounts.models import User
from partners.models import Partner
from partners.visibility import partner_side
from prm.common.fiscal import FiscalQuarter
from prm.common.models import VendorSettings
from prm.common.scoping import PartnerOwned, ScopedQuerySet
from prm.common.vendor import today, vendor_settings

T = TypeVar("T")


@dataclass(frozen=True)
class Choices:
    """What people chose for a draft; what they left alone is None or isn't there, and proposed afresh.

    `order`: keys of slides, those not named follow in the default order. `on`, `off`: slides switched by hand. `commentary`: edited
    sentences by slide. `wins`, `concerns`: the texts of the summary. `deals`, `actions`: ids of those to show.
    """

    order: tuple[str, ...] = ()
    on: frozenset[str] = frozenset()
    off: frozenset[str] = frozenset()
    commentary: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    wins: tuple[str, ...] | None = None
    concerns: tuple[str, ...] | None = None
    deals: frozenset[int] | None = None
    actions: frozenset[int] | None = None


@dataclass(frozen=True)
class Ground:
    """`builder`: who asked for the deck. `today`: the day it is read on."""

    partner: Partner
    quarter: FiscalQuarter
    builder: User
    vendor_copy: bool
    chosen: Choices
    today: dt.date
    _kept: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def shared(self) -> bool:
        """Whether the deck is for the partner, so that nothing internal may enter: what tools call "shared"."""
        return not self.vendor_copy

    @cached_property
    def eyes(self) -> User:
        """Who reads: the partner's side as such, or of a vendor copy its builder. For `visible_to` and the tools' own functions."""
        return self.builder if self.vendor_copy else partner_side(self.partner)

    @property
    def also(self) -> User | None:
        """Who else must be able to see what a deck for the partner says: its builder. What the partner keeps from the vendor (a view
        before the other side's is in, an account it doesn't share) is no more on it than what the vendor keeps from the partner."""
        return self.builder if self.shared else None

    def both(self, model: type[PartnerOwned]) -> ScopedQuerySet:
        """Rows of a model that everybody concerned may see: the deck's readers, and its builder."""
        rows = model.objects.visible_to(self.eyes)
        return (
            rows
            if self.also is None
            else rows.filter(pk__in=model.objects.visible_to(self.also).order_by().values("pk"))
        )

    @property
    def quarter_day(self) -> dt.date:
        """The day that slides of the quarter are as of: its last, or today while it runs."""
        return min(self.quarter.end, self.today)

    @cached_property
    def settings(self) -> VendorSettings:
        return vendor_settings()

    @property
    def currency(self) -> str:
        return self.settings.reporting_currency

    def day_of(self, moment: dt.datetime) -> dt.date:
        """The day of a moment where the vendor is, whoever reads and wherever the deck is built."""
        return moment.astimezone(ZoneInfo(self.settings.time_zone)).date()

    def once(self, key: str, read: Callable[[], T]) -> T:
        """What several slides stand on, read once a deck."""
        if key not in self._kept:
            self._kept[key] = read()
        return cast(T, self._kept[key])


def ground(partner: Partner, quarter: FiscalQuarter, *, eyes: User, vendor_copy: bool, chosen: Choices) -> Ground:
    return Ground(partner, quarter, eyes, vendor_copy, chosen, today())
