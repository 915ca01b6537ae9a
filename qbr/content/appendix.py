"""Slide "appendix": what the figures of the deck mean, and the day each slide's figures are of."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from prm.documents.slides import Cell, Point, Points, Slide, Table
from qbr.content.ground import Ground
from qbr.content.performance import page
from qbr.content.registry import slide
from qbr.content.words import day

KEY = "appendix"
OF_QUARTER = ("commitments", "performance", "deals", "marketing", "leads")
"""The slides that are as of the quarter's last day."""

PERFORMANCE = (("performance", "performance_to_plan"), ("performance", "growth"), ("pipeline", "pipeline_to_target"))
"""A slide, and a figure of the performance scorecard on it that explains itself."""

TERMS: tuple[tuple[str, Any, Any], ...] = (
    ("deals", _l("Won and lost deals"), _l("Deals with a share of the partner’s that were closed in the quarter, by the day they were closed.")),
    ("level", _l("Program level"), _l("Each requirement of the tier against the partner’s figure of the day, by the program in force.")),
    ("capabilities", _l("Capability score"), _l("1 to 100: the answers of a topic by their weights, the topics of a category by theirs, the categories by theirs.")),
    ("marketing", _l("Forecast and actual of marketing"), _l("Of the verified activities alone. Forecast is what was approved: audience × rates, wins × average deal; actual is what somebody else than who entered it has verified.")),
    ("marketing", _l("Revenue ROI, ROI on MDF"), _l("(revenue − cost) ÷ cost; (revenue × (1 − partner margin) − MDF) ÷ MDF, with the MDF that was paid.")),
    ("leads", _l("Acceptance, conversion, win"), _l("Accepted ÷ offers that were answered or ran out; converted ÷ held; won ÷ held; of the leads that came in in the quarter.")),
    ("accounts", _l("Points of a chance"), _l("100 × fit × affinity × value × relationship, each from 0 to 1.")),
    ("objectives", _l("Of the way"), _l("(reached − from) ÷ (to − from), by the entry of the latest quarter; met at 100%.")),
    ("business_plan", _l("Attainment, re-forecast"), _l("Actual ÷ plan of the months that are over; the re-forecast is what was sold in them, and the plan from then on.")),
)  # fmt: skip


@slide(KEY)
def make(on: Ground) -> Slide:
    shown = [key for key in _keys() if key not in on.chosen.off]
    rows = [*_of_performance(on, shown), *((str(name), str(text)) for key, name, text in TERMS if key in shown)]
    blocks: list[Any] = []
    if rows:
        blocks.append(
            Table(
                title=_("What the figures mean"),
                heads=(_("Figure"), _("How it is made")),
                rows=tuple((Cell(name), Cell(text)) for name, text in rows),
            )
        )
    blocks.append(Points(_("Data as of"), tuple(Point(text) for text in _days(on))))
    return Slide(KEY, _("Definitions and data as of"), on.today, tuple(blocks), notes=tuple(_days(on)))


def _keys() -> tuple[str, ...]:
    from qbr.content import KEYS

    return KEYS


def _of_performance(on: Ground, shown: list[str]) -> list[tuple[str, str]]:
    """As the scorecard explains them, in words."""
    found = []
    for key, name in PERFORMANCE:
        told = page(on, on.quarter_day if key in OF_QUARTER else on.today).told.explain(name) if key in shown else None
        if told is not None and told.result is not None:
            found.append((str(told.title), told.in_words))
    return found


def _days(on: Ground) -> list[str]:
    recorded = page(on, on.quarter_day).card.data_as_of
    words = _("What is of the quarter (performance, deals, marketing, leads, the last commitments): as of %(day)s.")
    found = [
        words % {"day": day(on.quarter_day)},
        _("Everything else: as of %(day)s.") % {"day": day(on.today)},
    ]
    if recorded is not None:
        found.append(_("Sales figures were last recorded on %(day)s.") % {"day": _moment(recorded)})
    found.append(_("Amounts are in %(currency)s unless another currency is named.") % {"currency": on.currency})
    return found


def _moment(at: dt.datetime) -> str:
    return date_format(timezone.localtime(at), "DATE_FORMAT")
