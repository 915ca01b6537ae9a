"""Business plans of partners: most have signed one, some their second, some are at it, one waits for a signature too long."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random
from typing import Any

from accounts.models import User
from accounts.permissions import Role
from demo.world import Member, World
from partners.models import Membership
from pipeline import queries as sales
from pipeline.models import TargetMonth, TargetVersion
from pipeline.policies import actuals_on
from planning import commitment, defaults, document, signing
from planning.document import Plan
from planning.following import follow
from planning.forecast.assumptions import Assumptions, Line, OneTime, Recurring, Seller
from planning.forecast.result import Forecast, forecast
from planning.models import BusinessPlan, PlanMonth, PlanSignature, Reforecast, Side, SignatureRequest
from planning.reading import OBJECTIVES
from prm.common.fiscal import Month
from prm.common.vendor import rates

SELLING = ("activate", "accelerate", "mature")
Status = BusinessPlan.Status
SIGNED, AGAIN, WAITING, DRAFT, NOTHING = "signed", "again", "waiting", "draft", "nothing"
# Of a diligent CAM's partners; what is missing to 1 has no plan.
LIKELY = {SIGNED: 0.42, AGAIN: 0.16, DRAFT: 0.14}
UNSIGNED = 31  # days that the one has waited
PEOPLE = Decimal(1_000_000)  # of revenue a year: what the people of a benchmark stand for
TEXTS = {
    "value_proposition": "One contact for advice, installation and the years after: {name} knows the customers, the software saves them a system.",
    "verticals": "Health care, local government and manufacturers with 50 to 500 people.",
    "competitors": "The large suites, sold at a discount at the end of the quarter; and doing nothing.",
    "strengths": "Strong: close to customers, two certified engineers. Weak: few new customers a year, no marketing of its own.",
}
NOTES = (
    "Two projects slipped into the next quarter; the year still holds.",
    "As planned. The hire starts a month later.",
    "Better than planned since the campaign; we leave the rest as it is.",
    "",
)


@dataclass
class Desk:
    world: World
    random: Random
    diligence: dict[User, float]


def make(world: World, members: Sequence[Member]) -> None:
    """Plans of all partners that sell; what they sold is in the database already."""
    cams = {cam.user: cam.diligence for cam in world.cams}
    desk = Desk(world, Random(f"{world.profile.seed} plans"), cams)
    waits = _to_wait(world, members)
    states = [
        (member, AGAIN if number == 0 else WAITING if member is waits else _state(desk, member))
        for number, member in enumerate(members)
        if member.stage(world.today) in SELLING and member.partner.cam
    ]
    for member, state in states:
        if state in (SIGNED, AGAIN, WAITING):
            _invite(world, member)
    world.batch.flush()
    signed = [(member, plan) for member, state in states for plan in _plans(desk, member, state)]
    world.batch.flush()
    for member, plan in signed:
        _reforecasts(desk, member, plan)
    world.batch.flush()


def _to_wait(world: World, members: Sequence[Member]) -> Member | None:
    """The plan that is chased is of a partner of the CAM who signs in."""
    cam = world.staff[Role.CAM]
    own = (m for m in members[2:] if m.partner.cam == cam and m.stage(world.today) in SELLING)
    return next(own, None)


def _state(desk: Desk, member: Member) -> str:
    diligence = desk.diligence.get(member.partner.cam, 0.5) if member.partner.cam else 0.0
    chance = desk.random.random()
    for state, likely in LIKELY.items():
        chance -= likely * (0.6 + 0.4 * diligence)
        if chance < 0:
            return state
    return NOTHING


def _plans(desk: Desk, member: Member, state: str) -> list[BusinessPlan]:
    """Makes the partner's versions; returns those that were signed."""
    world = desk.world
    if state == NOTHING:
        return []
    if state in (WAITING, DRAFT):
        begun = world.today - dt.timedelta(days=UNSIGNED + 6 if state == WAITING else desk.random.randint(1, 25))
        plan = _draft(desk, member, 1, begun, None)
        if state == WAITING:
            _asked(desk, member, plan, world.today - dt.timedelta(days=UNSIGNED))
        return []
    last = world.today - dt.timedelta(days=desk.random.randint(70, 400 if state == SIGNED else 200))
    if member.stage(last) not in SELLING:
        last = world.today - dt.timedelta(days=20)
    first: BusinessPlan | None = None
    if state == AGAIN and member.stage(before := last - dt.timedelta(days=370)) in SELLING:
        first = _draft(desk, member, 1, before - dt.timedelta(days=12), None)
        _commit(desk, member, first, before)
        first.status, first.superseded_at = Status.SUPERSEDED, world.moment(last)
    plan = _draft(desk, member, 2 if first else 1, last - dt.timedelta(days=9), first)
    _commit(desk, member, plan, last)
    return [first, plan] if first else [plan]


