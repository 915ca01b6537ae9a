"""How long assessments take: the time people were active on those finished in a quarter."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from partners.models import Partner
from prm.charts import Bar, Bars
from prm.common.fiscal import FiscalQuarter
from prm.common.numbers import percent_of
from prm.documents.table import Column, Table
from scorecards.filters import ROWS
from scorecards.models import Assessment, Questionnaire
from scorecards.rollups import figures, sql
from scorecards.rollups.grid import Figure, Grid, Line, decimal, integer, percent
from scorecards.rollups.page import Rollup, in_sentence
from scorecards.rollups.sql import Sql

GOAL = 300  # seconds: five minutes
CHARTED = 25
MODES = {"cam": gettext_lazy("Vendor"), "self": gettext_lazy("Partner"), "joint": gettext_lazy("Together")}
TURNS = {"first": gettext_lazy("First time"), "again": gettext_lazy("With earlier answers")}


@dataclass(frozen=True)
class Times:
    """Of one group (an id, a mode or a turn; EVERYTHING for all): how many assessments, of how many partners, their
    median and the time nine in ten stay within in seconds, and how many took under five minutes."""

    id: Any
    assessments: int
    partners: int
    median: Decimal
    ninety: Decimal
    under: int


EVERYTHING = "*"


def timed(user: User, questionnaire: Questionnaire, quarter: FiscalQuarter) -> QuerySet[Assessment]:
    """The finished assessments of the quarter that were timed. What was imported, or agreed without a change, has no time."""
    rows: QuerySet[Assessment] = Assessment.objects.visible_to(user)
    return rows.filter(
        questionnaire=questionnaire, partner__isnull=False, active_seconds__gt=0,
        finished_on__range=(quarter.start, quarter.end),
    ).exclude(status="draft").order_by()  # fmt: skip


def of_turn(rows: QuerySet[Assessment], turn: str) -> QuerySet[Assessment]:
    """Those that could start from earlier answers ("again"), or could not ("first"): as `queries.prefill_source`."""
    earlier = Assessment.objects.unscoped("whether there were earlier answers").filter(
        Q(mode=OuterRef("mode")) | Q(status="agreed"),
        partner=OuterRef("partner"), questionnaire=OuterRef("questionnaire"), finished_at__lt=OuterRef("started_at"),
    ).exclude(status="draft")  # fmt: skip
    return rows.filter(Exists(earlier)) if turn == "again" else rows.exclude(Exists(earlier))


def times(
    user: User, partners: QuerySet[Partner], questionnaire: Questionnaire, quarter: FiscalQuarter, *, rows: str
) -> list[Times]:
    """By group of `rows` (a dimension, "mode" or "turn"), and all together under EVERYTHING."""
    found = timed(user, questionnaire, quarter)
    parts: dict[str, Any] = {"scope": sql.scope(partners, grp=rows if rows in ROWS else "region")}
    columns = ("partner_id", "active_seconds")
    if rows == "turn":
        parts |= {turn: of_turn(found, turn).values(*columns) for turn in TURNS}
        parts["timed"] = Sql(
            "SELECT partner_id, active_seconds, 'first' AS own FROM first UNION ALL SELECT partner_id, active_seconds, 'again' FROM again"
        )
    else:
        parts["timed"] = found.values(*columns, "mode")
    group = {"mode": "timed.mode", "turn": "timed.own"}.get(rows, "scope.grp")
    lines = sql.read(
        sql.compose(
            f"""SELECT {group}, grouping({group}), count(*), count(DISTINCT partner_id),
                percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY active_seconds),
                count(*) FILTER (WHERE active_seconds < {GOAL})
            FROM timed JOIN scope ON scope.id = timed.partner_id GROUP BY GROUPING SETS (({group}), ())
            HAVING count(*) > 0""",
            **parts,
        )
    )
    return [
        Times(EVERYTHING if all_ else key, number, of, _seconds(middle[0]), _seconds(middle[1]), under)
        for key, all_, number, of, middle, under in lines
    ]


def _seconds(value: float) -> Decimal:
    """From the database's arithmetic of two whole seconds and a tenth, which has no more places than these."""
    return round(Decimal(str(value)), 6)


def behind(
    user: User, questionnaire: Questionnaire, quarter: FiscalQuarter, mode: str, turn: str, under: bool
) -> QuerySet[Assessment]:
    """The assessments behind a figure."""
    rows = timed(user, questionnaire, quarter)
    if mode:
        rows = rows.filter(mode=mode)
    if turn:
        rows = of_turn(rows, turn)
    return rows.filter(active_seconds__lt=GOAL) if under else rows


