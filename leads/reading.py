"""What the rules look at, read from the tables: the policy of the day, and of the partners that a rule names their figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.utils import timezone

from accounts.models import User
from accounts.permissions import ROLES, Permission, Role
from leads import policies
from leads.distribution import LeadFacts, PartnerFacts
from leads.models import Distribution, Lead
from leads.policies import LeadPolicy, Near, Rule, To
from partners.models import Membership, Partner, Tier
from prm.common.models import Policy, VendorSettings
from prm.common.vendor import vendor_settings, work_calendar
from prm.common.workcal import WorkCalendar
from scorecards.models import Questionnaire

SELLERS = [role for role in Role if Permission.SELL in ROLES[role]]
HOLDERS = [role for role in Role if Permission.SEE_LEADS in ROLES[role] and role is not Role.DISTRIBUTOR]


def year_before(day: dt.date) -> dt.date:
    """The same day a year earlier; of the 29th of February the 28th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


@dataclass
class Ground:
    """What holds for all leads at a moment: read once for many of them."""

    at: dt.datetime
    settings: VendorSettings
    day: dt.date
    policy: LeadPolicy
    policy_from: dt.date | None
    ranks: Mapping[int, int]  # a tier's place from the lowest, by id
    calendar: WorkCalendar
    zones: dict[int, str] = field(default_factory=dict)  # of partners asked for so far

    def moved(self, at: dt.datetime) -> Ground:
        """The same a little later, of the same day."""
        return Ground(
            at, self.settings, self.day, self.policy, self.policy_from, self.ranks, self.calendar, self.zones
        )

    def of_zone(self, zone: str) -> WorkCalendar:
        """The vendor's working days and hours in another zone."""
        mine = self.calendar
        return WorkCalendar(zone or mine.zone, mine.opening, mine.closing, mine.working_days, mine.holidays)

    def of_partner(self, partner_id: int) -> WorkCalendar:
        """The calendar of whoever must act at the partner: in the zone of its first seller who has one, else the vendor's."""
        if partner_id not in self.zones:
            members = Membership.objects.unscoped("whose clock runs").filter(
                partner=partner_id, user__is_active=True, user__groups__name__in=SELLERS
            )
            zoned = members.exclude(user__time_zone="").order_by("user_id")
            self.zones[partner_id] = zoned.values_list("user__time_zone", flat=True).first() or ""
        return self.of_zone(self.zones[partner_id])

    def of_holder(self, lead: Lead) -> WorkCalendar:
        """The calendar of whoever holds the lead."""
        if lead.partner_id is not None:
            return self.of_partner(lead.partner_id)
        return self.of_zone(lead.person_direct.time_zone if lead.person_direct else "")


def ground(at: dt.datetime) -> Ground:
    """What holds at a moment."""
    settings = vendor_settings()
    day = at.astimezone(ZoneInfo(settings.time_zone)).date()
    policy, since = policy_on(day)
    ranks = {pk: place for place, pk in enumerate(Tier.objects.values_list("pk", flat=True), 1)}
    return Ground(at, settings, day, policy, since, ranks, work_calendar(settings))


def policy_on(day: dt.date) -> tuple[LeadPolicy, dt.date | None]:
    """The policy in force on a day, and since when; the default, None, where none was set."""
    row = Policy.objects.filter(kind=policies.KIND, starts_on__lte=day).order_by("-starts_on").first()
    return (policies.read(row.data), row.starts_on) if row else (LeadPolicy(), None)


def facts_of(lead: Lead) -> LeadFacts:
    """What rules look at."""
    return LeadFacts(
        country=lead.country,
        region=lead.region.key if lead.region else "",
        vertical=lead.vertical,
        lines=frozenset(line.key for line in lead.product_lines.all()),
        grade=lead.grade,
        source=lead.source.key,
    )


