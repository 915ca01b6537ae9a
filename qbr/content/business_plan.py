"""Slide "business_plan": the plan in force against actual, and the re-forecast; as of the build. Texts and figures are those of the plan's
own pages."""

from __future__ import annotations

from django.utils.translation import gettext as _

from planning import queries
from planning.tracking_pages.actuals import ActualsPage
from planning.tracking_pages.page import Stat
from prm.common.money import Money
from prm.common.templatetags.numbers import MISSING, format_percent
from prm.documents.slides import Cell, Chart, Slide, Table, Tile, Tiles, Tone
from prm.documents.table import Kind
from qbr import commentary_plan as commentary
from qbr.commentary import Finding
from qbr.content.drawn import attained, cell, columns
from qbr.content.ground import Ground
from qbr.content.registry import Area, Findings, findings, slide
from qbr.content.words import tone, word
from scorecards.rollups.grid import Figure

KEY = "business_plan"
FULL = 100  # percent of the plan: from here on it is a win


def _page(on: Ground) -> ActualsPage | None:
    """None without a plan in force."""

    def read() -> ActualsPage | None:
        plan = queries.in_force(on.eyes, on.partner)
        return None if plan is None else ActualsPage(on.eyes, plan, portal=on.eyes.is_partner_side)

    return on.once(KEY, read)


@slide(KEY)
def make(on: Ground) -> Slide:
    page, title = _page(on), _("Business plan")
    if page is None or not page.track.lines:
        return Slide(KEY, title, on.today, missing=_("There is no business plan in force."))
    blocks = (Tiles(tuple(_tile(stat) for stat in page.stats)), _chart(page), _years(page))
    told = tuple(commentary.business_plan(_facts(page)))
    return Slide(KEY, title, on.today, blocks, told, (*told, *_notes(page)))


def _tile(stat: Stat) -> Tile:
    return Tile(stat.label, stat.value or MISSING, stat.note, tone(stat.status or None), word(stat.status or None))


def _chart(page: ActualsPage) -> Chart:
    drawn = page.chart
    held = page.track.held_in(page.year)
    alt = _("Columns by month with the plan as a line: %(title)s.") % {"title": drawn.title}
    if held.attainment is not None:
        words = _("The months that are over came to %(percent)s of the plan.")
        alt = f"{alt} " + words % {"percent": format_percent(held.attainment)}
    return columns(drawn, alt=alt)


def _years(page: ActualsPage) -> Table:
    """Each plan year and all of them: the plan, and what it comes to as it is seen today."""
    track = page.track
    labels = [tab["label"] for tab in page.year_tabs]
    rows = [
        (label, track.outlook_of(year), track.held_in(year)) for label, year in zip(labels, track.years, strict=True)
    ]
    rows.append((_("All months"), track.outlook, track.held))
    return Table(
        title=_("Plan and re-forecast by plan year, revenue in %(currency)s") % {"currency": page.currency},
        heads=(
            _("Plan year"), _("Plan"), _("Re-forecast"), _("Above plan"), _("Deals planned"), _("Deals re-forecast"), _("Attained so far"),
        ),
        rows=tuple(
            (
                Cell(label), cell(page.revenue(outlook.plan), Kind.MONEY), cell(page.revenue(outlook.reforecast), Kind.MONEY),
                cell(page.change(outlook.change), Kind.MONEY), cell(page.deals(outlook.plan.deals), Kind.DECIMAL),
                cell(page.deals(outlook.reforecast.deals), Kind.DECIMAL), _percent(page.attainment(held)),
            )
            for label, outlook, held in rows
        ),
        numeric=frozenset(range(1, 7)),
        total=True,
    )  # fmt: skip


def _percent(figure: Figure) -> Cell:
    return cell(Figure(figure.value), Kind.PERCENT)


def _facts(page: ActualsPage) -> commentary.BusinessPlan:
    track, currency = page.track, page.currency
    total, change = track.outlook.reforecast.revenue, track.outlook.change
    return commentary.BusinessPlan(
        months=len(track.over),
        attainment=track.held.attainment,
        deals_attainment=track.held.deals_attainment,
        reforecast=None if total is None else Money(total, currency).rounded(),
        change=None if change is None else Money(change, currency).rounded(),
    )


def _notes(page: ActualsPage) -> list[str]:
    found = [page.heading, *page.how[:1]]
    if page.track.outlook.change:
        found.append(_("Ask whether the assumptions still hold, and whether the plan wants a new version."))
    return found


@findings(KEY)
def found(on: Ground) -> Findings:
    page = _page(on)
    if page is None or not page.track.over:
        return Findings()
    percent = page.track.held.attainment
    area = Area(
        _("Business plan"), *attained(percent, on), _("%(percent)s of plan") % {"percent": format_percent(percent)}
    )
    told = commentary.business_plan(_facts(page))
    if percent is None or not told:
        return Findings(area)
    one = (Finding(KEY, told[0], 60),)
    return Findings(area, one if percent >= FULL else (), one if area.tone is Tone.BAD else ())
