"""A deck with every kind of slide in made-up figures: how a template looks before it is put to use."""

from __future__ import annotations

from decimal import Decimal

from django.utils import translation
from django.utils.translation import gettext as _

from prm.common import accent
from prm.common.models import VendorSettings
from prm.common.vendor import fiscal_calendar, today
from prm.documents.slides import Cell, Chart, ChartKind, Deck, Point, Points, Series, Slide, Table, Tile, Tiles, Tone


def deck(settings: VendorSettings) -> Deck:
    """In the reader's language, with the vendor's name and colour."""
    quarter, day = fiscal_calendar().quarter_of(today()).previous, today()
    quarters = [quarter.shift(-back) for back in (3, 2, 1, 0)]
    slides = (
        Slide("title", _("Quarterly business review"), day),
        Slide(
            "summary", _("Executive summary"), day,
            blocks=(
                Tiles((
                    Tile(_("Revenue"), "104 %", _("of plan"), Tone.GOOD, _("On plan")),
                    Tile(_("Pipeline"), "1.8", _("times what is missing"), Tone.WATCH, _("Thin")),
                    Tile(_("Certified"), "3 / 5", "", Tone.BAD, _("Missing")),
                )),
                Points(_("Wins"), (Point(_("Revenue is above plan."), Tone.GOOD, _("Win")), Point(_("Two new customers."), Tone.GOOD, _("Win")))),
                Points(_("Concerns"), (Point(_("Two certifications are missing."), Tone.BAD, _("Concern")),)),
            ),
            commentary=(_("These are made-up figures: they show how your template looks."),),
        ),
        Slide(
            "performance", _("Performance to plan"), day,
            blocks=(
                Chart(
                    _("Revenue by quarter"), ChartKind.COLUMNS, tuple(each.label for each in quarters),
                    (
                        Series(_("Actual"), (Decimal(210), Decimal(245), Decimal(238), Decimal(260))),
                        Series(_("Target"), (Decimal(220), Decimal(230), Decimal(240), Decimal(250)), line=True),
                    ),
                    alt=_("Actual revenue and its target in four quarters."),
                ),
                Table(
                    _("Revenue by quarter"), (_("Quarter"), _("Actual"), _("Target")),
                    tuple(tuple(Cell(text) for text in (each.label, actual, target)) for each, actual, target in zip(quarters, ("210", "245", "238", "260"), ("220", "230", "240", "250"), strict=True)),
                    numeric=frozenset({1, 2}),
                ),
            ),
        ),
        Slide(
            "next", _("Next quarter"), day,
            blocks=(
                Table(
                    _("Commitments"), (_("What"), _("Who"), _("By")),
                    ((Cell(_("Train two engineers")), Cell(_("The partner")), Cell(str(day.year))), (Cell(_("Send the price list")), Cell(settings.name), Cell(str(day.year)))),
                ),
            ),
        ),
    )  # fmt: skip
    return Deck(
        title=_("Quarterly business review %(quarter)s") % {"quarter": quarter.label},
        subtitle=_("A sample"),
        vendor=settings.name,
        partner=_("A partner"),
        language=translation.get_language() or "en",
        slides=slides,
        accent=settings.accent or accent.DEFAULT,
    )