class Pool:
    """The partners for one lead, as they are at the moment of `ground`."""

    def __init__(self, lead: Lead, now: Ground) -> None:
        self.lead = lead
        self.now = now

    def partners(self, to: To, topic: str) -> Sequence[PartnerFacts]:
        """Those that the rule names, lapsed ones aside."""
        rows = Partner.objects.unscoped("rules look at all partners").filter(stage__is_lapsed=False)
        if to.near == Near.SAME_COUNTRY:
            rows = rows.filter(country=self.lead.country) if self.lead.country else rows.none()
        elif to.near == Near.SAME_REGION:
            rows = rows.filter(region=self.lead.region_id) if self.lead.region_id else rows.none()
        if to.regions is not None:
            rows = rows.filter(region__key__in=to.regions)
        if to.tiers is not None:
            rows = rows.filter(tier__key__in=to.tiers)
        if to.partners is not None:
            rows = rows.filter(pk__in=to.partners)
        try:
            text, params = rows.order_by().values("id", "tier_id").query.sql_with_params()
        except EmptyResultSet:
            return []
        return figures(text, params, self.now, topic, lead_id=self.lead.pk)

    def after(self, rule: Rule) -> str:
        """The place that the rule gave its last turn to."""
        last = Distribution.objects.unscoped("where the round is").filter(rule=rule.name).exclude(slot="")
        return last.order_by("-at", "-id").values_list("slot", flat=True).first() or ""


FIGURES = """
    WITH named AS MATERIALIZED ({named}),
    assessed AS (
        SELECT DISTINCT ON (a.partner_id) a.partner_id, a.id, a.overall_shared
        FROM scorecards_assessment a
        WHERE a.contends AND a.questionnaire_id = %s AND a.status IN ('submitted', 'agreed')
          AND a.finished_on > %s AND a.partner_id IN (SELECT id FROM named)
        ORDER BY a.partner_id, (a.status = 'agreed') DESC, a.finished_at DESC, a.id DESC),
    asked AS (
        SELECT o.partner_id,
            count(*) FILTER (WHERE o.offered_at > %s) AS offered,
            count(*) FILTER (WHERE o.offered_at > %s AND o.state = 'accepted') AS accepted,
            count(*) FILTER (WHERE o.offered_at > %s AND o.state = 'accepted' AND o.pulled_back_at IS NULL
                AND l.outcome = 'won' AND l.partner_id = o.partner_id) AS won,
            count(*) FILTER (WHERE o.state = 'open') AS open,
            max(o.offered_at) AS last,
            bool_or(o.lead_id = %s) AS had_it
        FROM leads_leadoffer o LEFT JOIN leads_lead l ON l.id = o.lead_id AND l.outcome = 'won'
        WHERE o.state <> 'withdrawn' AND o.partner_id IN (SELECT id FROM named) GROUP BY o.partner_id),
    held AS (
        SELECT partner_id, count(*) AS open FROM leads_lead
        WHERE state IN ('accepted', 'contacted', 'qualified') AND partner_id IN (SELECT id FROM named) GROUP BY partner_id),
    answers AS (
        SELECT DISTINCT m.partner_id FROM partners_membership m
        JOIN accounts_user u ON u.id = m.user_id AND u.is_active
        JOIN accounts_user_groups ug ON ug.user_id = u.id JOIN auth_group g ON g.id = ug.group_id
        WHERE g.name = ANY(%s) AND m.partner_id IN (SELECT id FROM named))
    SELECT named.id, {score}, coalesce(asked.offered, 0), coalesce(asked.accepted, 0), coalesce(asked.won, 0),
        coalesce(asked.open, 0) + coalesce(held.open, 0), coalesce(cap.capacity, %s), named.tier_id, asked.last,
        coalesce(cap.turns, 1), coalesce(asked.had_it, false), answers.partner_id IS NOT NULL
    FROM named
    LEFT JOIN assessed ON assessed.partner_id = named.id {scores}
    LEFT JOIN asked ON asked.partner_id = named.id
    LEFT JOIN held ON held.partner_id = named.id
    LEFT JOIN leads_leadcapacity cap ON cap.partner_id = named.id
    LEFT JOIN answers ON answers.partner_id = named.id
    ORDER BY named.id"""