# ── What a plan says ─────────────────────────────────────────────────────────────────────────────────────────────────


def _draft(desk: Desk, member: Member, number: int, begun: dt.date, follows: BusinessPlan | None) -> BusinessPlan:
    """A draft that the CAM began on a day, from the benchmark of its type, fitted to what the partner sold the year before."""
    world, partner = desk.world, member.partner
    month = Month(begun.year, begun.month).next
    texts = {name: text.format(name=partner.name) for name, text in TEXTS.items()}
    plan = Plan(_assumptions(desk, member, month), texts=texts)
    by, at = member.partner.cam, world.moment(begun)
    made = BusinessPlan(
        partner=partner, number=number, status=Status.DRAFT, first_month=month.start, currency=world.profile.currency,
        scenario="base", content=document.write(plan), revision=desk.random.randint(2, 9), follows=follows,
        created_by=by, created_at=at, updated_by=by, updated_at=at,
    )  # fmt: skip
    world.batch.add(made)
    world.batch.log(at, by, "plan.started", made, note="last_plan" if follows else "benchmark")
    return made


def _assumptions(desk: Desk, member: Member, month: Month) -> Assumptions:
    benchmark = defaults.benchmark(member.partner.partner_type.key) or defaults.general()
    read = document.read(benchmark, 2).assumptions
    yearly = max(_sold_before(member, month), Decimal(20_000))
    size = yearly / PEOPLE
    opened = replace(
        read,
        lines=tuple(_opened(line, yearly / 12 / len(read.lines)) for line in read.lines),
        sellers=tuple(replace(seller, count=_people(seller.count * size)) for seller in read.sellers),
        people=tuple(replace(person, count=_people(person.count * size)) for person in read.people),
        training=tuple(replace(row, cost=_hundreds(row.cost * size)) for row in read.training),
        marketing=tuple(replace(row, monthly=_hundreds(row.monthly * size)) for row in read.marketing),
        other=tuple(replace(row, cost=_hundreds(row.cost * size)) for row in read.other),
    )
    return _fitted(opened, yearly * Decimal(str(round(desk.random.uniform(0.98, 1.3), 3))))


def _sold_before(member: Member, month: Month) -> Decimal:
    first, last = month.shift(-12).start, month.previous.end
    found = sales.sold([member.partner.pk], first, last, actuals=actuals_on(last), rates=rates())
    return sum(found[member.partner.pk].months.values(), Decimal(0)) if found else Decimal(0)


def _opened(line: Line, monthly: Decimal) -> Line:
    """The line with the running business that brings the vendor so much a month."""
    revenue = monthly / (1 - line.margin / 100)
    if isinstance(line.sale, Recurring):
        return replace(line, sale=replace(line.sale, opening_base=round(revenue / line.sale.price, 1)))
    sale: OneTime = line.sale
    return replace(line, sale=replace(sale, run_rate=_hundreds(revenue), erosion=Decimal(3)))


def _fitted(assumptions: Assumptions, wanted: Decimal) -> Assumptions:
    """With as many new deals as make the first year come to what is wanted."""
    without = _first_year(forecast(_selling(assumptions, Decimal(0))))
    more = _first_year(forecast(assumptions)) - without
    rate = min(max((wanted - without) / more, Decimal("0.02")), Decimal(1)) if more > 0 else Decimal(1)
    return _selling(assumptions, rate)


def _first_year(found: Forecast) -> Decimal:
    rows = zip(found.product_revenue[:12], found.product_profit[:12], strict=True)
    return sum((revenue - profit for revenue, profit in rows), Decimal(0))


def _selling(assumptions: Assumptions, factor: Decimal) -> Assumptions:
    def slower(seller: Seller) -> Seller:
        return replace(seller, rate=round(seller.rate * factor, 3))

    return replace(assumptions, sellers=tuple(map(slower, assumptions.sellers)))


def _people(count: Decimal) -> Decimal:
    """In quarters of a person, one at least."""
    return max(Decimal("0.25"), round(count * 4) / Decimal(4))


def _hundreds(amount: Decimal) -> Decimal:
    return Decimal(round(amount / 100) * 100)


