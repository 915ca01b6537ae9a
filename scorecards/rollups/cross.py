"""The heat map by two dimensions of partners: mean scores of the partners that share a row and a column."""

from dataclasses import dataclass, field

from django.db.models import QuerySet

from accounts.models import User
from partners.models import Partner
from scorecards.models import Questionnaire
from scorecards.rollup import Cell, Window
from scorecards.rollups import sql
from scorecards.rollups.sql import Measure


@dataclass
class CrossGroup:
    """A row: its partners, its own mean, and by column the partners and the mean there; None where nobody has a score."""

    id: int | None
    partners: int = 0
    whole: Cell | None = None
    cells: dict[int | None, tuple[int, Cell | None]] = field(default_factory=dict)


def cross_map(
    user: User,
    partners: QuerySet[Partner],
    questionnaire: Questionnaire,
    counted_in: Window,
    *,
    rows: str,
    columns: str,
    measure: Measure,
) -> list[CrossGroup]:
    """The groups of these partners by `rows`, each by `columns` (both dimensions)."""
    found = sql.read(
        sql.compose(
            """SELECT grp, col, grouping(col), count(*), count(score), avg(score)
            FROM scope LEFT JOIN scored ON scored.partner_id = scope.id GROUP BY GROUPING SETS ((grp, col), (grp))""",
            scope=sql.scope(partners, grp=rows, col=columns),
            latest=sql.counting(user, questionnaire, counted_in),
            scored=sql.scores(measure, counted_in),
        )
    )
    groups: dict[int | None, CrossGroup] = {}
    for group, column, whole_row, number, counted, mean in found:
        row = groups.setdefault(group, CrossGroup(group))
        cell = Cell(mean, counted) if counted else None
        if whole_row:
            row.partners, row.whole = number, cell
        else:
            row.cells[column] = (number, cell)
    return list(groups.values())
