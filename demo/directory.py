"""Partners with their people and the history of where they stood."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from random import Random

from accounts.models import User
from accounts.permissions import Role
from demo import course
from demo.cultures import CULTURES
from demo.names import Company
from demo.profiles import Region, Showcase
from demo.world import Cam, Member, World
from partners.models import Contact, Membership, Partner, Placement
from prm.common.names import normalised

TYPES = {"reseller": 38, "msp": 23, "integrator": 17, "isv": 8, "referral": 8, "agency": 6}
STAGES = {"recruit": 7, "onboard": 10, "activate": 22, "accelerate": 31, "mature": 22, "lapsed": 8}
TIER_MIX = {  # none, silver, gold, platinum
    "recruit": (100, 0, 0, 0), "onboard": (60, 40, 0, 0), "activate": (5, 75, 20, 0),
    "accelerate": (0, 42, 44, 14), "mature": (0, 16, 46, 38), "lapsed": (10, 65, 25, 0),
}  # fmt: skip
REPS = {"": (1, 2), "silver": (1, 4), "gold": (3, 8), "platinum": (6, 20)}
PATH = ("recruit", "onboard", "activate", "accelerate", "mature")
WHY = {
    "onboard": "Contract signed",
    "activate": "First deal won",
    "accelerate": "Deals won four quarters in a row",
    "mature": "Eight quarters with deals, capable in all we ask for",
    "lapsed": "No deal, plan or touch for two quarters",
}
TITLES = {
    "executive": ("Managing director", "Chief executive", "Owner", "General manager"),
    "sales": ("Sales director", "Account executive", "Head of sales", "Business development manager"),
    "technical": ("Technical director", "Solutions architect", "Pre-sales engineer", "Head of services"),
    "marketing": ("Marketing manager", "Head of marketing", "Campaign manager"),
    "operations": ("Operations manager", "Purchasing lead", "Partner manager"),
}
FUNCTIONS = ("executive", "sales", "technical", "marketing", "operations")


def make(world: World) -> list[Member]:
    """All partners of the vendor, the two showcases first; their rows are in the world's batch."""
    companies = [*_showcases(world), *_others(world)]
    members = [_member(world, company, region, place) for place, (company, region, _parent) in enumerate(companies)]
    for (_company, _region, parent), member in zip(companies, members, strict=True):
        if parent is not None:
            member.partner.parent = members[parent].partner
    _distribute(world, members)
    world.batch.add(*(member.partner for member in members))
    for member in members:
        world.batch.add(*member.placements)
        _history(world, member)
    for place, member in enumerate(members):
        _people(world, member, world.profile.showcases[place] if place < len(world.profile.showcases) else None)
    return members


def _region_of(world: World, country: str) -> Region:
    return next(region for region in world.profile.regions if country in region.countries)


def _showcases(world: World) -> list[tuple[Company, Region, int | None]]:
    return [
        (Company(show.name, show.name, show.domain, show.country, show.town), _region_of(world, show.country), None)
        for show in world.profile.showcases
    ]


def _others(world: World) -> list[tuple[Company, Region, int | None]]:
    """Companies up to the vendor's number; one in twenty is a parent with two to four branches, which follow it."""
    found: list[tuple[Company, Region, int | None]] = []
    first = len(world.profile.showcases)
    regions = world.profile.regions
    while len(found) < world.profile.partners - first:
        region = world.random.choices(regions, [region.share for region in regions])[0]
        company = world.names.company(region.countries)
        parent = first + len(found)
        found.append((company, region, None))
        if world.random.random() < 0.05:
            for _number in range(world.random.randint(2, 4)):
                if branch := world.names.branch(company, region.countries):
                    found.append((branch, region, parent))
    return found[: world.profile.partners - first]