# ── Asked, signed, in force ──────────────────────────────────────────────────────────────────────────────────────────


def _asked(desk: Desk, member: Member, plan: BusinessPlan, on: dt.date) -> dict[Side, User]:
    world, cam = desk.world, cam_of(member)
    plan.shared = True
    signers = {Side.VENDOR: cam, Side.PARTNER: member.users[0]}
    at = world.moment(on)
    for side, user in signers.items():
        world.batch.add(SignatureRequest(plan=plan, side=side, user=user, asked_by=cam, asked_at=at, asked_on=on))
    world.batch.log(at, cam, "plan.asked", plan, note=", ".join(user.email for user in signers.values()))
    return signers


def _invite(world: World, member: Member) -> None:
    """The partner's champion signs for it; where it has no users, its first contact, who was invited for that."""
    if not member.users:
        contact = member.contacts[0]
        user = world.user(contact.name, contact.email, Role.PARTNER_EXECUTIVE, member.partner.created_at)
        world.batch.add(Membership(user=user, partner=member.partner))
        member.users.append(user)


def _commit(desk: Desk, member: Member, plan: BusinessPlan, on: dt.date) -> None:
    world, at = desk.world, desk.world.moment(on)
    signers = _asked(desk, member, plan, on - dt.timedelta(days=4))
    plan.status, plan.committed_on, plan.committed_at, plan.updated_at = Status.COMMITTED, on, at, at
    plan.content = {**plan.content, OBJECTIVES: signing.current_objectives(plan)}
    plan.content_hash = signing.content_hash(plan)
    for side, user in signers.items():
        signature = PlanSignature(
            plan=plan, side=side, name=user.name, email=user.email, user=user, content_hash=plan.content_hash, signed_at=at
        )  # fmt: skip
        world.batch.add(signature)
        world.batch.log(at, user, "plan.signed", plan, note=f"{user.name}, {signature.get_side_display()}")
    world.batch.log(
        at, cam_of(member), "plan.committed", plan, {"status": ["draft", "committed"]}, note=plan.content_hash
    )
    _targets(desk, member, plan, at)


def cam_of(member: Member) -> User:
    """The CAM of a partner that has one."""
    assert member.partner.cam is not None
    return member.partner.cam


def _targets(desk: Desk, member: Member, plan: BusinessPlan, at: dt.datetime) -> None:
    """The plan's months, and the commitments that follow from them."""
    read = document.read({key: value for key, value in plan.content.items() if key != OBJECTIVES}, 2)
    first = plan.month
    found = forecast(read.assumptions, read.scenarios[plan.scenario])
    rows = list(commitment.months(found, first, actuals_on(desk.world.today).basis))
    desk.world.batch.add(
        *(
            PlanMonth(
                plan=plan, month=row.month.start, revenue=row.revenue, revenue_reporting=row.revenue, deals=row.deals
            )
            for row in rows
        )
    )
    for metric, currency in (("revenue", plan.currency), ("deals", "")):
        version = TargetVersion(
            partner=member.partner, metric=metric, source="commitment", number=plan.number, first_month=plan.first_month,
            note=f"Business plan, version {plan.number}", created_by=cam_of(member), created_at=at,
        )  # fmt: skip
        desk.world.batch.add(
            version,
            *(
                TargetMonth(version=version, month=row.month.start, value=getattr(row, metric), currency=currency)
                for row in rows
            ),
        )


# ── Re-forecasts ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _reforecasts(desk: Desk, member: Member, plan: BusinessPlan) -> None:
    """One in most of the quarters that began since it was signed, the more so the more diligent the CAM is."""
    world, cam = desk.world, cam_of(member)
    diligence = desk.diligence.get(cam, 0.5)
    for quarter in world.quarters:
        if plan.committed_on is None or quarter.start <= plan.committed_on:
            continue
        on = world.day_between(quarter.start, quarter.end)
        wanted = desk.random.random() < 0.85 * diligence
        if on > world.yesterday or not wanted or (plan.superseded_at and on >= plan.superseded_at.date()):
            continue
        track = follow(plan, on)
        if not track.lack:
            world.batch.add(_reforecast(desk, plan, cam, on, track.as_of.start, track.figures()))


def _reforecast(desk: Desk, plan: BusinessPlan, cam: Any, on: dt.date, as_of: dt.date, figures: Any) -> Reforecast:
    at, note = desk.world.moment(on), desk.random.choice(NOTES)
    return Reforecast(plan=plan, as_of=as_of, figures=figures, note=note, by=cam, on=on, at=at)
