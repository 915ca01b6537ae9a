"""What people chose for a draft, as it is kept and as the slides are read with it; and the vendor's usual slides, a dated policy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from prm.common.vendor import policy
from qbr.content import KEYS, Choices
from qbr.models import Qbr

POLICY = "qbr_slides"
TEXTS, IDS = ("wins", "concerns"), ("deals", "actions")
MOST_LINES, LONGEST_LINE = 8, 400  # of commentary
MOST_TEXTS, MOST_IDS = 6, 50


@dataclass(frozen=True)
class Usual:
    """The vendor's order of slides, and those that are off unless somebody switches them on."""

    order: tuple[str, ...] = KEYS
    off: frozenset[str] = frozenset()

    def document(self) -> dict[str, Any]:
        return {"order": list(self.order), "off": sorted(self.off)}


def usual(day: dt.date) -> Usual:
    """What is in force on a day."""
    return usual_of(policy(POLICY, on=day, default={}))


def usual_of(kept: Mapping[str, Any]) -> Usual:
    """Of a policy's document: unknown slides are left out, missing ones follow in the default order."""
    return Usual(whole_order(kept.get("order", ())), frozenset(kept.get("off", ())) & frozenset(KEYS))


def whole_order(named: Iterable[str]) -> tuple[str, ...]:
    """All keys: those named first, in their order, then the others."""
    known = [key for key in dict.fromkeys(named) if key in KEYS]
    return (*known, *(key for key in KEYS if key not in known))


def choices_of(qbr: Qbr, standard: Usual) -> Choices:
    """What the slides are read with."""
    switched = {**dict.fromkeys(standard.off, False), **qbr.switched}
    return Choices(
        order=whole_order(qbr.order) if qbr.order else standard.order,
        on=frozenset(key for key, on in switched.items() if on),
        off=frozenset(key for key, on in switched.items() if not on),
        commentary={key: tuple(lines) for key, lines in qbr.commentary.items()},
        wins=_texts(qbr, "wins"),
        concerns=_texts(qbr, "concerns"),
        deals=_ids(qbr, "deals"),
        actions=_ids(qbr, "actions"),
    )


def _texts(qbr: Qbr, kind: str) -> tuple[str, ...] | None:
    return tuple(qbr.chosen[kind]) if kind in qbr.chosen else None


def _ids(qbr: Qbr, kind: str) -> frozenset[int] | None:
    return frozenset(qbr.chosen[kind]) if kind in qbr.chosen else None


# ── Checked ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def known_key(key: str) -> str:
    """ValidationError for a slide that isn't there."""
    if key not in KEYS:
        raise ValidationError({"slides": _("There is no slide “%(key)s”.") % {"key": key}})
    return key


def lines(given: Iterable[str], *, most: int = MOST_LINES, field: str = "commentary") -> list[str]:
    """Sentences, tidied, without empty ones. ValidationError where they are too many or too long for a slide."""
    said = [" ".join(str(line).split()) for line in given]
    said = [line for line in said if line]
    if len(said) > most:
        raise ValidationError({field: _("A slide takes %(n)s lines at most.") % {"n": most}})
    if any(len(line) > LONGEST_LINE for line in said):
        raise ValidationError({field: _("A line takes %(n)s characters at most.") % {"n": LONGEST_LINE}})
    return said


def chosen(kind: str, given: Iterable[Any]) -> list[Any]:
    """What was chosen of a kind, tidied. ValidationError for an unknown kind, too many, or what is no id."""
    if kind in TEXTS:
        return lines(given, most=MOST_TEXTS, field=kind)
    if kind not in IDS:
        raise ValidationError({"chosen": _("There is nothing called “%(kind)s” to choose.") % {"kind": kind}})
    found = list(dict.fromkeys(given))
    if len(found) > MOST_IDS or any(not isinstance(pk, int) or isinstance(pk, bool) or pk < 1 for pk in found):
        raise ValidationError({kind: _("Choose at most %(n)s of those there are.") % {"n": MOST_IDS}})
    return found