def _member(world: World, company: Company, region: Region, place: int) -> Member:
    random = world.random
    is_showcase = place < len(world.profile.showcases)
    stage = (
        random.choices(list(STAGES), list(STAGES.values()))[0] if not is_showcase else ("accelerate", "mature")[place]
    )
    tier = random.choices(["", "silver", "gold", "platinum"], TIER_MIX[stage])[0] if not is_showcase else "gold"
    kind = random.choices(list(TYPES), list(TYPES.values()))[0] if not is_showcase else ("msp", "reseller")[place]
    topics = [topic.key for category in world.versions["capability"].content.categories for topic in category.topics]
    topics += [topic.key for category in world.versions["recruit"].content.categories for topic in category.topics]
    life = course.draw(random, tier=tier, stage=stage, partner_type=kind, lift=region.lift, topics=topics)
    if is_showcase:
        life.trend, life.keen = course.Trend.CLIMBS, 0.9
    cam = world.cams[0] if is_showcase else _cam(world, stage, place)
    culture = CULTURES[company.country]
    employees = round(random.lognormvariate(3.4, 0.9) * {"": 1, "silver": 1, "gold": 1.6, "platinum": 3}[tier]) + 3
    opened = world.today.year - random.randint(2, 35)
    partner = Partner(
        name=company.name,
        name_key=normalised(company.name)[:200],
        external_id=f"{world.profile.schema[0].upper()}-{10001 + place * 7}",
        domain=company.domain,
        partner_type=world.types[kind],
        tier=world.tiers.get(tier),
        stage=world.stages[stage],
        region=world.regions[region.key],
        cam=cam.user if cam else None,
        cover=_cover(world, cam),
        country=company.country,
        city=company.town,
        address=f"{random.randint(1, 180)} {random.choice(('Harbour', 'Station', 'Mill', 'Market', 'Park'))} Road",
        phone=world.names.phone(company.country),
        employees=employees,
        sales_reps=_sales_reps(world, place, tier),
        annual_revenue=Decimal(employees * random.randint(9, 22)) * 10_000 * (100 if culture.currency == "JPY" else 1),
        annual_revenue_currency=culture.currency,
        year_opened=opened,
    )
    placements = _placements(world, partner, stage, tier)
    partner.created_at = world.moment(placements[0].starts_on)
    partner.updated_at = world.moment(placements[-1].starts_on) if len(placements) > 1 else partner.created_at
    signed = next((row.starts_on for row in placements if row.stage.key not in ("recruit", "lapsed")), None)
    if signed == placements[0].starts_on:
        signed -= dt.timedelta(days=random.randint(0, 1500))
    partner.signed_on = signed
    return Member(partner, life, placements)


def _sales_reps(world: World, place: int, tier: str) -> int | None:
    """How many of its people sell; not known of some."""
    random = Random(f"{world.profile.seed} reps {place}")
    return random.randint(*REPS[tier]) if random.random() < 0.9 else None


def _cam(world: World, stage: str, place: int) -> Cam | None:
    """CAMs take turns, the later half with fewer partners; a few recruits have nobody yet."""
    if stage == "recruit" and world.random.random() < 0.2:
        return None
    weights = [3 if number < len(world.cams) / 2 else 2 for number in range(len(world.cams))]
    return world.random.choices(world.cams, weights)[0]


def _cover(world: World, cam: Cam | None) -> User | None:
    if cam is None or len(world.cams) < 2 or world.random.random() > 0.15:
        return None
    return world.random.choice([other for other in world.cams if other is not cam]).user


def _placements(world: World, partner: Partner, stage: str, tier: str) -> list[Placement]:
    """Where it stood since the vendor keeps track of it, up to where it stands now."""
    random, first = world.random, world.quarters[0]
    start = first.start - dt.timedelta(days=random.randint(5, 90))
    path = list(PATH[: PATH.index(stage) + 1]) if stage != "lapsed" else ["activate", "lapsed"]
    steps = min(len(path) - 1, random.choice((0, 1, 1, 2)) if stage != "lapsed" else 1)
    path = path[len(path) - 1 - steps :]
    if path[0] in ("recruit", "onboard"):  # came to the vendor in the meantime
        latest = world.today - dt.timedelta(days=60 + 120 * steps)
        start = world.day_between(min(start, latest), latest)
    days = sorted({world.day_between(start + dt.timedelta(days=20), world.yesterday) for _step in range(steps)})
    days = days[len(days) - steps :] if len(days) >= steps else days
    path = path[len(path) - 1 - len(days) :]
    rows = []
    handed_over = random.random() < 0.08 and partner.cam_id
    before = random.choice(world.cams).user if handed_over else partner.cam
    tier_was = {"gold": "silver", "platinum": "gold"}.get(tier, tier) if random.random() < 0.4 else tier
    for number, (key, day) in enumerate(zip(path, [start, *days], strict=True)):
        last = number == len(days)
        rows.append(
            Placement(
                partner=partner,
                starts_on=day,
                stage=world.stages[key],
                tier=world.tiers.get(tier if last else "" if key in ("recruit", "onboard") else tier_was),
                region=partner.region,
                cam=partner.cam if last else before,
                reason=WHY.get(key, "") if number else "",
                by=world.operations,
            )
        )
    return rows


