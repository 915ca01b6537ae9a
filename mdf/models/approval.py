"""The steps a request or a claim goes through, what happened to it, and who acts for whom while away."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from mdf.models.claim import Claim
from mdf.models.fund import money_column
from mdf.models.request import Request
from prm.common.scoping import PartnerOwned

_OF_ONE = Q(request__isnull=False, claim__isnull=True) | Q(request__isnull=True, claim__isnull=False)


class OfEither(PartnerOwned):
    """What belongs to a request or to a claim, seen by whoever sees that."""

    request = models.ForeignKey(
        Request, models.CASCADE, null=True, blank=True, related_name="%(class)ss", db_index=False
    )
    claim = models.ForeignKey(Claim, models.CASCADE, null=True, blank=True, related_name="%(class)ss", db_index=False)

    class Meta:
        abstract = True

    @classmethod
    def visible_q(cls, user: User) -> Q:
        return Q(request__in=Request.objects.visible_to(user).order_by().values("pk")) | Q(
            claim__in=Claim.objects.visible_to(user).order_by().values("pk")
        )

    @property
    def of(self) -> Request | Claim:
        """What it belongs to."""
        found = self.request or self.claim
        assert found is not None
        return found

    @property
    def partner_id(self) -> int:
        return self.of.partner_id


class ApprovalStep(OfEither):
    """One step of a round of review. The clock runs from `started_at`; `level` is where it begins, `decided_level` where it was
    decided (a step up where nobody at its level may). `covered`: a decision further up made it needless."""

    class Level(models.TextChoices):
        CAM = "cam", _("Channel account manager")
        MARKETING = "marketing", _("Channel marketing manager")
        CHIEF = "chief", _("Channel chief")
        ADMIN = "admin", _("Vendor admin")

    class State(models.TextChoices):
        AHEAD = "ahead", _("To come")
        WAITING = "waiting", _("Waiting")
        APPROVED = "approved", _("Approved")
        RETURNED = "returned", _("Returned")
        REJECTED = "rejected", _("Rejected")
        COVERED = "covered", _("Decided further up")
        ENDED = "ended", _("Not needed any more")

    round = models.PositiveSmallIntegerField()
    position = models.PositiveSmallIntegerField()
    level = models.CharField(_("who decides"), max_length=9, choices=Level)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.AHEAD)
    started_at = models.DateTimeField(null=True, blank=True)
    remind_at = models.DateTimeField(null=True, blank=True)
    decide_by = models.DateTimeField(_("decide by"), null=True, blank=True)
    escalate_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    in_place_of = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_level = models.CharField(max_length=9, choices=Level, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    amount = money_column(null=True, blank=True)  # granted at this step, in the fund's currency
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        ordering = ["request", "claim", "round", "position"]
        constraints = [
            models.CheckConstraint(condition=_OF_ONE, name="approval_step_of_one_thing"),
            models.UniqueConstraint(
                fields=["request", "claim", "round", "position"], name="approval_step_once", nulls_distinct=False
            ),
            models.UniqueConstraint(
                fields=["request", "claim"], condition=Q(state="waiting"), name="one_waiting_step", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=~Q(state="waiting") | Q(started_at__isnull=False, decide_by__isnull=False),
                name="waiting_step_has_clock",
            ),
        ]
        indexes = [
            models.Index(fields=["decide_by"], condition=Q(state="waiting"), name="waiting_step_by_clock"),
            models.Index(fields=["request", "round", "position"], name="approval_step_of_request"),
            models.Index(fields=["claim", "round", "position"], name="approval_step_of_claim"),
        ]

    def __str__(self) -> str:
        return f"{self.of}: {self.get_level_display()}"


class Happening(OfEither):
    """Something that happened to a request or a claim. Written once, never changed."""

    class Kind(models.TextChoices):
        SUBMITTED = "submitted", _("Submitted")
        RESUBMITTED = "resubmitted", _("Submitted again")
        RECALLED = "recalled", _("Taken back")
        STEP_APPROVED = "step", _("Approved at one step")
        APPROVED = "approved", _("Approved")
        RETURNED = "returned", _("Returned")
        REJECTED = "rejected", _("Rejected")
        CLOSED = "closed", _("Closed")
        EXPIRED = "expired", _("Expired")
        PAID = "paid", _("Paid")
        REVOKED = "revoked", _("Approval revoked")
        REOPENED = "reopened", _("Opened again")
        REMINDED = "reminded", _("Reminded")
        ESCALATED = "escalated", _("Not decided in time: escalated")

    INTERNAL = (Kind.REMINDED, Kind.ESCALATED)

    kind = models.CharField(max_length=11, choices=Kind)
    reason = models.CharField(max_length=500, blank=True)
    details = models.JSONField(default=dict)  # dates and figures, as text
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.CheckConstraint(condition=_OF_ONE, name="happening_of_one_thing")]
        indexes = [
            models.Index(fields=["request", "at"], name="happening_of_request"),
            models.Index(fields=["claim", "at"], name="happening_of_claim"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}: {self.get_kind_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("What happened to a request or a claim isn't rewritten.")
        super().save(*args, **kwargs)

    @classmethod
    def visible_q(cls, user: User) -> Q:
        seen = super().visible_q(user)
        return seen & ~Q(kind__in=cls.INTERNAL) if user.is_partner_side else seen


class Delegation(models.Model):
    """`delegate` decides what waits for `person`, from one day to another, both included; without a last day until it is ended."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="mdf_delegations")
    delegate = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("delegate"), related_name="mdf_delegated"
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(person=F("delegate")), name="nobody_is_their_own_delegate"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="delegation_has_days"
            ),
        ]
        indexes = [models.Index(fields=["delegate", "starts_on"], name="delegation_by_delegate")]

    def __str__(self) -> str:
        return f"{self.person} → {self.delegate}"
