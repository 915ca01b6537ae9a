"""The conflict check: the one place that says which registrations and deals are in each other's way."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TypeVar

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from dealdesk import matching, queries, rules, search
from dealdesk.actions.common import hold_places
from dealdesk.matching import Match
from dealdesk.models import Conflict, Registration
from dealdesk.policy import RegistrationPolicy, policy_on
from dealdesk.rules import Claim
from dealdesk.telling import tell
from pipeline.models import Deal, DealStage
from prm.common.vendor import today

State, Flag = Registration.State, Registration.Flag
Row = TypeVar("Row")
WAITING = (State.SUBMITTED, State.RETURNED)


def check(pk: int) -> None:
    """Checks a submitted registration and tells of it. Checked already, or decided meanwhile: nothing happens."""
    with transaction.atomic():
        hold_places()
        rows = Registration.objects.unscoped("the check looks at all of them").select_related("partner", "created_by")
        found = rows.select_for_update(of=("self",)).filter(pk=pk, state=State.SUBMITTED, flag=Flag.UNCHECKED).first()
        if found is None:
            return
        look(found)
        found.may_exist = _strangers_ahead(found)
        # Not `save`: the row's own time of change would tell that there was something to find.
        Registration.objects.unscoped("the check").filter(pk=pk).update(may_exist=found.may_exist)
        tell("checked", found)


def check_waiting() -> None:
    """Checks what a worker or the queue left behind."""
    rows = Registration.objects.unscoped("every minute").filter(state=State.SUBMITTED, flag=Flag.UNCHECKED)
    for pk in rows.order_by("submitted_at", "pk").values_list("pk", flat=True)[:200]:
        check(pk)


def look(registration: Registration) -> None:
    """Finds what is in the way of this one, and of whom it is in the way, as of now. The caller holds the places."""
    behind = set(
        Conflict.objects.unscoped("the check").filter(other=registration).values_list("registration", flat=True)
    )
    mine = Q(registration=registration) | Q(other=registration)
    Conflict.objects.unscoped("found anew below").filter(mine).delete()
    policy = policy_on(today())
    company = matching.company(registration.customer_name, registration.domain, registration.country)
    own = _claim(registration)
    found: list[Conflict] = []
    for other, met in _registrations(registration, company):
        theirs = _claim(other)
        degree = rules.degree(met, own, theirs, policy.rfp)
        if degree is None:
            continue
        last, first = (registration, other) if theirs.comes_before(own) else (other, registration)
        found.append(_conflict(last, degree, met, other=first))
        if last.pk != registration.pk:
            behind.add(last.pk)
    for deal, met in _deals(registration, company, own.lines, policy):
        found.append(_conflict(registration, met.degree, met, deal=deal))
    Conflict.objects.bulk_create(found)
    flag_anew(behind)
    _flag(registration)
    registration.refresh_from_db(fields=["flag"])


def freed(registration: Registration) -> None:
    """It no longer holds its customer: those it was in the way of are flagged by what is left. The caller holds the places."""
    rows = Conflict.objects.unscoped("the check").filter(other=registration)
    behind = list(rows.values_list("registration", flat=True))
    rows.delete()
    flag_anew(behind)


def flag_anew(ids: Iterable[int]) -> None:
    """Sets the flags of these by the conflicts there are, as far as they wait for a decision; what isn't checked yet, will be."""
    rows = Registration.objects.unscoped("the check").filter(pk__in=set(ids), state__in=WAITING)
    for registration in rows.exclude(flag=Flag.UNCHECKED).order_by("pk"):
        _flag(registration)


def _flag(registration: Registration) -> None:
    before = Conflict.objects.unscoped("the check").filter(registration=registration)
    flag = rules.worst(before.values_list("degree", flat=True))
    Registration.objects.unscoped("the check").filter(pk=registration.pk).update(flag=flag)


def _strangers_ahead(registration: Registration) -> bool:
    """Whether it is flagged by somebody outside the partner's family: what the partner is told of, once, and stays told."""
    before = Conflict.objects.unscoped("the check").filter(registration=registration, degree=Flag.FLAGGED)
    sides = {
        other if other is not None else deal for other, deal in before.values_list("other__partner", "deal__partner")
    }
    return not sides <= queries.family(registration.partner_id)


def _claim(registration: Registration) -> Claim:
    return Claim(
        id=registration.pk,
        partner=registration.partner_id,
        lines=frozenset(line.pk for line in registration.product_lines.all()),
        is_rfp=registration.is_rfp,
        place=registration.submitted_at or timezone.now(),
    )


def _registrations(registration: Registration, company: matching.Company) -> list[tuple[Registration, Match]]:
    ids = search.registrations_like(company)
    rows = Registration.objects.unscoped("the check looks at all of them").filter(queries.holding(today()), pk__in=ids)
    rows = rows.exclude(pk=registration.pk).prefetch_related("product_lines").order_by("submitted_at", "pk")
    return _matching(company, ((row, matching.Company(row.name_key, row.registrable, row.country)) for row in rows))


def _deals(
    registration: Registration, company: matching.Company, lines: frozenset[int], policy: RegistrationPolicy
) -> list[tuple[Deal, Match]]:
    """Open deals of other partners, with a product line in common. Those of a registration that holds its customer are looked at
    as that registration; where its protection has ended they are open to others, if the policy says so."""
    customers = search.customers_like(company, registration.customer_name)
    rows = Deal.objects.unscoped("the check looks at all of them").filter(
        customer__in=customers, product_line__in=lines, stage__outcome=DealStage.Outcome.OPEN
    )
    registered = Registration.objects.unscoped("the check").filter(deal__isnull=False)
    if not policy.reopens:
        registered = registered.filter(queries.holding(today()))
    rows = rows.exclude(partner=registration.partner_id).exclude(pk__in=registered.order_by().values("deal"))
    deals = rows.select_related("customer").order_by("pk")
    return _matching(
        company,
        ((deal, matching.company(deal.customer.name, deal.customer.domain, deal.customer.country)) for deal in deals),
    )


def _matching(company: matching.Company, rows: Iterable[tuple[Row, matching.Company]]) -> list[tuple[Row, Match]]:
    found = ((row, matching.match(company, theirs)) for row, theirs in rows)
    return [(row, met) for row, met in found if met is not None]


def _conflict(
    last: Registration, degree: str, met: Match, *, other: Registration | None = None, deal: Deal | None = None
) -> Conflict:
    return Conflict(
        registration=last,
        other=other,
        deal=deal,
        degree=degree,
        why=met.why,
        similarity=Decimal(met.similarity.numerator) / met.similarity.denominator,
        found_at=timezone.now(),
    )
