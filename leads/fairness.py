"""Whether leads are given out fairly: what went to partners and what to the vendor's own people, and what each made of it.

All figures are of the leads that came in from a day to a day and that the reader sees, by who holds them now ("queue": nobody yet).
A lead that was taken back counts for whoever has it afterwards; the offers of it count for those it was offered to.

    acceptance = accepted ÷ offers that have ended (withdrawn ones aside); partners only
    contact    = the median of the time from acceptance to the first contact, of those contacted
    conversion = converted ÷ given
    win        = won ÷ given
    spread     = partners that hold at least one A or B ÷ partners that can get leads
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Aggregate, Case, Count, DurationField, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce, TruncMonth

from accounts.models import User
from leads import reading
from leads.models import Lead, LeadOffer, LeadStep
from leads.policies import GRADES
from partners.models import Membership, Partner
from prm.common.kept import kept
from prm.common.vendor import vendor_settings

PARTNER, DIRECT, QUEUE = Lead.Holder.PARTNER.value, Lead.Holder.DIRECT.value, Lead.Holder.QUEUE.value
FEWEST = 5  # other partners behind a figure of all partners, before one of them is told it
GOOD = ("A", "B")
TICK = dt.timedelta(microseconds=1)


class Median(Aggregate):
    """The middle value, halfway between two."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


@dataclass(frozen=True)
class Asked:
    """Which leads the report is of: those that came in from `since` to `until`, both included. Empty: any. Keys but for countries."""

    since: dt.date
    until: dt.date
    sources: Sequence[str] = ()
    regions: Sequence[str] = ()
    countries: Sequence[str] = ()
    lines: Sequence[str] = ()


@dataclass(frozen=True)
class Cell:
    """How many leads of a month (its first day; in the vendor's calendar) from a source (key) and of a grade went to whom."""

    month: dt.date
    source: str
    to: str
    grade: str
    leads: int


@dataclass(frozen=True)
class Made:
    """What was made of the leads of one grade ("" for all) that went to partners or stayed direct. Shares from 0 to 1; None where there is
    nothing to take a share of."""

    to: str
    grade: str
    given: int
    contacted: int
    converted: int
    won: int
    offers: int  # that have ended
    accepted: int
    contact: dt.timedelta | None

    @property
    def acceptance(self) -> Fraction | None:
        return Fraction(self.accepted, self.offers) if self.offers else None

    @property
    def conversion(self) -> Fraction | None:
        return Fraction(self.converted, self.given) if self.given else None

    @property
    def win(self) -> Fraction | None:
        return Fraction(self.won, self.given) if self.given else None


@dataclass(frozen=True)
class Report:
    """`made` by (to, grade): of partners and direct, of each grade and of all. `waiting`: leads in the queue, by grade."""

    cells: tuple[Cell, ...]
    made: Mapping[tuple[str, str], Made]
    waiting: Mapping[str, int]
    partners: int  # that can get leads
    partners_with_good: int

    @property
    def spread(self) -> Fraction | None:
        return Fraction(self.partners_with_good, self.partners) if self.partners else None


def asked_leads(user: User, asked: Asked) -> QuerySet[Lead]:
    """The leads a report is of."""
    rows = _came_in(Lead.objects.visible_to(user), asked.since, asked.until)
    if asked.sources:
        rows = rows.filter(source__key__in=asked.sources)
    if asked.regions:
        rows = rows.filter(region__key__in=asked.regions)
    if asked.countries:
        rows = rows.filter(country__in=asked.countries)
    if asked.lines:
        named = Lead.product_lines.through.objects.filter(lead=OuterRef("pk"), productline__key__in=asked.lines)
        rows = rows.filter(Exists(named))
    return rows


def _came_in(rows: QuerySet[Lead], since: dt.date, until: dt.date) -> QuerySet[Lead]:
    """Those of the days from `since` to `until` of the vendor's calendar."""
    zone = ZoneInfo(vendor_settings().time_zone)
    first = dt.datetime.combine(since, dt.time(), zone)
    end = dt.datetime.combine(until + dt.timedelta(days=1), dt.time(), zone)
    return rows.filter(created_at__gte=first, created_at__lt=end).order_by()


def report(user: User, asked: Asked) -> Report:
    """The report for somebody of the vendor; its figures may be a minute old."""
    rows, able = asked_leads(user, asked).order_by(), _able(Partner.objects.visible_to(user))
    return kept(lambda: _made(user, rows, able), "fairness", rows, able)


def _made(user: User, rows: QuerySet[Lead], able: QuerySet[Partner]) -> Report:
    zone = ZoneInfo(vendor_settings().time_zone)
    by_month = rows.annotate(month=TruncMonth("created_at", tzinfo=zone)).values(
        "month", "source__key", "holder", "grade"
    )
    cells = [
        Cell(each["month"].date(), each["source__key"], each["holder"], each["grade"], each["leads"])
        for each in by_month.annotate(leads=Count("pk"))
    ]
    order = {PARTNER: 0, DIRECT: 1, QUEUE: 2}
    cells.sort(key=lambda cell: (cell.month, cell.source, order[cell.to], cell.grade))
    waiting = {grade: sum(cell.leads for cell in cells if (cell.to, cell.grade) == (QUEUE, grade)) for grade in GRADES}
    number, good = _spread(rows, able)
    return Report(tuple(cells), made_of(rows, **_to_seen(user)), waiting, number, good)


