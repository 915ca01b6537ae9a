"""Marketing plans of partners: of past quarters closed and verified, of this one in every state, of the next one begun."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random
from statistics import median
from typing import Any

from accounts.models import User
from accounts.permissions import Permission, Role
from demo.world import Member, World
from marketing import queries, reading
from marketing.models import (
    RATES,
    Activity,
    ActivityResult,
    BudgetLine,
    MarketingPlan,
    Payer,
    Play,
    PlayActivity,
    Snapshot,
)
from partners.queries import holders
from pipeline.models import Deal, ProductLine
from prm.common.fiscal import FiscalQuarter

State, Decision = MarketingPlan.State, Activity.Decision
SELLING = ("activate", "accelerate", "mature")
PAST = 4  # quarters before this one
# What becomes of a plan of a quarter that is over, and of one of this quarter.
OVER = {State.VERIFIED: 0.78, State.CLOSED: 0.1, State.RUNNING: 0.06, State.REJECTED: 0.06}
NOW = {
    State.RUNNING: 0.52, State.SUBMITTED: 0.1, State.IN_REVIEW: 0.09, State.CHANGES_REQUESTED: 0.08, State.REJECTED: 0.05,
    State.DRAFT: 0.16,
}  # fmt: skip
NEXT = {State.DRAFT: 0.5, State.SUBMITTED: 0.2, State.APPROVED: 0.3}
SHOWN = (State.RUNNING, State.SUBMITTED)  # what the partners whose people sign in have this quarter
# How much better or worse than its tactic's default an activity does, so that the forecast has something to learn.
TURNOUT = {
    "webinar": 1.15,
    "event": 1.25,
    "telemarketing": 1.05,
    "email": 0.85,
    "paid_search": 0.75,
    "paid_social": 0.5,
}
SCALE = {"": Decimal("0.5"), "silver": Decimal("0.7"), "gold": Decimal(1), "platinum": Decimal("1.5")}
MESSAGES = (
    "One network for every site, looked after from one place.",
    "What an outage costs, and how it is avoided.",
    "Ready for the audit: security that can be shown.",
)
AUDIENCES = (
    "Heads of IT of manufacturers with 50 to 500 people.",
    "Managing directors of clinics and care homes.",
    "Local government: IT and purchasing.",
)
LEARNT = (
    "The invitation in the customer's own words worked best.",
    "Calls within two days made the difference.",
    "Too broad: next time by industry.",
    "",
)
DENIED = "This was done last quarter, with little to show for it."
RETURNED = "Please split the agency's fee: what is for the event, what for the calls?"
NOTES = ("Invoices and list of participants seen.", "Receipts complete.", "Checked with sales.")
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"


@dataclass
class Desk:
    """What the makers share; chances of their own, so that the rest of the demo doesn't depend on them."""

    world: World
    plays: Sequence[tuple[Play, list[PlayActivity]]]
    lines: Sequence[ProductLine]
    marketers: dict[int, User]  # by partner
    deals: dict[int, Decimal]  # the median of what each partner won
    diligence: dict[User, float]
    begun: dict[str, int] = field(
        default_factory=lambda: defaultdict(int)
    )  # plans by quarter, without those of the showcases

    @property
    def random(self) -> Random:
        return self.world.random

    def day(self, first: dt.date, last: dt.date) -> dt.date:
        return self.world.day_between(first, min(last, self.world.yesterday))


def make(world: World, members: Sequence[Member]) -> None:
    """Plans of all partners that sell; their deals are in the database already."""
    desk = _open(replace(world, random=Random(f"{world.profile.seed} marketing")))
    current = world.quarters[-1]
    shows = set(range(len(world.profile.showcases)))
    for number, member in enumerate(members):
        for quarter in [current.shift(n) for n in range(-PAST, 2)]:
            placement = member.placement(min(quarter.start, world.yesterday))
            if placement is None or placement.cam is None or placement.stage.key not in SELLING:
                continue
            likely = 0.25 + 0.55 * desk.diligence.get(placement.cam, 0.5)
            if quarter > current:
                likely *= 0.5
            drawn = desk.random.random()
            if number in shows or drawn < likely:
                show = number if number in shows else None
                _plan(desk, member, quarter, placement.cam, _state(desk, quarter, current, show))
    world.batch.flush()
    _snapshots(world)
    world.batch.flush()


