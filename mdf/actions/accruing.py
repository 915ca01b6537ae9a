"""What partners' results bring them: by night, for each month of a fund's period that is over.

Results come late and are corrected, so a month isn't done with once: each night books the difference between what its results come to
by now and what was reckoned for it before. Where nothing changed nothing is booked.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from mdf import ledger
from mdf.actions.writing import Effect, expire_what_is_due, lock_accounts, lots_of, must_edit, write
from mdf.models import Account, Accrual, Entry, Fund
from mdf.refusals import Closed
from pipeline import actuals
from pipeline.policies import actuals_on
from planning.models import BusinessPlan
from prm.common.fiscal import Month
from prm.common.money import NoRate, minor_units
from prm.common.schedule import nightly
from prm.common.vendor import rates, today, vendor_settings

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Results:
    """What partners sold by month, in a fund's currency, exact; and the partners of whom some has no rate, with the first that lacks."""

    by_month: dict[tuple[int, str], Fraction]
    lacking: dict[int, NoRate]


@nightly
def accrue_all() -> None:
    """All funds that accrue and haven't expired."""
    for fund in Fund.objects.exclude(kind=Fund.Kind.PROPOSAL).filter(expires_on__gte=today(), starts_on__lte=today()):
        try:
            accrue(fund=fund)
        except Exception:
            log.exception("fund %s could not accrue", fund.pk)


def accrue(*, fund: Fund, by: User | None = None) -> list[Accrual]:
    """Books what the months of a fund's period that are over come to, partner by partner: what was earned, less what is carried from
    before; taken back is at most what is available, the rest is carried. Gives what changed.

    Where it accrues with a signed plan only, a month counts in which a signed plan was in force. A partner with results that have no
    rate waits. By a person: EDIT_FUNDS, else NotAllowed.
    """
    if by is not None:
        must_edit(by)
    if fund.expires_on < today():
        raise Closed(_("This fund has expired: what accrued would be gone at once."))
    months = months_over(fund)
    if not months or fund.accrual_rate is None:
        return []
    found = results_of(fund, months)
    for partner_id, error in found.lacking.items():
        log.warning("fund %s waits with partner %s: %s", fund.pk, partner_id, error)
    known = _reckoned(fund)
    signed = _signed(months) if fund.needs_signed_plan else None
    written = []
    for partner_id in sorted({partner for partner, _month in (*found.by_month, *known)} - set(found.lacking)):
        for month in months:
            results = found.by_month.get((partner_id, month.key), Fraction(0))
            if signed is not None and month.key not in signed[partner_id] and (partner_id, month.key) not in known:
                continue
            made = _accrue_month(fund, partner_id, month, results, by)
            if made is not None:
                written.append(made)
    return written


def months_over(fund: Fund) -> list[Month]:
    """The months of a fund's period that are over today."""
    return months_between(fund.starts_on, today(), fund.ends_on)


def months_between(first: dt.date, day: dt.date, last: dt.date) -> list[Month]:
    """The whole months from `first` to `last` that are over on `day`."""
    found = []
    month = Month(first.year, first.month)
    while month.end < day and month.end <= last:
        found.append(month)
        month = month.next
    return found


@transaction.atomic
def _accrue_month(fund: Fund, partner_id: int, month: Month, results: Fraction, by: User | None) -> Accrual | None:
    account = Account.objects.unscoped("of one partner").filter(fund=fund, partner=partner_id).first()
    if account is None:
        if not results:
            return None
        account, _new = Account.objects.unscoped("the same").get_or_create(fund=fund, partner_id=partner_id)
    (account,) = lock_accounts(account.pk)
    before = list(
        Accrual.objects.unscoped("the same").filter(fund=fund, partner=partner_id, month=month.key).order_by("pk")
    )
    # What a month was first reckoned with holds for it: another rate is for the months to come.
    rate = before[0].rate if before else fund.accrual_rate or ledger.ZERO
    total = ledger.earned(results, rate, minor_units(fund.currency))
    earned = total - sum((row.earned for row in before), ledger.ZERO)
    if not earned and (before or not account.carried):
        return None
    expire_what_is_due(account)
    booking = ledger.book(earned, carried=account.carried, available=account.available)
    accrual = Accrual(
        fund=fund, partner_id=partner_id, month=month.key, results=_shown(results), rate=rate, earned=earned,
        carried_before=account.carried, booked=booking.booked, carried_after=booking.carried, at=timezone.now(),
    )  # fmt: skip
    account.carried = booking.carried
    account.save(update_fields=["carried"])
    if booking.booked:
        accrual.entry = _book(fund, account, booking.booked, month, by)
    accrual.save()
    return accrual


def _book(fund: Fund, account: Account, amount: Decimal, month: Month, by: User | None) -> Entry:
    change = ledger.changes(Entry.Kind.ACCRUE, amount)[0]
    if amount > 0:
        lasts = month.shift(fund.accrual_months).end if fund.accrual_months is not None else None
        effect = Effect(account, change, makes=((amount, lasts),))
    else:
        effect = Effect(account, change, parts=ledger.take(lots_of(account), -amount), lots=-1)
    return write(
        Entry.Kind.ACCRUE, amount, [effect], by=by, partner_id=account.partner_id, reason=_("Results of %(month)s") % {"month": month.key},
    )  # fmt: skip


def results_of(fund: Fund, months: list[Month]) -> Results:
    """What all partners sold in these months, in the vendor's basis of actuals: each amount at the rates of its day."""
    settings = vendor_settings()
    origin = actuals_on(today(settings)).origin
    every = actuals.rows(origin, settings.reporting_currency, first=months[0].start, last=months[-1].end)
    table = rates(settings)
    found: dict[tuple[int, str], Fraction] = defaultdict(Fraction)
    lacking: dict[int, NoRate] = {}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT partner_id, day, currency, sum(amount) FROM ({every.text}) a GROUP BY 1, 2, 3 ORDER BY 1, 2, 3", every.params)  # fmt: skip
        for partner_id, day, currency, amount in cursor.fetchall():
            try:
                if currency != settings.reporting_currency:
                    raise NoRate(currency, day)
                value = Fraction(amount) / Fraction(table.rate(fund.currency, day))
            except NoRate as error:
                lacking.setdefault(partner_id, error)
                continue
            found[partner_id, Month(day.year, day.month).key] += value
    return Results(found, lacking)


def _reckoned(fund: Fund) -> set[tuple[int, str]]:
    rows = Accrual.objects.unscoped("of one fund").filter(fund=fund).order_by()
    return set(rows.values_list("partner", "month").distinct())


def _signed(months: list[Month]) -> dict[int, set[str]]:
    """The months in which each partner's signed plan was in force on some day."""
    first, last = months[0].start, months[-1].end
    rows = BusinessPlan.objects.unscoped("who signed, not what").filter(
        Q(superseded_at__isnull=True) | Q(superseded_at__date__gte=first),
        status__in=BusinessPlan.FIXED,
        committed_on__lte=last,
    )
    found: dict[int, set[str]] = defaultdict(set)
    for partner_id, since, until in rows.order_by("pk").values_list("partner", "committed_on", "superseded_at"):
        ended = timezone.localtime(until).date() if until else dt.date.max
        found[partner_id] |= {month.key for month in months if since <= month.end and ended >= month.start}
    return found


def _shown(results: Fraction) -> Decimal:
    return ledger.earned(results, Decimal(1), 4)
