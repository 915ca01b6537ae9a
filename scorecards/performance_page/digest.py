"""The scorecard in short: the lines of a mail to the partner, and the figures that a review keeps."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from partners.models import Partner
from prm.common.explain import Explanation
from prm.common.rag import Rag
from prm.common.templatetags.numbers import format_percent
from scorecards.performance.card import Performance
from scorecards.performance.figures import ATTAINMENTS, Figures, shown
from scorecards.performance_page.dials import COMPOSITE, LEVEL, MAIN, lines
from scorecards.performance_page.level import level

Kept = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Line:
    """A figure in a mail; `note` says what is behind it, or why there is none."""

    name: str
    text: str
    rag: Rag | None
    note: str


def digest(sender: User, partner: Partner, day: dt.date) -> list[Line]:
    """The four main figures as the partner sees them, and what the next tier lacks."""
    figures = Performance(sender, partner, day, shared=True).figures_of
    where = level(sender, partner, day, shared=True)
    notes = lines(figures, where)
    found = []
    for key in MAIN:
        told = where.told if key == LEVEL else figures.explain(key)
        assert told is not None  # the dials' figures are always there
        note = str(told.why_missing or notes[key])
        if key == LEVEL and where.missing:
            note = _("%(stands)s. Missing: %(what)s.") % {"stands": note, "what": where.missing}
        found.append(Line(str(told.title), format_percent(shown(told)), figures.rag(told), note))
    return found


def frozen(by: User, partner: Partner, day: dt.date) -> dict[str, Any]:
    """What a review keeps: `figures` as the vendor sees them, `shared` as the partner does; unrounded, as strings."""
    return {
        "day": day.isoformat(),
        "figures": _kept(Performance(by, partner, day), level(by, partner, day).told),
        "shared": _kept(Performance(by, partner, day, shared=True), level(by, partner, day, shared=True).told),
    }


def _kept(card: Performance, of_level: Explanation) -> Kept:
    told = {**card.figures, LEVEL: of_level}
    return {key: _figure(card.figures_of, key, explanation) for key, explanation in told.items()}


def _figure(figures: Figures, key: str, told: Explanation) -> dict[str, Any]:
    is_attainment = key in ATTAINMENTS or key in (LEVEL, COMPOSITE)
    return {
        "value": _plain(told.result),
        "unit": str(told.unit),
        "reason": None if told.why_missing is None else str(told.why_missing),
        **({"shown": shown(told), "rag": figures.rag(told)} if is_attainment else {}),
    }


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")
