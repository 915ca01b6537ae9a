"""Who may decide the steps that wait: people by level, delegations of today, and whose each request or claim is."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.permissions import ROLES, Permission, Role
from marketing.models import Activity
from mdf import steps
from mdf.models import ApprovalStep, Claim, Delegation, Request
from mdf.models.request import in_place_rule
from mdf.steps import Decider, Level
from partners.models import Partner, RegionLimit
from prm.common import once
from prm.common.vendor import today

WAITING = ApprovalStep.State.WAITING
_DECIDE = [role for role in Role if Permission.DECIDE_MDF in ROLES[role]]


Place = tuple[int | None, int | None, int | None]  # a partner's CAM, cover and region: who decides hangs on them


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
        self._with: dict[str, list[int]] = defaultdict(list)
        people = User.objects.filter(is_active=True, groups__name__in=_DECIDE).order_by("pk")
        for pk, role in people.values_list("pk", "groups__name"):
            self._with[role].append(pk)
        self._people = {pk for having in self._with.values() for pk in having}
        self._limits: dict[int, set[int]] = defaultdict(set)
        for pk, region in RegionLimit.objects.filter(user__in=self._with[Role.CHIEF]).values_list("user", "region"):
            self._limits[pk].add(region)
        self._delegates: dict[int, list[int]] = defaultdict(list)
        for row in _today():
            if row.delegate_id in self._people:
                self._delegates[row.person_id].append(row.delegate_id)
        self._at: dict[Place, Mapping[Level, tuple[int, ...]]] = {}
        self._of: dict[tuple[str, Place, frozenset[int], bool], tuple[Decider, ...]] = {}

    def at(self, key: Place) -> Mapping[Level, tuple[int, ...]]:
        """Who stands at each level for a partner: its CAM and cover, the marketing managers, the chiefs of its region, the vendor's
        admins and operations."""
        if key not in self._at:
            cams = dict.fromkeys(pk for pk in key[:2] if pk in self._people)
            chiefs = (pk for pk in self._with[Role.CHIEF] if not self._limits.get(pk) or key[2] in self._limits[pk])
            self._at[key] = {
                Level.CAM: tuple(pk for pk in cams if pk is not None),
                Level.MARKETING: tuple(self._with[Role.MARKETING]),
                Level.CHIEF: tuple(chiefs),
                Level.ADMIN: tuple(sorted({*self._with[Role.ADMIN], *self._with[Role.OPERATIONS]})),
            }
        return self._at[key]

    def deciders(self, step: ApprovalStep, own: Iterable[int]) -> tuple[Decider, ...]:
        partner = step.of.partner
        place = (partner.cam_id, partner.cover_id, partner.region_id)
        return self.of_step(step.level, place, own, step.escalated_at is not None)

    def of_step(self, level: str, place: Place, own: Iterable[int], escalated: bool) -> tuple[Decider, ...]:
        key = (level, place, frozenset(own) & self._people, escalated)
        if key not in self._of:
            self._of[key] = steps.deciders(
                Level(level), at=self.at(place), own=key[2], delegates=self._delegates, escalated=escalated
            )
        return self._of[key]


def own(of: Request | Claim) -> frozenset[int]:
    """Whose it is: who created it, submitted it, or last changed an amount of it. A request is its plan's: also who made that, or changed
    an amount of one of its activities."""
    if isinstance(of, Claim):
        return _people(of.created_by_id, of.submitted_by_id, of.amounts_by_id)
    plan = of.plan
    changed = _changed_amounts([plan.pk])[plan.pk]
    return _people(plan.created_by_id, plan.submitted_by_id, plan.amounts_by_id, of.submitted_by_id, *changed)


def _people(*pks: int | None) -> frozenset[int]:
    return frozenset(pk for pk in pks if pk is not None)


def _changed_amounts(plans: Iterable[int]) -> dict[int, set[int]]:
    """By plan: who changed an amount of an activity last."""
    found: dict[int, set[int]] = defaultdict(set)
    activities = Activity.objects.unscoped("whose amounts they are").filter(
        plan__in=list(plans), amounts_by__isnull=False
    )
    for plan, person in activities.order_by().values_list("plan", "amounts_by").distinct():
        found[plan].add(person)
    return found


def current(of: Request | Claim) -> ApprovalStep | None:
    """The step that waits."""
    rows = ApprovalStep.objects.unscoped("of one in hand").filter(state=WAITING)
    rows = rows.filter(claim=of) if isinstance(of, Claim) else rows.filter(request=of)
    return rows.select_related("request__partner", "request__fund", "claim__partner", "claim__request__fund").first()


@dataclass(frozen=True)
class Waits:
    """A step that somebody may decide, and how; `of` is the request or the claim, `name` its partner's."""

    step: int
    of: int
    is_claim: bool
    partner: int
    name: str
    decide_by: dt.datetime | None
    decider: Decider


