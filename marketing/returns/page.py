"""Forecast against actual, as the page shows it: by tactic, partner, region, CAM or quarter, with the return of each MDF dollar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from accounts.models import User
from marketing.figures import STAGE_NAMES
from marketing.models import Tactic
from marketing.returns import ahead
from marketing.returns.figures import Sums, added
from marketing.returns.filter import OPEN, ROWS, VERIFIED, ReturnsFilter
from marketing.returns.reading import by_group
from partners.models import Partner
from prm.charts import Columns, ColumnSeries, Missing, Tone
from prm.common import explain
from prm.common.fiscal import Period
from prm.common.money import Money
from prm.common.saved_views import savable
from prm.common.templatetags.numbers import format_number
from prm.common.vendor import fiscal_calendar, today, vendor_settings
from prm.documents.table import Column, Kind, Table
from scorecards.rollups.grid import Figure, Grid, Line, decimal, integer, percent
from scorecards.rollups.page import in_sentence

CHARTED = 12
savable("marketing:returns", _l("Forecast and actual"))


@dataclass(frozen=True)
class Shown:
    """A column and its cells; `shown` False: in the file only."""

    column: Column
    cell: Callable[[Sums, str], Figure]
    shown: bool = True


@dataclass(frozen=True)
class Group:
    """A row: what it stands for as the filter writes it, its name, its sums."""

    key: str
    name: str
    sums: Sums


@dataclass(frozen=True)
class Step:
    """A stage: forecast, actual, and the actual in percent of the forecast."""

    label: str
    forecast: Figure
    actual: Figure
    share: Figure


class ReturnsPage:
    """The report that an address asks for, as this user may see it."""

    template = "marketing/returns.html"

    def __init__(self, user: User, query: QueryDict, *, span: Period | None = None, on: dt.date | None = None) -> None:
        """`span` in the place of the address's period; `on`: as it was at the end of that day."""
        self.user, self.query, self.on = user, query, on
        self.filter = ReturnsFilter(query, user=user, without=("show",))
        if span is not None:
            self.filter.within(span)
        settings = vendor_settings()
        self.today, self.currency = today(settings), settings.reporting_currency

    @cached_property
    def groups(self) -> list[Group]:
        found = by_group(self.filter.activities, self.filter.dimension, on=self.on)
        names = self._names(set(found))
        rows = [Group(*names.get(group, ("", _("Not set"))), sums) for group, sums in found.items()]
        return sorted(rows, key=lambda row: (not row.key, row.name.casefold(), row.key))

    def _names(self, groups: set[Any]) -> dict[Any, tuple[str, str]]:
        """By group: its value in the filter, and its name."""
        dimension = self.filter.dimension
        if dimension == "tactic":
            return {row.pk: (row.key, row.name) for row in Tactic.objects.all()}
        if dimension == "partner":
            rows = Partner.objects.visible_to(self.user).filter(pk__in=groups)
            return {row.pk: (str(row.pk), row.name) for row in rows}
        if dimension == "quarter":
            calendar = fiscal_calendar()
            return {key: (key, calendar.parse(key).label) for key in groups}
        return {row.pk: (key, str(row)) for key, row in self.filter.rows[dimension].items()}

    @cached_property
    def total(self) -> Sums:
        return added(group.sums for group in self.groups)

    @property
    def dimension(self) -> str:
        return str(ROWS[self.filter.dimension])

    @property
    def lead(self) -> str:
        return _("Approved activities that end in %(period)s, %(first)s to %(last)s. Amounts in %(currency)s.") % {
            "period": self.filter.label if self.filter.data.get("period") else _("the last four quarters"),
            "first": date_format(self.filter.first, "DATE_FORMAT"),
            "last": date_format(self.filter.last, "DATE_FORMAT"),
            "currency": self.currency,
        }

    @property
    def how(self) -> list[str]:
        return [
            _("Forecast and actual are of the verified activities alone, so that both are of the same ones. Forecast is what was approved: audience × rates, wins × average deal. Actual is what was entered at the close and verified by somebody else."),
            _("Revenue ROI = (revenue − cost) ÷ cost. ROI on MDF = (revenue × (1 − partner margin) − MDF) ÷ MDF, with the MDF that was paid. Stages and amounts are added unrounded, ratios are taken of the sums."),
            _("Amounts in other currencies are at the rate of the plan’s first day, forecast and actual alike, so that rates of exchange make no difference between them."),
        ]  # fmt: skip

    # ── Above the table ──────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def tiles(self) -> list[dict[str, Any]]:
        total = self.total

        def tile(
            label: str, figure: explain.Figure, text: Callable[[Decimal], str], note: str = "", url: str = ""
        ) -> dict[str, Any]:
            shown = None if figure.value is None else text(figure.value)
            return {"label": label, "figure": shown, "note": note if shown else str(figure.reason), "url": url}

        def of_forecast(name: str) -> str:
            share = total.of_forecast(name)
            return (
                ""
                if share.value is None
                else _("%(percent)s%% of the forecast") % {"percent": format_number(share.value)}
            )

        expected = total.roi(total.forecast)
        forecast_roi = (
            "" if expected.value is None else _("forecast %(roi)s") % {"roi": format_number(expected.value, 1)}
        )
        return [
            tile(_("MGOs"), total.count(total.actual, "mgos"), format_number, of_forecast("mgos")),
            tile(_("Revenue"), total.amount(total.actual, "revenue"), format_number, of_forecast("revenue")),
            tile(_("Revenue ROI"), total.roi(total.actual), lambda roi: format_number(roi, 1), forecast_roi),
            tile(_("ROI on MDF"), total.mdf_roi, lambda roi: format_number(roi, 1), self._mdf_note),
            {
                "label": _("Ended, never verified"), "figure": format_number(total.open),
                "note": _("of %(n)s approved") % {"n": format_number(total.approved)},
                "url": self.list_url(OPEN) if total.open else "",
            },
        ]  # fmt: skip

    @property
    def _mdf_note(self) -> str:
        found = self.total.mdf_figure
        return "" if found.value is None else _("of %(amount)s paid") % {"amount": format_number(found.value)}

    @property
    def chart(self) -> Columns:
        charted = sorted(self.groups, key=lambda group: -group.sums.actual.revenue)[:CHARTED]

        def values(side: str) -> tuple[Any, ...]:
            found = []
            for group in charted:
                figure = group.sums.amount(getattr(group.sums, side), "revenue")
                found.append(Missing(str(figure.reason)) if figure.value is None else figure.value)
            return tuple(found)

        return Columns(
            id="returns-chart",
            title=_("Revenue forecast and actual, by %(rows)s") % {"rows": in_sentence(self.dimension)},
            periods=tuple(group.name for group in charted),
            series=(
                ColumnSeries(_("Forecast"), values("forecast"), Tone.GREY),
                ColumnSeries(_("Actual"), values("actual")),
            ),
            note=_("The first %(n)s by revenue; the table has all.") % {"n": CHARTED}
            if len(self.groups) > CHARTED
            else "",
        )

    @property
    def steps(self) -> list[Step]:
        """The waterfall of all of them together: each stage as it was expected and as it came."""
        total = self.total
        return [
            Step(
                str(label),
                _number(total.count(total.forecast, name)),
                _number(total.count(total.actual, name)),
                _share(total.of_forecast(name)),
            )
            for name, label in STAGE_NAMES.items()
        ]

    # ── The table ────────────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def grid(self) -> Grid:
        return self._grid([each for each in self._columns() if each.shown])

    def _grid(self, columns: list[Shown]) -> Grid:
        lines = [
            Line(group.name, tuple(each.cell(group.sums, group.key) for each in columns), self._line_url(group))
            for group in self.groups
        ]
        total = Line(_("Together"), tuple(each.cell(self.total, "") for each in columns)) if lines else None
        heads = [Column(self.dimension), *(each.column for each in columns)]
        title = _("Forecast and actual by %(rows)s") % {"rows": in_sentence(self.dimension)}
        return Grid(title, heads, lines, total, self.query.get("page"))

    def _columns(self) -> Iterator[Shown]:
        yield Shown(
            integer(_("Approved")), lambda sums, key: self._counted(sums.approved, self.list_url("", key)), shown=False
        )
        yield Shown(
            integer(_("Verified")), lambda sums, key: self._counted(sums.verified, self.list_url(VERIFIED, key))
        )
        yield Shown(integer(_("Not verified")), lambda sums, key: self._counted(sums.open, self.list_url(OPEN, key)))
        for name, label, shown in (
            ("inquiries", _("Inquiries"), False), ("mqls", _("MQLs"), False), ("sals", _("SALs"), False),
            ("mgos", _("MGOs"), True), ("wins", _("Wins"), False),
        ):  # fmt: skip
            yield from self._pair(
                name, label, shown, decimal, lambda sums, side, name=name: _number(sums.count(side, name))
            )
        for name, label, shown in (("revenue", _("Revenue"), True), ("cost", _("Cost"), False)):
            yield from self._pair(
                name, label, shown, _money, lambda sums, side, name=name: self._amount(sums.amount(side, name))
            )
        yield Shown(decimal(_("ROI forecast")), lambda sums, key: _number(sums.roi(sums.forecast)), shown=False)
        yield Shown(decimal(_("ROI")), lambda sums, key: _number(sums.roi(sums.actual)))
        yield Shown(_money(_("MDF paid")), lambda sums, key: self._amount(sums.mdf_figure))
        yield Shown(decimal(_("Revenue per MDF")), lambda sums, key: _number(sums.per_mdf), shown=False)
        yield Shown(decimal(_("ROI on MDF")), lambda sums, key: _number(sums.mdf_roi))

    def _pair(self, name: str, label: str, shown: bool, column: Any, cell: Any) -> Iterator[Shown]:
        """Forecast, actual, and the actual in percent of the forecast."""
        yield Shown(
            column(_("%(what)s forecast") % {"what": label}), lambda sums, key: cell(sums, sums.forecast), shown
        )
        yield Shown(column(label), lambda sums, key: cell(sums, sums.actual), shown)
        yield Shown(
            percent(_("%(what)s, %% of forecast") % {"what": label}),
            lambda sums, key: _share(sums.of_forecast(name)),
            name == "revenue",
        )

    def _amount(self, figure: explain.Figure) -> Figure:
        """Whole on the page, to the minor unit in the file; the currency stands over the table."""
        if figure.value is None:
            return Figure(None, reason=str(figure.reason))
        return Figure(Money(figure.value, self.currency).rounded(), format_number(figure.value))

    @staticmethod
    def _counted(number: int, url: str) -> Figure:
        return Figure(number, url=url if number else "")

    # ── What is behind ───────────────────────────────────────────────────────────────────────────────────────────────

    def list_url(self, show: str, key: str = "") -> str:
        """The list of exactly these activities; of a row where its key is given and the filter knows it."""
        narrowed: dict[str, Any] = {"by": None, "sort": None, "page": None, "show": show or None}
        if key and self.filter.dimension in ("tactic", "region", "cam"):
            narrowed[self.filter.dimension] = key
        elif key and self.filter.dimension == "quarter":
            narrowed["plan_quarter"] = key
        elif key and self.filter.dimension == "partner":
            narrowed["partner"] = key
        return reverse("marketing:activities") + self.filter.query_string(**narrowed)

    def _line_url(self, group: Group) -> str:
        if self.filter.dimension == "partner" and group.key:
            return reverse("marketing:partner", args=[int(group.key)])
        return ""

    # ── To come ──────────────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def partners(self) -> Any:
        """Of the filter, whatever activities they have."""
        return self.filter.partners

    @cached_property
    def ahead(self) -> list[ahead.Ahead]:
        return ahead.ahead(self.partners, self.today)

    @property
    def empty_months(self) -> list[str]:
        return [date_format(each.month, "F") for each in self.ahead if not each.activities]

    @cached_property
    def without(self) -> int:
        return ahead.without(self.partners)

    @property
    def without_url(self) -> str:
        own = self.filter.query_string(
            by=None, period=None, tactic=None, sort=None, page=None, marketing_ahead=ahead.NONE
        )
        return reverse("partners:list") + own

    # ── The file ─────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def file_url(self) -> str:
        return reverse("marketing:returns_xlsx") + self.filter.query_string(sort=None, page=None)

    @property
    def file_name(self) -> str:
        return _("Marketing, forecast and actual")

    @property
    def total_rows(self) -> int:
        return len(self.groups)

    def sheets(self) -> list[Table]:
        return [self._grid(list(self._columns())).sheet()]


def _money(title: str) -> Column:
    return Column(title, Kind.MONEY)


def _number(figure: explain.Figure) -> Figure:
    if figure.value is None:
        return Figure(None, reason=str(figure.reason))
    return Figure(round(figure.value, 9), format_number(figure.value, 1))


def _share(figure: explain.Figure) -> Figure:
    if figure.value is None:
        return Figure(None, reason=str(figure.reason))
    return Figure(round(figure.value, 9))
