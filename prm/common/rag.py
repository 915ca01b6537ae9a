"""Red, amber, green: never colour alone, always with an icon and a word."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class Rag(StrEnum):
    GREEN = "green"
    AMBER = "amber"
    RED = "red"

    @property
    def word(self) -> _StrPromise:
        """What it says, in the reader's language."""
        return _WORDS[self]

    @property
    def icon(self) -> str:
        """A shape of its own, for who doesn't see the colour."""
        return {Rag.GREEN: "▲", Rag.AMBER: "◆", Rag.RED: "▼"}[self]


_WORDS = {Rag.GREEN: _("on track"), Rag.AMBER: _("watch"), Rag.RED: _("at risk")}


@dataclass(frozen=True)
class Thresholds:
    """The least displayed figure that is green, and the least that is amber. ValueError where amber is above green."""

    green: int
    amber: int

    def __post_init__(self) -> None:
        if self.amber > self.green:
            raise ValueError("The amber threshold can't be above the green one")

    def rag(self, displayed: int | None) -> Rag | None:
        """The colour of a figure as displayed (rounded, so that colour and figure never disagree); None for "–"."""
        if displayed is None:
            return None
        if displayed >= self.green:
            return Rag.GREEN
        return Rag.AMBER if displayed >= self.amber else Rag.RED


DEFAULT_THRESHOLDS = {
    "capability": Thresholds(green=80, amber=50),
    "attainment": Thresholds(green=90, amber=70),
    "recruit": Thresholds(green=70, amber=50),  # a candidate: go, develop, pass
}
"""By family of figures, until the tenant sets its own."""
