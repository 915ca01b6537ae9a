"""Funds, the accounts their money lies in, and the ledger: what moved it, written once and never changed.

Amounts are in the fund's currency. Who approves how much is no part of a fund: it is dated policy (`mdf.steps`).
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission
from marketing.models import Tactic
from partners.models import Partner, Region
from prm.common.money import Money
from prm.common.scoping import PartnerOwned, ScopedManager, ScopedQuerySet

NOTHING = Q(pk__in=[])


def money_column(*args: Any, **kwargs: Any) -> models.DecimalField[Any, Any]:
    """A column for an amount, finer than any minor unit."""
    return models.DecimalField(*args, **{"max_digits": 18, "decimal_places": 4} | kwargs)


class Fund(models.Model):
    """Money for partners' marketing in one fiscal period.

    `budget` is the sum of its entries of the kind `fund`, less those reversed. `share` of what an activity cost is paid back.
    `accrual_rate` of a partner's results is credited to its account each month. Both are fractions of 1.
    """

    class Kind(models.TextChoices):
        PROPOSAL = "proposal", _("By proposal")
        ACCRUAL = "accrual", _("By accrual")
        BOTH = "both", _("By proposal and accrual")

    name = models.CharField(_("name"), max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.PROPOSAL)
    period = models.CharField(_("fiscal period"), max_length=7)  # key of a year, half or quarter
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))
    expires_on = models.DateField(_("expires on"))  # the last day on which its money can be reserved
    currency = models.CharField(_("currency"), max_length=3)
    budget = money_column(_("budget"), default=0)
    share = models.DecimalField(_("share paid back"), max_digits=7, decimal_places=6, default=Decimal("0.5"))
    minimum_roi = models.DecimalField(_("least ROI asked"), max_digits=9, decimal_places=4, null=True, blank=True)
    claim_days = models.PositiveSmallIntegerField(_("days to claim"), default=60)  # after the activity's end
    accrual_rate = models.DecimalField(_("accrues"), max_digits=7, decimal_places=6, null=True, blank=True)
    accrual_months = models.PositiveSmallIntegerField(_("accruals last, months"), null=True, blank=True)
    tactics = models.ManyToManyField(Tactic, verbose_name=_("tactics"), blank=True, related_name="funds")  # none: all
    needs_signed_plan = models.BooleanField(_("accrues with a signed business plan only"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-starts_on", "name", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(name="") & ~Q(currency=""), name="fund_has_name_and_currency"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on"), expires_on__gte=F("starts_on")), name="fund_dates_in_order"
            ),
            models.CheckConstraint(condition=Q(budget__gte=0), name="fund_budget_not_negative"),
            models.CheckConstraint(condition=Q(share__gt=0, share__lte=1), name="fund_share_is_one"),
            models.CheckConstraint(
                condition=Q(kind="proposal", accrual_rate__isnull=True)
                | ~Q(kind="proposal") & Q(accrual_rate__gt=0, accrual_rate__lte=1),
                name="fund_accrues_by_kind",
            ),
            models.CheckConstraint(
                condition=Q(accrual_months__isnull=True) | Q(accrual_months__gt=0), name="fund_accruals_last"
            ),
        ]
        indexes = [models.Index(fields=["expires_on"], name="fund_by_expiry")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("mdf:fund", args=[self.pk])

    @property
    def accrues(self) -> bool:
        return self.kind != self.Kind.PROPOSAL

    def money(self, amount: Any) -> Money:
        return Money(amount, self.currency)


class Account(PartnerOwned):
    """Where money of a fund lies: what isn't allocated yet (one for each fund), or the allocation to a region, a distributor or a
    partner. credited = available + reserved + spent + expired, always, and none is negative.

    `credited` is what came in less what was moved on. `carried` is what results that were taken back would still take of what
    accrues next.
    """

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="accounts", db_index=False)
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, related_name="mdf_accounts")
    distributor = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="mdf_distributed")
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="mdf_accounts")
    expires_on = models.DateField(_("expires on"), null=True, blank=True)  # before the fund does; else with it
    credited = money_column(default=0)
    available = money_column(default=0)
    reserved = money_column(default=0)
    spent = money_column(default=0)
    expired = money_column(default=0)
    carried = money_column(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    FIGURES = ("credited", "available", "reserved", "spent", "expired")

    class Meta:
        ordering = ["fund", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["fund", "region", "distributor", "partner"], name="account_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(region__isnull=True, distributor__isnull=True)
                | Q(region__isnull=True, partner__isnull=True)
                | Q(distributor__isnull=True, partner__isnull=True),
                name="account_of_one",
            ),
            models.CheckConstraint(
                condition=Q(available__gte=0, reserved__gte=0, spent__gte=0, expired__gte=0, carried__gte=0),
                name="account_never_negative",
            ),
            models.CheckConstraint(
                condition=Q(credited=F("available") + F("reserved") + F("spent") + F("expired")),
                name="account_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return str(self.holder or _("Not allocated"))

    def get_absolute_url(self) -> str:
        return reverse("mdf:account", args=[self.pk])

    @property
    def holder(self) -> Region | Partner | None:
        return self.partner or self.distributor or self.region

    @property
    def last_day(self) -> dt.date:
        """The last day of what has no earlier one of its own."""
        return min(self.expires_on or self.fund.expires_on, self.fund.expires_on)

    @property
    def kind(self) -> str:
        """ "fund" (not allocated), "region", "distributor" or "partner"."""
        if self.partner_id is not None:
            return "partner"
        if self.distributor_id is not None:
            return "distributor"
        return "fund" if self.region_id is None else "region"

    @classmethod
    def visible_q(cls, user: User) -> Q:
        """Of the vendor's side who sees MDF: what isn't allocated, the regions', and those of partners they see or of the
        distributors behind these. Of the partner's side: its own."""
        own = super().visible_q(user)
        seen = Partner.objects.visible_to(user).order_by()
        if user.can(Permission.PORTAL):
            return Q(partner__in=seen.values("pk")) | Q(distributor__in=seen.values("pk"))
        if not user.can(Permission.SEE_MDF):
            return NOTHING
        if own == Q():
            return own
        return (
            Q(partner__isnull=True, distributor__isnull=True)
            | Q(partner__in=seen.values("pk"))
            | Q(distributor__in=seen.values("pk"))
            | Q(distributor__in=seen.filter(distributor__isnull=False).values("distributor"))
        )