OF_TOPIC = """LEFT JOIN scorecards_assessmentscore s
        ON s.assessment_id = assessed.id AND s.level = 'topic' AND s.key = %s AND NOT s.internal"""


def figures(
    named: str, params: Sequence[Any], now: Ground, topic: str, *, lead_id: int | None = None
) -> list[PartnerFacts]:
    """The figures of partners, by id. `named` is a statement that gives (id, tier_id), `params` its parameters; `topic` "" for the
    overall; `lead_id`: the lead of which an earlier offer counts as having had it."""
    score, scores = ("s.score", OF_TOPIC) if topic else ("assessed.overall_shared", "")
    since = year_before(now.day)
    moment = now.at - (now.day - since)
    own = [questionnaire_id(), since, moment, moment, moment, lead_id or 0, [str(role) for role in SELLERS]]
    with connection.cursor() as cursor:
        cursor.execute(
            FIGURES.format(named=named, score=score, scores=scores),
            [*params, *own, now.policy.capacity, *([topic] if topic else [])],
        )
        rows = cursor.fetchall()
    return [_facts(row, now.ranks) for row in rows]


def _facts(row: tuple[Any, ...], ranks: Mapping[int, int]) -> PartnerFacts:
    pk, score, offered, accepted, won, is_open, capacity, tier, last, turns, had_it, answers = row
    return PartnerFacts(
        id=pk,
        score=None if score is None else Decimal(score),
        offered=offered,
        accepted=accepted,
        won=won,
        open=is_open,
        capacity=capacity,
        rank=ranks.get(tier, 0),
        last_offer=last,
        turns=turns,
        had_it=had_it,
        answers=answers,
    )


def questionnaire_id() -> int:
    """The capability questionnaire that is offered first; 0 where there is none."""
    kind = Questionnaire.Kind.CAPABILITY
    return Questionnaire.objects.filter(kind=kind).order_by("pk").values_list("pk", flat=True).first() or 0


def places(partner_ids: Collection[int], capacity: int) -> dict[int, tuple[int, int]]:
    """Partner's id → (open leads, its capacity); `capacity` is what holds where none is set."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT p.id,
                (SELECT count(*) FROM leads_lead l WHERE l.partner_id = p.id AND l.state IN ('accepted', 'contacted', 'qualified'))
                + (SELECT count(*) FROM leads_leadoffer o WHERE o.partner_id = p.id AND o.state = 'open'),
                coalesce(c.capacity, %s)
            FROM partners_partner p LEFT JOIN leads_leadcapacity c ON c.partner_id = p.id WHERE p.id = ANY(%s)""",
            [capacity, list(partner_ids)],
        )
        return {pk: (is_open, most) for pk, is_open, most in cursor.fetchall()}


def has_room(partner_id: int, now: Ground) -> bool:
    """Whether the partner has a place free for another lead."""
    is_open, capacity = places([partner_id], now.policy.capacity)[partner_id]
    return is_open < capacity


def can_answer(partner_id: int) -> bool:
    """Whether somebody at the partner can accept leads."""
    members = Membership.objects.unscoped("who can accept leads").filter(partner=partner_id, user__is_active=True)
    return bool(members.filter(user__groups__name__in=SELLERS).exists())


def can_hold(person: User) -> bool:
    """Whether a person of the vendor can hold leads."""
    return person.is_active and bool(person.roles & set(HOLDERS))


def sellers(partner_id: int) -> list[User]:
    """Who at the partner accepts leads."""
    found = User.objects.filter(is_active=True, membership__partner=partner_id, groups__name__in=SELLERS)
    return list(found.distinct().order_by("name", "id"))


def now() -> Ground:
    """What holds now."""
    return ground(timezone.now())
