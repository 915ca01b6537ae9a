"""What is read of registrations. Rows come from `visible_to`; what is read beyond it says why, and shows no more than is needed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.permissions import Permission
from dealdesk import rules
from dealdesk.models import Conflict, Registration, Step
from dealdesk.policy import RegistrationPolicy, policy_on
from dealdesk.rules import NoRenewal
from partners.models import Partner
from partners.queries import holders
from pipeline.models import Deal, DealStage, StageChange
from prm.common.vendor import today, vendor_settings

State = Registration.State
BEHIND_TOO = 50  # the most candidates the approver is shown of each kind


def registrations(user: User) -> QuerySet[Registration]:
    """The registrations this user sees, with what a row of a list shows."""
    rows: QuerySet[Registration] = Registration.objects.visible_to(user)
    return rows.select_related("partner", "deal").prefetch_related("product_lines")


def steps(registration: Registration, user: User) -> QuerySet[Step]:
    """What happened to it, the first first, as far as this user may know."""
    rows: QuerySet[Step] = Step.objects.visible_to(user).filter(registration=registration)
    return rows.select_related("by").order_by("at", "id")


# ── Who may ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def may_register(user: User, partner: Partner) -> bool:
    """Whether this user writes registrations of this partner: its own sellers, and of the vendor's side who registers for it."""
    needed = Permission.SELL if user.is_partner_side else Permission.REGISTER_FOR_PARTNERS
    return user.can(needed) and Partner.objects.visible_to(user).filter(pk=partner.pk).exists()


def may_decide(user: User, registration: Registration) -> bool:
    """Whether this user may decide about it: not who looks after one of the partners in question, before or behind it, whose numbers
    depend on it."""
    if not user.can(Permission.DECIDE_REGISTRATIONS):
        return False
    if not Registration.objects.visible_to(user).filter(pk=registration.pk).exists():
        return False
    rows = Conflict.objects.unscoped("whether the person has a stake in it")
    rows = rows.filter(Q(registration=registration) | Q(other=registration))
    sides = {registration.partner_id}
    for found in rows.values_list("registration__partner", "other__partner", "deal__partner"):
        sides |= {side for side in found if side is not None}
    looked_after = Partner.objects.unscoped("the same").filter(Q(cam=user) | Q(cover=user), pk__in=sides)
    return not looked_after.exists()


def may_protect(user: User, registration: Registration) -> bool:
    """Whether this user renews a protection: who registers for the partner, and who decides."""
    return may_register(user, registration.partner) or user.can(Permission.DECIDE_REGISTRATIONS)


def deciders(registration: Registration) -> list[User]:
    """Who can decide about it, of those who see it."""
    return [user for user in holders(Permission.DECIDE_REGISTRATIONS) if may_decide(user, registration)]


def sellers(registration: Registration) -> list[User]:
    """Whom at the partner to tell: who registered it, else everybody there who sells."""
    members = holders(Permission.SELL).filter(membership__partner=registration.partner_id)
    return [user for user in members if user.pk == registration.created_by_id] or list(members)


# ── Conflicts ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Candidate:
    """Another registration or open deal for the same customer, as far as a decision needs it: partner, deal and dates.

    `ahead`: its place comes before. `what`: its reference, or the deal's name. `since`: its place, or the day the deal was
    created. `stage`: the deal's, where there is one.
    """

    ahead: bool
    degree: str
    why: str
    why_words: str
    similarity: Decimal
    partner: str
    partner_id: int
    registration_id: int | None
    deal_id: int | None
    what: str
    customer: str
    domain: str
    lines: tuple[str, ...]
    state: str
    since: dt.datetime | dt.date
    until: dt.date | None
    stage: str
    expected_close: dt.date | None
    own_family: bool = field(default=False)


def candidates(registration: Registration, user: User) -> list[Candidate]:
    """What else there is for the same customer, what comes before it first. For those who decide, also of partners they don't see
    otherwise. PermissionDenied for others."""
    if not user.can(Permission.DECIDE_REGISTRATIONS):
        raise PermissionDenied
    kin = family(registration.partner_id)
    rows = _conflicts("those who decide see all sides")
    before = rows.filter(registration=registration).order_by("-degree", "pk")[:BEHIND_TOO]
    behind = rows.filter(other=registration).order_by("-degree", "pk")[:BEHIND_TOO]
    found = [_candidate(row, ahead=True, kin=kin) for row in before]
    return found + [_candidate(row, ahead=False, kin=kin) for row in behind]


def of_own_family(registration: Registration) -> list[Candidate]:
    """What comes before it of the partner itself, its parents and branches: the partner is told all of that."""
    kin = family(registration.partner_id)
    rows = _conflicts("of the partner's own family").filter(registration=registration)
    rows = rows.filter(Q(other__partner__in=kin) | Q(deal__partner__in=kin))
    return [_candidate(row, ahead=True, kin=kin) for row in rows.order_by("-degree", "pk")]


