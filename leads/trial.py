"""Other rules tried on past leads: who would have got which. Nothing is changed by it.

Each lead of those days comes in again, in order, and goes to the first choice of the rules tried. Topic scores, records, tiers and
capacities are today's; how many leads a partner has open, and when it was last offered one, follow from the trial itself: a lead
takes a place for as long as the real one was open. What is compared is whom the real one went to first.
"""

from __future__ import annotations

import datetime as dt
import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from leads import distribution, grading, policies, reading
from leads.distribution import PartnerFacts
from leads.models import Lead, LeadOffer, LeadStep, LeadTrial
from leads.policies import Near, Rule, To
from leads.reading import Ground
from partners.models import Partner
from prm.common import jobs
from prm.common.jobs import JobContext
from prm.common.vendor import vendor_settings

JOB = "leads.trial"
MOST = 5_000
QUEUE = "queue"


def past(since: dt.date, until: dt.date) -> QuerySet[Lead]:
    """The leads that came in from a day to a day, both included, of the vendor's calendar."""
    zone = ZoneInfo(vendor_settings().time_zone)
    first = dt.datetime.combine(since, dt.time(), zone)
    end = dt.datetime.combine(until + dt.timedelta(days=1), dt.time(), zone)
    rows: QuerySet[Lead] = Lead.objects.unscoped("rules are tried on all leads")
    return rows.filter(created_at__gte=first, created_at__lt=end).order_by("created_at", "id")


def to_partner(pk: int) -> str:
    """Whom a lead goes to, as text: "partner:7", "direct:3" (a person of the vendor), "queue"."""
    return f"partner:{pk}"


def to_person(pk: int) -> str:
    return f"direct:{pk}"


@dataclass(frozen=True)
class Given:
    """A lead: whom it went to first, whom it would have gone to, by which rule ("": none)."""

    lead_id: int
    before: str
    after: str
    rule: str

    @property
    def differs(self) -> bool:
        return self.before != self.after


@dataclass
class World:
    """The partners as the trial goes on."""

    partners: list[tuple[PartnerFacts, Partner]]
    open: Counter[int] = field(default_factory=Counter)
    last: dict[int, dt.datetime] = field(default_factory=dict)
    ends: list[tuple[dt.datetime, int]] = field(default_factory=list)  # when a place is free again: a heap
    slots: dict[str, str] = field(default_factory=dict)  # where the round of a rule is

    def until(self, at: dt.datetime) -> None:
        """Frees the places of leads that were closed by then."""
        while self.ends and self.ends[0][0] <= at:
            self.open[heapq.heappop(self.ends)[1]] -= 1

    def give(self, partner_id: int, at: dt.datetime, closed: dt.datetime | None) -> None:
        self.open[partner_id] += 1
        self.last[partner_id] = at
        if closed is not None:
            heapq.heappush(self.ends, (max(closed, at), partner_id))


class Pool:
    """The partners for one lead of the trial."""

    def __init__(self, read: Callable[[str], World], lead: Lead) -> None:
        self.read, self.lead = read, lead

    def partners(self, to: To, topic: str) -> Sequence[PartnerFacts]:
        world = self.read(topic)
        return [
            replace(facts, open=world.open[facts.id], last_offer=world.last.get(facts.id))
            for facts, partner in world.partners
            if _named(to, partner, self.lead)
        ]

    def after(self, rule: Rule) -> str:
        return self.read("").slots.get(rule.name, "")


def _named(to: To, partner: Partner, lead: Lead) -> bool:
    return (
        (to.near != Near.SAME_COUNTRY or (bool(lead.country) and partner.country == lead.country))
        and (to.near != Near.SAME_REGION or (lead.region_id is not None and partner.region_id == lead.region_id))
        and (to.regions is None or (partner.region is not None and partner.region.key in to.regions))
        and (to.tiers is None or (partner.tier is not None and partner.tier.key in to.tiers))
        and (to.partners is None or partner.pk in to.partners)
    )


