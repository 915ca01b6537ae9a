"""The roll-up of commitment: who has signed a plan, and what the plans come to against targets and actuals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from accounts.permissions import Permission
from partners.models import Partner
from planning.rollups.figures import Sums, added
from planning.rollups.filter import DRAFT, SIGNED, WAITING, CommitmentFilter
from planning.rollups.reading import Span, by_group
from prm.charts import Bar, Bars, Missing
from prm.common import explain
from prm.common.fiscal import FiscalQuarter, FiscalYear
from prm.common.money import Money
from prm.common.numbers import whole
from prm.common.saved_views import savable
from prm.common.templatetags.numbers import format_number, format_percent
from prm.common.templatetags.signs import rag as rag_sign
from prm.common.vendor import thresholds, today, vendor_settings
from prm.documents.table import Column, Kind, Table
from scorecards.filters import ROWS
from scorecards.rollups import families
from scorecards.rollups.families import Family
from scorecards.rollups.grid import Figure, Grid, Line, Lines, integer, percent
from scorecards.rollups.groups import Groups
from scorecards.rollups.page import in_sentence

CHARTED = 25
TABS: dict[str, Any] = {"commitment": gettext_lazy("Overview"), "commitment_partners": gettext_lazy("Partners")}

COMMITMENT = families.register(
    Family(
        gettext_lazy("Commitment"), gettext_lazy("Commitment"), gettext_lazy("Roll-ups of commitment"),
        "tracking:commitment", 40,
    )
)  # fmt: skip

for _tab, _label in TABS.items():
    savable(f"tracking:{_tab}", _label)


class CommitmentBase(Groups):
    """What both pages share. PermissionDenied for who doesn't see plans and performance."""

    family = COMMITMENT
    tab: ClassVar[str]
    own: ClassVar[tuple[str, ...]]

    def __init__(self, user: User, query: QueryDict) -> None:
        if not (user.can(Permission.SEE_PLANS) and user.can(Permission.SEE_PERFORMANCE)):
            raise PermissionDenied
        self.user, self.query = user, query
        self.filter = CommitmentFilter(query, user=user, own=self.own)
        settings = vendor_settings()
        self.today, self.currency = today(settings), settings.reporting_currency
        self.limits = thresholds("attainment", self.today)

    @property
    def partners(self) -> Any:
        return self.filter.apply(Partner.objects.visible_to(self.user))

    @property
    def period(self) -> FiscalYear | FiscalQuarter:
        return self.filter.asked

    @cached_property
    def span(self) -> Span:
        return Span.of(self.period.months, self.today)

    @property
    def title(self) -> str:
        return str(TABS[self.tab])

    @property
    def lead(self) -> str:
        return _("%(period)s, %(first)s to %(last)s, in %(currency)s; plans and partners as they stand today.") % {
            "period": self.period.label,
            "first": date_format(self.period.start, "DATE_FORMAT"),
            "last": date_format(self.period.end, "DATE_FORMAT"),
            "currency": self.currency,
        }

    @property
    def over(self) -> int:
        """How many months of the period are over."""
        return sum(month.end < self.today for month in self.period.months)

    @property
    def tabs(self) -> list[dict[str, Any]]:
        query = self.filter.query_string(by=None, plan=None, sort=None)
        return [
            {"label": label, "url": reverse(f"tracking:{name}") + query, "current": name == self.tab}
            for name, label in TABS.items()
        ]

    @property
    def url_name(self) -> str:
        return f"tracking:{self.tab}"

    @property
    def url(self) -> str:
        return reverse(self.url_name)

    @property
    def how(self) -> list[str]:
        return [
            _("Signed: a plan of which both sides have signed is in force, and its 36 months are not over. Else waiting for signatures, draft, or none; each partner is counted once."),
            _("Target is the vendor’s own, of operations or an import, of all partners found; commitments are left aside. Plan is the revenue that plans in force commit to in the period’s months; of two plans the newer one decides from its first month on."),
            _("Plan so far and actual are of the period’s months that are over, and of those only the months and partners with a plan; attainment is actual ÷ plan so far. Forecast is that actual and the plan of the other months."),
            _("Amounts are in the reporting currency: plans at the rate of the day they were committed, targets at that of the fiscal year’s first day, actuals at each day’s rate. Partners are counted where they stand today."),
        ]  # fmt: skip

    # ── Figures as cells ─────────────────────────────────────────────────────────────────────────────────────────────

    def money(self, figure: explain.Figure, url: str = "") -> Figure:
        """An amount: whole on the page, to the minor unit in files; the currency stands over the table."""
        if figure.value is None:
            return Figure(None, reason=str(figure.reason))
        return Figure(Money(figure.value, self.currency).rounded(), format_number(figure.value), url)

    @staticmethod
    def share(figure: explain.Figure) -> Figure:
        if figure.value is None:
            return Figure(None, reason=str(figure.reason))
        return Figure(round(figure.value, 9))

    def attained(self, figure: explain.Figure) -> Figure:
        """With its colour, taken from the percent as displayed."""
        if figure.value is None:
            return Figure(None, reason=str(figure.reason))
        colour = self.limits.rag(whole(figure.value))
        sign = format_html("{} {}", rag_sign(colour, compact=True), format_percent(figure.value))
        return Figure(round(figure.value, 9), sign=sign)


Url = Callable[..., str]  # states of a plan → the list of the partners in them


