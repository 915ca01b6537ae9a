"""Where the slides' modules say what they make: a slide by its key, and what they found for the executive summary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from prm.documents.slides import Slide, Tone
from qbr.commentary import Finding
from qbr.content.ground import Ground

__all__ = ["Area", "Finding", "Findings", "finders", "findings", "makers", "slide"]


@dataclass(frozen=True)
class Area:
    """An area's line on the summary: its name, status with its word, and the figure it stands on."""

    name: str
    tone: Tone
    word: str
    figure: str


@dataclass(frozen=True)
class Findings:
    """What a tool has for the summary: its area's line, what may stand among the wins and the concerns."""

    area: Area | None = None
    wins: tuple[Finding, ...] = ()
    concerns: tuple[Finding, ...] = ()


Maker = Callable[[Ground], Slide]
Finder = Callable[[Ground], Findings]

makers: dict[str, Maker] = {}
finders: dict[str, Finder] = {}


def slide(key: str) -> Callable[[Maker], Maker]:
    """Registers what makes the slide `key`."""

    def register(maker: Maker) -> Maker:
        assert key not in makers, key
        makers[key] = maker
        return maker

    return register


def findings(key: str) -> Callable[[Finder], Finder]:
    """Registers what the tool behind slide `key` has for the executive summary."""

    def register(finder: Finder) -> Finder:
        assert key not in finders, key
        finders[key] = finder
        return finder

    return register
