"""How far the quarter's assessments are, by group: done, begun, asked for, nothing yet; and who is overdue."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from partners.models import Partner
from prm.charts import Bar, Bars
from prm.common.fiscal import FiscalQuarter
from prm.common.templatetags.numbers import format_percent
from prm.common.vendor import today, vendor_settings
from prm.documents.table import Column, Table
from scorecards.models import Assessment, Questionnaire
from scorecards.rollup import window
from scorecards.rollups import figures, sql
from scorecards.rollups.grid import Figure, Grid, Line, integer, percent
from scorecards.rollups.page import Rollup, in_sentence
from scorecards.rollups.sql import Sql

# Each partner is in the first of these it fits; the overdue are counted beside them.
STATES = ("done", "draft", "asked", "none")
OLD = "old"
CHARTED = 25


@dataclass
class Counts:
    """Partners of one group by state, and how many of all of them have only assessments older than 12 months."""

    id: int | None
    of: dict[str, int] = field(default_factory=lambda: dict.fromkeys((*STATES, OLD), 0))

    @property
    def partners(self) -> int:
        return sum(self.of[state] for state in STATES)


def _states(user: User, questionnaire: Questionnaire, quarter: FiscalQuarter) -> dict[str, Any]:
    """The parts `counted` (partner_id, last: when its last counted assessment was finished), `drafts` and `asks`
    (partner_id), as they were at the end of the quarter, or are now while it runs."""
    counted_in = window(quarter, today())
    mine: QuerySet[Assessment] = Assessment.objects.visible_to(user).filter(questionnaire=questionnaire)
    if counted_in.current:
        mine = mine.filter(contends=True)
    counted = mine.filter(status__in=Assessment.COUNTED, finished_on__lte=counted_in.last)
    last = counted.order_by().values("partner_id").annotate(last=Max("finished_on"))
    every: QuerySet[Assessment] = Assessment.objects.unscoped("states of partners the caller has scoped").filter(
        questionnaire=questionnaire, partner__isnull=False
    )
    until = _end_of(counted_in.last)
    # An invitation nobody took up in time is over.
    still_open = every.filter(Q(expired_at=None) | Q(expired_at__gte=until), status="draft", started_at__lt=until)
    closed_later = every.exclude(status="draft").filter(finished_on__gt=counted_in.last, started_at__lt=until)
    waits = every.filter(
        mode="self", status="submitted", revealed=False, finished_on__range=(quarter.start, counted_in.last)
    )
    return {
        "counted": last,
        "drafts": _partners_of(
            still_open.filter(mode__in=["cam", "joint"]), closed_later.filter(mode__in=["cam", "joint"])
        ),
        "asks": _partners_of(still_open.filter(mode="self"), closed_later.filter(mode="self"), waits),
    }


def _partners_of(first: QuerySet[Assessment], *more: QuerySet[Assessment]) -> QuerySet[Any, Any]:
    """Their partners' ids, each once. Apart, as each finds its rows by another index."""
    return first.order_by().values("partner_id").union(*(rows.order_by().values("partner_id") for rows in more))


def _end_of(day: dt.date) -> dt.datetime:
    """The moment a day of the vendor's ends."""
    zone = ZoneInfo(vendor_settings().time_zone)
    return timezone.make_aware(dt.datetime.combine(day + dt.timedelta(days=1), dt.time()), zone)


def _conditions(quarter: FiscalQuarter) -> tuple[str, tuple[dt.date, ...]]:
    """The state of a row of scope, counted, drafts, asks."""
    text = """CASE WHEN counted.last >= %s THEN 'done' WHEN drafts.partner_id IS NOT NULL THEN 'draft'
        WHEN asks.partner_id IS NOT NULL THEN 'asked' ELSE 'none' END"""
    return text, (quarter.start,)


_JOINED = """scope LEFT JOIN counted ON counted.partner_id = scope.id LEFT JOIN drafts ON drafts.partner_id = scope.id
    LEFT JOIN asks ON asks.partner_id = scope.id"""


