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

TERMS: tuple[tuple[str, Any, Any], ...] = (
    ("performance", _l("Performance to plan"), _l("Actual ÷ target of the same days; of a month that isn’t over the target of the days that are.")),
    ("pipeline", _l("Pipeline to target"), _l("Open deals that close in time ÷ what remains of the target ÷ the coverage wanted.")),
    ("capabilities", _l("Capability score"), _l("1 to 100: the answers of a topic by their weights, the topics of a category by theirs, the categories by theirs.")),
    ("marketing", _l("Forecast and actual"), _l("Of the verified activities alone: what was approved, and what somebody else than who entered it has verified.")),
    ("marketing", _l("ROI, ROI on MDF"), _l("(revenue − cost) ÷ cost; (revenue × (1 − partner margin) − MDF) ÷ MDF, with the MDF that was paid.")),
    ("accounts", _l("Points of a chance"), _l("100 × fit × affinity × value × relationship, each from 0 to 1.")),
    ("leads", _l("Acceptance, conversion"), _l("Accepted ÷ offers that were answered or ran out; converted ÷ held; of the leads that came in in the quarter.")),
    ("objectives", _l("Of the way"), _l("(reached − from) ÷ (to − from), by the entry of the latest quarter; met at 100%.")),
    ("business_plan", _l("Re-forecast"), _l("What was sold in the plan’s months that are over, and the plan from then on.")),
)  # fmt: skip
"""A slide, a figure on it, and how it is made, as the tool's own pages say it."""


@slide(KEY)
def make(on: Ground) -> Slide:
    rows = [(str(name), str(text)) for key, name, text in TERMS if key not in on.chosen.off]
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
    return Slide(KEY, _("Appendix: definitions and dates"), on.today, tuple(blocks), notes=tuple(_days(on)))


def _days(on: Ground) -> list[str]:
    recorded = page(on, on.quarter_day).card.data_as_of
    if on.quarter_day == on.today:
        found = [_("All figures: as of %(day)s.") % {"day": day(on.today)}]
    else:
        words = _(
            "Performance, deals, marketing, leads and the last commitments: as of %(day)s, the quarter’s last day."
        )
        found = [
            words % {"day": day(on.quarter_day)},
            _("Everything else: as of %(day)s.") % {"day": day(on.today)},
        ]
    if recorded is not None:
        found.append(_("What performance is made from was last recorded on %(day)s.") % {"day": _moment(recorded)})
    found.append(_("Amounts are in %(currency)s unless another currency is named.") % {"currency": on.currency})
    return found


def _moment(at: dt.datetime) -> str:
    return date_format(timezone.localtime(at), "DATE_FORMAT")
