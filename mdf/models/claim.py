"""Claims: what a partner spent on an approved activity and wants back, with invoices and proof that it was done."""

from __future__ import annotations

from decimal import Decimal
from pathlib import PurePath

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from mdf.models.fund import money_column
from mdf.models.request import Line, Request, new_reference, of_mdf, or_waiting
from partners.models import Partner
from prm.common import uploads
from prm.common.scoping import PartnerOwned


def claim_reference() -> str:
    return new_reference("C")


def proof_path(proof: Proof, name: str) -> str:
    return uploads.random_name("mdf/proofs", PurePath(name).suffix)


class Claim(PartnerOwned):
    """What is asked back for one line of an approved request; there may be several for a line.

    `asked` is in `currency`, as the partner's invoices are; None: the share of what its receipts come to. `approved` is in the
    fund's currency, at the rates of the day the request was approved. `revision` counts changes of what is typed.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        IN_REVIEW = "in_review", _("In review")
        APPROVED = "approved", _("Approved")
        RETURNED = "returned", _("Returned")
        REJECTED = "rejected", _("Rejected")
        PAID = "paid", _("Paid")

    EDITABLE = (State.DRAFT, State.RETURNED)
    REVIEWED = (State.SUBMITTED, State.IN_REVIEW)
    GRANTED = (State.APPROVED, State.PAID)

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="mdf_claims")
    request = models.ForeignKey(Request, models.CASCADE, related_name="claims")
    line = models.ForeignKey(Line, models.CASCADE, related_name="claims")
    reference = models.CharField(_("reference"), max_length=12, unique=True, default=claim_reference, editable=False)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DRAFT)
    round = models.PositiveSmallIntegerField(default=0)
    asked = money_column(_("amount"), null=True, blank=True, validators=[MinValueValidator(0)])
    currency = models.CharField(_("currency"), max_length=3)
    results = models.TextField(_("what it brought"), max_length=2000, blank=True)
    claimed = money_column(_("claimed"), null=True, blank=True)  # in the fund's currency, when it was submitted
    approved = money_column(_("approved"), null=True, blank=True)
    is_full = models.BooleanField(_("approved in full"), null=True, blank=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    submitted_on = models.DateField(null=True, blank=True)  # of the vendor's calendar, the first time
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    approved_on = models.DateField(_("approved on"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)  # the partner reads it
    paid_reference = models.CharField(_("payment reference"), max_length=120, blank=True)
    paid_on = models.DateField(_("paid on"), null=True, blank=True)
    paid_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    revision = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    amounts_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft")
                | Q(submitted_at__isnull=False, submitted_on__isnull=False, claimed__isnull=False),
                name="submitted_claim_has_day",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "paid"])
                | Q(approved__gt=0, approved_on__isnull=False, is_full__isnull=False),
                name="approved_claim_has_amount",
            ),
            models.CheckConstraint(
                condition=~Q(state="paid") | Q(paid_on__isnull=False) & ~Q(paid_reference=""),
                name="paid_claim_has_reference",
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "-id"], name="claim_of_partner"),
            models.Index(fields=["line", "state"], name="claim_of_line"),
            models.Index(fields=["state", "-submitted_at"], name="claim_by_state"),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("mdf:claim", args=[self.pk])

    @property
    def is_editable(self) -> bool:
        return self.state in self.EDITABLE

    @classmethod
    def visible_q(cls, user: User) -> Q:
        """The partner's side its own, the vendor's side those of partners they see, drafts too: they help with them; and whoever
        decides in the place of somebody, as long as it waits for them."""
        return or_waiting(of_mdf(super().visible_q(user), user), user, "claim")


class OfClaim(PartnerOwned):
    """What belongs to a claim, seen by whoever sees it."""

    partner_path = "claim__partner"

    class Meta:
        abstract = True

    @classmethod
    def visible_q(cls, user: User) -> Q:
        return Q(claim__in=Claim.objects.visible_to(user).order_by().values("pk"))

    @property
    def partner_id(self) -> int:
        return self.claim.partner_id  # type: ignore[attr-defined]


class Proof(OfClaim):
    """A file of a claim, looked into before it was kept (`prm.common.uploads`). `requirement`: which of the tactic's proofs it is.

    `removed_at`: its partner took it out of a claim that had been submitted with it. It is kept, for the vendor to see.
    """

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("Invoice")
        PROOF = "proof", _("Proof of performance")
        RESULTS = "results", _("Results")

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="proofs")
    kind = models.CharField(_("kind"), max_length=7, choices=Kind)
    requirement = models.CharField(_("proves"), max_length=120, blank=True)
    file = models.FileField(_("file"), max_length=120, upload_to=proof_path)
    name = models.CharField(_("file name"), max_length=uploads.LONGEST_NAME)  # the uploader's, made harmless
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)  # SHA-256
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["claim", "id"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def visible_q(cls, user: User) -> Q:
        seen = super().visible_q(user)
        return seen & Q(removed_at__isnull=True) if user.is_partner_side else seen


class Receipt(OfClaim):
    """An invoice in a claim. `eligible` is what of its amount counts, as the vendor decided; None: all of it."""

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="receipts", db_index=False)
    position = models.PositiveSmallIntegerField(default=0)
    supplier = models.CharField(_("supplier"), max_length=200, blank=True)
    number = models.CharField(_("invoice number"), max_length=60, blank=True)
    dated = models.DateField(_("date"), null=True, blank=True)
    amount = money_column(_("amount"), validators=[MinValueValidator(Decimal("0.0001"))])
    currency = models.CharField(_("currency"), max_length=3)
    eligible = money_column(_("eligible"), null=True, blank=True)
    proof = models.ForeignKey(Proof, models.SET_NULL, null=True, blank=True, related_name="receipts")

    class Meta:
        ordering = ["claim", "position", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="receipt_above_0"),
            models.CheckConstraint(
                condition=Q(eligible__isnull=True) | Q(eligible__gte=0, eligible__lte=models.F("amount")),
                name="receipt_eligible_within_amount",
            ),
        ]
        indexes = [
            models.Index(fields=["claim", "position", "id"], name="receipt_in_order"),
            models.Index(fields=["number"], condition=~Q(number=""), name="receipt_by_number"),
        ]

    def __str__(self) -> str:
        return self.number or self.supplier or f"{self.amount.normalize():f}"

    @property
    def counts(self) -> Decimal:
        """What of it is eligible, in its own currency."""
        return self.amount if self.eligible is None else self.eligible
