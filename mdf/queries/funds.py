"""Reads of funds and of their ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, DecimalField, F, IntegerField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, Least

from accounts.models import User
from accounts.permissions import Permission
from mdf import ledger
from mdf.ledger import Move
from mdf.models import Account, Accrual, Entry, Fund, Lot, Posting
from partners.models import Partner
from prm.common.vendor import today

SOON = 90  # days: what expires within them is said

# The account nearest to the partner comes first.
_NEARNESS = Case(
    When(partner__isnull=False, then=0),
    When(distributor__isnull=False, then=1),
    When(region__isnull=False, then=2),
    default=3,
    output_field=IntegerField(),
)


# ── Funds ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def funds(user: User) -> QuerySet[Fund]:
    """The funds this user may know of: all for those who see MDF; for a partner's side those it may draw on, or that hold an account
    of its own."""
    if user.can(Permission.SEE_MDF):
        return Fund.objects.all()
    if not user.can(Permission.PORTAL):
        return Fund.objects.none()
    partner = Partner.objects.visible_to(user).first()
    if partner is None:
        return Fund.objects.none()
    rows = Account.objects.unscoped("which funds, no figures").filter(_may_draw(partner))
    return Fund.objects.filter(pk__in=rows.order_by().values("fund"))


def open_to(partner: Partner, on: dt.date) -> list[Account]:
    """The accounts a partner may draw on, of all funds that haven't expired on a day: of each fund its own, then its distributor's, its
    region's, and what isn't allocated; of a fund by accrual only its own."""
    rows = Account.objects.unscoped("what a partner may draw on").filter(
        _may_draw(partner), Q(expires_on__isnull=True) | Q(expires_on__gte=on), fund__expires_on__gte=on
    )
    rows = rows.select_related("fund", "partner", "distributor", "region").annotate(nearness=_NEARNESS)
    return list(rows.order_by("fund__expires_on", "fund_id", "nearness", "pk"))


def account_for(fund: Fund, partner: Partner) -> Account | None:
    """The account of a fund that a request of this partner is paid from where nobody says another: the first of those it may draw on,
    as in `open_to`, with money available; where none has, the first of them. None where it may draw on none."""
    accounts = [account for account in open_to(partner, today()) if account.fund_id == fund.pk]
    return next((account for account in accounts if account.available > 0), accounts[0] if accounts else None)


def may_draw(partner: Partner, account: Account) -> bool:
    """Whether what this partner asks may be paid from an account, whatever is in it."""
    return Account.objects.unscoped("of one partner").filter(_may_draw(partner), pk=account.pk).exists()


def _may_draw(partner: Partner) -> Q:
    shared = Q(partner__isnull=True, distributor__isnull=True, region__isnull=True)
    if partner.distributor_id is not None:
        shared |= Q(distributor=partner.distributor_id)
    if partner.region_id is not None:
        shared |= Q(region=partner.region_id)
    return Q(partner=partner) | Q(distributor=partner) | ~Q(fund__kind=Fund.Kind.ACCRUAL) & shared


@dataclass(frozen=True)
class Figures:
    """Of a fund, or of several accounts of one: what came in (budget and accrued) is available, reserved, spent or expired."""

    budget: Decimal = ledger.ZERO
    accrued: Decimal = ledger.ZERO
    available: Decimal = ledger.ZERO
    reserved: Decimal = ledger.ZERO
    spent: Decimal = ledger.ZERO
    expired: Decimal = ledger.ZERO
    unallocated: Decimal = ledger.ZERO

    @property
    def credited(self) -> Decimal:
        """All that came in."""
        return self.available + self.reserved + self.spent + self.expired

    @property
    def allocated(self) -> Decimal:
        return self.credited - self.unallocated


def figures(fund_ids: Iterable[int]) -> dict[int, Figures]:
    """The figures of funds: sums over their accounts; `budget` and `accrued` from the ledger. `unallocated`: what the fund's own account
    holds, of whatever state."""
    ids = list(fund_ids)
    rows = Account.objects.unscoped("sums of whole funds").filter(fund__in=ids).order_by().values("fund")
    own = Q(partner__isnull=True, distributor__isnull=True, region__isnull=True)
    sums = rows.annotate(
        **{f"{name}_sum": Sum(name) for name in Account.FIGURES},
        unallocated_sum=Coalesce(Sum("credited", filter=own), Value(ledger.ZERO), output_field=DecimalField()),
    )
    accrued = {fund: sums_of.get(Entry.Kind.ACCRUE, ledger.ZERO) for fund, sums_of in _by_kind(ids).items()}
    budgets = dict(Fund.objects.filter(pk__in=ids).values_list("pk", "budget"))
    return {
        row["fund"]: Figures(
            budget=budgets[row["fund"]],
            accrued=accrued.get(row["fund"], ledger.ZERO),
            **{name: row[f"{name}_sum"] for name in ("available", "reserved", "spent", "expired", "unallocated")},
        )
        for row in sums
    }


def _by_kind(fund_ids: list[int]) -> dict[int, dict[str, Decimal]]:
    """The sums of each fund's entries by kind; a reversal counts against what it takes back."""
    found: dict[int, dict[str, Decimal]] = {}
    rows = Entry.objects.unscoped("sums of whole funds").filter(fund__in=fund_ids).order_by()
    plain = rows.exclude(kind=Entry.Kind.REVERSE).values_list("fund", "kind").annotate(Sum("amount"))
    undone = rows.filter(kind=Entry.Kind.REVERSE).values_list("fund", "reverses__kind").annotate(Sum("amount"))
    for fund, kind, amount in (*plain, *undone):
        kinds = found.setdefault(fund, {})
        kinds[kind] = kinds.get(kind, ledger.ZERO) + amount
    return found


