"""The roll-up of marketing, as its pages show it: by group, and the partners behind each figure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.http import QueryDict
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from accounts.models import User
from accounts.permissions import Permission
from marketing.program.reading import Span, spans
from marketing.rollup.figures import Sums, added
from marketing.rollup.reading import by_group, of_partners
from partners.filters import PartnerFilter
from partners.models import Partner
from prm.charts import Columns, ColumnSeries, Missing, Tone
from prm.common import explain
from prm.common.money import Money
from prm.common.saved_views import savable
from prm.common.templatetags.numbers import format_number
from prm.common.vendor import fiscal_calendar, today, vendor_settings
from prm.documents.table import Column, Kind, Table
from scorecards.filters import ROWS
from scorecards.rollups import families
from scorecards.rollups.families import Family
from scorecards.rollups.grid import Figure, Grid, Line, decimal, integer, percent
from scorecards.rollups.groups import Groups
from scorecards.rollups.page import in_sentence

CHARTED, ON_PAGE = 12, 50
TABS: Mapping[str, Any] = {"rollup": _l("Overview"), "rollup_partners": _l("Partners")}
MARKETING = families.register(
    Family(_l("Marketing"), _l("Marketing roll-up"), _l("Marketing roll-ups"), "marketing:rollup", 50)
)
for _tab, _label in TABS.items():
    savable(f"marketing:{_tab}", _label)


class RollupFilter(PartnerFilter):
    """Partners, and a fiscal year or quarter: this year where nothing is asked."""

    by = forms.ChoiceField(label=_l("Rows"), required=False, choices=list(ROWS.items()))

    def __init__(self, data: Any, *, user: User, own: Collection[str]) -> None:
        super().__init__(data, user=user, with_period=True)
        if "by" not in own:
            del self.fields["by"]
        self.order_fields(["period", *own])

    asked: Span

    def _offer_quarters(self, shown: bool) -> None:
        year = fiscal_calendar().year_of(today())
        every: dict[str, Span] = {each.key: each for each in spans()}
        field: Any = self.fields["period"]
        field.label = _("Period")
        others = [(key, each.label) for key, each in every.items() if each != year]
        field.choices = [("", year.label), *others]
        self.asked = every.get(self.data.get("period", ""), year)

    @property
    def dimension(self) -> str:
        asked = self.data.get("by", "")
        return asked if asked in ROWS else next(iter(ROWS))


class RollupBase(Groups):
    """What both pages share."""

    family = MARKETING
    tab: ClassVar[str]
    own: ClassVar[tuple[str, ...]] = ()

    def __init__(self, user: User, query: QueryDict) -> None:
        self.user, self.query = user, query
        self.filter = RollupFilter(query, user=user, own=self.own)
        settings = vendor_settings()
        self.today, self.currency = today(settings), settings.reporting_currency

    @property
    def other_families(self) -> list[Family]:
        """For those who see roll-ups at all."""
        return super().other_families if self.user.can(Permission.SEE_ROLLUPS) else []

    @property
    def partners(self) -> QuerySet[Partner]:
        found: QuerySet[Partner] = self.filter.apply(Partner.objects.visible_to(self.user))
        return found

    @property
    def span(self) -> Span:
        return self.filter.asked

    @property
    def title(self) -> str:
        return str(TABS[self.tab])

    @property
    def lead(self) -> str:
        return _("%(period)s, %(first)s to %(last)s, in %(currency)s; partners as they stand today.") % {
            "period": self.span.label,
            "first": date_format(self.span.start, "DATE_FORMAT"),
            "last": date_format(self.span.end, "DATE_FORMAT"),
            "currency": self.currency,
        }

    @property
    def tabs(self) -> list[dict[str, Any]]:
        query = self.filter.query_string(by=None, sort=None, page=None)
        return [
            {"label": label, "url": reverse(f"marketing:{name}") + query, "current": name == self.tab}
            for name, label in TABS.items()
        ]

    @property
    def url_name(self) -> str:
        return f"marketing:{self.tab}"

    @property
    def url(self) -> str:
        return reverse(self.url_name)

    @property
    def file_url(self) -> str:
        return reverse(f"marketing:{self.tab}_xlsx") + self.filter.query_string(sort=None, page=None)

    @property
    def file_name(self) -> str:
        return f"{_('Marketing')} {self.span.label}"

    @property
    def how(self) -> list[str]:
        return [
            _("Needed: the MGOs of the base of the program worksheet of the period, shared out among partners as it says; of a quarter without a worksheet of its own its part of the year’s."),
            _("Planned: MGOs of approved activities as they are forecast, spread equally over the months that their days touch; the budget likewise. Delivered: leads that came from activities, in the month they were qualified, and deals that came from one without a lead, in the month they were created."),
            _("Cost, revenue and ROI are of the activities that ended in the period and are verified. Amounts are at the rate of the plan’s first day."),
        ]  # fmt: skip

    # ── Columns ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def columns(self, *, groups: bool) -> list[tuple[Column, Any]]:
        """(column, sums → its figure) of a group, or of a partner."""
        found: list[tuple[Column, Any]] = []
        if groups:
            found += [
                (integer(_("Partners")), lambda sums: Figure(sums.partners)),
                (integer(_("With activities")), lambda sums: Figure(sums.planning)),
            ]
        found += [
            (integer(_("Needed")), lambda sums: _whole(sums.needed_figure)),
            (decimal(_("Planned")), lambda sums: Figure(sums.planned, format_number(sums.planned, 1))),
            (percent(_("Of needed")), lambda sums: _share(sums.of_needed(sums.planned))),
            (integer(_("Delivered")), lambda sums: Figure(int(sums.delivered))),
            (percent(_("Delivered, of needed")), lambda sums: _share(sums.of_needed(sums.delivered))),
            (Column(_("Budget"), Kind.MONEY), lambda sums: self.money(sums.amount(sums.budget))),
            (Column(_("Cost"), Kind.MONEY), lambda sums: self.money(sums.amount(sums.cost))),
            (Column(_("Revenue"), Kind.MONEY), lambda sums: self.money(sums.amount(sums.revenue))),
            (decimal(_("ROI")), lambda sums: _roi(sums.roi)),
            (integer(_("Not verified")), lambda sums: Figure(sums.left)),
        ]  # fmt: skip
        return found

    def money(self, figure: explain.Figure) -> Figure:
        """Whole on the page, to the minor unit in files; the currency stands over the table."""
        if figure.value is None:
            return Figure(None, reason=str(figure.reason))
        return Figure(Money(figure.value, self.currency).rounded(), format_number(figure.value))


class RollupPage(RollupBase):
    tab = "rollup"
    template = "marketing/rollup.html"
    own = ("by",)

    @cached_property
    def groups(self) -> list[tuple[int | None, Sums]]:
        found = by_group(self.partners, self.span, self.filter.dimension)
        rows: list[tuple[int | None, Sums]] = self.in_order(list(found.items()), lambda row: row[0])
        return rows

    @cached_property
    def total(self) -> Sums:
        return added(sums for _group, sums in self.groups)

    @property
    def dimension(self) -> str:
        return str(ROWS[self.filter.dimension])

    @property
    def chart(self) -> Columns:
        shown = self.groups[:CHARTED]
        needed: list[Any] = []
        for _group, sums in shown:
            figure = sums.needed_figure
            needed.append(Missing(str(figure.reason)) if figure.value is None else figure.value)
        return Columns(
            id="mgos",
            title=_("MGOs planned and delivered against those needed, by %(rows)s")
            % {"rows": in_sentence(self.dimension)},
            periods=tuple(self.name(group) for group, _sums in shown),
            series=(
                ColumnSeries(_("Planned"), tuple(sums.planned for _group, sums in shown), Tone.GREY),
                ColumnSeries(_("Delivered"), tuple(sums.delivered for _group, sums in shown)),
            ),
            targets=tuple(needed) if any(not isinstance(each, Missing) for each in needed) else (),
            target_name=_("Needed"),
            note=_("The first %(n)s groups; the table has all.") % {"n": CHARTED} if len(self.groups) > CHARTED else "",
        )

    @cached_property
    def grid(self) -> Grid:
        columns = self.columns(groups=True)
        lines = [
            Line(self.name(group), tuple(cell(sums) for _column, cell in columns), self.group_url(group))
            for group, sums in self.groups
        ]
        total = (
            Line(_("Together"), tuple(cell(self.total) for _column, cell in columns), self.list_url())
            if lines
            else None
        )
        title = _("Marketing by %(rows)s") % {"rows": in_sentence(self.dimension)}
        return Grid(
            title,
            [Column(self.dimension), *(column for column, _cell in columns)],
            lines,
            total,
            self.query.get("page"),
        )

    def list_url(self, **narrowed: str) -> str:
        """The partners behind a row, each with its own figures."""
        return reverse("marketing:rollup_partners") + self.filter.query_string(
            by=None, sort=None, page=None, **narrowed
        )

    def group_url(self, group: int | None) -> str:
        return self.list_url(**{self.filter.dimension: self.value(group)})

    @property
    def total_rows(self) -> int:
        return len(self.groups)

    def sheets(self) -> list[Table]:
        return [self.grid.sheet()]


class RollupPartners(RollupBase):
    """The partners of the filter, each with its own figures."""

    tab = "rollup_partners"
    template = "marketing/rollup_partners.html"

    @property
    def rows(self) -> QuerySet[Partner]:
        return self.partners.order_by(Lower("name"), "pk")

    @cached_property
    def page(self) -> Page[Any]:
        return Paginator(self.rows.values_list("pk", "name"), ON_PAGE).get_page(self.query.get("page"))

    @cached_property
    def grid(self) -> Grid:
        return self._grid(list(self.page.object_list))

    def _grid(self, partners: list[tuple[int, str]]) -> Grid:
        columns = self.columns(groups=False)
        sums = of_partners([pk for pk, _name in partners], self.span)
        lines = [
            Line(name, tuple(cell(sums[pk]) for _column, cell in columns), reverse("marketing:partner", args=[pk]))
            for pk, name in partners
        ]
        return Grid(_("Marketing by partner"), [Column(_("Partner")), *(column for column, _cell in columns)], lines)

    @property
    def heads(self) -> list[tuple[str, bool]]:
        return self.grid.heads

    @property
    def lines(self) -> Iterator[Any]:
        return (line.html(self.grid.columns) for line in self.grid.lines)

    @property
    def total_rows(self) -> int:
        return self.rows.count()

    def sheets(self) -> list[Table]:
        return [self._grid(list(self.rows.values_list("pk", "name"))).sheet()]


def _whole(figure: explain.Figure) -> Figure:
    return Figure(None, reason=str(figure.reason)) if figure.value is None else Figure(int(figure.value))


def _share(figure: explain.Figure) -> Figure:
    return Figure(None, reason=str(figure.reason)) if figure.value is None else Figure(round(figure.value, 9))


def _roi(figure: explain.Figure) -> Figure:
    if figure.value is None:
        return Figure(None, reason=str(figure.reason))
    return Figure(round(figure.value, 9), format_number(figure.value, 1))