def _to_seen(user: User) -> dict[str, Any]:
    """Of the offers those to partners that the reader sees."""
    if not Partner.visible_q(user):
        return {}
    return {"partner__in": Partner.objects.visible_to(user).order_by().values("pk")}


def _able(partners: QuerySet[Partner]) -> QuerySet[Partner]:
    """Those that can get leads: with somebody who can accept, not lapsed, and some capacity."""
    sellers = Membership.objects.unscoped("who can accept").filter(
        user__is_active=True, user__groups__name__in=reading.SELLERS
    )
    able = partners.filter(stage__is_lapsed=False, pk__in=sellers.order_by().values("partner"))
    return able.exclude(lead_capacity__capacity=0).order_by()


def _spread(rows: QuerySet[Lead], able: QuerySet[Partner]) -> tuple[int, int]:
    """How many of these partners there are, and how many of them hold an A or B of these leads."""
    good = rows.filter(grade__in=GOOD, partner__in=able.values("pk"))
    return able.count(), good.aggregate(n=Count("partner", distinct=True))["n"]


def made_of(rows: QuerySet[Lead], **offered: Any) -> dict[tuple[str, str], Made]:
    """What was made of these leads, by (to, grade); grade "" for all. `offered` narrows the offers that are counted."""
    found: dict[tuple[str, str], Any] = {}
    held = rows.filter(holder__in=(PARTNER, DIRECT)).order_by()
    counts = {
        "given": Count("pk"),
        "contacted": Count("pk", filter=Q(contacted_at__isnull=False)),
        "converted": Count("pk", filter=Q(state=Lead.State.CONVERTED)),
        "won": Count("pk", filter=Q(outcome=Lead.Outcome.WON)),
        "contact": Median(F("contacted_at") - F("accepted_at")),
    }
    for to, grade, *figures in held.values_list("holder", "grade").annotate(**counts):
        found[to, grade] = dict(zip(counts, figures, strict=True))
    for to, *figures in held.values_list("holder").annotate(**counts):
        found[to, ""] = dict(zip(counts, figures, strict=True))
    offers = _offers(rows, **offered)
    made = {}
    for to in (PARTNER, DIRECT):
        for grade in ("", *GRADES):
            one = found.get((to, grade), dict.fromkeys(counts, 0) | {"contact": None})
            ended, accepted = offers.get(grade, (0, 0)) if to == PARTNER else (0, 0)
            made[to, grade] = Made(to, grade, offers=ended, accepted=accepted, **one)
    return made


def _offers(rows: QuerySet[Lead], **only: Any) -> dict[str, tuple[int, int]]:
    """Grade ("" for all) → (offers that have ended, accepted ones) of these leads."""
    offers = LeadOffer.objects.unscoped("of leads that the reader sees").filter(lead__in=rows.values("pk"), **only)
    ended = offers.exclude(state__in=(LeadOffer.State.OPEN, LeadOffer.State.WITHDRAWN)).order_by()
    found: dict[str, tuple[int, int]] = {}
    for grade, number, accepted in ended.values_list("lead__grade").annotate(
        number=Count("pk"), accepted=Count("pk", filter=Q(state=LeadOffer.State.ACCEPTED))
    ):
        found[grade] = (number, accepted)
    found[""] = (sum(pair[0] for pair in found.values()), sum(pair[1] for pair in found.values()))
    return found


# ── For a partner ────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Own:
    """A partner's own figures by grade ("" for all), and all partners' together: None where fewer than five others hold leads."""

    own: Mapping[str, Made]
    everybody: Mapping[str, Made] | None  # without the grades of which fewer than five others hold any
    with_good: Fraction | None  # share of the partners that can get leads that hold an A or B; None likewise


def of_partner(partner: Partner, since: dt.date, until: dt.date) -> Own:
    """What a partner reads of the report: its own leads, and how all partners together do."""
    rows = _came_in(Lead.objects.unscoped("figures of all partners together"), since, until)
    mine = rows.filter(partner=partner)
    own = {grade: made for (to, grade), made in made_of(mine).items() if to == PARTNER}
    # Its offers are all it was made, whoever has the lead now.
    offers = _offers(rows, partner=partner)
    answered = {grade: offers.get(grade, (0, 0)) for grade in own}
    own = {grade: replace(made, offers=answered[grade][0], accepted=answered[grade][1]) for grade, made in own.items()}
    others = rows.filter(holder=PARTNER).exclude(partner=partner)
    told = _told(others)
    if not told:
        return Own(own, None, None)
    all_of_them = made_of(rows)
    everybody = {grade: all_of_them[PARTNER, grade] for grade in told}
    number, good = _spread(rows, _able(Partner.objects.unscoped("how many can get leads")))
    return Own(own, everybody, Fraction(good, number) if number else None)