def completion(
    user: User, partners: QuerySet[Partner], questionnaire: Questionnaire, quarter: FiscalQuarter, *, rows: str
) -> list[Counts]:
    """By group of `rows` (a dimension): partners by how far they are in the quarter, and those overdue."""
    state, params = _conditions(quarter)
    found = sql.read(
        sql.compose(
            f"""SELECT grp, {state}, count(*), count(*) FILTER (WHERE counted.last < %s)
            FROM {_JOINED} GROUP BY 1, 2""",
            (*params, window(quarter, today()).first),
            scope=sql.scope(partners, grp=rows),
            **_states(user, questionnaire, quarter),
        )
    )
    groups: dict[int | None, Counts] = {}
    for group, reached, count, old in found:
        counts = groups.setdefault(group, Counts(group))
        counts.of[reached] = count
        counts.of[OLD] += old
    return list(groups.values())


def behind(
    user: User, partners: QuerySet[Partner], questionnaire: Questionnaire, quarter: FiscalQuarter, state: str
) -> Sql | None:
    """Ids of those of these partners that are in one state, or overdue."""
    text, first = _conditions(quarter)
    where: str
    params: tuple[Any, ...]
    if state == OLD:
        where, params = "counted.last < %s", (window(quarter, today()).first,)
    else:
        where, params = f"{text} = %s", (*first, state)
    return sql.compose(
        f"SELECT scope.id FROM {_JOINED} WHERE {where}",
        params,
        scope=sql.scope(partners),
        **_states(user, questionnaire, quarter),
    )


class CompletionPage(Rollup):
    tab = "completion"

    def __init__(self, user: User, query: Any) -> None:
        super().__init__(user, query)
        found = (
            completion(user, self.partners, self.questionnaire, self.quarter, rows=self.filter.dimension)
            if self.questionnaire
            else []
        )
        self.groups: list[Counts] = self.in_order(found, lambda group: group.id)

    @property
    def lead(self) -> str:
        return _("How many partners were assessed in %(quarter)s, and how far the others are.") % {
            "quarter": self.quarter.label
        }

    @property
    def heading(self) -> str:
        return _("Assessed in %(quarter)s, by %(rows)s") % {
            "quarter": self.quarter.label, "rows": in_sentence(self.dimension),
        }  # fmt: skip

    @property
    def chart(self) -> Bars:
        return Bars(
            id="completion",
            title=self.heading,
            bars=tuple(
                Bar(
                    self.name(group.id),
                    figures.share(group.of["done"], group.partners),
                    detail=_("%(n)s of %(total)s") % {"n": group.of["done"], "total": group.partners},
                    href=self.group_url(group.id, figure=self._figure("done")),
                )
                for group in self.groups[:CHARTED]
            ),
            maximum=100,
            formatter=format_percent,
            value_name=_("Assessed"),
            note=_("The first %(n)s groups; the table has all.") % {"n": CHARTED} if len(self.groups) > CHARTED else "",
        )

    @property
    def grid(self) -> Grid:
        columns = [
            Column(self.dimension), integer(_("Partners")), percent(_("Assessed, %")), integer(_("Assessed")), integer(_("Draft open")),
            integer(_("Partner asked")), integer(_("Nothing yet")), integer(_("Older than 12 months")),
        ]  # fmt: skip
        lines = [
            Line(
                self.name(group.id),
                self._figures(group.of, lambda figure, pk=group.id: self.group_url(pk, figure=figure)),
            )
            for group in self.groups
        ]
        together = {state: sum(group.of[state] for group in self.groups) for state in (*STATES, OLD)}
        total = Line(_("Together"), self._figures(together, lambda figure: self.list_url(figure=figure)))
        return Grid(self.heading, columns, lines, total if lines else None, self.query.get("page"))

    def _figures(self, of: dict[str, int], link: Any) -> tuple[Figure, ...]:
        partners = sum(of[state] for state in STATES)
        counts = [Figure(of[state], url=link(self._figure(state)) if of[state] else "") for state in (*STATES, OLD)]
        return (Figure(partners, url=link("")), Figure(figures.share(of["done"], partners)), *counts)

    def _figure(self, state: str) -> str:
        assert self.questionnaire is not None
        return figures.text("done", self.questionnaire, self.quarter, state)

    @property
    def how(self) -> list[str]:
        return [
            _("Assessed: a submitted or agreed assessment was finished in the quarter. A partner’s own that waits for yours doesn’t count before both are in."),
            _("Else, at the end of the quarter (now, while it runs): draft open, an assessment of yours is begun; partner asked, the partner was asked or did its own part; nothing yet, neither. Each partner is counted once."),
            _("Older than 12 months: the latest assessment was finished before %(first)s. Such a partner is in one of the other columns too.") % self.days,
        ]  # fmt: skip

    def sheets(self) -> list[Table]:
        return [self.grid.sheet()]