def _history(world: World, member: Member) -> None:
    """What the audit log says of those placements."""
    world.batch.log(member.partner.created_at, world.operations, "partner.created", member.partner)
    for before, after in zip(member.placements, member.placements[1:], strict=False):
        for what in ("stage", "tier", "cam"):
            old, new = getattr(before, what), getattr(after, what)
            if old != new:
                at = world.moment(after.starts_on)
                changes = {what: [old, new]}
                world.batch.log(at, world.operations, "partner.moved", member.partner, changes, after.reason)


def _distribute(world: World, members: list[Member]) -> None:
    """Some mature partners are distributors, who cover a third of the resellers and service providers of their region."""
    free = [
        m for m in members[len(world.profile.showcases) :]
        if m.partner.parent is None and m.partner.stage.key in ("accelerate", "mature")
    ]  # fmt: skip
    for region in world.regions.values():
        there = [
            m for m in free if m.partner.region == region and m.partner.partner_type.key in ("reseller", "integrator")
        ]
        for member in there[: max(1, len(members) // 250)]:
            member.partner.partner_type = world.types["distributor"]
    distributors = [m.partner for m in members if m.partner.partner_type.key == "distributor"]
    for member in members:
        near = [d for d in distributors if d.region == member.partner.region]
        if near and member.partner.partner_type.key in ("reseller", "msp") and world.random.random() < 0.35:
            member.partner.distributor = world.random.choice(near)


def _people(world: World, member: Member, show: Showcase | None) -> None:
    """Two to five contacts; where the partner scores itself, one or two of them may sign in."""
    random, partner = world.random, member.partner
    functions = ["executive", *random.sample(FUNCTIONS[1:], random.randint(1, 4))]
    for function in functions:
        person = world.names.person(partner.country, partner.domain)
        member.contacts.append(
            Contact(
                partner=partner,
                name=person.name,
                email=person.email,
                phone=person.phone,
                title=random.choice(TITLES[function]),
                function=function,
                is_primary=function == "executive",
                created_at=partner.created_at + dt.timedelta(minutes=random.randint(2, 40)),
            )
        )
    world.batch.add(*member.contacts)
    for contact in member.contacts:
        world.batch.log(contact.created_at, world.operations, "contact.added", contact)
    if show:
        _sign_ins(world, member, show)
    elif partner.stage.key != "recruit" and random.random() < 0.8:
        roles = (Role.PARTNER_CHAMPION, Role.PARTNER_SELLER)[: random.choice((1, 1, 2))]
        for contact, role in zip(member.contacts, roles, strict=False):
            _join(world, member, contact.name, contact.email, role)


def _sign_ins(world: World, member: Member, show: Showcase) -> None:
    """The people of a showcase: a champion by name, and somebody for each other role of a partner."""
    _join(world, member, show.champion, f"champion@{show.domain}", Role.PARTNER_CHAMPION)
    for role in (Role.PARTNER_EXECUTIVE, Role.PARTNER_MARKETER, Role.PARTNER_SELLER):
        name = world.names.person(show.country, show.domain).name
        _join(world, member, name, f"{role.removeprefix('partner_')}@{show.domain}", role)


def _join(world: World, member: Member, name: str, email: str, role: Role) -> None:
    user = world.user(name, email, role, member.partner.created_at)
    world.batch.add(Membership(user=user, partner=member.partner))
    member.users.append(user)