_OF = {
    "request": ("request__plan__created_by", "request__plan__submitted_by", "request__plan__amounts_by", "request__submitted_by"),
    "claim": ("claim__created_by", "claim__submitted_by", "claim__amounts_by"),
}  # fmt: skip


def waits_for(user: User, *, before: dt.datetime | None = None) -> list[Waits]:
    """The steps this user may decide today, what is due first before the others; of those due `before` a moment, where one is given."""
    if not user.can(Permission.DECIDE_MDF):
        return []
    rows = ApprovalStep.objects.unscoped("narrowed to who may decide them").filter(_in_sight(user), state=WAITING)
    if before is not None:
        rows = rows.filter(decide_by__lt=before)
    partner = [f"{of}__partner{part}" for of in _OF for part in ("", "__name", "__cam", "__cover", "__region")]
    names = ["pk", "level", "escalated_at", "decide_by", "request", "claim", "request__plan", *partner, *_OF["request"], *_OF["claim"]]  # fmt: skip
    found = list(rows.order_by("decide_by", "pk").values(*names))
    if not found:
        return []
    standing = Standing()
    changed = _changed_amounts(row["request__plan"] for row in found if row["request"])
    mine = []
    for row in found:
        of = "request" if row["request"] else "claim"
        place = tuple(row[f"{of}__partner__{part}"] for part in ("cam", "cover", "region"))
        whose = _people(*(row[name] for name in _OF[of]), *changed.get(row["request__plan"], ()))
        deciders = standing.of_step(row["level"], place, whose, row["escalated_at"] is not None)
        mine += [
            Waits(
                row["pk"],
                row[of],
                of == "claim",
                row[f"{of}__partner"],
                row[f"{of}__partner__name"],
                row["decide_by"],
                one,
            )
            for one in deciders
            if one.person == user.pk
        ][:1]
    return mine


def waiting_for(user: User) -> dict[ApprovalStep, Decider]:
    """The same, with the steps and what it takes to say what each is of."""
    mine = {found.step: found.decider for found in waits_for(user)}
    return {row: mine[row.pk] for row in to_show(mine).order_by("decide_by", "pk")} if mine else {}


def to_show(found: Iterable[int]) -> QuerySet[ApprovalStep]:
    """Steps that `waits_for` found, by id, with what it takes to say what each is of."""
    rows = ApprovalStep.objects.unscoped("those the user may decide").filter(pk__in=list(found))
    return rows.select_related(
        "request__partner", "request__plan", "claim__partner", "claim__request", "claim__line__activity"
    )


def may_decide(user: User, of: Request | Claim) -> Decider | None:
    """How this user may decide the step that waits, at which level and in whose place; None where they may not."""
    step = current(of)
    if step is None or not user.can(Permission.DECIDE_MDF):
        return None
    return next((one for one in Standing().deciders(step, own(of)) if one.person == user.pk), None)


def deciders(step: ApprovalStep) -> list[tuple[User, Decider]]:
    """Who may decide a step today, the lowest level first."""
    found = Standing().deciders(step, own(step.of))
    people = User.objects.in_bulk([one.person for one in found])
    return [(people[one.person], one) for one in found]


@in_place_rule
def in_place_of_others(user: User, of: str) -> list[int]:
    """The ids of the requests or claims (`of`) that wait for this user in the place of somebody else."""
    if not any(row.delegate_id == user.pk for row in _today()):
        return []
    return [
        found.of
        for found in waits_for(user)
        if found.decider.in_place_of is not None and found.is_claim == (of == "claim")
    ]


def _in_sight(user: User) -> Q:
    """What the user, or one in whose place they decide, sees of partners."""
    seen = Q(pk__in=[])
    for person in (user, *(row.person for row in _today() if row.delegate_id == user.pk)):
        partners = Partner.objects.visible_to(person).order_by().values("pk")
        seen |= Q(request__partner__in=partners) | Q(claim__partner__in=partners)
    return seen
