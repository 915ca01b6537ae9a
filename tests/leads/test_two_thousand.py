"""2,000 leads, ten partners, half a year: one holder each, no partner beyond its capacity, clocks on working hours, every choice
followed from what was kept, and a fairness report that equals plain SQL. All figures are worked out here once more, another way."""

import datetime as dt
from collections import Counter, defaultdict
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from leads import distribution, fairness
from leads.fairness import Asked
from leads.models import Distribution, Lead, LeadOffer, LeadStep
from tests.leads.simulation import DAYS, FIRST, HOLIDAYS, NUMBER, Simulation

NEVER = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


@pytest.fixture
def simulation(committed):
    made = Simulation(committed)
    made.run()
    return made


@pytest.mark.long
def test_two_thousand_leads(simulation):
    leads = list(Lead.everything.order_by("pk"))
    offers = list(LeadOffer.everything.select_related("lead").order_by("pk"))
    assert len(leads) == NUMBER
    much_happened(simulation, leads, offers)
    each_lead_has_exactly_one_holder(leads, offers)
    capacity_is_never_exceeded(simulation, offers)
    clocks_run_on_working_hours(simulation, leads, offers)
    every_choice_follows_from_what_was_kept(simulation, offers)
    the_report_equals_plain_sql(simulation)


def much_happened(simulation, leads, offers):
    states = Counter(offer.state for offer in offers)
    assert min(states[state] for state in ("accepted", "declined", "timed_out")) > 100, states
    assert simulation.count["together"] > 15
    assert simulation.count["late"] > 20
    holders = Counter(lead.holder for lead in leads)
    assert holders["partner"] > 1000
    assert holders["direct"] > 80
    assert sum(offer.pulled_back_at is not None for offer in offers) > 30
    assert {offer.partner_id for offer in offers} == {partner.pk for partner in simulation.partners}
    assert Distribution.everything.filter(partner=None, kept__direct=None).exists(), "nobody was ever free"


def each_lead_has_exactly_one_holder(leads, offers):
    open_offers = Counter(offer.lead_id for offer in offers if offer.state == "open")
    for lead in leads:
        queued = lead.partner_id is None and lead.person_direct_id is None
        assert [lead.partner_id is not None, lead.person_direct_id is not None, queued].count(True) == 1
        assert lead.holder == ("queue" if queued else "partner" if lead.partner_id else "direct")
        assert open_offers[lead.pk] == (lead.state == "offered")
    # The steps tell the same: whoever took it last and didn't give it back.
    holder = {}
    for step in LeadStep.everything.order_by("lead_id", "pk"):
        if step.kind in ("accepted", "kept_direct"):
            assert step.lead_id not in holder, "taken while somebody held it"
            holder[step.lead_id] = step.partner_id or "direct"
        elif step.kind == "pulled_back":
            assert holder.pop(step.lead_id) == step.partner_id
    assert holder == {lead.pk: lead.partner_id or "direct" for lead in leads if lead.holder != "queue"}


def taken(offer):
    """From when to when an offer took one of its partner's places."""
    if offer.state == "open":
        return offer.offered_at, NEVER
    if offer.state != "accepted":
        return offer.offered_at, offer.ended_at
    return offer.offered_at, offer.pulled_back_at or offer.lead.closed_at or NEVER


def capacity_is_never_exceeded(simulation, offers):
    moves = defaultdict(list)
    for offer in offers:
        start, end = taken(offer)
        moves[offer.partner_id] += [(start, 1), (end, -1)]
    full = 0
    for partner, changes in moves.items():
        used = 0
        for _at, change in sorted(changes):  # a place is free before it is taken again
            used += change
            assert 0 <= used <= simulation.capacities[partner]
            full += used == simulation.capacities[partner]
    assert full > 50, "nobody was ever full"


def in_working_days(moment, days, zone):
    """Counted day by day: the same time of day, so many working days after; outside hours from the next opening."""

    def works(day):
        return day.weekday() < 5 and day not in HOLIDAYS

    local = moment.astimezone(ZoneInfo(zone))
    day, clock = local.date(), local.time()
    if not works(day) or clock > dt.time(17):
        day, clock = day + dt.timedelta(days=1), dt.time(9)
        while not works(day):
            day += dt.timedelta(days=1)
    clock = max(clock, dt.time(9))
    for _day in range(days):
        day += dt.timedelta(days=1)
        while not works(day):
            day += dt.timedelta(days=1)
    return dt.datetime.combine(day, clock, ZoneInfo(zone))


def clocks_run_on_working_hours(simulation, leads, offers):
    for offer in offers:
        assert offer.answer_by == in_working_days(offer.offered_at, 2, simulation.zones[offer.partner_id])
        if offer.state == "accepted":
            assert offer.ended_at <= offer.answer_by
        elif offer.state == "timed_out":
            assert offer.ended_at > offer.answer_by
    days = {"A": 2, "B": 5, "C": 10, "D": 10}
    for lead in leads:
        if lead.accepted_at:
            zone = simulation.zones.get(lead.partner_id, "UTC")
            assert lead.contact_by == in_working_days(lead.accepted_at, days[lead.grade], zone)
            if lead.pull_back_at:
                assert lead.pull_back_at == in_working_days(lead.nudged_at, 2, zone)
        if lead.nudged_at:
            assert lead.nudged_at > lead.contact_by
            assert lead.contacted_at is None or lead.contacted_at >= lead.nudged_at
    last = FIRST + dt.timedelta(days=DAYS)
    assert not [offer for offer in offers if offer.state == "open" and offer.answer_by < last - dt.timedelta(days=1)]