def _open(world: World) -> Desk:
    won: dict[int, list[Decimal]] = defaultdict(list)
    rows = Deal.objects.unscoped("the demo").filter(stage__outcome="won", currency=world.profile.currency)
    for partner, amount in rows.order_by("pk").values_list("partner_id", "amount"):
        won[partner].append(amount)
    marketers: dict[int, User] = {}
    for user in holders(Permission.MARKET).filter(membership__isnull=False).select_related("membership"):
        marketers.setdefault(user.membership.partner_id, user)
    return Desk(
        world=world,
        plays=[(play, list(play.activities.all())) for play in queries.plays()],
        lines=list(ProductLine.objects.order_by("order", "pk")),
        marketers=marketers,
        deals={partner: Decimal(median(amounts)).quantize(Decimal(1)) for partner, amounts in won.items()},
        diligence={cam.user: cam.diligence for cam in world.cams},
    )


def _state(desk: Desk, quarter: FiscalQuarter, current: FiscalQuarter, show: int | None) -> MarketingPlan.State:
    chances = NEXT if quarter > current else NOW if quarter == current else OVER
    found = desk.random.choices(list(chances), list(chances.values()))[0]
    if show is not None:
        found = State.VERIFIED if quarter < current else SHOWN[show % 2] if quarter == current else State.DRAFT
    elif quarter >= current:  # the first ones go through all states, so that each is there
        found = [*chances, found][min(desk.begun[quarter.key], len(chances))]
        desk.begun[quarter.key] += 1
    # On the quarter's first day nothing of it can be submitted yet.
    return State.DRAFT if quarter == current and desk.world.yesterday < quarter.start else found


def _plan(desk: Desk, member: Member, quarter: FiscalQuarter, cam: User, state: MarketingPlan.State) -> None:
    world, random, partner = desk.world, desk.random, member.partner
    own = desk.marketers.get(partner.pk)
    by = own or cam
    if quarter.start > world.yesterday:
        begun = world.day_between(world.today - dt.timedelta(days=20), world.yesterday)
    else:
        begun = desk.day(quarter.start, quarter.start + dt.timedelta(days=14))
    handed_in = world.day_between(begun, min(begun + dt.timedelta(days=6), world.yesterday))
    is_draft = state == State.DRAFT
    decided = (
        None
        if is_draft or state in (State.SUBMITTED, State.IN_REVIEW)
        else world.moment(world.day_between(handed_in, min(handed_in + dt.timedelta(days=5), world.yesterday)))
    )
    play, parts = random.choice(desk.plays)
    at, sent = world.moment(begun), world.moment(handed_in)
    sent = max(sent, at + dt.timedelta(minutes=9))
    decided = decided and max(decided, sent + dt.timedelta(hours=1))
    plan = MarketingPlan(
        partner=partner, title=f"Marketing plan {quarter.label}", first_quarter=quarter.key, quarters=1, starts_on=quarter.start,
        ends_on=quarter.end, currency=world.profile.currency, state=state, message=random.choice(MESSAGES),
        audience=random.choice(AUDIENCES), revenue_goal=Decimal(random.randrange(40, 260, 10) * 1000),
        pipeline_goal=Decimal(random.randrange(200, 900, 20) * 1000), vendor_note="", shared=bool(own) or not is_draft,
        revision=1, play=play, created_by=by, created_at=at, updated_by=by, updated_at=decided or sent, amounts_by=by,
        submitted_by=None if is_draft else by, submitted_at=None if is_draft else sent,
        submitted_on=None if is_draft else handed_in, decided_at=decided,
    )  # fmt: skip
    world.batch.add(plan)
    world.batch.log(at, by, "marketing_plan.started", plan, in_history=plan.shared)
    if not is_draft:
        world.batch.log(sent, by, "marketing_plan.submitted", plan)
    for line in random.sample(desk.lines, min(2, len(desk.lines))):
        through: Any = MarketingPlan.product_lines.through
        world.batch.add(through(marketingplan=plan, productline=line))
    decisions = _decisions(desk, state, len(parts))
    results = [
        result
        for position, part in enumerate(parts)
        if (result := _activity(desk, plan, position, part, decisions[position], cam)) is not None
    ]
    if decided:
        word = State.APPROVED if state in MarketingPlan.GOOD else state
        world.batch.log(decided, world.staff[Role.MARKETING], f"marketing_plan.{word.value}", plan)
    if state in (State.CLOSED, State.VERIFIED):
        plan.updated_at = plan.closed_at = max(result.closed_at for result in results if result.closed_at)
        world.batch.log(plan.closed_at, by, "marketing_plan.closed", plan)
    if state == State.VERIFIED:
        plan.updated_at = plan.verified_at = max(result.verified_at for result in results if result.verified_at)
        world.batch.log(plan.verified_at, world.staff[Role.MARKETING], "marketing_plan.verified", plan)


