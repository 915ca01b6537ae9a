"""Changed rules of approval tried on last year's requests: which would have gone through other steps. Nothing is changed by it.

The requests come as plain values; judging one is pure.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.utils.translation import gettext as _

from mdf.models import ApprovalStep, Fund, Request
from mdf.steps import Asked, Level, Rules, clock, in_quarter
from prm.common.workcal import WorkCalendar

DAYS = 365
MOST_SHOWN = 100


@dataclass(frozen=True)
class Past:
    """A request as the rules look at it. `asked`: what the partner had asked from the fund in the quarter, this one included, in the
    fund's currency. `steps`: when each decided step began and was decided."""

    id: int
    reference: str
    partner: str
    plan: str
    asked: Decimal
    currency: str
    came: dt.datetime
    steps: tuple[tuple[dt.datetime, dt.datetime], ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What rules make of one: who decides, and how many of its steps would have been late."""

    levels: tuple[Level, ...]
    late: int


def judge(past: Past, rules: Rules, calendar: WorkCalendar) -> Verdict:
    late = sum(decided > clock(began, rules, calendar).decide_by for began, decided in past.steps)
    return Verdict(rules.needed(past.asked), late)


@dataclass(frozen=True)
class Line:
    """A request that would have gone through other steps."""

    past: Past
    before: str
    after: str


def words(levels: Iterable[Level]) -> str:
    """ "Channel account manager, channel chief"."""
    return ", ".join(str(ApprovalStep.Level(level.value).label) for level in levels)


class Trial:
    """`new` held against `old`."""

    def __init__(self, rows: Sequence[Past], old: Rules, new: Rules, calendar: WorkCalendar) -> None:
        self.rows = rows
        self.before = [judge(row, old, calendar) for row in rows]
        self.after = [judge(row, new, calendar) for row in rows]

    @property
    def total(self) -> int:
        return len(self.rows)

    @cached_property
    def figures(self) -> list[tuple[str, int, int]]:
        """(what, by the rules in force, by those tried)."""

        def steps(verdicts: Sequence[Verdict]) -> int:
            return sum(len(one.levels) for one in verdicts)

        def at(level: Level, verdicts: Sequence[Verdict]) -> int:
            return sum(level in one.levels for one in verdicts)

        levels = [
            (str(ApprovalStep.Level(level.value).label), at(level, self.before), at(level, self.after))
            for level in (Level.CAM, Level.MARKETING, Level.CHIEF)
        ]
        return [
            *levels,
            (_("Steps in all"), steps(self.before), steps(self.after)),
            (_("Steps decided too late"), sum(one.late for one in self.before), sum(one.late for one in self.after)),
        ]

    @cached_property
    def changed(self) -> list[Line]:
        return [
            Line(past, words(old.levels), words(new.levels))
            for past, old, new in zip(self.rows, self.before, self.after, strict=True)
            if old.levels != new.levels
        ]

    @property
    def shown(self) -> list[Line]:
        return self.changed[:MOST_SHOWN]

    @property
    def more(self) -> int:
        return max(0, len(self.changed) - MOST_SHOWN)


def last_year(now: dt.datetime, fund: Fund | None) -> list[Past]:
    """The requests for money that came in the year before `now`, of one fund or of all, the latest first."""
    every = Request.objects.unscoped("rules are for all partners").filter(fund__isnull=False)
    every = every.exclude(state=Request.State.DRAFT)
    if fund is not None:
        every = every.filter(fund=fund)
    rows = list(
        every.filter(submitted_at__gte=now - dt.timedelta(days=DAYS))
        .select_related("partner", "plan")
        .order_by("-submitted_at", "-pk")
    )
    asked = _asked(every)
    steps: dict[int, list[tuple[dt.datetime, dt.datetime]]] = defaultdict(list)
    decided = ApprovalStep.objects.unscoped("the same").filter(
        request__in=[row.pk for row in rows], started_at__isnull=False, decided_at__isnull=False
    )
    for pk, began, at in decided.order_by("pk").values_list("request", "started_at", "decided_at"):
        steps[pk].append((began, at))
    return [
        Past(
            row.pk, row.reference, row.partner.name, row.plan.title, asked[row.pk], row.currency, row.submitted_at,
            tuple(steps[row.pk]),
        )
        for row in rows
    ]  # fmt: skip


def _asked(every: Iterable[Request]) -> dict[int, Decimal]:
    """By request what its partner had asked from the fund for its quarter when it came, this one included."""
    columns = ("pk", "partner", "fund", "asked", "plan__starts_on", "plan__ends_on")
    of_one: dict[tuple[int, int], list[Asked]] = defaultdict(list)
    found = {}
    for pk, partner, fund, *row in every.order_by("submitted_at", "pk").values_list(*columns):  # type: ignore[attr-defined]
        this = Asked(*row)
        of_one[partner, fund].append(this)
        found[pk] = in_quarter(of_one[partner, fund], this.first, this.last)
    return found
