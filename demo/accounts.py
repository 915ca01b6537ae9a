"""Account plans: what partners know of their customers, what these own, and what is to be sold to them next."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random

from accountplans import basis
from accountplans.models import (
    Account,
    AccountTarget,
    ComplementaryProduct,
    Ideal,
    OwnedProduct,
    PlanReview,
    Play,
    Sharing,
    Size,
    Vertical,
)
from demo.cultures import CULTURES
from demo.names import slug
from demo.world import Member, World
from pipeline.models import Customer, ProductLine
from prm.common.names import normalised

OTHERS = {
    "erp": "ERP system", "crm": "CRM system", "office": "Office suite", "cloud": "Public cloud", "voice": "Cloud telephony",
    "cameras": "Site cameras",
}  # fmt: skip
# Which customers each line is made for: verticals (none: all), sizes.
MADE_FOR = {
    "switching": (("manufacturing", "education", "public"), (Size.MEDIUM, Size.LARGE, Size.HUGE)),
    "wireless": (("retail", "education", "healthcare"), ()),
    "security": (("finance", "healthcare", "public"), (Size.MEDIUM, Size.LARGE, Size.HUGE)),
    "support": ((), (Size.SMALL, Size.MEDIUM)),
}
TRADES = ("Dairy", "Clinics", "Logistics", "Foods", "Energy", "Textiles", "College", "Hotels", "Castings", "Insurance", "Pharmacy", "Paper", "Ferries")  # fmt: skip
STEPS = (
    "Call the head of IT",
    "Invite to the lab",
    "Send two references",
    "Workshop with their network team",
    "Offer a pilot on one site",
)
RULED_OUT = ("Signed elsewhere until next year", "The group decides that for them", "No budget this year")
LEVELS = {Sharing.Level.ALL: 30, Sharing.Level.TARGETS: 25, Sharing.Level.COUNTS: 20, Sharing.Level.HIDDEN: 25}
MORE = 26  # customers that a partner whose people sign in only plans with


@dataclass
class Desk:
    """What the makers share; chances of their own, so that the rest of the demo doesn't depend on them."""

    world: World
    verticals: Sequence[Vertical]
    others: Sequence[ComplementaryProduct]
    lines: Sequence[ProductLine]
    plays: Sequence[Play]

    @property
    def random(self) -> Random:
        return self.world.random


def make(world: World, members: Sequence[Member]) -> None:
    """Writes at once: it builds on the customers that are there."""
    desk = _open(replace(world, random=Random(f"{world.profile.seed} accounts")))
    known: dict[int, list[Customer]] = defaultdict(list)
    for customer in Customer.objects.unscoped("the demo's own").order_by("pk"):
        known[customer.partner_id].append(customer)
    for member in members:
        if customers := known.get(member.partner.pk):
            _plan(desk, member, customers)
    world.batch.flush()
    basis.keep()


def _open(world: World) -> Desk:
    others = [
        ComplementaryProduct.objects.get_or_create(key=key, defaults={"name": name, "order": order})[0]
        for order, (key, name) in enumerate(OTHERS.items(), 1)
    ]
    verticals = list(Vertical.objects.all())
    lines = list(ProductLine.objects.all())
    for line in lines:
        if line.key in MADE_FOR:
            wanted, sizes = MADE_FOR[line.key]
            ideal = Ideal.objects.get_or_create(product_line=line, defaults={"sizes": [size.value for size in sizes]})[
                0
            ]
            ideal.verticals.set([row for row in verticals if row.key in wanted])
    return Desk(world, verticals, others, lines, list(Play.objects.all()))


def _plan(desk: Desk, member: Member, customers: list[Customer]) -> None:
    world, random = desk.world, desk.random
    shows = bool(member.users)  # their people sign in, and find a plan worth looking at
    level = Sharing.Level.ALL if shows else random.choices(list(LEVELS), list(LEVELS.values()))[0]
    if not shows and random.random() < 0.4:
        return
    day = world.day_between(world.today - dt.timedelta(days=200), world.today - dt.timedelta(days=20))
    by = member.users[0] if shows else None
    seen = level in (Sharing.Level.TARGETS, Sharing.Level.ALL)
    world.batch.add(
        Sharing(
            partner=member.partner,
            level=level,
            targets_since=day if seen else None,
            changed_by=by,
            changed_at=world.moment(day),
        )
    )
    if shows:
        customers = [*customers, *_more(desk, member)]
    marked = 0
    for customer in customers:
        marked += _customer(desk, member, customer, random.random() < (0.5 if shows else 0.3))
    if marked and seen:
        on = world.day_between(day, world.yesterday)
        world.batch.add(
            PlanReview(
                partner=member.partner, on=on, targets=marked, note="", by=member.partner.cam, at=world.moment(on)
            )
        )


def _more(desk: Desk, member: Member) -> list[Customer]:
    """Customers that the vendor has sold nothing to yet."""
    culture = CULTURES[member.partner.country]
    pairs = [(last, trade) for last in culture.last for trade in TRADES]
    made = []
    for last, trade in desk.random.sample(pairs, min(MORE, len(pairs))):
        name = f"{last} {trade} {desk.random.choice(culture.forms)}"
        made.append(
            Customer(
                partner=member.partner, name=name, name_key=normalised(name)[:200], country=culture.country,
                domain=f"{slug(last)}-{slug(trade)}.example", known_to_vendor=False, created_at=desk.world.moment(desk.world.yesterday),
            )
        )  # fmt: skip
    desk.world.batch.add(*made)
    return made


def _customer(desk: Desk, member: Member, customer: Customer, targeted: bool) -> int:
    """What is known of one customer; how many targets it has."""
    world, random = desk.world, desk.random
    day = world.day_between(world.today - dt.timedelta(days=150), world.yesterday)
    at, by = world.moment(day), member.users[0] if member.users else None
    world.batch.add(
        Account(
            customer=customer, vertical=random.choice(desk.verticals), size=random.choice(list(Size)).value,
            relationship=random.choices(("none", "known", "strong"), (3, 4, 3))[0], who_knows_whom="", note="",
            updated_by=by, updated_at=at,
        )
    )  # fmt: skip
    cloudy = random.random()
    for other in desk.others:
        likely = {"erp": 0.5, "office": 0.8, "cloud": cloudy}.get(other.key, 0.3)
        if random.random() < likely:
            world.batch.add(OwnedProduct(customer=customer, complementary=other, renews_on=_renewal(desk)))
    for line in desk.lines:
        if not customer.known_to_vendor and random.random() < 0.12 + 0.25 * cloudy:
            world.batch.add(OwnedProduct(customer=customer, product_line=line, renews_on=_renewal(desk)))
    if not targeted:
        return 0
    line = random.choice(desk.lines)
    out = random.random() < 0.15
    world.batch.add(
        AccountTarget(
            customer=customer, product_line=line,
            state="ruled_out" if out else "target", reason=random.choice(RULED_OUT) if out else "",
            play=None if out else random.choice(desk.plays), next_step="" if out else random.choice(STEPS),
            due_on=None if out else world.today + dt.timedelta(days=random.randint(-10, 75)),
            owner=None if out else by or member.partner.cam, amount=None if out else Decimal(random.randint(4, 60) * 1000),
            currency="" if out else world.profile.currency, touched_at=at, created_by=by, created_at=at, updated_by=by,
            updated_at=at,
        )
    )  # fmt: skip
    return 0 if out else 1


def _renewal(desk: Desk) -> dt.date | None:
    day = desk.world.today + dt.timedelta(days=desk.random.randint(20, 700))
    return day if desk.random.random() < 0.5 else None
