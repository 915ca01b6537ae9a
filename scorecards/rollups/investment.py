"""Where enablement money does most: topics by what all partners would gain if they reached its target."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from partners.models import Partner
from prm.charts import Bar, Bars
from prm.common.templatetags.numbers import format_number
from prm.documents.table import Column, Table
from scorecards.models import Questionnaire
from scorecards.rollup import Window
from scorecards.rollups import figures, sql
from scorecards.rollups.grid import Figure, Grid, Line, decimal, integer, percent
from scorecards.rollups.page import Rollup
from scorecards.rollups.sql import Sql

CHARTED = 10


@dataclass(frozen=True)
class Gain:
    """One topic and the partners below its target: how many, their summed impact, gaps and scores."""

    key: str
    partners: int
    impact: Decimal
    gaps: Decimal
    scores: Decimal

    @property
    def mean_gap(self) -> Decimal:
        return self.gaps / self.partners

    @property
    def mean_score(self) -> Decimal:
        return self.scores / self.partners


def investment(
    user: User, partners: QuerySet[Partner], questionnaire: Questionnaire, counted_in: Window
) -> tuple[int, list[Gain]]:
    """How many partners are counted, and the topics with anything to gain, the largest gain first."""
    contends = "s.contends AND " if counted_in.current else ""
    found = sql.read(
        sql.compose(
            # IS TRUE keeps the planner from a join, whose hash table of all scores would not fit its memory.
            f"""SELECT s.key, count(*), sum(s.impact) AS impact, sum(s.target) - sum(s.score), sum(s.score)
            FROM scorecards_assessmentscore s
            WHERE {contends}s.level = 'topic' AND s.impact > 0
                AND (s.assessment_id IN (SELECT id FROM counted)) IS TRUE
            GROUP BY s.key
            UNION ALL SELECT '', count(*), NULL, NULL, NULL FROM counted
            ORDER BY 3 DESC NULLS FIRST, 1""",
            scope=sql.scope(partners),
            latest=sql.counting(user, questionnaire, counted_in),
            counted=Sql("SELECT latest.id FROM latest JOIN scope ON scope.id = latest.partner_id"),
        )
    )
    counted = next((row[1] for row in found if row[0] == ""), 0)
    return counted, [Gain(*row) for row in found if row[0]]


def behind(user: User, questionnaire: Questionnaire, counted_in: Window, topic: str) -> Sql | None:
    """Ids of the partners below a topic's target."""
    contends = "s.contends AND " if counted_in.current else ""
    return sql.compose(
        f"""SELECT latest.partner_id FROM latest JOIN scorecards_assessmentscore s ON s.assessment_id = latest.id
        WHERE {contends}s.level = 'topic' AND s.key = %s AND s.impact > 0""",
        (topic,),
        latest=sql.counting(user, questionnaire, counted_in),
    )


class InvestmentPage(Rollup):
    tab = "investment"
    own = ()

    def __init__(self, user: User, query: Any) -> None:
        super().__init__(user, query)
        self.counted, self.gains = (
            investment(user, self.partners, self.questionnaire, self.window) if self.questionnaire else (0, [])
        )

    @cached_property
    def _names(self) -> dict[str, tuple[str, str]]:
        """By a topic's key its name and its category's; those of older versions by their own last name."""
        return {t.key: (t.name, c.name) for c in (self.content.categories if self.content else ()) for t in c.topics}

    def topic_name(self, key: str) -> str:
        return self._names.get(key, (key, ""))[0]

    def _url(self, gain: Gain) -> str:
        assert self.questionnaire is not None
        return self.list_url(figure=figures.text("below", self.questionnaire, self.quarter, gain.key))

    @property
    def heading(self) -> str:
        return _("Topics by what reaching best practice would add, %(quarter)s") % {"quarter": self.quarter.label}

    @property
    def chart(self) -> Bars:
        return Bars(
            id="investment",
            title=self.heading,
            bars=tuple(
                Bar(self.topic_name(gain.key), gain.impact, detail=ngettext("%(n)s partner", "%(n)s partners", gain.partners) % {"n": format_number(gain.partners)}, href=self._url(gain))
                for gain in self.gains[:CHARTED]
            ),
            value_name=_("Points"),
        )  # fmt: skip

    @property
    def grid(self) -> Grid:
        columns = [
            Column(_("Topic")), Column(_("Category")), decimal(_("Points to gain")), percent(_("Share of all")),
            integer(_("Partners below target")), decimal(_("Points each")), decimal(_("Mean gap")), decimal(_("Their mean score")),
        ]  # fmt: skip
        everything = sum((gain.impact for gain in self.gains), Decimal(0))
        lines = [
            Line(
                self.topic_name(gain.key),
                (
                    Figure(self._names.get(gain.key, ("", ""))[1]),
                    Figure(_nine(gain.impact), url=self._url(gain)),
                    Figure(figures.share(gain.impact, everything)),
                    Figure(gain.partners, url=self._url(gain)),
                    Figure(_nine(gain.impact / gain.partners)),
                    Figure(_nine(gain.mean_gap)),
                    Figure(_nine(gain.mean_score)),
                ),
                self._url(gain),
            )
            for gain in self.gains
        ]
        return Grid(self.heading, columns, lines, None, self.query.get("page"))

    @property
    def how(self) -> list[str]:
        return [
            _("A topic’s points to gain are the sum, over all partners below its target, of what each partner’s overall score would gain if it reached the target: gap × share of the topic in the overall."),
            _("%(n)s partners are counted, each with its latest assessment from %(first)s to %(last)s. Mean gap and mean score are those of the partners below target, whom the figures lead to.") % {"n": format_number(self.counted), **self.days},
        ]  # fmt: skip

    def sheets(self) -> list[Table]:
        return [self.grid.sheet()]


def _nine(value: Decimal) -> Decimal:
    return round(value, 9)
