"""The review of a partner's quarter: its draft, its versions, who was there, what was agreed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission
from partners.models import Action, Contact, Partner
from prm.common.models import Job
from prm.common.scoping import PartnerOwned
from prm.common.uploads import random_name

NOTHING = Q(pk__in=[])
LONGEST_TEXT = 250  # of a commitment: it becomes an action's title


class Side(models.TextChoices):
    VENDOR = "vendor", _("Vendor")
    PARTNER = "partner", _("Partner")


class Qbr(PartnerOwned):
    """The review of one partner's fiscal quarter. Kept are choices only; what the slides say is read afresh until a version is built.

    `order`: keys of slides, where somebody ordered them. `switched`: key → on or off, where somebody switched it. `commentary`:
    key → lines that replace the proposed ones. `chosen`: wins, losses, concerns and actions by kind → their keys, in order; a kind
    that is missing is proposed. `revision` counts changes, so that one of two people who change the same thing at once is told.
    `job` is the latest build. First and last day stay what they were when the vendor's fiscal year changes.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        BUILT = "built", _("Built")
        HELD = "held", _("Held")
        SHARED = "shared", _("Shared")

    HELD_STATES = (State.HELD, State.SHARED)

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="qbrs", db_index=False)
    quarter = models.CharField(_("quarter"), max_length=6)  # as "2027Q1"
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    state = models.CharField(_("state"), max_length=6, choices=State, default=State.DRAFT)
    order = models.JSONField(default=list, blank=True)
    switched = models.JSONField(default=dict, blank=True)
    commentary = models.JSONField(default=dict, blank=True)
    chosen = models.JSONField(default=dict, blank=True)
    revision = models.PositiveIntegerField(default=0)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="+")
    held_on = models.DateField(_("held on"), null=True, blank=True)
    held_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    shared_at = models.DateTimeField(_("shared"), null=True, blank=True)
    shared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["partner", "quarter"], name="one_qbr_a_quarter"),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="qbr_has_days"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "built"], held_on__isnull=True)
                | Q(state__in=["held", "shared"], held_on__isnull=False),
                name="held_qbr_has_date",
            ),
            models.CheckConstraint(
                condition=~Q(state="shared") | Q(shared_at__isnull=False), name="shared_qbr_has_moment"
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "-starts_on"], name="qbr_of_partner"),
            models.Index(fields=["-starts_on", "-id"], name="qbr_in_order"),
            models.Index(fields=["state", "-starts_on"], name="qbr_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.partner}: {self.quarter}"

    def get_absolute_url(self) -> str:
        return reverse("qbr:qbr", args=[self.pk])

    @property
    def is_held(self) -> bool:
        return self.state in self.HELD_STATES

    @classmethod
    def visible_q(cls, user: User) -> Q:
        """The partner's side sees what was shared; of the vendor's side those who see QBRs."""
        return _of_qbr(super().visible_q(user), user, "")


def _of_qbr(of_partner: Q, user: User, path: str) -> Q:
    if user.is_partner_side:
        return of_partner & Q(**{f"{path}state": Qbr.State.SHARED})
    return of_partner if user.can(Permission.SEE_QBR) else NOTHING


class OfQbr(PartnerOwned):
    """What belongs to a review, seen by whoever sees it."""

    partner_path = "qbr__partner"

    class Meta:
        abstract = True

    @classmethod
    def visible_q(cls, user: User) -> Q:
        return _of_qbr(super().visible_q(user), user, "qbr__")


def _file_name(instance: Version, name: str) -> str:
    return random_name("qbr", "." + name.rpartition(".")[2])


class Version(OfQbr):
    """What was built: a snapshot that never changes. `content` is the deck (`qbr.frozen`), from which preview, PPTX and PDF are the same for ever.

    A vendor copy is read with the eyes of who built it, and is nobody else's: others of the vendor's side see partner versions only.
    `as_of` is the day it was read. The partner sees the one version that is `shared`.
    """

    class Kind(models.TextChoices):
        PARTNER = "partner", _("For the partner")
        VENDOR = "vendor", _("Vendor copy")

    qbr = models.ForeignKey(Qbr, models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveSmallIntegerField(_("version"))
    kind = models.CharField(_("kind"), max_length=7, choices=Kind, default=Kind.PARTNER)
    content = models.JSONField()
    slides = models.PositiveSmallIntegerField(_("slides"))
    pptx = models.FileField(upload_to=_file_name)
    pdf = models.FileField(upload_to=_file_name)
    as_of = models.DateField(_("data as of"))
    shared = models.BooleanField(_("shared with the partner"), default=False)
    built_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    built_at = models.DateTimeField(_("built"), auto_now_add=True)

    class Meta:
        ordering = ["qbr", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["qbr", "number"], name="qbr_version_once"),
            models.UniqueConstraint(fields=["qbr"], condition=Q(shared=True), name="one_shared_qbr_version"),
            models.CheckConstraint(condition=Q(shared=False) | Q(kind="partner"), name="vendor_copy_never_shared"),
        ]

    def __str__(self) -> str:
        return f"{self.qbr} ({self.number})"

    @classmethod
    def visible_q(cls, user: User) -> Q:
        seen = super().visible_q(user)
        if user.is_partner_side:
            return seen & Q(shared=True)
        return seen & (Q(kind="partner") | Q(built_by=user.pk))


class Attendee(OfQbr):
    """Somebody who was at the meeting; a user or contact where the person is known."""

    qbr = models.ForeignKey(Qbr, models.CASCADE, related_name="attendees", db_index=False)
    side = models.CharField(_("side"), max_length=7, choices=Side)
    name = models.CharField(_("name"), max_length=150)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["qbr", "side", "name", "id"]
        indexes = [models.Index(fields=["qbr", "side", "name", "id"], name="qbr_attendee_in_order")]

    def __str__(self) -> str:
        return self.name


class Commitment(OfQbr):
    """What somebody of either side promised at a review. `owner`: a user, or else (`owner_name`) somebody who is none. Once the review was held it
    is an `action` of the partner's plan, whose state says whether it was done; it is on slide "commitments" of the next review."""

    qbr = models.ForeignKey(Qbr, models.CASCADE, related_name="commitments", db_index=False)
    position = models.PositiveSmallIntegerField(default=0)
    side = models.CharField(_("side"), max_length=7, choices=Side)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("owner"), null=True, blank=True, related_name="+"
    )
    owner_name = models.CharField(_("owner's name"), max_length=150, blank=True)
    text = models.CharField(_("commitment"), max_length=LONGEST_TEXT)
    due_on = models.DateField(_("due"))
    action = models.OneToOneField(Action, models.SET_NULL, null=True, blank=True, related_name="qbr_commitment")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["qbr", "position", "id"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="qbr_commitment_says_something")]
        indexes = [models.Index(fields=["qbr", "position", "id"], name="qbr_commitment_in_order")]

    def __str__(self) -> str:
        return self.text

    @property
    def who(self) -> str:
        """The owner's name, whether a user or not."""
        return self.owner.display_name if self.owner else self.owner_name

    @property
    def status(self) -> str:
        """A value of Action.Status: its action's, or open as long as it has none."""
        return str(self.action.status) if self.action else str(Action.Status.OPEN)

    @property
    def done_on(self) -> object:
        """When its action was closed as done: a moment, or None."""
        return self.action.closed_at if self.action and self.action.status == Action.Status.DONE else None
