"""Deals that partners registered: most became deals and are protected or were, some wait for a decision, two for one customer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import User
from accounts.permissions import Permission
from dealdesk import matching, policy, rules
from dealdesk.actions.checking import look
from dealdesk.models import Conflict, Registration, Step
from dealdesk.policy import RegistrationPolicy
from demo.names import Names
from demo.world import Member, World
from partners.queries import holders
from pipeline.models import Deal, ProductLine
from prm.common.models import Policy
from prm.common.workcal import WorkCalendar

State, Kind = Registration.State, Step.Kind
SELLING = ("activate", "accelerate", "mature")
RULES = RegistrationPolicy(
    minimum=Decimal(2000), discounts={"silver": Decimal(3), "gold": Decimal(5), "platinum": Decimal(8)}
)
NEEDS = (
    "Replaces what is out of support by the end of the year.",
    "Opens a second site and wants one contact for all of it.",
    "Has had two outages and looks for something that can be looked after from outside.",
    "Wi-Fi for the halls; the tender goes out next month.",
    "Moves its data centre and renews the network along with it.",
)
APPROVED = (
    "Known need, budget confirmed.",
    "First to bring it, and close to the customer.",
    "Fits their certification.",
)
RETURNED = "Which of the two sites is it for, and who decides there?"
REJECTED = "This customer buys by framework contract; there is nothing to register."
WITHDRAWN = "The customer has stopped the project."
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass
class Desk:
    """What the makers of registrations share; a chance of their own, so that the rest of the demo doesn't depend on them."""

    world: World
    random: Random
    calendar: WorkCalendar
    sellers: dict[int, User]  # by partner
    lines: Sequence[ProductLine]

    def moment(self, day: dt.date) -> dt.datetime:
        """Some time of the working day."""
        minutes = self.random.randrange(8 * 60 + 30, 17 * 60)
        return dt.datetime.combine(day, dt.time(minutes // 60, minutes % 60), ZoneInfo(self.world.profile.time_zone))


def make(world: World, members: Sequence[Member]) -> None:
    """Registrations of all partners that sell; their deals are in the database already."""
    _rule(world)
    desk = Desk(
        world,
        Random(f"{world.profile.seed} registrations"),
        WorkCalendar(world.profile.time_zone),
        _sellers(),
        list(ProductLine.objects.order_by("order", "pk")),
    )
    rows = Deal.objects.unscoped("the demo").filter(registered_on__isnull=False, customer__isnull=False)
    for deal in rows.select_related("customer", "product_line", "partner__tier", "partner__cam").order_by(
        "external_id"
    ):
        _registered(desk, deal)
    _waiting(desk, [member for member in members if member.stage(world.today) in SELLING and member.partner.cam])
    world.batch.flush()
    waiting = Registration.objects.unscoped("the demo").filter(state=State.SUBMITTED)
    for registration in waiting.order_by("submitted_at", "pk"):
        look(registration)
        Registration.objects.unscoped("the demo").filter(pk=registration.pk).update(
            may_exist=registration.flag == Registration.Flag.FLAGGED
        )
    for conflict in Conflict.objects.unscoped("the demo").select_related("registration"):
        conflict.found_at = conflict.registration.submitted_at
        conflict.save()


def _rule(world: World) -> None:
    starts_on = world.quarters[0].start
    Policy.objects.update_or_create(
        kind=policy.KIND,
        starts_on=starts_on,
        defaults={"data": policy.data(RULES), "created_by": world.operations},
    )


def _sellers() -> dict[int, User]:
    found: dict[int, User] = {}
    for user in holders(Permission.SELL).filter(membership__isnull=False).select_related("membership"):
        found.setdefault(user.membership.partner_id, user)
    return found


def _registered(desk: Desk, deal: Deal) -> None:
    """The registration that a deal came from, approved on the day it was registered."""
    world, random = desk.world, desk.random
    first = deal.registered_on
    assert first is not None
    assert deal.customer is not None
    at = desk.moment(first)
    sent = at - dt.timedelta(hours=random.randint(3, 40))
    ends = rules.protected_until(first, RULES.protection_days)
    renewed = random.random() < 0.25 and ends + dt.timedelta(days=-20) < world.yesterday
    lasts = rules.protected_until(ends, RULES.protection_days) if renewed else ends
    is_over = lasts < world.today
    made = _row(
        desk,
        deal.partner,
        at=sent,
        customer_name=deal.customer.name,
        domain=deal.customer.domain,
        country=deal.customer.country or deal.partner.country,
        amount=deal.amount,
        currency=deal.currency,
        expected_close=deal.expected_close or lasts,
        state=State.EXPIRED if is_over else State.APPROVED,
        flag=Registration.Flag.CLEAR,
        decided_by=world.operations,
        decided_at=at,
        reason=random.choice(APPROVED),
        protected_from=first,
        expires_on=lasts,
        renewals=int(renewed),
        discount=RULES.discount(deal.partner.tier.key if deal.partner.tier else None),
        deal=deal,
    )
    _line(desk, made, deal.product_line or desk.lines[0])
    details: dict[str, Any] = {"protected_until": ends.isoformat(), "deal": deal.pk}
    if made.discount is not None:
        details["discount"] = f"{made.discount:f}"
    _step(desk, made, Kind.APPROVED, at, world.operations, made.reason, details)
    if renewed:
        day = min(world.yesterday, ends - dt.timedelta(days=4))
        by, when = made.created_by, desk.moment(day)
        _step(desk, made, Kind.PROOF_ACCEPTED, when - dt.timedelta(hours=1), deal.partner.cam, "The pilot runs.")
        _step(desk, made, Kind.RENEWED, when, by, "", {"protected_until": lasts.isoformat()})
    if is_over:
        _step(desk, made, Kind.EXPIRED, desk.moment(lasts + dt.timedelta(days=1)), None)


def _waiting(desk: Desk, members: Sequence[Member]) -> None:
    """What is under way: of the first partners of each CAM, so that each has something to look at."""
    world, random = desk.world, desk.random
    names = Names(random)
    seen: dict[int | None, int] = {}
    last: Registration | None = None
    for member in members:
        number = seen.setdefault(member.partner.cam_id, 0)
        seen[member.partner.cam_id] += 1
        if number > 5:
            continue
        company = names.company([member.partner.country])
        customer = {"customer_name": company.name, "domain": company.domain, "country": member.partner.country}
        if number == 1 and last is not None:  # the same customer as another partner's, a little later
            customer = {"customer_name": last.customer_name, "domain": f"www.{last.domain}", "country": last.country}
        day = world.yesterday - dt.timedelta(days=random.randint(0, 1) if number < 2 else random.randint(5, 25))
        made = _under_way(desk, member, number, desk.moment(day), customer)
        if number == 0:
            last = made


def _under_way(desk: Desk, member: Member, number: int, at: dt.datetime, customer: dict[str, str]) -> Registration:
    world, random = desk.world, desk.random
    state = (State.SUBMITTED, State.SUBMITTED, State.RETURNED, State.REJECTED, State.WITHDRAWN, State.DRAFT)[number]
    decided = at + dt.timedelta(hours=5)
    is_decided = state in (State.RETURNED, State.REJECTED)
    reason = {State.RETURNED: RETURNED, State.REJECTED: REJECTED, State.WITHDRAWN: WITHDRAWN}.get(state, "")
    made = _row(
        desk,
        member.partner,
        at=at,
        **customer,
        amount=Decimal(random.randrange(8_000, 90_000, 500)),
        currency=world.profile.currency,
        expected_close=world.today + dt.timedelta(days=random.randint(20, 120)),
        state=state,
        reason=reason,
        decided_by=world.operations if is_decided else None,
        decided_at=decided if is_decided else None,
        place_until=rules.place_until(decided, RULES, desk.calendar) if state == State.RETURNED else None,
        flag=Registration.Flag.UNCHECKED if state in (State.DRAFT, State.SUBMITTED) else Registration.Flag.CLEAR,
    )
    _line(desk, made, desk.lines[0] if number < 2 else random.choice(desk.lines))
    if is_decided:
        until = {"until": made.place_until.isoformat()} if made.place_until else {}
        kind = Kind.RETURNED if state == State.RETURNED else Kind.REJECTED
        _step(desk, made, kind, decided, world.operations, reason, until)
    elif state == State.WITHDRAWN:
        _step(desk, made, Kind.WITHDRAWN, decided, made.created_by, reason)
    return made


def _row(desk: Desk, partner: Any, *, at: dt.datetime, **fields: Any) -> Registration:
    """A registration and that it was submitted, unless it is a draft."""
    own = desk.sellers.get(partner.pk)
    name, domain = fields["customer_name"], fields.pop("domain")
    is_draft = fields["state"] == State.DRAFT
    made = Registration(
        partner=partner,
        reference="R-" + "".join(desk.random.choice(_LETTERS) for _letter in range(7)),
        name_key=matching.name_key(name)[:200],
        registrable=matching.registrable(domain),
        domain=domain,
        need=desk.random.choice(NEEDS),
        submitted_at=None if is_draft else at,
        decide_by=None if is_draft else rules.decide_by(at, RULES, desk.calendar),
        by_vendor=own is None,
        created_by=own or partner.cam,
        created_at=at,
        updated_at=at,
        revision=1,
        **fields,
    )
    desk.world.batch.add(made)
    if is_draft:
        desk.world.batch.log(at, made.created_by, "registration.started", made, in_history=False)
    else:
        _step(desk, made, Kind.SUBMITTED, at, made.created_by)
    return made


def _line(desk: Desk, registration: Registration, line: ProductLine) -> None:
    through: Any = Registration.product_lines.through
    desk.world.batch.add(through(registration=registration, productline=line))


def _step(
    desk: Desk,
    registration: Registration,
    kind: Step.Kind,
    at: dt.datetime,
    by: User | None,
    reason: str = "",
    details: dict[str, Any] | None = None,
) -> None:
    desk.world.batch.add(Step(registration=registration, kind=kind, at=at, by=by, reason=reason, details=details or {}))
    desk.world.batch.log(at, by, f"registration.{kind.value}", registration, note=reason)
