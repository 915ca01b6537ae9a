"""The deals worth a word, as the page tells of them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext

from scorecards.performance.figures import Figures
from scorecards.performance.moving import Motion, Moving
from scorecards.performance_page.addresses import Side
from scorecards.performance_page.words import amount

AT_MOST = 8
WORDS = {
    Motion.MOVED: gettext_lazy("moved"),
    Motion.OVERDUE: gettext_lazy("overdue"),
    Motion.STUCK: gettext_lazy("standing still"),
}


@dataclass(frozen=True)
class DealLine:
    """`close` is the day it was closed, or is expected to close; `late`: that day is past and it is still open.
    `motion` says what is up with it."""

    pk: int
    name: str
    stage: str
    motion: str
    amount: str
    close: dt.date | None
    late: bool
    url: str


def lines(moving: Sequence[Moving], figures: Figures, side: Side) -> list[DealLine]:
    """The first eight."""
    return [_line(each, figures, side) for each in moving[:AT_MOST]]


def _line(moving: Moving, figures: Figures, side: Side) -> DealLine:
    deal, currency = moving.deal, figures.inputs.currency
    is_open = deal.is_open(figures.day)
    motion = ", ".join(str(WORDS[each]) for each in moving.motions if each is not Motion.OVERDUE)
    if moving.days is not None and moving.motions[-1] is not Motion.MOVED:
        motion = ngettext("%(n)s day in it", "%(n)s days in it", moving.days) % {"n": moving.days}
    return DealLine(
        deal.pk,
        deal.name,
        deal.stage,
        motion,
        amount(deal.amount, currency, currency),
        deal.expected_close if is_open else deal.closed_on,
        Motion.OVERDUE in moving.motions,
        reverse("pipeline:portal_deal" if side.shared else "pipeline:deal", args=[deal.pk]) if side.links_on else "",
    )
