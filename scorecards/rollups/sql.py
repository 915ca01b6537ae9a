"""What the statements of roll-ups share: the partners looked at, and the assessment of each that counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, QuerySet

from accounts.models import User
from partners.models import Partner
from prm.common.kept import kept
from scorecards.models import Questionnaire
from scorecards.rollup import DIMENSIONS, Window, latest

MOST_KEPT = 2000  # rows of a statement: a page never reads more, a file may
# A displayed score, as `scoring.display`: rounded half up, at least 1.
DISPLAYED = "greatest(1, floor({} + 0.5))"


@dataclass(frozen=True)
class Measure:
    """Whose score is looked at: `level` overall (with the key ""), category or topic; `category` is the topic's own."""

    level: str
    key: str
    category: str
    name: str
    internal: bool = False

    @property
    def text(self) -> str:
        """As it stands in addresses: "" for the overall, "topic:support"."""
        return "" if self.level == "overall" else f"{self.level}:{self.key}"


@dataclass(frozen=True)
class Sql:
    """A statement and its parameters."""

    text: str
    params: tuple[Any, ...] = ()

    def rows(self) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(self.text, self.params)
            return cursor.fetchall()


def compose(body: str, params: Sequence[Any] = (), /, **named: "QuerySet[Any] | Sql") -> Sql | None:
    """`body` reading from these named parts, each made once, a later one from an earlier one. None where one of them can't
    hold anything."""
    parts: list[str] = []
    values: list[Any] = []
    for name, part in named.items():
        if isinstance(part, QuerySet):
            try:
                text, own = part.query.sql_with_params()
            except EmptyResultSet:
                return None
        else:
            text, own = part.text, part.params
        parts.append(f"{name} AS MATERIALIZED ({text})")
        values += own
    return Sql(f"WITH {', '.join(parts)} {body}", (*values, *params))


def read(statement: Sql | None) -> list[tuple[Any, ...]]:
    """The rows of a roll-up's statement, at most FIGURES_KEPT seconds old: who looks at the same partners through the same filter,
    or goes from page to page and back, waits once. Not for what is written down, which reads `rows`.

    The statement and its parameters name all that it depends on, the reader's partners among them; the cache is the vendor's own.
    """
    if statement is None:
        return []
    return kept(statement.rows, statement.text, statement.params, worth=lambda rows: len(rows) <= MOST_KEPT)


def scope(partners: QuerySet[Partner], **dimensions: str) -> QuerySet[Any, Any]:
    """The partners' ids, with their group in each of these dimensions under its name."""
    columns = {name: F(DIMENSIONS[dimension]) for name, dimension in dimensions.items()}
    return partners.order_by().annotate(**columns).values("id", *columns)


def counting(user: User, questionnaire: Questionnaire, counted_in: Window) -> QuerySet[Any, Any]:
    """(id, partner_id, overall) of the one assessment of each partner that counts."""
    return latest(user, questionnaire, counted_in).values("id", "partner_id", "overall")


def scores(measure: Measure, counted_in: Window, source: str = "latest") -> Sql:
    """(partner_id, id, score) of the counting assessments in `source` that have a score there."""
    if measure.level == "overall":
        return Sql(f"SELECT partner_id, id, overall AS score FROM {source} WHERE overall IS NOT NULL")
    contends = "s.contends AND " if counted_in.current else ""
    return Sql(
        f"""SELECT l.partner_id, l.id, s.score FROM {source} l
        JOIN scorecards_assessmentscore s ON s.assessment_id = l.id
        WHERE {contends}s.level = '{measure.level}' AND s.category_key = %s AND s.key = %s""",
        (measure.category, measure.key),
    )
