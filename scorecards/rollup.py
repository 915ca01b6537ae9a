"""The roll-up of capabilities: means of partners' scores by group, in one statement.

A partner counts with its latest agreed, else submitted, assessment that was finished by the end of the period and is at most
twelve months old by then (by today while the period runs), and that the viewer's side may see.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, QuerySet

from accounts.models import User
from partners.models import Partner
from prm.common.fiscal import FiscalQuarter, same_day_year_before
from prm.common.kept import kept
from scorecards import scoring
from scorecards.models import Assessment, Questionnaire
from scorecards.queries import AGREED_FIRST, of_partners

# What a row of the heat map can stand for: the partner's column, and the filter's name for it.
DIMENSIONS = {"cam": "cam_id", "region": "region_id", "tier": "tier_id", "type": "partner_type_id", "stage": "stage_id"}
OVERALL, WHOLE = "", "*"  # keys of the overall, and of a whole category among its topics; no key looks like these


@dataclass(frozen=True)
class Window:
    """Assessments finished on one of these days count, first and last included. `current`: it ends today."""

    first: dt.date
    last: dt.date
    current: bool


def window(quarter: FiscalQuarter, today: dt.date) -> Window:
    last = min(quarter.end, today)
    return Window(same_day_year_before(last), last, last == today)


@dataclass(frozen=True)
class Cell:
    """`mean` of the unrounded scores of the `counted` partners."""

    mean: Decimal
    counted: int

    @property
    def display(self) -> int:
        return scoring.display(self.mean)


@dataclass(frozen=True)
class Group:
    """A row: the id of what it stands for (None: partners without one), its partners, and its cells by key."""

    id: int | None
    partners: int
    cells: dict[str, Cell]


def latest(user: User, questionnaire: Questionnaire, counted_in: Window) -> QuerySet[Assessment]:
    """The one assessment of each partner that counts, for the vendor's side."""
    rows = of_partners(user)
    if counted_in.current:
        rows = rows.filter(contends=True)
    return (
        rows.filter(
            questionnaire=questionnaire,
            status__in=Assessment.COUNTED,
            finished_on__range=(counted_in.first, counted_in.last),
        )
        .order_by("partner_id", AGREED_FIRST, "-finished_at", "-id")
        .distinct("partner_id")
    )


def heat_map(
    user: User,
    partners: QuerySet[Partner],
    questionnaire: Questionnaire,
    counted_in: Window,
    *,
    rows: str,
    category: str = "",
) -> list[Group]:
    """The groups of these partners by `rows` (of DIMENSIONS), each with its overall under OVERALL and, by key, its
    categories, or the topics of one `category` and that itself under WHOLE. Vendor side only: internal categories and the
    full overall are in it. The figures may be a minute old.
    """
    try:
        scope, scope_params = _sql(partners.order_by().annotate(grp=F(DIMENSIONS[rows])).values("id", "grp"))
        counted, counted_params = _sql(latest(user, questionnaire, counted_in).values("id", "partner_id", "overall"))
    except EmptyResultSet:  # a filter that can't be understood finds nobody
        return []
    cells_sql = """
        UNION ALL
        SELECT mine.grp, {key}, 0, count(*), avg(s.score)
        FROM mine JOIN scorecards_assessmentscore s ON s.assessment_id = mine.id
        WHERE {where} GROUP BY mine.grp, s.key"""
    contends = "s.contends AND " if counted_in.current else ""
    if category:
        levels = cells_sql.format(key="s.key", where=f"{contends}s.level = 'topic' AND s.category_key = %s")
        levels += cells_sql.format(key=f"'{WHOLE}'", where=f"{contends}s.level = 'category' AND s.key = %s")
    else:
        levels = cells_sql.format(key="s.key", where=f"{contends}s.level = 'category'")
    statement = f"""
        WITH scope AS MATERIALIZED ({scope}), latest AS MATERIALIZED ({counted}),
        mine AS MATERIALIZED (
            SELECT scope.grp, latest.id, latest.overall FROM scope LEFT JOIN latest ON latest.partner_id = scope.id)
        SELECT grp, '{OVERALL}', count(*), count(overall), avg(overall) FROM mine GROUP BY grp
        {levels}"""
    params = [*scope_params, *counted_params, *([category] * 2 if category else [])]
    found = kept(lambda: _fetched(statement, params), statement, params)
    sizes = {group: partners for group, key, partners, _counted, _mean in found if key == OVERALL}
    cells: dict[int | None, dict[str, Cell]] = {group: {} for group in sizes}
    for group, key, _partners, counted_here, mean in found:
        if counted_here:
            cells[group][key] = Cell(mean, counted_here)
    return [Group(group, size, cells[group]) for group, size in sizes.items()]


def _fetched(statement: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall()


def _sql(rows: QuerySet[Any]) -> tuple[str, Sequence[Any]]:
    statement, params = rows.query.sql_with_params()
    return statement, params


def counted_partners(
    user: User, questionnaire: Questionnaire, counted_in: Window, level: str, key: str
) -> QuerySet[Assessment, int]:
    """Ids of the partners behind a cell: those whose counting assessment has a score there. `level` overall, category, topic."""
    chosen: QuerySet[Assessment] = Assessment.objects.unscoped("narrowed to the visible ones inside").filter(
        pk__in=latest(user, questionnaire, counted_in).values("pk")
    )
    if level == "overall":
        chosen = chosen.filter(overall__isnull=False)
    else:
        chosen = chosen.filter(scores__level=level, scores__key=key)
    return chosen.values_list("partner_id", flat=True)