def family(partner_id: int) -> frozenset[int]:
    """The partner, all above it, and all below the topmost of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH RECURSIVE up AS (
                 SELECT id, parent_id FROM partners_partner WHERE id = %s
                 UNION SELECT p.id, p.parent_id FROM partners_partner p JOIN up ON p.id = up.parent_id),
               down AS (
                 SELECT id FROM up WHERE parent_id IS NULL
                 UNION SELECT p.id FROM partners_partner p JOIN down ON p.parent_id = down.id)
               SELECT id FROM up UNION SELECT id FROM down""",
            [partner_id],
        )
        return frozenset(row[0] for row in cursor.fetchall())


def _conflicts(why: str) -> QuerySet[Conflict]:
    rows: QuerySet[Conflict] = Conflict.objects.unscoped(why).select_related(
        "registration__partner", "registration__deal__stage", "other__partner", "other__deal__stage",
        "deal__partner", "deal__stage", "deal__customer", "deal__product_line",
    )  # fmt: skip
    return rows.prefetch_related("registration__product_lines", "other__product_lines")


def _candidate(row: Conflict, *, ahead: bool, kin: frozenset[int]) -> Candidate:
    other = row.other if ahead else row.registration
    deal = row.deal if other is None else other.deal
    partner = other.partner if other is not None else row.deal.partner  # type: ignore[union-attr]
    customer = deal.customer if other is None and deal is not None else None
    if other is not None:
        lines = tuple(str(line) for line in other.product_lines.all())
    else:
        lines = (str(deal.product_line),) if deal is not None and deal.product_line else ()
    return Candidate(
        ahead=ahead,
        degree=row.degree,
        why=row.why,
        why_words=row.get_why_display(),
        similarity=row.similarity,
        partner=partner.name,
        partner_id=partner.pk,
        registration_id=other.pk if other is not None else None,
        deal_id=deal.pk if deal is not None else None,
        what=other.reference if other is not None else str(deal),
        customer=other.customer_name if other is not None else str(customer or ""),
        domain=other.domain if other is not None else (customer.domain if customer else ""),
        lines=lines,
        state=other.get_state_display() if other is not None else str(deal.stage) if deal else "",
        since=(other.submitted_at or other.created_at) if other is not None else row.deal.created_on,  # type: ignore[union-attr]
        until=other.expires_on if other is not None else None,
        stage=str(deal.stage) if deal is not None else "",
        expected_close=other.expected_close if other is not None else deal.expected_close if deal else None,
        own_family=partner.pk in kin,
    )


def linkable_deals(registration: Registration, user: User) -> QuerySet[Deal]:
    """The partner's open deals this user sees that the registration could be approved for, of no other registration in force."""
    taken = Registration.objects.unscoped("deals that are taken").filter(deal__isnull=False, state=State.APPROVED)
    rows: QuerySet[Deal] = Deal.objects.visible_to(user).filter(
        partner=registration.partner_id, stage__outcome=DealStage.Outcome.OPEN
    )
    rows = rows.exclude(pk__in=taken.order_by().values("deal"))
    return rows.select_related("stage", "customer").order_by("-created_on", "-pk")


# ── Protection ───────────────────────────────────────────────────────────────────────────────────────────────────────


def progress(registration: Registration) -> list[dt.date]:
    """The days on which something moved: its deal changed stage, or a proof was accepted."""
    zone = ZoneInfo(vendor_settings().time_zone)
    proofs = Step.objects.unscoped("of a registration the caller has scoped").filter(
        registration=registration, kind=Step.Kind.PROOF_ACCEPTED
    )
    days = [at.astimezone(zone).date() for at in proofs.order_by().values_list("at", flat=True)]
    if registration.deal_id is not None:
        moves = StageChange.objects.unscoped("the same").filter(deal=registration.deal_id, from_stage__isnull=False)
        days += moves.order_by().values_list("on", flat=True)
    return sorted(days)


def no_renewal(registration: Registration, policy: RegistrationPolicy | None = None) -> NoRenewal | None:
    """Why it can't be renewed today; None where it can."""
    day = today()
    return rules.no_renewal(
        state=registration.state,
        expires_on=registration.expires_on,
        renewals=registration.renewals,
        progress=progress(registration),
        day=day,
        policy=policy or policy_on(day),
    )


def open_now(partner_id: int, *, besides: int | None = None) -> int:
    """How many registrations of a partner take one of its slots: submitted, returned, or protected today."""
    rows = Registration.objects.unscoped("of one partner").filter(holding(today()), partner=partner_id)
    return rows.exclude(pk=besides).count()


def holding(day: dt.date) -> Q:
    """Those that hold their customer on a day, as `rules.holds` says."""
    return Q(state__in=[State.SUBMITTED, State.RETURNED]) | Q(state=State.APPROVED, expires_on__gte=day)


def of_partners(ids: Iterable[int]) -> QuerySet[Registration]:
    """Submitted and protected ones of these partners, for counts in cells and roll-ups."""
    rows: QuerySet[Registration] = Registration.objects.unscoped("of partners the caller has scoped")
    return rows.filter(holding(today()), partner__in=list(ids))