def run(trial: LeadTrial, progress: Callable[[int, int], None] = lambda done, total: None) -> list[Given]:
    """Whom each lead of the trial's days would have gone to by its policy."""
    now = reading.ground(timezone.now(), policies.read(trial.policy))
    leads = list(past(trial.since, trial.until).select_related("region", "source").prefetch_related("product_lines"))
    before = _before([lead.pk for lead in leads])
    worlds: dict[str, World] = {}

    def read(topic: str) -> World:
        if topic not in worlds:
            first = next(iter(worlds.values()), None)
            worlds[topic] = _world(now, topic, first)
        return worlds[topic]

    found = []
    for number, lead in enumerate(leads):
        if number % 20 == 0:
            progress(number, len(leads))
        world = read("")
        world.until(lead.created_at)
        facts = replace(reading.facts_of(lead), grade=grading.grade(lead.score, now.policy.grades))
        kept = distribution.choose(facts, now.policy, Pool(read, lead), at=lead.created_at, tiers=len(now.ranks))
        after = QUEUE
        if kept.direct is not None:
            after = to_person(kept.direct)
        elif kept.choice is not None:
            after = to_partner(kept.choice)
            world.give(kept.choice, lead.created_at, lead.closed_at)
            world.slots[kept.rule] = kept.candidates[0].slot
        found.append(Given(lead.pk, before.get(lead.pk, QUEUE), after, kept.rule))
    return found


def _world(now: Ground, topic: str, first: World | None) -> World:
    """With the scores of a topic; what changes as the trial goes on is one for all topics."""
    rows = Partner.objects.unscoped("rules look at all partners").filter(stage__is_lapsed=False)
    text, params = rows.order_by().values("id", "tier_id").query.sql_with_params()
    partners = {partner.pk: partner for partner in rows.select_related("region", "tier")}
    named = [(facts, partners[facts.id]) for facts in reading.figures(text, params, now, topic) if facts.id in partners]
    if first is None:
        return World(named)
    return World(named, first.open, first.last, first.ends, first.slots)


def _before(ids: list[int]) -> dict[int, str]:
    """Whom each lead really went to first: the partner of its first offer, or whoever of the vendor kept it direct."""
    offers = LeadOffer.objects.unscoped("what really became of past leads").filter(lead__in=ids)
    first = offers.order_by("lead_id", "offered_at", "id").distinct("lead_id")
    found = {lead: to_partner(partner) for lead, partner in first.values_list("lead_id", "partner_id")}
    steps = LeadStep.objects.unscoped("likewise").filter(lead__in=ids, kind=LeadStep.Kind.KEPT_DIRECT)
    kept = steps.filter(lead__person_direct__isnull=False).values_list("lead_id", "lead__person_direct_id")
    for lead, person in kept:
        found.setdefault(lead, to_person(person))
    return found


@dataclass(frozen=True)
class Result:
    """What a trial came to; `by_holder` counts (before, after) by whom."""

    rows: tuple[Given, ...]
    by_holder: dict[str, tuple[int, int]]

    @property
    def changed(self) -> int:
        """How many leads would have gone to somebody else."""
        return sum(row.differs for row in self.rows)


def result(trial: LeadTrial) -> Result | None:
    """What came out; None while the job runs."""
    if trial.result is None:
        return None
    rows = tuple(Given(*row) for row in trial.result["rows"])
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        counts[row.before][0] += 1
        counts[row.after][1] += 1
    return Result(rows, {holder: (before, after) for holder, (before, after) in sorted(counts.items())})


@jobs.kind(JOB)
def work(context: JobContext) -> None:
    """The job behind `actions.start_trial`."""
    trial = LeadTrial.objects.get(pk=context.params["trial"])
    rows = run(trial, context.progress)
    trial.result = {"rows": [[row.lead_id, row.before, row.after, row.rule] for row in rows]}
    trial.save(update_fields=["result"])
    changed = sum(row.differs for row in rows)
    context.result(reverse("leads:trial", args=[trial.pk]), leads=len(rows), changed=changed)