def of_partner_then(partner: Partner, since: dt.date, until: dt.date, day: dt.date) -> dict[str, Made]:
    """A partner's own figures by grade ("" for all), as `of_partner` told them at the end of a day: from offers and steps, which have their
    time and are never changed. Leads keep the grade they have now."""
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), ZoneInfo(vendor_settings().time_zone))
    rows = _came_in(Lead.objects.unscoped("figures of one partner"), since, until)
    offers = LeadOffer.objects.unscoped("figures of one partner").filter(partner=partner, lead__in=rows.values("pk"))
    ended = offers.filter(ended_at__lt=end).exclude(state=LeadOffer.State.WITHDRAWN).order_by()
    answers = {
        grade: (number, accepted)
        for grade, number, accepted in ended.values_list("lead__grade").annotate(
            number=Count("pk"), accepted=Count("pk", filter=Q(state=LeadOffer.State.ACCEPTED))
        )
    }
    touched = rows.filter(Q(partner=partner) | Q(pk__in=offers.order_by().values("lead")))
    held = list(_held_then(touched, partner, end))
    made = {}
    for grade in ("", *GRADES):
        own = [row for row in held if grade in ("", row["grade"])]
        pairs = [pair for key, pair in answers.items() if grade in ("", key)]
        made[grade] = Made(
            PARTNER,
            grade,
            given=len(own),
            contacted=sum(row["contacted"] is not None for row in own),
            converted=sum(row["converted"] for row in own),
            won=sum(row["was_won"] for row in own),
            offers=sum(number for number, _accepted in pairs),
            accepted=sum(accepted for _number, accepted in pairs),
            contact=_middle([row["contacted"] - row["accepted"] for row in own if row["contacted"] is not None]),
        )
    return made


def _held_then(rows: QuerySet[Lead], partner: Partner, end: dt.datetime) -> QuerySet[Any, Any]:
    """Of these leads those that the partner held before `end`, with what had become of them by then."""
    day = (end - dt.timedelta(microseconds=1)).date()
    kinds = LeadStep.Kind
    steps = LeadStep.objects.unscoped("of the lead of the row").filter(lead=OuterRef("pk"), at__lt=end)
    moves = steps.filter(kind__in=(kinds.ACCEPTED, kinds.QUEUED, kinds.PULLED_BACK, kinds.KEPT_DIRECT)).order_by(
        "-at", "-pk"
    )
    rows = rows.annotate(
        move=Subquery(moves.values("kind")[:1]),
        mover=Subquery(moves.values("partner")[:1]),
        accepted=Coalesce(Subquery(moves.filter(kind=kinds.ACCEPTED).values("at")[:1]), F("accepted_at")),
    )
    # A lead without a step was put where it is by an import.
    rows = rows.filter(Q(move=kinds.ACCEPTED, mover=partner.pk) | Q(move=None, partner=partner, accepted_at__lt=end))
    first = steps.filter(kind=kinds.CONTACTED, at__gte=OuterRef("accepted")).order_by("at", "pk")
    turns = steps.filter(kind__in=(kinds.CONVERTED, kinds.REOPENED), at__gte=OuterRef("accepted")).order_by(
        "-at", "-pk"
    )
    return rows.annotate(
        turn=Subquery(turns.values("kind")[:1]),
        contacted=Coalesce(
            Subquery(first.values("at")[:1]), Case(When(partner=partner, contacted_at__lt=end, then=F("contacted_at")))
        ),
        converted=Case(
            When(turn=kinds.CONVERTED, then=1),
            When(turn=None, partner=partner, state=Lead.State.CONVERTED, closed_at__lt=end, then=1),
            default=0,
        ),
        was_won=Case(When(partner=partner, outcome=Lead.Outcome.WON, outcome_on__lte=day, then=1), default=0),
    ).values("grade", "accepted", "contacted", "converted", "was_won")


def _middle(spans: list[dt.timedelta]) -> dt.timedelta | None:
    """The median, as `Median` takes it."""
    return dt.timedelta(microseconds=median(span // TICK for span in spans)) if spans else None


def _told(others: QuerySet[Lead]) -> list[str]:
    """The grades ("" for all) of which a partner is told what all made of them: five others hold leads of each. So they do of those
    kept back together, which are what is left of all."""
    held = dict(others.values_list("grade").annotate(n=Count("partner", distinct=True)))
    shown = sorted((grade for grade, number in held.items() if number >= FEWEST), key=lambda grade: -held[grade])
    if _partners(others) < FEWEST:
        return []
    while shown and 0 < _partners(others.exclude(grade__in=shown)) < FEWEST:
        shown.pop()
    return ["", *sorted(shown)]


def _partners(rows: QuerySet[Lead]) -> int:
    return int(rows.aggregate(n=Count("partner", distinct=True))["n"])