class WrittenOnceQuerySet(ScopedQuerySet):
    def update(self, **kwargs: Any) -> int:
        raise TypeError("What stands in the ledger isn't changed: reverse it.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError("What stands in the ledger isn't deleted: reverse it.")


class WrittenOnceManager(ScopedManager):
    def get_queryset(self) -> WrittenOnceQuerySet:
        return WrittenOnceQuerySet(self.model, using=self._db)


class WrittenOnce(PartnerOwned):
    """A row of the ledger. The database keeps it from change, too, by a rule (see the first migration)."""

    objects: ClassVar[ScopedManager] = WrittenOnceManager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("What stands in the ledger isn't changed: reverse it.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("What stands in the ledger isn't deleted: reverse it.")


class Entry(WrittenOnce):
    """One thing that happened to money of a fund: who, when, why, for what, how much. Which accounts it moved: its postings.

    `amount` is negative only where a budget is cut or results are taken back. `hold` is the request line whose reservation it makes
    or moves. `subject_kind` and `subject_id` are what it was done for ("request", "claim", …), kept by number since the ledger
    outlives everything.
    """

    class Kind(models.TextChoices):
        FUND = "fund", _("Budget")
        ACCRUE = "accrue", _("Accrual")
        ALLOCATE = "allocate", _("Allocation")
        TRANSFER = "transfer", _("Transfer")
        RESERVE = "reserve", _("Reserved")
        RELEASE = "release", _("Released")
        SPEND = "spend", _("Spent")
        EXPIRE = "expire", _("Expired")
        REVERSE = "reverse", _("Reversal")

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="entries", db_index=False)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    amount = money_column(_("amount"))
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="mdf_entries")
    hold = models.BigIntegerField(null=True, blank=True)
    subject_kind = models.CharField(max_length=40, blank=True)
    subject_id = models.BigIntegerField(null=True, blank=True)
    subject_name = models.CharField(max_length=200, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversal")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(_("when"))
    on = models.DateField(_("day"))  # of the vendor's calendar

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0) | Q(kind__in=["fund", "accrue", "reverse"]) & ~Q(amount=0),
                name="entry_moves_something",
            ),
            models.CheckConstraint(
                condition=Q(kind="reverse", reverses__isnull=False) | ~Q(kind="reverse") & Q(reverses__isnull=True),
                name="entry_reverses_by_kind",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["reserve", "release", "spend"]) | Q(hold__isnull=False),
                name="entry_moves_a_hold",
            ),
        ]
        indexes = [
            models.Index(fields=["fund", "-id"], name="entry_of_fund"),
            models.Index(fields=["fund", "kind"], include=["amount"], name="entry_by_kind"),
            models.Index(fields=["hold"], condition=Q(hold__isnull=False), name="entry_of_hold"),
            models.Index(fields=["subject_kind", "subject_id"], name="entry_of_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.amount.normalize():f}"

    @property
    def reversed_by(self) -> int | None:
        """The entry that took it back; one query where `reversal` isn't read with it."""
        reversal = getattr(self, "reversal", None)
        return reversal.pk if reversal is not None else None

    @classmethod
    def visible_q(cls, user: User) -> Q:
        """Those of which they see a posting."""
        return Q(pk__in=Posting.objects.visible_to(user).order_by().values("entry"))


class Posting(WrittenOnce):
    """What an entry did to one account: the changes, and what stood there after it. `parts`: of which lots, as
    [[lot, "amount"], …]."""

    partner_path = "entry__partner"

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="postings")
    account = models.ForeignKey(Account, models.PROTECT, related_name="postings", db_index=False)
    credited = money_column(default=0)
    available = money_column(default=0)
    reserved = money_column(default=0)
    spent = money_column(default=0)
    expired = money_column(default=0)
    available_after = money_column()
    reserved_after = money_column()
    spent_after = money_column()
    expired_after = money_column()
    parts = models.JSONField(default=list)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "account"], name="posting_once"),
            models.CheckConstraint(
                condition=Q(credited=F("available") + F("reserved") + F("spent") + F("expired")),
                name="posting_adds_up",
            ),
        ]
        indexes = [models.Index(fields=["account", "-id"], name="posting_of_account")]

    def __str__(self) -> str:
        return f"{self.account}: {self.entry}"

    @classmethod
    def visible_q(cls, user: User) -> Q:
        """Those of accounts they see; on accounts that several partners draw on, what is about no partner or one they see."""
        accounts = Q(account__in=Account.objects.visible_to(user).order_by().values("pk"))
        if super().visible_q(user) == Q():
            return accounts
        seen = Partner.objects.visible_to(user).order_by().values("pk")  # not by join: a partner has several members
        own = Q(account__partner__isnull=False) | Q(entry__partner__isnull=True)
        return accounts & (own | Q(entry__partner__in=seen))