def adds_up(fund: Fund) -> bool:
    """Whether the accounts of a fund are what its entries make them, from the first entry on, and their sum is budget + accrued."""
    rows = Posting.objects.unscoped("a whole fund").filter(entry__fund=fund).order_by("entry_id", "pk")
    sides: dict[int, list[int]] = {}
    entries: dict[int, Entry] = {}
    for posting in rows.select_related("entry"):
        entries[posting.entry_id] = posting.entry
        sides.setdefault(posting.entry_id, []).append(posting.account_id)
    moves = [
        Move(
            id=entry.pk, kind=entry.kind, amount=entry.amount, account=sides[entry.pk][0],
            source=sides[entry.pk][1] if len(sides[entry.pk]) > 1 else None, reverses=entry.reverses_id,
        )
        for entry in entries.values()
    ]  # fmt: skip
    found = ledger.apply(moves)
    accounts = Account.objects.unscoped("a whole fund").filter(fund=fund).order_by("pk")
    for account in accounts:
        if found.get(account.pk, ledger.Change()) != ledger.Change(
            **{name: getattr(account, name) for name in Account.FIGURES}
        ):
            return False
    figure = figures([fund.pk])[fund.pk]
    return figure.credited == figure.budget + figure.accrued


# ── Accounts and their ledger ────────────────────────────────────────────────────────────────────────────────────────


def accounts(user: User, fund: Fund | None = None, *, shared: bool = False) -> QuerySet[Account]:
    """The accounts this user sees: what isn't allocated first, then regions, distributors, partners, by name. `shared`: only those that
    several partners may draw on, of which there are few."""
    rows = Account.objects.visible_to(user)
    if shared:
        rows = rows.filter(partner__isnull=True)
    if fund is not None:
        rows = rows.filter(fund=fund)
    rows = rows.select_related("fund", "partner", "distributor", "region").annotate(nearness=_NEARNESS)
    found: QuerySet[Account] = rows.order_by(
        "fund__expires_on", "fund_id", "-nearness", "region__order", "distributor__name", "partner__name", "pk"
    )
    return found


def postings(user: User) -> QuerySet[Posting]:
    """The lines of the ledger this user sees, the newest first."""
    rows = Posting.objects.visible_to(user)
    found: QuerySet[Posting] = rows.select_related(
        "entry__fund", "entry__by", "entry__partner", "entry__reverses", "entry__reversal",
        "account__fund", "account__partner", "account__distributor", "account__region",
    ).order_by("-entry_id", "-pk")  # fmt: skip
    return found


def accruals(user: User, fund: Fund) -> QuerySet[Accrual]:
    """How a fund's accruals came about, the newest first, as far as this user sees."""
    rows: QuerySet[Accrual] = Accrual.objects.visible_to(user).filter(fund=fund).select_related("partner", "entry")
    return rows.order_by("-month", "partner__name", "-pk")


@dataclass(frozen=True)
class Expiring:
    """What of an account is lost unless it is used by its `last_day`."""

    account: Account
    last_day: dt.date
    amount: Decimal


def expiring(
    user: User, *, fund: Fund | None = None, account: Account | None = None, within: int = SOON, most: int | None = None
) -> list[Expiring]:
    """What expires within so many days from today, by account and day, the first first; `most`: no more than that."""
    day = today()
    last = Least("expires_on", "account__expires_on", "account__fund__expires_on")
    seen = accounts(user, fund)
    if account is not None:
        seen = seen.filter(pk=account.pk)
    rows = Lot.objects.unscoped("of the accounts above").filter(
        account__in=seen.order_by().values("pk"), available__gt=0
    )
    rows = rows.annotate(last_day=last).filter(last_day__gte=day, last_day__lte=day + dt.timedelta(days=within))
    sums = rows.order_by("last_day", "account_id").values("last_day", "account").annotate(sum=Sum(F("available")))
    found = list(sums[:most])
    by_pk = seen.in_bulk([row["account"] for row in found])
    return [Expiring(by_pk[row["account"]], row["last_day"], row["sum"]) for row in found]


@dataclass(frozen=True)
class KindSum:
    """What all entries of one kind together did to the figures of an account, or of all accounts of a fund."""

    kind: str
    label: str
    change: ledger.Change


def by_kind_of_fund(fund: Fund) -> list[KindSum]:
    """How the figures of a fund came about: its entries by kind, less what was taken back of them. Allocations and transfers move
    nothing in or out of it and are left out."""
    sums = _by_kind([fund.pk]).get(fund.pk, {})
    changes = {
        kind: ledger.changes(kind, amount)
        for kind, amount in sums.items()
        if kind not in (Entry.Kind.ALLOCATE, Entry.Kind.TRANSFER)
    }
    return _in_order({kind: change for kind, (change, _source) in changes.items()})


def by_kind(account: Account) -> list[KindSum]:
    """How the figures of an account came about: the sums of its entries by kind."""
    rows = Posting.objects.unscoped("sums of what the caller has scoped").filter(account=account)
    sums = rows.order_by().values("entry__kind").annotate(**{f"{name}_sum": Sum(name) for name in Account.FIGURES})
    return _in_order(
        {row["entry__kind"]: ledger.Change(**{name: row[f"{name}_sum"] for name in Account.FIGURES}) for row in sums}
    )


def _in_order(found: dict[str, ledger.Change]) -> list[KindSum]:
    kinds = [kind for kind in Entry.Kind.values if found.get(kind, ledger.Change()) != ledger.Change()]
    return [KindSum(kind, str(Entry.Kind(kind).label), found[kind]) for kind in kinds]