@dataclass(frozen=True)
class Shown:
    """A column and its cells; `shown` False: in the file only."""

    column: Column
    cell: Callable[[Sums, Url], Figure]
    shown: bool = True


@dataclass(frozen=True)
class Group:
    """A row: the id of what it stands for, and its sums."""

    id: int | None
    sums: Sums


class CommitmentPage(CommitmentBase):
    tab = "commitment"
    template = "planning/commitment.html"
    own = ("by",)

    def __init__(self, user: User, query: QueryDict) -> None:
        super().__init__(user, query)
        found = by_group(self.partners, self.span, self.filter.dimension)
        self.groups: list[Group] = self.in_order(
            [Group(pk, sums) for pk, sums in found.items()], lambda group: group.id
        )
        self.total = added(group.sums for group in self.groups)

    @property
    def dimension(self) -> str:
        return str(ROWS[self.filter.dimension])

    @property
    def heading(self) -> str:
        return _("Plans by %(rows)s, %(period)s, in %(currency)s") % {
            "rows": in_sentence(self.dimension), "period": self.period.label, "currency": self.currency,
        }  # fmt: skip

    @property
    def chart(self) -> Bars:
        return Bars(
            id="signed",
            title=_("Partners with a signed plan, by %(rows)s") % {"rows": in_sentence(self.dimension)},
            bars=tuple(self._bar(group) for group in self.groups[:CHARTED]),
            maximum=100,
            formatter=format_percent,
            value_name=_("Signed"),
            note=_("The first %(n)s groups; the table has all.") % {"n": CHARTED} if len(self.groups) > CHARTED else "",
        )

    def _bar(self, group: Group) -> Bar:
        sums, name = group.sums, self.name(group.id)
        if sums.signed_share.value is None:
            return Bar(name, Missing(str(sums.signed_share.reason)))
        detail = ngettext("%(n)s of %(total)s partner", "%(n)s of %(total)s partners", sums.partners) % {
            "n": sums.signed, "total": sums.partners,
        }  # fmt: skip
        return Bar(name, sums.signed_share.value, detail=detail, href=self.group_url(group.id, SIGNED))

    @cached_property
    def grid(self) -> Grid:
        """On the page: what fits beside one another. What it leaves out stands in the chart, in the list behind and in the file."""
        return self._grid([each for each in self._columns() if each.shown])

    def _grid(self, columns: Sequence[Shown]) -> Grid:
        def cells(sums: Sums, url: Url) -> tuple[Figure, ...]:
            return tuple(each.cell(sums, url) for each in columns)

        lines = Lines(
            self.groups,
            lambda group: Line(self.name(group.id), cells(group.sums, partial(self.group_url, group.id))),
        )
        total = Line(_("Together"), cells(self.total, self.list_url)) if lines else None
        heads = [Column(self.dimension), *(each.column for each in columns)]
        return Grid(self.heading, heads, lines, total, self.query.get("page"))

    def _columns(self) -> Iterator[Shown]:
        yield Shown(integer(_("Partners")), lambda sums, url: _counted(sums.partners, url()))
        yield Shown(integer(_("Signed")), lambda sums, url: _counted(sums.signed, url(SIGNED)))
        yield Shown(percent(_("Signed, %")), lambda sums, url: self.share(sums.signed_share), shown=False)
        yield Shown(integer(_("Drafts")), lambda sums, url: _counted(sums.waiting + sums.draft, url(WAITING, DRAFT)))
        yield Shown(integer(_("Waiting for signatures")), lambda sums, url: _counted(sums.waiting, ""), shown=False)
        yield Shown(_amount(_("Target")), lambda sums, url: self.money(sums.target_figure, url()))
        yield Shown(_amount(_("Plan")), lambda sums, url: self.money(sums.planned_figure, url()))
        yield Shown(percent(_("Of target")), lambda sums, url: self.share(sums.of_target))
        yield Shown(
            _amount(_("Plan so far")), lambda sums, url: self.money(sums.planned_over_figure, url()), shown=False
        )
        yield Shown(_amount(_("Actual")), lambda sums, url: self.money(sums.actual_figure, url()))
        yield Shown(percent(_("Attainment")), lambda sums, url: self.attained(sums.attainment))
        yield Shown(_amount(_("Forecast")), lambda sums, url: self.money(sums.forecast, url()))

    # ── The partners behind ──────────────────────────────────────────────────────────────────────────────────────────

    def list_url(self, *states: str, **narrowed: str) -> str:
        """The list of exactly the partners of the filter, in these states of their plan (none: any), narrowed further."""
        query = self.filter.query_string(by=None, plan=states, sort=None, **narrowed)
        return reverse("tracking:commitment_partners") + query

    def group_url(self, group: int | None, *states: str) -> str:
        return self.list_url(*states, **{self.filter.dimension: self.value(group)})

    # ── The file ─────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def file_url(self) -> str:
        return reverse("tracking:commitment_xlsx") + self.filter.query_string(sort=None)

    @property
    def file_name(self) -> str:
        return f"{_('Commitment')} {self.period.label}"

    @property
    def total_rows(self) -> int:
        return len(self.groups)

    def sheets(self) -> list[Table]:
        return [self._grid(list(self._columns())).sheet()]


def _counted(count: int, url: str) -> Figure:
    return Figure(count, url=url if count else "")


def _amount(title: str) -> Column:
    return Column(title, Kind.MONEY)
