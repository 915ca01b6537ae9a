"""The performance scorecard of one partner or family, as one user may see it: what page, API, PDF and XLSX are made from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property

from django.core.exceptions import PermissionDenied
from django.db import connection

from accounts.models import User
from accounts.permissions import Permission
from partners.models import LifeStage, Partner, Placement, Tier
from prm.common.explain import Explanation
from prm.common.vendor import today
from scorecards import queries
from scorecards.models import Assessment, Questionnaire
from scorecards.performance import moving, plan, quarters
from scorecards.performance.benchmarks import benchmark
from scorecards.performance.figures import Figures
from scorecards.performance.inputs import Inputs
from scorecards.performance.links import Links
from scorecards.performance.policies import Policies, in_force
from scorecards.performance.potential import Benchmark
from scorecards.performance.reading import Reader


class Performance:
    """The scorecard of `partner`, which the caller has found among those `user` may see, as of `day` (None: today).

    `family`: with its branches and theirs, as far as the user may see them. `shared`: as the partner's side sees it, without what
    is internal; on that side it is always so. Raises PermissionDenied for who may not see performance.
    """

    def __init__(
        self, user: User, partner: Partner, day: dt.date | None = None, *, family: bool = False, shared: bool = False
    ) -> None:
        if not (user.is_partner_side or user.can(Permission.SEE_PERFORMANCE)):
            raise PermissionDenied
        self.user, self.partner, self.family = user, partner, family
        self.shared = shared or user.is_partner_side
        self.today = today()
        self.day = day or self.today

    @cached_property
    def members(self) -> Sequence[Partner]:
        """The partner first, then its branches, each in the tier and life stage of the day."""
        ids = _family(self.partner.pk) if self.family else [self.partner.pk]
        rows = Partner.objects.visible_to(self.user).filter(pk__in=ids)
        found = list(rows.select_related("tier", "stage", "partner_type").distinct())
        found.sort(key=lambda member: (member.pk != self.partner.pk, member.name, member.pk))
        if self.day < self.today:
            _place(found, self.day)
        return found

    @cached_property
    def inputs(self) -> Inputs:
        links = Links(self.user, self.partner, None if self.day == self.today else self.day, family=self.family)
        return self._reader.inputs(links)

    @cached_property
    def _policies(self) -> Policies:
        return in_force(self.day)

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self.user, self.members, self.day, self._policies)

    @cached_property
    def figures_of(self) -> Figures:
        """The figures as rules: any key they can explain, any day."""
        head, shared = self.members[0], self.shared
        return Figures(
            inputs=self.inputs,
            day=self.day,
            rules=self._policies.rules(head.stage.key),
            capability=None if shared else self._capability(),
            benchmark=Benchmark("") if shared else benchmark(head, self.day, self._reader.rates, self._policies),
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

    @cached_property
    def figures(self) -> dict[str, Explanation]:
        """All figures by their keys, in their order."""
        rules = self.figures_of
        return {key: found for key in rules.keys() if (found := rules.explain(key))}  # noqa: SIM118  it is no mapping

    def explain(self, key: str) -> Explanation | None:
        """The figure under a key, see `figures.NAMES`; None where there is no such figure for this user."""
        return self.figures_of.explain(key)

    def is_internal(self, key: str) -> bool:
        return self.figures_of.is_internal(key)

    @cached_property
    def quarters(self) -> list[quarters.Row]:
        return quarters.quarter_table(self.figures_of)

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
