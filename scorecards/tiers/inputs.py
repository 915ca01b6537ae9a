"""The inputs of the performance scorecard's figures for many partners at once, as the rules read them.

Rules judge everybody alike: what a partner has counts in full, whoever looks at the page. So nothing here is narrowed to what
a reader may see; only the outcome is shown.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from accounts.models import User
from accounts.permissions import Permission, Role
from partners.models import Partner
from pipeline.policies import Origin
from scorecards.performance.inputs import DEALS, REVENUE, Daily, Inputs, added
from scorecards.performance.people import People
from scorecards.performance.reading import Converted, Reader, Targeted

if TYPE_CHECKING:
    from scorecards.tiers.reading import Families


# What each code looks at.
ACTUALS = frozenset({"revenue", "attainment", "growth", "pipeline_coverage"})
OF_TARGETS = frozenset({"attainment", "pipeline_coverage"})
OF_DEALS = frozenset({"pipeline_coverage", "won_deals", "won_value", "partner_led_share"})


class _Rules:
    """Stands where a reader's user does, and sees what operations see."""

    is_active = True
    is_partner_side = False
    roles = frozenset({Role.OPERATIONS})

    def can(self, permission: Permission) -> bool:
        return True


@dataclass(frozen=True)
class Known:
    """What is known of a family. `planned`: as held against its plan, which counts deals for partners that don't sell
    themselves; `sold`: the same with what was sold for money as its actuals."""

    planned: Inputs
    sold: Inputs


class _Reader(Reader):
    def __init__(self, members: Sequence[Partner], day: dt.date, since: dt.date) -> None:
        super().__init__(cast(User, _Rules()), members, day)
        self.since = since

    @cached_property
    def first(self) -> dt.date:
        year = self.calendar.year_of(self.day).previous
        return min(self.since, year.start)

    def families(self, families: "Families", codes: Collection[str]) -> Iterator[tuple[int, Known]]:
        """Each family added up, its head first. What none of these metrics looks at is not read."""
        from_results = self.actuals.origin is Origin.RESULTS
        planned_by = ACTUALS.intersection(codes) - {"revenue"}
        deals = self._deals() if OF_DEALS.intersection(codes) or planned_by or not from_results else {}
        targeted = self._targets() if OF_TARGETS.intersection(codes) else {}
        sold: dict[int, Converted] = {}
        if ACTUALS.intersection(codes):
            sold = self._results() if from_results else self._won(deals)
        counted = self._counted(deals)
        people = People(self.user, self.members, self.day)
        by_pk: dict[int, Partner] = {member.pk: member for member in self.members}
        for top, members in families.items():
            sells = by_pk[top].partner_type.transacts
            plan, planned = (REVENUE, sold) if sells else (DEALS, counted)
            parts, money = [], []
            for pk in members:
                # Deals that were brought are never added to money that was sold.
                alike = by_pk[pk].partner_type.transacts == sells
                due = targeted.get(pk, Targeted())
                part = Inputs(
                    currency=self.rates.reporting, calendar=self.calendar, plan=plan,
                    targets={code: months for code, months in due.values.items() if alike or code != plan},
                    target_lacks={code: months for code, months in due.lacks.items() if alike or code != plan},
                    deals=tuple(deals.get(pk, ())),
                    tasks=tuple(people.tasks(by_pk[pk])) if "tasks_done" in codes else (),
                    **_actuals(planned.get(pk, Converted()) if alike else Converted()),
                )  # fmt: skip
                parts.append(part)
                money.append(replace(part, **_actuals(sold.get(pk, Converted()))))
            yield top, Known(added(parts), added(money))


def _actuals(converted: Converted) -> dict[str, Any]:
    return {"actuals": Daily(converted.amounts), "actual_lacks": tuple(sorted(converted.lacks))}


def of_families(
    families: "Families", day: dt.date, *, since: dt.date, codes: Collection[str]
) -> Iterator[tuple[int, Known]]:
    """(partner, what is known of it and its branches) as of a day, of what happened from `since` at least, and of it what
    the metrics with these codes look at."""
    ids = {member for members in families.values() for member in members}
    partners = Partner.objects.unscoped("of partners the caller has scoped, and their branches")
    members = list(partners.filter(pk__in=ids).select_related("partner_type").order_by("pk"))
    yield from _Reader(members, day, since).families(families, codes)
