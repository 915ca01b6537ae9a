"""The performance scorecard of one partner or family, as one user may see it: what page, API, PDF and XLSX are made from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from django.db import connection

from accounts.models import User
from partners.models import LifeStage, Partner, Placement, Tier
from prm.common.explain import Explanation
from prm.common.rag import Rag
from prm.common.vendor import today
from scorecards import queries
from scorecards.models import Assessment, Questionnaire
from scorecards.performance import moving, plan, quarters
from scorecards.performance.benchmarks import benchmark
from scorecards.performance.figures import INTERNAL, Figures, shown
from scorecards.performance.inputs import Inputs
from scorecards.performance.links import Links
from scorecards.performance.policies import rules_on
from scorecards.performance.potential import Benchmark
from scorecards.performance.reading import Reader

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

DIALS = ("performance_to_plan", "pipeline_to_target", "composite")
OVER_TIME = 13  # points of a dial's trend: the ends of the months before, and the day itself


@dataclass(frozen=True)
class Dial:
    """A figure in percent at the top of the page. `trend`: its displayed percent at the ends of the last months and on the day;
    `met`: nothing remains of the target."""

    key: str
    name: StrOrPromise
    explanation: Explanation
    shown: int | None
    rag: Rag | None
    trend: tuple[tuple[dt.date, int | None], ...]
    met: bool = False


class Performance:
    """The scorecard of `partner`, which the caller has found among those `user` may see, as of `day` (None: today).

    `family`: with its branches and theirs, as far as the user may see them. On the partner's side what is internal is not there.
    """

    def __init__(self, user: User, partner: Partner, day: dt.date | None = None, *, family: bool = False) -> None:
        self.user, self.partner, self.family = user, partner, family
        self.today = today()
        self.day = day or self.today

    @cached_property
    def members(self) -> Sequence[Partner]:
        """The partner first, then its branches, each in the tier and life stage of the day."""
        ids = _family(self.partner.pk) if self.family else [self.partner.pk]
        rows = Partner.objects.visible_to(self.user).filter(pk__in=ids)
        found = list(rows.select_related("tier", "stage", "partner_type"))
        found.sort(key=lambda member: (member.pk != self.partner.pk, member.name, member.pk))
        if self.day < self.today:
            _place(found, self.day)
        return found

    @cached_property
    def inputs(self) -> Inputs:
        links = Links(self.user, self.partner, None if self.day == self.today else self.day, family=self.family)
        return self._reader.inputs(links)

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self.user, self.members, self.day)

    @cached_property
    def figures(self) -> Figures:
        head = self.members[0]
        shared = self.user.is_partner_side
        return Figures(
            inputs=self.inputs,
            day=self.day,
            rules=rules_on(self.day, head.stage.key),
            capability=None if shared else self._capability(),
            benchmark=Benchmark("") if shared else benchmark(head, self.day, self._reader.rates),
            shared=shared,
        )

    def _capability(self) -> Decimal | None:
        """The partner's own overall score; a family's are not averaged."""
        rows = queries.of_partners(self.user).filter(
            partner=self.partner, questionnaire__kind=Questionnaire.Kind.CAPABILITY, finished_on__lte=self.day
        )
        found: Decimal | None = (
            rows.filter(status__in=Assessment.COUNTED)
            .order_by(queries.AGREED_FIRST, "-finished_at", "-id")
            .values_list("overall", flat=True)
            .first()
        )
        return found

    def keys(self) -> list[str]:
        """The keys of all figures, in their order on the page."""
        return self.figures.keys()

    def explain(self, key: str) -> Explanation | None:
        """The figure under a key; None where there is no such figure for this user."""
        return self.figures.explain(key)

    def is_internal(self, key: str) -> bool:
        return key in INTERNAL or self.figures.is_internal(key)

    @cached_property
    def dials(self) -> list[Dial]:
        return [self._dial(key) for key in DIALS]

    def _dial(self, key: str) -> Dial:
        explanation = self.figures.explain(key)
        assert explanation is not None  # the three are always there
        met = key == "pipeline_to_target" and self.figures.pipeline().met
        name = self.figures.name(key)
        return Dial(
            key, name, explanation, shown(explanation), self.figures.rag(explanation), self._over_time(key), met
        )

    def _over_time(self, key: str) -> tuple[tuple[dt.date, int | None], ...]:
        """By what has a date: the plan as it stood then. Of the rest the past is not kept, so there is only the day."""
        month = self.inputs.calendar.month_of(self.day)
        days = [month.shift(-back).end for back in range(OVER_TIME - 1, 0, -1)] if key == DIALS[0] else []
        points = []
        for day in [*days, self.day]:
            explanation = replace(self.figures, day=day).explain(key)
            points.append((day, shown(explanation) if explanation else None))
        return tuple(points)

    @cached_property
    def quarters(self) -> list[quarters.Row]:
        return quarters.quarter_table(self.figures)

    @cached_property
    def trend(self) -> list[plan.MonthPoint]:
        return plan.trend(self.inputs, self.day)

    @cached_property
    def deals_moving(self) -> list[moving.Moving]:
        return moving.deals_moving(self.inputs, self.day)

    @cached_property
    def data_as_of(self) -> dt.datetime | None:
        """When anything the figures are made from was last recorded; None where nothing was yet."""
        return _recorded([member.pk for member in self.members])


def _family(pk: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH RECURSIVE down AS (
                 SELECT id FROM partners_partner WHERE id = %s
                 UNION SELECT p.id FROM partners_partner p JOIN down d ON p.parent_id = d.id)
               SELECT id FROM down""",
            [pk],
        )
        return [row[0] for row in cursor.fetchall()]


def _place(members: Sequence[Partner], day: dt.date) -> None:
    """Puts partners, not to be saved, where they stood on a day; as they are now where that isn't known."""
    rows = Placement.objects.unscoped("of partners the caller has scoped").filter(
        partner__in=[member.pk for member in members], starts_on__lte=day
    )
    rows = rows.select_related("stage", "tier").order_by("partner_id", "-starts_on").distinct("partner_id")
    placed: dict[int, tuple[LifeStage, Tier | None]] = {row.partner_id: (row.stage, row.tier) for row in rows}
    for member in members:
        if member.pk in placed:
            member.stage, member.tier = placed[member.pk]


def _recorded(ids: Sequence[int]) -> dt.datetime | None:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT greatest(
                 (SELECT max(updated_at) FROM pipeline_salesresult WHERE partner_id = ANY(%(ids)s)),
                 (SELECT max(d.updated_at) FROM pipeline_deal d JOIN pipeline_dealshare s ON s.deal_id = d.id
                   WHERE s.partner_id = ANY(%(ids)s)),
                 (SELECT max(created_at) FROM pipeline_targetversion WHERE partner_id = ANY(%(ids)s)),
                 (SELECT max(created_at) FROM pipeline_metricvalue WHERE partner_id = ANY(%(ids)s)),
                 (SELECT max(created_at) FROM partners_certification WHERE partner_id = ANY(%(ids)s)),
                 (SELECT max(at) FROM partners_taskdone WHERE partner_id = ANY(%(ids)s)))""",
            {"ids": list(ids)},
        )
        found: dt.datetime | None = cursor.fetchone()[0]
        return found