class Lot(PartnerOwned):
    """A credit to an account as long as something is left of it: what expires first is used first, of the same day the oldest.

    `expires_on` is its own last day; None: that of the account.
    """

    partner_path = "account__partner"

    account = models.ForeignKey(Account, models.PROTECT, related_name="lots", db_index=False)
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="lots")
    made_on = models.DateField()
    expires_on = models.DateField(null=True, blank=True)
    amount = money_column()
    available = money_column()

    class Meta:
        ordering = ["account", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(available__gte=0, available__lte=F("amount")), name="lot_within_amount")
        ]
        indexes = [models.Index(fields=["account"], condition=Q(available__gt=0), name="lot_with_money")]

    def __str__(self) -> str:
        return f"{self.account}: {self.available.normalize():f}"

    @classmethod
    def visible_q(cls, user: User) -> Q:
        return Q(account__in=Account.objects.visible_to(user).order_by().values("pk"))


class Accrual(PartnerOwned):
    """What the results of one month came to for a partner, when it was reckoned. Once more where the results changed afterwards.

    earned = rate × results, rounded to the minor unit, less what was reckoned for the month before. booked = earned less what was
    carried, but never more down than is available; the rest is carried on.
    """

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="accruals", db_index=False)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="mdf_accruals")
    month = models.CharField(max_length=7)  # key of a calendar month
    results = money_column()
    rate = models.DecimalField(max_digits=7, decimal_places=6)
    earned = money_column()
    carried_before = money_column()
    booked = money_column()
    carried_after = money_column()
    entry = models.OneToOneField(Entry, models.PROTECT, null=True, related_name="accrual")
    at = models.DateTimeField()

    class Meta:
        ordering = ["fund", "partner", "month", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(booked=F("earned") - F("carried_before") + F("carried_after"), carried_after__gte=0),
                name="accrual_adds_up",
            )
        ]
        indexes = [models.Index(fields=["fund", "partner", "month"], name="accrual_of_month")]

    def __str__(self) -> str:
        return f"{self.partner} {self.month}: {self.booked.normalize():f}"

    @classmethod
    def visible_q(cls, user: User) -> Q:
        if user.can(Permission.PORTAL) or user.can(Permission.SEE_MDF):
            return super().visible_q(user)
        return NOTHING