class TimePage(Rollup):
    tab = "time"
    rows: ClassVar[Mapping[str, Any]] = {
        **ROWS, "mode": gettext_lazy("By whom"), "turn": gettext_lazy("First time or again"),
    }  # fmt: skip

    def __init__(self, user: User, query: Any) -> None:
        super().__init__(user, query)
        found = (
            times(user, self.partners, self.questionnaire, self.quarter, rows=self.filter.dimension)
            if self.questionnaire
            else []
        )
        self.everything = next((group for group in found if group.id == EVERYTHING), None)
        groups = [group for group in found if group.id != EVERYTHING]
        if self.filter.dimension in ROWS:
            groups = self.in_order(groups, lambda group: group.id)
        else:
            names = list(self._names)
            groups.sort(key=lambda group: names.index(group.id))
        self.groups: list[Times] = groups

    @property
    def _names(self) -> Mapping[str, Any]:
        return MODES if self.filter.dimension == "mode" else TURNS

    def group_name(self, group: Times) -> str:
        return self.name(group.id) if self.filter.dimension in ROWS else str(self._names[group.id])

    def group_key(self, group: Times) -> str:
        return self.value(group.id) if self.filter.dimension in ROWS else group.id

    def _link(self, group: Times, under: str = "") -> str:
        assert self.questionnaire is not None
        by = self.filter.dimension
        mode, turn = (group.id if by == name and group.id != EVERYTHING else "" for name in ("mode", "turn"))
        figure = figures.text("time", self.questionnaire, self.quarter, mode, turn, under)
        if by in ROWS and group.id != EVERYTHING:
            return self.group_url(group.id, figure=figure)
        return self.list_url(figure=figure)

    @property
    def lead(self) -> str:
        return _("Time people were active on the assessments finished in %(quarter)s.") % {
            "quarter": self.quarter.label
        }

    @property
    def heading(self) -> str:
        return _("Median time by %(rows)s, %(quarter)s, in minutes") % {
            "rows": in_sentence(self.dimension), "quarter": self.quarter.label,
        }  # fmt: skip

    @property
    def chart(self) -> Bars:
        return Bars(
            id="time",
            title=self.heading,
            bars=tuple(
                Bar(
                    self.group_name(group), group.median / 60, best=Decimal(GOAL) / 60, href=self._link(group),
                    detail=ngettext("%(n)s assessment", "%(n)s assessments", group.assessments) % {"n": group.assessments},
                )
                for group in self.groups[:CHARTED]
            ),
            best_name=_("Five minutes"),
            formatter=figures.minutes_number,
            value_name=_("Median"),
            note=_("The first %(n)s groups; the table has all.") % {"n": CHARTED} if len(self.groups) > CHARTED else "",
        )  # fmt: skip

    @property
    def grid(self) -> Grid:
        columns = [
            Column(self.dimension), integer(_("Assessments")), integer(_("Partners")), decimal(_("Median, minutes")),
            decimal(_("Nine in ten within, minutes")), percent(_("Under five minutes")), integer(_("Under five minutes, number")),
        ]  # fmt: skip
        lines = [Line(self.group_name(group), self._figures(group)) for group in self.groups]
        total = Line(_("Together"), self._figures(self.everything)) if self.everything else None
        return Grid(self.heading, columns, lines, total, self.query.get("page"))

    def _figures(self, group: Times) -> tuple[Figure, ...]:
        return (
            Figure(group.assessments, url=self._link(group)),
            Figure(group.partners, url=self._link(group)),
            Figure(round(group.median / 60, 9), figures.minutes(group.median)),
            Figure(round(group.ninety / 60, 9), figures.minutes(group.ninety)),
            Figure(percent_of(Decimal(group.under), Decimal(group.assessments))),
            Figure(group.under, url=self._link(group, "under") if group.under else ""),
        )

    @property
    def how(self) -> list[str]:
        return [
            _("The time of an assessment is the time people were active on it, pauses of more than two minutes left out. Those finished from %(first)s to %(last)s are taken whose time was measured and that you may see.") % figures.quarter_days(self.quarter),
            _("Half of the assessments took the median or less; nine in ten stayed within the next figure. Between two times both lie on the straight line from one to the other."),
            _("With earlier answers: it could start from answers given before; each other one is a first time."),
        ]  # fmt: skip

    def sheets(self) -> list[Table]:
        return [self.grid.sheet()]
