"""Who may decide the steps that wait: people by level, delegations of today, and whose each request or claim is."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.permissions import ROLES, Permission, Role
from marketing.models import Activity
from mdf import steps
from mdf.models import ApprovalStep, Claim, Delegation, Request
from mdf.models.request import in_place_rule
from mdf.steps import Decider, Level
from partners.models import Partner
from prm.common import once
from prm.common.vendor import today

WAITING = ApprovalStep.State.WAITING
_DECIDE = [role for role in Role if Permission.DECIDE_MDF in ROLES[role]]


def delegations(day: dt.date) -> QuerySet[Delegation]:
    """Those in force on a day."""
    rows = Delegation.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)
    return rows.filter(person__is_active=True, delegate__is_active=True)


def _today() -> list[Delegation]:
    """Those in force today; every read of requests and claims asks for them."""
    return once.read("delegations", lambda: list(delegations(today()).select_related("person").order_by("pk")))


class Standing:
    """Who stands where today. Read once, it answers for any number of steps."""

    def __init__(self) -> None:
        people = User.objects.filter(is_active=True, groups__name__in=_DECIDE).distinct().order_by("pk")
        self._people = {user.pk: user for user in people.prefetch_related("groups", "region_limits")}
        self._delegates: dict[int, list[int]] = defaultdict(list)
        for row in _today():
            if row.delegate_id in self._people:
                self._delegates[row.person_id].append(row.delegate_id)

    def at(self, partner: Partner) -> Mapping[Level, tuple[int, ...]]:
        """Who stands at each level for a partner: its CAM and cover, the marketing managers, the chiefs of its region, the vendor's
        admins and operations."""
        cams = dict.fromkeys(pk for pk in (partner.cam_id, partner.cover_id) if pk in self._people)
        chiefs = [user.pk for user in self._with(Role.CHIEF) if self._is_chief_of(user, partner)]
        return {
            Level.CAM: tuple(pk for pk in cams if pk is not None),
            Level.MARKETING: tuple(user.pk for user in self._with(Role.MARKETING)),
            Level.CHIEF: tuple(chiefs),
            Level.ADMIN: tuple(user.pk for user in self._with(Role.ADMIN, Role.OPERATIONS)),
        }

    def deciders(self, step: ApprovalStep, own: Iterable[int]) -> tuple[Decider, ...]:
        return steps.deciders(
            Level(step.level),
            at=self.at(step.of.partner),
            own=frozenset(own),
            delegates=self._delegates,
            escalated=step.escalated_at is not None,
        )

    def user(self, pk: int) -> User:
        return self._people[pk]

    def _with(self, *roles: Role) -> list[User]:
        return [user for user in self._people.values() if user.roles & set(roles)]

    def _is_chief_of(self, user: User, partner: Partner) -> bool:
        limits = {limit.region_id for limit in user.region_limits.all()}
        return not limits or partner.region_id in limits


def own(of: Request | Claim) -> frozenset[int]:
    """Whose it is: who created it, submitted it, or last changed an amount of it."""
    return own_of([of])[of]


def own_of(rows: Iterable[Request | Claim]) -> dict[Request | Claim, frozenset[int]]:
    """The same of many. A request is its plan's: also who made that, or changed an amount of one of its activities."""
    found: dict[Request | Claim, set[int | None]] = {}
    by_plan: dict[int, set[int | None]] = {}
    for row in rows:
        if isinstance(row, Claim):
            found[row] = {row.created_by_id, row.submitted_by_id, row.amounts_by_id}
        else:
            plan = row.plan
            found[row] = {plan.created_by_id, plan.submitted_by_id, plan.amounts_by_id, row.submitted_by_id}
            by_plan[plan.pk] = found[row]
    if by_plan:
        activities = Activity.objects.unscoped("whose amounts they are").filter(plan__in=list(by_plan))
        for plan_id, person in activities.order_by().values_list("plan", "amounts_by").distinct():
            by_plan[plan_id].add(person)
    return {row: frozenset(pk for pk in people if pk is not None) for row, people in found.items()}


def current(of: Request | Claim) -> ApprovalStep | None:
    """The step that waits."""
    rows = ApprovalStep.objects.unscoped("of one in hand").filter(state=WAITING)
    rows = rows.filter(claim=of) if isinstance(of, Claim) else rows.filter(request=of)
    return rows.select_related("request__partner", "request__fund", "claim__partner", "claim__request__fund").first()


def waiting_steps() -> QuerySet[ApprovalStep]:
    """All that wait, with what it takes to say for whom."""
    rows: QuerySet[ApprovalStep] = ApprovalStep.objects.unscoped("narrowed to who may decide them").filter(
        state=WAITING
    )
    return rows.select_related(
        "request__partner", "request__plan", "claim__partner", "claim__request", "claim__line__activity"
    )


def waiting_for(user: User, steps_of: QuerySet[ApprovalStep] | None = None) -> dict[ApprovalStep, Decider]:
    """The steps this user may decide today, what is due first before the others, and in whose place."""
    if not user.can(Permission.DECIDE_MDF):
        return {}
    rows = list((waiting_steps() if steps_of is None else steps_of).filter(_in_sight(user)).order_by("decide_by", "pk"))
    if not rows:
        return {}
    standing = Standing()
    whose = own_of([row.of for row in rows])
    found: dict[ApprovalStep, Decider] = {}
    for row in rows:
        mine = [one for one in standing.deciders(row, whose[row.of]) if one.person == user.pk]
        if mine:
            found[row] = mine[0]
    return found


def may_decide(user: User, of: Request | Claim) -> Decider | None:
    """How this user may decide the step that waits, at which level and in whose place; None where they may not."""
    step = current(of)
    if step is None or not user.can(Permission.DECIDE_MDF):
        return None
    return next((one for one in Standing().deciders(step, own(of)) if one.person == user.pk), None)


def deciders(step: ApprovalStep) -> list[tuple[User, Decider]]:
    """Who may decide a step today, the lowest level first."""
    standing = Standing()
    return [(standing.user(one.person), one) for one in standing.deciders(step, own(step.of))]


@in_place_rule
def in_place_of_others(user: User, of: str) -> list[int]:
    """The ids of the requests or claims (`of`) that wait for this user in the place of somebody else."""
    if not any(row.delegate_id == user.pk for row in _today()):
        return []
    return [
        pk
        for step, decider in waiting_for(user).items()
        if decider.in_place_of is not None and (pk := getattr(step, f"{of}_id")) is not None
    ]


def _in_sight(user: User) -> Q:
    """What the user, or one in whose place they decide, sees of partners."""
    seen = Q(pk__in=[])
    for person in (user, *(row.person for row in _today() if row.delegate_id == user.pk)):
        partners = Partner.objects.visible_to(person).order_by().values("pk")
        seen |= Q(request__partner__in=partners) | Q(claim__partner__in=partners)
    return seen
