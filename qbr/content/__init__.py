"""What stands on each slide, read from the tools; one module per slide or family of slides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module

from accounts.models import User
from partners.models import Partner
from prm.common.fiscal import FiscalQuarter
from prm.documents.slides import Slide
from qbr.content.ground import Choices, Ground, ground
from qbr.content.registry import makers

__all__ = [
    "AGENDA", "KEYS", "Choices", "Ground", "edited", "ground", "know_all", "ordered", "propose", "proposed",
    "proposed_alone", "read", "standing",
]  # fmt: skip

KEYS = (
    "title", "agenda", "glance", "summary", "commitments", "performance", "pipeline", "deals", "level", "capabilities",
    "capability_goals", "marketing", "accounts", "leads", "objectives", "business_plan", "next", "appendix",
)  # fmt: skip
"""The default set, in its default order."""

AGENDA = "agenda"

_MODULES: tuple[str, ...] = (
    "opening",
    "commitments",
    "performance",
    "deals",
    "level",
    "capabilities",
    "marketing",
    "accounts",
    "leads",
    "objectives",
    "business_plan",
    "following",
    "appendix",
)
"""The modules of this package that make slides."""


def know_all() -> None:
    """Has every module register what it makes and finds."""
    for name in _MODULES:
        import_module(f"{__name__}.{name}")


def read(
    partner: Partner, quarter: FiscalQuarter, *, eyes: User, vendor_copy: bool = False, chosen: Choices | None = None
) -> list[Slide]:
    """All slides of a deck in their order, also those without data or switched off, with the commentary people edited.

    `eyes`: who builds. Unless it is a `vendor_copy`, everything is read as the partner's side sees it, whoever builds.
    """
    chosen = chosen or Choices()
    return edited(propose(partner, quarter, eyes=eyes, vendor_copy=vendor_copy, chosen=chosen), chosen)


def propose(
    partner: Partner, quarter: FiscalQuarter, *, eyes: User, vendor_copy: bool = False, chosen: Choices | None = None
) -> list[Slide]:
    """The same with the commentary that the rules propose."""
    return proposed(ground(partner, quarter, eyes=eyes, vendor_copy=vendor_copy, chosen=chosen or Choices()))


def proposed(on: Ground) -> list[Slide]:
    """The same of a ground that others read from too."""
    know_all()
    keys = ordered(on.chosen.order)
    made = {key: makers[key](on) for key in keys if key in makers and key != AGENDA}
    opening = import_module(f"{__name__}.opening")
    made[AGENDA] = opening.agenda(on, standing([made[key] for key in keys if key in made], on.chosen))
    return [made[key] for key in keys if key in made]


def proposed_alone(on: Ground, key: str) -> Slide:
    """One slide but the agenda, without the others."""
    know_all()
    return makers[key](on)


def edited(slides: Sequence[Slide], chosen: Choices) -> list[Slide]:
    """With the sentences that people put in the place of those proposed."""
    return [
        replace(slide, commentary=tuple(chosen.commentary[slide.key])) if slide.key in chosen.commentary else slide
        for slide in slides
    ]


def standing(slides: Sequence[Slide], chosen: Choices) -> list[Slide]:
    """Those that go into the file: not switched off, and with something to show unless switched on."""
    return [slide for slide in slides if slide.key not in chosen.off and (not slide.missing or slide.key in chosen.on)]


def ordered(order: Sequence[str]) -> list[str]:
    """All keys: those of `order` first, where it knows them, the others after in the default order."""
    named = [key for key in dict.fromkeys(order) if key in KEYS]
    return named + [key for key in KEYS if key not in named]
