"""Registrations of deals, what happened to each, and which of them are about the same customer."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accountplans.models import AccountTarget
from accounts.models import User
from accounts.permissions import Permission
from dealdesk import matching
from leads.models import Lead
from marketing.models import Activity
from partners.models import Partner
from pipeline.models import Deal, ProductLine
from prm.common.scoping import PartnerOwned

NOTHING = models.Q(pk__in=[])
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that is taken for another


def new_reference() -> str:
    """At random: a running number would tell how many registrations others make."""
    return "R-" + "".join(secrets.choice(_LETTERS) for _letter in range(7))


class Registration(PartnerOwned):
    """A deal that a partner says it works on, before it is one. Approved, it has exactly one `deal`, which alone has stages.

    `submitted_at` is its place among those for the same customer: of two the one with the earlier place is first.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        RETURNED = "returned", _("Returned")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        EXPIRED = "expired", _("Expired")
        RELEASED = "released", _("Released")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Flag(models.TextChoices):
        """What the conflict check found: the worst of what comes before it."""

        UNCHECKED = "unchecked", _("Not checked yet")
        CLEAR = "clear", _("No conflict")
        POSSIBLE = "possible", _("Possible conflict")
        FLAGGED = "flagged", _("Conflict")

    class Channel(models.TextChoices):
        PAGE = "page", _("Page")
        LINK = "link", _("Mailed link")
        FILE = "file", _("Import")
        API = "api", _("API")

    EDITABLE = (State.DRAFT, State.RETURNED)
    # These hold their customer against others; an approved one as long as it is protected.
    LIVE = (State.SUBMITTED, State.RETURNED, State.APPROVED)

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="registrations")
    reference = models.CharField(_("reference"), max_length=12, unique=True, default=new_reference, editable=False)
    customer_name = models.CharField(_("company"), max_length=200, blank=True)
    domain = models.CharField(_("web domain"), max_length=253, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    name_key = models.CharField(max_length=200, blank=True, editable=False)  # matching.name_key
    registrable = models.CharField(max_length=253, blank=True, editable=False)  # matching.registrable
    contact_name = models.CharField(_("contact"), max_length=150, blank=True)
    contact_email = models.EmailField(_("contact’s e-mail"), blank=True)
    product_lines = models.ManyToManyField(ProductLine, verbose_name=_("product lines"), related_name="registrations")
    amount = models.DecimalField(
        _("amount"), max_digits=18, decimal_places=4, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    expected_close = models.DateField(_("expected close"), null=True, blank=True)
    need = models.TextField(_("need"), max_length=2000, blank=True)
    is_rfp = models.BooleanField(_("public tender (RFP)"), default=False)
    activity = models.ForeignKey(
        Activity, models.SET_NULL, verbose_name=_("came from"), null=True, blank=True, related_name="+"
    )  # the partner's marketing activity that brought it

    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)  # its place
    decide_by = models.DateTimeField(_("decide by"), null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    place_until = models.DateTimeField(_("keeps its place until"), null=True, blank=True)  # of a returned one
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)  # of what was last decided
    protected_from = models.DateField(_("protected from"), null=True, blank=True)
    expires_on = models.DateField(_("protected until"), null=True, blank=True)  # the last day of it
    renewals = models.PositiveSmallIntegerField(_("renewals"), default=0)
    reminded_days = models.PositiveSmallIntegerField(null=True, blank=True)  # before the end there is now
    discount = models.DecimalField(_("discount, %"), max_digits=5, decimal_places=2, null=True, blank=True)

    flag = models.CharField(_("conflict"), max_length=9, choices=Flag, default=Flag.UNCHECKED)
    may_exist = models.BooleanField(
        default=False
    )  # flagged by one outside the partner's family: all that the partner is told
    deal = models.ForeignKey(Deal, models.SET_NULL, null=True, blank=True, related_name="registrations")
    lead = models.ForeignKey(Lead, models.SET_NULL, null=True, blank=True, related_name="registrations")
    target = models.ForeignKey(AccountTarget, models.SET_NULL, null=True, blank=True, related_name="registrations")
    channel = models.CharField(_("came by"), max_length=4, choices=Channel, default=Channel.PAGE)
    by_vendor = models.BooleanField(_("registered by the vendor"), default=False)
    revision = models.PositiveIntegerField(default=0)  # counts changes of what is typed
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = [models.F("submitted_at").desc(nulls_first=True), "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__isnull=True) | models.Q(amount__gte=0),
                name="registration_amount_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(state="draft", submitted_at__isnull=True)
                | ~models.Q(state="draft") & models.Q(submitted_at__isnull=False, amount__isnull=False)
                & ~models.Q(customer_name="") & ~models.Q(country=""),
                name="registration_has_place_once_submitted",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["approved", "expired", "released"])
                | models.Q(protected_from__isnull=False, expires_on__isnull=False),
                name="approved_registration_is_protected",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["approved", "returned", "rejected", "withdrawn"]) | ~models.Q(reason=""),
                name="decided_registration_has_reason",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(
                fields=["registrable"],
                condition=models.Q(state__in=["submitted", "returned", "approved"]) & ~models.Q(registrable=""),
                name="live_registration_by_domain",
            ),
            GinIndex(
                fields=["name_key"],
                opclasses=["gin_trgm_ops"],
                condition=models.Q(state__in=["submitted", "returned", "approved"]),
                name="live_registration_name_trgm",
            ),
            models.Index(fields=["state", "decide_by"], name="registration_by_clock"),
            models.Index(fields=["expires_on"], condition=models.Q(state="approved"), name="registration_by_end"),
            models.Index(fields=["partner", "state"], name="registration_of_partner"),
            models.Index(fields=["-submitted_at", "-id"], name="registration_by_place"),
        ]

    def __str__(self) -> str:
        # What isn't submitted is the partner's alone, and this goes into the audit log.
        return self.reference if self.state == self.State.DRAFT else f"{self.reference} {self.customer_name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_key = matching.name_key(self.customer_name)[:200]
        self.registrable = matching.registrable(self.domain)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("dealdesk:registration", args=[self.pk])

    @property
    def is_editable(self) -> bool:
        return self.state in self.EDITABLE

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        """The partner's side sees all of its own; of the vendor's side those who see registrations, drafts only of the vendor's."""
        return _of_registration(super().visible_q(user), user, "")


