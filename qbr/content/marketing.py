"""Slide "marketing": activities that ended in the quarter against what was forecast, and the MDF used; as of the quarter's day."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketing import reading
from marketing.figures import shown
from marketing.models import Activity
from marketing.returns.page import ReturnsPage
from mdf.queries import past
from prm.common.money import Money
from prm.common.templatetags.numbers import MISSING, format_money, format_number, format_percent
from prm.documents.slides import Cell, Chart, Slide, Table, Tile, Tiles, Tone
from prm.documents.table import Kind
from qbr import commentary_marketing as commentary
from qbr.commentary import AT_MOST, Finding
from qbr.content.drawn import attained, cell, columns, tile
from qbr.content.ground import Ground
from qbr.content.registry import Area, Findings, findings, slide
from qbr.content.words import day

KEY = "marketing"
ACTIVITIES_SHOWN = 6
FULL = 100  # percent of the forecast: from here on it is a win


def _page(on: Ground) -> ReturnsPage:
    """The report of forecast and actual, of this partner and quarter."""
    query = QueryDict(f"by=tactic&partner={on.partner.pk}")
    return on.once(KEY, lambda: ReturnsPage(on.eyes, query, span=on.quarter, on=on.quarter_day))


def _mdf(on: Ground) -> past.Used:
    return on.once("mdf", lambda: past.used(on.partner, on.quarter.start, on.quarter_day))


@slide(KEY)
def make(on: Ground) -> Slide:
    page, used = _page(on), _mdf(on)
    title = _("Marketing in %(quarter)s") % {"quarter": on.quarter.label}
    if not page.total.approved and used.is_nothing:
        missing = _("No approved activity of this partner ended in %(quarter)s, and no MDF was used.")
        return Slide(KEY, title, on.quarter_day, missing=missing % {"quarter": on.quarter.label})
    blocks: list[Any] = [Tiles((*_tiles(page), _mdf_tile(used)))]
    if page.total.verified:
        blocks += [_steps(page), _chart(page)]
    elif page.total.approved:
        blocks.append(_activities(page))
    told = tuple(commentary.marketing(_facts(on)))
    return Slide(KEY, title, on.quarter_day, tuple(blocks), told[:AT_MOST], (*told, *_notes(on)))


def _tiles(page: ReturnsPage) -> list[Tile]:
    """MGOs, revenue and what came back of it, as the report has them, which names the currency once for the page; how many activities there
    are where none is verified."""
    if not page.total.verified:
        verified = _("verified: %(n)s") % {"n": format_number(page.total.verified)}
        return [Tile(_("Approved activities"), format_number(page.total.approved), verified)]
    found = [tile(one) for one in page.tiles[:4]]
    found[1] = replace(found[1], label=f"{found[1].label}, {page.currency}")
    return found


def _mdf_tile(used: past.Used) -> Tile:
    if used.lack:
        reason = _("There is no rate for %(currency)s.") % {"currency": used.lack}
        return Tile(_("MDF used in the quarter"), MISSING, reason)
    parts = [_("reserved: %(amount)s") % {"amount": _money(used, used.reserved)}]
    if used.available is not None:
        parts.append(_("left: %(amount)s") % {"amount": _money(used, used.available)})
    return Tile(_("MDF used in the quarter"), _money(used, used.spent), " · ".join(parts))


def _money(used: past.Used, amount: Decimal) -> str:
    return format_money(Money(amount, used.currency))


def _steps(page: ReturnsPage) -> Table:
    return Table(
        title=_("Waterfall, verified activities"),
        heads=(_("Stage"), _("Forecast"), _("Actual"), _("% of forecast")),
        rows=tuple(
            (Cell(step.label), cell(step.forecast, Kind.DECIMAL), cell(step.actual, Kind.DECIMAL), cell(step.share, Kind.PERCENT))
            for step in page.steps
        ),
        numeric=frozenset({1, 2, 3}),
    )  # fmt: skip


def _activities(page: ReturnsPage) -> Table:
    """What was approved, where nothing is verified that it could be held against."""
    rows = page.filter.activities.select_related("plan", "tactic").prefetch_related("budget").order_by("ends_on", "pk")
    found, count = list(rows[:ACTIVITIES_SHOWN]), page.total.approved
    title = _("What was approved")
    if count > len(found):
        title = _("What was approved: the first %(n)s of %(all)s to end") % {
            "n": format_number(len(found)), "all": format_number(count),
        }  # fmt: skip
    return Table(
        title=title,
        heads=(_("Activity"), _("Tactic"), _("Ends"), _("MGOs forecast"), _("Revenue forecast"), _("Budget"), _("MDF")),
        rows=tuple(_approved(row) for row in found),
        numeric=frozenset({3, 4, 5, 6}),
    )


def _approved(row: Activity) -> tuple[Cell, ...]:
    currency = row.plan.currency
    told = shown(reading.outcome(row), currency, ("mgos", "revenue", "cost", "mdf"))

    def money(key: str) -> Cell:
        return Cell(told[key].text if told[key].reason else f"{currency} {told[key].text}")

    return (
        Cell(row.title), Cell(row.tactic.name), Cell(day(row.ends_on)), Cell(told["mgos"].text), money("revenue"),
        money("cost"), money("mdf"),
    )  # fmt: skip


def _chart(page: ReturnsPage) -> Chart:
    total = page.total
    alt = _("Columns by tactic: revenue forecast and actual of the verified activities, in %(currency)s.") % {
        "currency": page.currency
    }
    expected, came = total.amount(total.forecast, "revenue"), total.amount(total.actual, "revenue")
    if expected.value is not None and came.value is not None:
        words = _("Together %(actual)s of %(forecast)s.")
        alt = f"{alt} " + words % {"actual": format_number(came.value), "forecast": format_number(expected.value)}
    title = _("Revenue by tactic, %(currency)s") % {"currency": page.currency}
    return replace(columns(page.chart, alt=alt), title=title)


def _facts(on: Ground) -> commentary.Marketing:
    page, used = _page(on), _mdf(on)
    total = page.total
    revenue = total.amount(total.actual, "revenue").value
    known = not used.lack
    return commentary.Marketing(
        approved=total.approved,
        verified=total.verified,
        unverified=total.open,
        mgos=total.count(total.actual, "mgos").value,
        mgos_share=total.of_forecast("mgos").value,
        revenue=None if revenue is None else Money(revenue, page.currency),
        revenue_share=total.of_forecast("revenue").value,
        roi=total.roi(total.actual).value,
        roi_forecast=total.roi(total.forecast).value,
        cost=_amount(page, "actual"),
        cost_forecast=_amount(page, "forecast"),
        mdf_used=Money(used.spent, used.currency) if known and used.spent else None,
        mdf_reserved=Money(used.reserved, used.currency) if known and used.reserved else None,
    )


def _amount(page: ReturnsPage, side: str) -> Money | None:
    value = page.total.amount(getattr(page.total, side), "cost").value
    return None if value is None else Money(value, page.currency)


def _notes(on: Ground) -> list[str]:
    found = [_("Ask what worked best, and what you would do again next quarter.")]
    if _page(on).total.open:
        found.append(_("Agree by when the results of the activities that have ended are entered."))
    if _mdf(on).reserved:
        found.append(_("Agree by when what is approved is claimed, before it expires."))
    return found


@findings(KEY)
def found(on: Ground) -> Findings:
    total = _page(on).total
    if not total.approved:
        return Findings()
    share = total.of_forecast("revenue").value
    if share is None:
        reason = str(total.of_forecast("revenue").reason)
        return Findings(Area(_("Marketing"), *attained(None, on), f"{MISSING} ({reason})"), (), _unverified(on))
    said = _("%(share)s of the revenue forecast") % {"share": format_percent(share)}
    area = Area(_("Marketing"), *attained(share, on), said)
    words = _("Marketing brought %(share)s of the revenue that was forecast.") % {"share": format_percent(share)}
    one = (Finding(f"{KEY}:revenue", words, min(100, abs(int(share) - 100) // 2 + 40)),)
    return Findings(area, one if share >= FULL else (), (one if area.tone is Tone.BAD else ()) + _unverified(on))


def _unverified(on: Ground) -> tuple[Finding, ...]:
    count = _page(on).total.open
    if not count:
        return ()
    words = ngettext(
        "%(n)s marketing activity has ended without verified results.",
        "%(n)s marketing activities have ended without verified results.",
        count,
    )
    return (Finding(f"{KEY}:open", words % {"n": format_number(count)}, 35),)