def every_choice_follows_from_what_was_kept(simulation, offers):
    by_partner, by_lead = defaultdict(list), defaultdict(list)
    for offer in offers:
        by_partner[offer.partner_id].append(offer)
        by_lead[offer.lead_id].append(offer)
    made = {offer.distribution_id: offer for offer in offers}
    runs = Distribution.everything.order_by("pk")
    assert len(runs) > NUMBER
    for run in runs:
        kept = distribution.from_json(run.kept)
        assert tuple(distribution.again(kept)) == kept.candidates
        offer = made.get(run.pk)
        if kept.candidates:
            assert run.partner_id == offer.partner_id == kept.candidates[0].partner.id == best(run.kept)
            assert offer.offered_at == kept.at
            for candidate in kept.candidates:
                figures_are_those_of_the_time(simulation, candidate.partner, kept.at, offer, by_partner)
        else:
            assert run.partner_id is None
            assert offer is None
        for left in kept.left_out:
            if left.why == "full":
                assert left.open >= left.capacity == simulation.capacities[left.partner_id]
            else:
                assert left.why == "had_it"
                assert left.partner_id in [each.partner_id for each in by_lead[run.lead_id]]


def best(kept):
    """The winner by the stored numbers alone."""
    weights = {name: Fraction(value) for name, value in kept["weights"].items()}

    def key(each):
        topic = Fraction(1, 2) if each["score"] is None else Fraction(each["score"]) / 100
        record = Fraction(each["accepted"] + 1, each["offered"] + 2) * Fraction(each["won"] + 1, each["accepted"] + 2)
        room = 1 - Fraction(each["open"], each["capacity"])
        total = (
            weights["topic"] * topic
            + weights["record"] * record
            + weights["room"] * room
            + weights["tier"] * Fraction(each["rank"], kept["tiers"])
        )
        assert Fraction(each["total"]) == total
        return (-total, each["last_offer"] or "", each["partner"])

    return min(kept["candidates"], key=key)["partner"]


def figures_are_those_of_the_time(simulation, partner, at, offer, by_partner):
    before = [
        each
        for each in by_partner[partner.id]
        if (each.offered_at, each.pk) < (at, offer.pk) and not (each.state == "withdrawn" and each.ended_at <= at)
    ]
    accepted = [each for each in before if each.state == "accepted" and each.ended_at <= at]
    won = [
        each
        for each in accepted
        if each.lead.partner_id == partner.id
        and not each.pulled_back_at
        and simulation.won_at.get(each.lead_id, NEVER) <= at
    ]
    assert (partner.offered, partner.accepted, partner.won) == (len(before), len(accepted), len(won))
    assert partner.open == sum(taken(each)[1] > at for each in before)
    assert partner.capacity == simulation.capacities[partner.id]
    assert partner.last_offer == max((each.offered_at for each in before), default=None)


def the_report_equals_plain_sql(simulation):
    asked = Asked(dt.date(2026, 2, 1), dt.date(2026, 4, 30))
    found = fairness.report(simulation.admin, asked)
    days = "l.created_at >= '2026-02-01 00:00Z' AND l.created_at < '2026-05-01 00:00Z'"
    cells = rows(
        f"""SELECT date_trunc('month', l.created_at AT TIME ZONE 'UTC')::date, s.key, l.holder, l.grade, count(*)
        FROM leads_lead l JOIN leads_leadsource s ON s.id = l.source_id WHERE {days} GROUP BY 1, 2, 3, 4"""
    )
    assert len(cells) > 30
    assert {(c.month, c.source, c.to, c.grade, c.leads) for c in found.cells} == set(cells)
    made = rows(
        f"""SELECT l.holder, g.grade, count(*), count(l.contacted_at), count(*) FILTER (WHERE l.state = 'converted'),
            count(*) FILTER (WHERE l.outcome = 'won'),
            percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM l.contacted_at - l.accepted_at))
        FROM leads_lead l CROSS JOIN LATERAL (VALUES (l.grade), ('')) g(grade)
        WHERE {days} AND l.holder <> 'queue' GROUP BY 1, 2"""
    )
    assert len(made) == 7  # direct are those of the rule, all A
    for to, grade, given, contacted, converted, won, median in made:
        mine = found.made[to, grade]
        assert (mine.given, mine.contacted, mine.converted, mine.won) == (given, contacted, converted, won)
        assert mine.contact.total_seconds() == pytest.approx(float(median))
        assert (mine.conversion, mine.win) == (Fraction(converted, given), Fraction(won, given))
    answers = rows(
        f"""SELECT l.grade, count(*), count(*) FILTER (WHERE o.state = 'accepted')
        FROM leads_leadoffer o JOIN leads_lead l ON l.id = o.lead_id
        WHERE {days} AND o.state IN ('accepted', 'declined', 'timed_out') GROUP BY 1"""
    )
    for grade, ended, accepted in answers:
        assert found.made["partner", grade].acceptance == Fraction(accepted, ended)
    ((with_good,),) = rows(
        f"SELECT count(DISTINCT l.partner_id) FROM leads_lead l WHERE {days} AND l.holder = 'partner' AND l.grade IN ('A', 'B')"
    )
    assert found.spread == Fraction(with_good, 10)
    for partner in simulation.partners:
        own = fairness.of_partner(partner, asked.since, asked.until)
        ((given, won),) = rows(
            f"SELECT count(*), count(*) FILTER (WHERE l.outcome = 'won') FROM leads_lead l WHERE {days} AND l.partner_id = {partner.pk}"
        )
        assert (own.own[""].given, own.own[""].won) == (given, won)
        assert own.everybody[""] == found.made["partner", ""]


def rows(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()