def _of_registration(of_partner: models.Q, user: User, path: str) -> models.Q:
    if user.is_partner_side:
        return of_partner
    if user.can(Permission.SEE_REGISTRATIONS):
        theirs = models.Q(**{f"{path}state": "draft", f"{path}by_vendor": False})
        return of_partner & ~theirs
    return NOTHING


class OfRegistration(PartnerOwned):
    """What belongs to a registration, seen by whoever sees it."""

    partner_path = "registration__partner"

    class Meta:
        abstract = True

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        return _of_registration(super().visible_q(user), user, "registration__")


class Step(OfRegistration):
    """A step of a registration's way. Written once, never changed."""

    class Kind(models.TextChoices):
        SUBMITTED = "submitted", _("Submitted")
        RESUBMITTED = "resubmitted", _("Submitted again")
        RETURNED = "returned", _("Returned")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        RELEASED = "released", _("Released")
        RENEWED = "renewed", _("Renewed")
        EXPIRED = "expired", _("Expired")
        PROOF_OFFERED = "proof", _("Proof of progress given")
        PROOF_ACCEPTED = "accepted", _("Proof of progress accepted")
        REMINDED = "reminded", _("Reminded of the end")
        OVERRULED = "overruled", _("Another registration was approved although this one was first")
        ESCALATED = "escalated", _("Not decided in time: escalated")

    INTERNAL = (Kind.ESCALATED,)

    registration = models.ForeignKey(Registration, models.CASCADE, related_name="steps", db_index=False)
    kind = models.CharField(max_length=11, choices=Kind)
    is_override = models.BooleanField(_("override"), default=False)  # decided against what the rules say
    reason = models.CharField(max_length=500, blank=True)
    details = models.JSONField(default=dict)  # dates and figures of this step, as ISO text
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["registration", "at", "id"]
        indexes = [models.Index(fields=["registration", "at", "id"], name="registration_step_in_order")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}: {self.get_kind_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("What happened to a registration isn't rewritten.")
        super().save(*args, **kwargs)

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        seen = super().visible_q(user)
        return seen & ~models.Q(kind__in=cls.INTERNAL) if user.is_partner_side else seen


class Conflict(OfRegistration):
    """`registration` comes after another one, or an open deal, for the same customer and a product line in common.

    For those who decide: whose the other is, nobody else is told.
    """

    class Why(models.TextChoices):
        DOMAIN = "domain", _("Same web domain")
        NAME = "name", _("Similar name, same country")
        START = "start", _("One name begins with the other")
        OTHER_DOMAIN = "other", _("Similar name, another web domain")
        NO_COUNTRY = "country", _("Similar name, country unknown")

    registration = models.ForeignKey(Registration, models.CASCADE, related_name="conflicts", db_index=False)
    other = models.ForeignKey(Registration, models.CASCADE, null=True, related_name="conflicts_behind")
    deal = models.ForeignKey(Deal, models.CASCADE, null=True, related_name="+")
    degree = models.CharField(
        max_length=9,
        choices=[(flag.value, flag.label) for flag in Registration.Flag if flag in ("possible", "flagged")],
    )
    why = models.CharField(max_length=7, choices=Why)
    similarity = models.DecimalField(max_digits=4, decimal_places=3)  # of the names, 0 to 1
    found_at = models.DateTimeField()

    class Meta:
        ordering = ["registration", "-degree", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(other__isnull=True, deal__isnull=False) | models.Q(other__isnull=False, deal__isnull=True),
                name="conflict_with_one_thing",
            ),
            models.CheckConstraint(
                condition=models.Q(other__isnull=True) | ~models.Q(other=models.F("registration")),
                name="conflict_not_with_itself",
            ),
            models.UniqueConstraint(
                fields=["registration", "other", "deal"], name="conflict_once", nulls_distinct=False
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.registration}: {self.get_why_display()}"

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        return super().visible_q(user) if user.can(Permission.DECIDE_REGISTRATIONS) else NOTHING
