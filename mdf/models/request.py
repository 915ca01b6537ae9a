"""Requests for money from a fund, one for each marketing plan that was submitted, with a line for each of its activities."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission
from marketing.models import Activity, MarketingPlan
from mdf.models.fund import Account, Fund, money_column
from partners.models import Partner
from prm.common.scoping import PartnerOwned

NOTHING = Q(pk__in=[])
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that is taken for another


def new_reference(letter: str) -> str:
    """At random: a running number would tell how much others ask for."""
    return f"{letter}-" + "".join(secrets.choice(_LETTERS) for _letter in range(7))


def request_reference() -> str:
    return new_reference("M")


class Request(PartnerOwned):
    """What a marketing plan asks from a fund, and what came of it. One approval covers the plan and the money.

    `asked` and `approved` are in the fund's currency (`currency`; without a fund, where nothing is asked, the plan's): `asked` at
    the rates of the day of submission, `approved` at those of the day of the last approval (`approved_on`), and so is each claim.
    `share` and `claim_days` are the fund's as they were then. `round` counts submissions. A draft was recalled by who sent it.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        IN_REVIEW = "in_review", _("In review")
        APPROVED = "approved", _("Approved")
        RETURNED = "returned", _("Returned")
        REJECTED = "rejected", _("Rejected")
        CLOSED = "closed", _("Closed")
        EXPIRED = "expired", _("Expired")

    EDITABLE = (State.DRAFT, State.RETURNED)
    REVIEWED = (State.SUBMITTED, State.IN_REVIEW)
    GRANTED = (State.APPROVED, State.CLOSED, State.EXPIRED)
    CLOSABLE = (State.APPROVED, State.RETURNED, State.REJECTED)
    ENDED = (State.CLOSED, State.EXPIRED)

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="mdf_requests")
    plan = models.OneToOneField(MarketingPlan, models.CASCADE, related_name="mdf_request")
    reference = models.CharField(_("reference"), max_length=12, unique=True, default=request_reference, editable=False)
    fund = models.ForeignKey(
        Fund, models.PROTECT, verbose_name=_("fund"), null=True, blank=True, related_name="requests"
    )
    account = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="requests")
    currency = models.CharField(_("currency"), max_length=3)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.SUBMITTED)
    round = models.PositiveSmallIntegerField(default=1)
    asked = money_column(_("asked"), default=0)
    approved = money_column(_("approved"), null=True, blank=True)
    is_full = models.BooleanField(_("approved in full"), null=True, blank=True)
    share = models.DecimalField(_("share paid back"), max_digits=7, decimal_places=6, null=True, blank=True)
    claim_days = models.PositiveSmallIntegerField(null=True, blank=True)
    note = models.TextField(_("note to who decides"), max_length=2000, blank=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    submitted_at = models.DateTimeField(_("submitted"))
    submitted_on = models.DateField()  # of the vendor's calendar
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    approved_on = models.DateField(_("approved on"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)  # of what was last decided; the partner reads it
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    released = money_column(_("released"), default=0)  # of what was approved, when it ended
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-submitted_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(fund__isnull=True, account__isnull=True, asked=0)
                | Q(fund__isnull=False, account__isnull=False, asked__gt=0),
                name="request_of_a_fund_asks_money",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved")
                | Q(approved__isnull=False, approved_on__isnull=False, is_full__isnull=False),
                name="approved_request_has_amount",
            ),
            models.CheckConstraint(
                condition=Q(approved__isnull=True) | Q(approved__gte=0, released__gte=0, released__lte=F("approved")),
                name="request_amounts_fit",
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "-submitted_at"], name="request_of_partner"),
            models.Index(fields=["fund", "state"], name="request_of_fund"),
            models.Index(fields=["state", "-submitted_at"], name="request_by_state"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def can_be_submitted(self) -> bool:
        """As far as it is concerned; its plan says the rest. What ended without ever being approved was given up, and may come again."""
        return self.state in self.EDITABLE or (self.state in self.ENDED and self.approved is None)

    def get_absolute_url(self) -> str:
        return reverse("mdf:request", args=[self.pk])

    @classmethod
    def visible_q(cls, user: User) -> Q:
        """The partner's side its own, the vendor's side those of partners they see; and whoever decides in the place of somebody,
        as long as it waits for them."""
        seen = of_mdf(super().visible_q(user), user)
        return or_waiting(seen, user, "request")


GIVEN_UP = Q(state__in=Request.ENDED, approved__isnull=True)
_in_place: list[Callable[[User, str], list[int]]] = []


def in_place_rule(rule: Callable[[User, str], list[int]]) -> Callable[[User, str], list[int]]:
    """Registers the one rule that gives the ids of the requests or claims ("request", "claim") that wait for a user in the place of
    somebody else."""
    _in_place[:] = [rule]
    return rule


def waiting_in_place(user: User, of: str) -> list[int]:
    return _in_place[0](user, of)


def or_waiting(seen: Q, user: User, of: str) -> Q:
    """What the user sees, and what waits for them in the place of somebody else."""
    if user.is_partner_side or not user.can(Permission.DECIDE_MDF) or seen == Q():
        return seen  # Q() is everything, and "everything or this" is taken for "this" by Django
    return seen | Q(pk__in=waiting_in_place(user, of))


def of_mdf(of_partner: Q, user: User) -> Q:
    return of_partner if user.is_partner_side or user.can(Permission.SEE_MDF) else NOTHING


class OfRequest(PartnerOwned):
    """What belongs to a request, seen by whoever sees it. `request_path` leads to it."""

    partner_path = "request__partner"
    request_path = "request"

    class Meta:
        abstract = True

    @classmethod
    def visible_q(cls, user: User) -> Q:
        return Q(**{f"{cls.request_path}__in": Request.objects.visible_to(user).order_by().values("pk")})


class Line(OfRequest):
    """An activity in a request. What it asks (`asked_in_plan`, in the plan's currency) and what was decided of that
    (`decided_in_plan`), each also in the fund's currency. An activity that asks nothing is decided in the same review.

    `proposed` and what goes with it is the latest step's decision, while the request is reviewed.
    """

    class Decision(models.TextChoices):
        UNDECIDED = "undecided", _("Undecided")
        AS_ASKED = "as_asked", _("As asked")
        CHANGED = "changed", _("Changed")
        DENIED = "denied", _("Denied")
        RETURNED = "returned", _("Returned")

    GIVEN = (Decision.AS_ASKED, Decision.CHANGED)

    request = models.ForeignKey(Request, models.CASCADE, related_name="lines", db_index=False)
    position = models.PositiveSmallIntegerField(default=0)
    activity = models.OneToOneField(Activity, models.CASCADE, related_name="mdf_line")
    asked_in_plan = money_column(default=0)
    asked = money_column(_("asked"), default=0)
    decision = models.CharField(_("decision"), max_length=9, choices=Decision, default=Decision.UNDECIDED)
    decided_in_plan = money_column(null=True, blank=True)
    approved = money_column(_("approved"), null=True, blank=True)  # from the last approval on
    claimed = money_column(_("claimed"), default=0)  # what claims were approved for
    note = models.CharField(_("reason"), max_length=500, blank=True)  # the partner reads it
    claim_until = models.DateField(_("claim until"), null=True, blank=True)
    reminded_days = models.SmallIntegerField(null=True, blank=True)  # before that day

    class Meta:
        ordering = ["request", "position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(asked__gte=0, asked_in_plan__gte=0, claimed__gte=0), name="request_line_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(approved__isnull=True) | Q(claimed__lte=F("approved")), name="request_line_not_overclaimed"
            ),
            models.CheckConstraint(
                condition=Q(decided_in_plan__isnull=True) | Q(decided_in_plan__lte=F("asked_in_plan")),
                name="request_line_not_above_asked",
            ),
        ]
        indexes = [
            models.Index(fields=["request", "position", "id"], name="request_line_in_order"),
            models.Index(fields=["claim_until"], name="request_line_by_deadline"),
        ]

    def __str__(self) -> str:
        return self.activity.title

    @property
    def asks_money(self) -> bool:
        return self.asked_in_plan > 0

    @property
    def left(self) -> Decimal:
        """What is approved and not claimed, in the fund's currency."""
        return (self.approved or Decimal(0)) - self.claimed

    @property
    def partner_id(self) -> int:
        return self.request.partner_id
