"""How many partners of each group stand on green, amber and red, and how many are not assessed."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from partners.models import Partner
from prm.charts import Distribution, Mix, Part
from prm.common.rag import Rag, Thresholds
from prm.documents.table import Column, Table
from scorecards.models import Questionnaire
from scorecards.rollup import Window
from scorecards.rollups import figures, sql
from scorecards.rollups.grid import Figure, Grid, Line, integer, percent
from scorecards.rollups.page import Rollup, in_sentence
from scorecards.rollups.sql import Measure, Sql

NONE = "none"  # partners without a score
COLOURS = ("green", "amber", "red", NONE)
CHARTED = 25  # groups drawn; the table has all


@dataclass
class Counts:
    """Partners of one group by colour."""

    id: int | None
    of: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COLOURS, 0))

    @property
    def partners(self) -> int:
        return sum(self.of.values())


def distribution(
    user: User,
    partners: QuerySet[Partner],
    questionnaire: Questionnaire,
    counted_in: Window,
    *,
    rows: str,
    measure: Measure,
    limits: Thresholds,
) -> list[Counts]:
    """By group of `rows` (a dimension): partners by the colour of their displayed score."""
    found = sql.read(
        sql.compose(
            f"""SELECT grp, CASE WHEN score IS NULL THEN 'none' WHEN {sql.DISPLAYED.format("score")} >= %s THEN 'green'
                WHEN {sql.DISPLAYED.format("score")} >= %s THEN 'amber' ELSE 'red' END AS colour, count(*)
            FROM scope LEFT JOIN scored ON scored.partner_id = scope.id GROUP BY 1, 2""",
            (limits.green, limits.amber),
            scope=sql.scope(partners, grp=rows),
            latest=sql.counting(user, questionnaire, counted_in),
            scored=sql.scores(measure, counted_in),
        )
    )
    groups: dict[int | None, Counts] = {}
    for group, colour, count in found:
        groups.setdefault(group, Counts(group)).of[colour] = count
    return list(groups.values())


def behind(
    user: User, questionnaire: Questionnaire, counted_in: Window, measure: Measure, colour: str, limits: Thresholds
) -> Sql | None:
    """Ids of the partners of one colour; of those with any score for NONE, as it is they who are left out."""
    where, params = {
        "green": ("{0} >= %s", (limits.green,)),
        "amber": ("{0} >= %s AND {0} < %s", (limits.amber, limits.green)),
        "red": ("{0} < %s", (limits.amber,)),
        NONE: ("true", ()),
    }[colour]
    return sql.compose(
        f"SELECT partner_id FROM scored WHERE {where.format(sql.DISPLAYED.format('score'))}",
        params,
        latest=sql.counting(user, questionnaire, counted_in),
        scored=sql.scores(measure, counted_in),
    )


class DistributionPage(Rollup):
    tab = "distribution"
    own = ("by", "of")

    def __init__(self, user: User, query: Any) -> None:
        super().__init__(user, query)
        found = (
            distribution(
                user, self.partners, self.questionnaire, self.window, rows=self.filter.dimension, measure=self.measure,
                limits=self.limits,
            )
            if self.questionnaire
            else []
        )  # fmt: skip
        self.groups: list[Counts] = self.in_order(found, lambda group: group.id)

    @property
    def names(self) -> dict[str, str]:
        return {
            **{rag.value: str(rag.word).capitalize() for rag in (Rag.GREEN, Rag.AMBER, Rag.RED)},
            NONE: _("Not assessed"),
        }

    @property
    def heading(self) -> str:
        return _("%(what)s by %(rows)s, %(quarter)s") % {
            "what": self.measure.name, "rows": in_sentence(self.dimension), "quarter": self.quarter.label,
        }  # fmt: skip

    @property
    def chart(self) -> Distribution:
        names = self.names
        return Distribution(
            id="distribution",
            title=self.heading,
            rows=tuple(
                Mix(
                    self.name(group.id),
                    tuple(Part(names[key], group.of[key], Rag(key) if key != NONE else None) for key in COLOURS),
                )
                for group in self.groups[:CHARTED]
            ),
            note=_("The first %(n)s groups; the table has all.") % {"n": CHARTED} if len(self.groups) > CHARTED else "",
        )

    @property
    def grid(self) -> Grid:
        columns = [Column(self.dimension), integer(_("Partners"))]
        for name in self.names.values():
            columns += [integer(name), percent(f"{name}, %")]
        totals: dict[str, int] = defaultdict(int)
        for group in self.groups:
            for key in COLOURS:
                totals[key] += group.of[key]
        lines = [
            Line(
                self.name(group.id),
                self._figures(group.of, lambda figure, pk=group.id: self.group_url(pk, figure=figure)),
            )
            for group in self.groups
        ]  # fmt: skip
        total = Line(_("Together"), self._figures(totals, lambda figure: self.list_url(figure=figure)))
        return Grid(self.heading, columns, lines, total if lines else None, self.query.get("page"))

    def _figures(self, counts: dict[str, int], link: Any) -> tuple[Figure, ...]:
        partners = sum(counts.values())
        found = [Figure(partners, url=link(""))]
        for key in COLOURS:
            url = link(self._figure(key)) if counts[key] else ""
            found += [Figure(counts[key], url=url), Figure(figures.share(counts[key], partners))]
        return tuple(found)

    def _figure(self, colour: str) -> str:
        assert self.questionnaire is not None
        return figures.text("rag", self.questionnaire, self.quarter, self.measure.text, colour)

    @property
    def how(self) -> list[str]:
        return [
            _("Each partner of a group stands in one part, by the colour of its displayed score: rounded half up, from %(green)s on green, from %(amber)s on amber.") % {"green": self.limits.green, "amber": self.limits.amber},
            _("Not assessed: no submitted or agreed assessment finished from %(first)s to %(last)s, or none with a score there.") % self.days,
        ]  # fmt: skip

    def sheets(self) -> list[Table]:
        return [self.grid.sheet()]