def _decisions(desk: Desk, state: MarketingPlan.State, count: int) -> list[Activity.Decision]:
    """Of each activity, such that they come to the plan's state."""
    random = desk.random
    if state in (State.DRAFT, State.SUBMITTED):
        return [Decision.UNDECIDED] * count
    if state == State.REJECTED:
        return [Decision.DENIED] * count
    if state == State.IN_REVIEW:
        return [Decision.AS_ASKED, *[Decision.UNDECIDED] * (count - 1)]
    if state == State.CHANGES_REQUESTED:
        return [*[Decision.AS_ASKED] * (count - 1), Decision.RETURNED]
    rest = random.choices([Decision.AS_ASKED, Decision.CHANGED, Decision.DENIED], [80, 12, 8], k=count - 1)
    return [Decision.AS_ASKED, *rest]


def _activity(
    desk: Desk, plan: MarketingPlan, position: int, part: PlayActivity, decision: Activity.Decision, cam: User
) -> ActivityResult | None:
    """One activity of the play with its budget; and its results, where it has ended and somebody closed it."""
    world, random, tactic = desk.world, desk.random, part.tactic
    tier = plan.partner.tier.key if plan.partner.tier else ""
    scale = SCALE.get(tier, Decimal(1)) * Decimal(random.randrange(80, 125, 5)) / 100
    begins = min(plan.starts_on + dt.timedelta(days=part.offset_days), plan.ends_on)
    known = desk.deals.get(plan.partner_id)
    sources: dict[str, Any] = {name: {"from": "tactic"} for name in RATES} | {"reach": {"from": "typed"}}
    sources |= {"deal_size": {"from": "partner"}} if known else {"deal_size": {"from": "typed"}}
    sources |= {"margin": {"from": "typed"}, "cycle_days": {"from": "default"}}
    budget = [
        {**line, "amount": (Decimal(line["amount"]) * scale / 50).quantize(Decimal(1)) * 50} for line in part.budget
    ]
    asked = sum((line["amount"] for line in budget if line["payer"] == Payer.MDF), Decimal(0))
    at = plan.decided_at if decision != Decision.UNDECIDED else None
    if decision != Decision.UNDECIDED and at is None:  # in review: the first is decided, the rest is not
        at = plan.submitted_at and plan.submitted_at + dt.timedelta(hours=3)
    activity = Activity(
        plan=plan, position=position, tactic=tactic, title=part.title, starts_on=begins,
        ends_on=begins + dt.timedelta(days=part.length_days - 1), owner=plan.created_by,
        reach=max(20, int((part.reach or tactic.reach or 500) * scale)), **{name: getattr(tactic, name) for name in RATES},
        deal_size=known or Decimal(15_000), margin=Decimal(random.randrange(18, 36, 2)) / 100, cycle_days=90, mdf_asked=asked,
        mdf_approved=_approved(decision, asked), sources=sources, assets=[],
        code="".join(random.choice(_LETTERS) for _letter in range(9)), decision=decision,
        decision_reason={Decision.DENIED: DENIED, Decision.RETURNED: RETURNED}.get(decision, ""),
        decided_by=world.staff[Role.MARKETING] if at else None, decided_at=at, state=Activity.State.PLANNED, revision=1,
        amounts_by=plan.created_by, created_at=plan.created_at, updated_at=at or plan.created_at,
    )  # fmt: skip
    world.batch.add(activity)
    for place, line in enumerate(budget):
        world.batch.add(BudgetLine(activity=activity, position=place, **line))
    return _result(desk, activity, cam, sum((line["amount"] for line in budget), Decimal(0)))


def _approved(decision: Activity.Decision, asked: Decimal) -> Decimal | None:
    if decision in (Decision.UNDECIDED, Decision.RETURNED):
        return None
    share = {Decision.DENIED: Decimal(0), Decision.CHANGED: Decimal("0.7")}.get(decision, Decimal(1))
    return (asked * share).quantize(Decimal(1))


def _result(desk: Desk, activity: Activity, cam: User, cost: Decimal) -> ActivityResult | None:
    world, random, plan = desk.world, desk.random, activity.plan
    if not activity.is_approved or plan.state not in (State.RUNNING, State.CLOSED, State.VERIFIED):
        return None
    over = plan.state != State.RUNNING
    if not over and (activity.ends_on >= world.yesterday or random.random() < 0.6 or activity.position == 0):
        return None
    on = world.day_between(
        min(activity.ends_on, world.yesterday), min(activity.ends_on + dt.timedelta(days=25), world.yesterday)
    )
    closed = max(world.moment(on), (plan.decided_at or plan.created_at) + dt.timedelta(hours=2))
    is_verified = plan.state == State.VERIFIED or (plan.state == State.CLOSED and activity.position > 0)
    verifier = world.staff[Role.MARKETING] if plan.created_by == cam else cam
    until = min(on + dt.timedelta(days=12), world.yesterday)
    verified = max(world.moment(world.day_between(on, until)), closed + dt.timedelta(hours=1)) if is_verified else None
    result = ActivityResult(
        activity=activity, number=1, state=ActivityResult.State.VERIFIED if verified else ActivityResult.State.CLOSED,
        **_counts(desk, activity, cost), remark=random.choice(LEARNT), entered_by=plan.created_by, entered_at=closed,
        closed_by=plan.created_by, closed_at=closed, verified_by=verifier if verified else None, verified_at=verified,
        verified_note=random.choice(NOTES) if verified else "",
    )  # fmt: skip
    activity.state = Activity.State.VERIFIED if verified else Activity.State.CLOSED
    world.batch.add(result)
    world.batch.log(closed, plan.created_by, "marketing_activity.closed", activity)
    if verified:
        world.batch.log(verified, verifier, "marketing_activity.verified", activity, note=result.verified_note)
    return result


def _counts(desk: Desk, activity: Activity, cost: Decimal) -> dict[str, Any]:
    """What it brought: by chance, around what was planned, better or worse by its tactic."""
    random = desk.random
    turnout = TURNOUT.get(activity.tactic.key, 0.95)
    reach = int((activity.reach or 0) * random.uniform(0.75, 1.15))
    inquiries = min(reach, round(reach * float(activity.response or 0) * turnout * random.uniform(0.7, 1.3)))
    counts = {"reach": reach, "inquiries": inquiries}
    before = inquiries
    for stage, rate in (("mqls", "mql"), ("sals", "sal"), ("mgos", "sql"), ("wins", "win")):
        likely = min(0.95, float(getattr(activity, rate) or 0) * random.uniform(0.8, 1.2))
        before = sum(random.random() < likely for _each in range(before))
        counts[stage] = before
    size = activity.deal_size or Decimal(0)
    revenue = sum((size * random.randrange(60, 150, 5) / 100 for _win in range(before)), Decimal(0))
    spent = (cost * random.randrange(92, 106) / 100).quantize(Decimal("0.01"))
    return {**counts, "revenue": revenue.quantize(Decimal("0.01")), "cost": spent}


def _snapshots(world: World) -> None:
    """Every submitted plan as it was then."""
    rows = MarketingPlan.objects.unscoped("the demo").exclude(submitted_at=None).order_by("pk")
    parts = Activity.objects.unscoped("the demo").select_related("tactic").order_by("position", "pk")
    wanted = queries.Prefetch("activities", parts.prefetch_related("budget", "product_lines"))
    for plan in rows.select_related("submitted_by").prefetch_related("product_lines", wanted):
        content = reading.document(plan)
        world.batch.add(
            Snapshot(
                plan=plan, number=1, content=content, content_hash=reading.hash_of(content), by=plan.submitted_by,
                at=plan.submitted_at,
            )
        )  # fmt: skip
