from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission
from partners.models.partner import Partner
from prm.common.scoping import PartnerOwned


class Shareable(PartnerOwned):
    """Work that the partner, and others who don't do the vendor's work with them, see only where it is shared."""

    shared: "models.BooleanField[bool, bool]"

    class Meta:
        abstract = True

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        of_partner = super().visible_q(user)
        return of_partner if user.can(Permission.SEE_WORK) else of_partner & models.Q(shared=True)


class Touch(Shareable):
    """One contact with the partner: a line anybody can add from any page."""

    class Kind(models.TextChoices):
        CALL = "call", _("Call")
        MEETING = "meeting", _("Meeting")
        MAIL = "mail", _("Mail")
        VISIT = "visit", _("Visit")

    class Purpose(models.TextChoices):
        DEAL = "deal", _("Deal")
        PLANNING = "planning", _("Planning")
        ENABLEMENT = "enablement", _("Enablement")
        REVIEW = "review", _("Review")

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="touches")
    on = models.DateField(_("date"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.CALL)
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose, default=Purpose.REVIEW)
    people = models.CharField(_("people"), max_length=300, blank=True)
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), null=True, blank=True, validators=[MaxValueValidator(1440)]
    )
    note = models.TextField(_("note"), blank=True)
    shared = models.BooleanField(_("shared with the partner"), default=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-on", "-id"]
        indexes = [models.Index(fields=["partner", "-on"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.on}"


class Action(Shareable):
    """An item of the partner's one action plan, whichever tool it came from."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        IN_PROGRESS = "in_progress", _("In progress")
        DONE = "done", _("Done")
        DROPPED = "dropped", _("Dropped")

    LIVE = (Status.OPEN, Status.IN_PROGRESS)

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="actions")
    origin = models.CharField(max_length=30, default="manual")  # topic, qbr, plan, mdf, manual …
    origin_key = models.CharField(max_length=80, blank=True)  # e.g. the topic's key
    origin_id = models.PositiveBigIntegerField(
        null=True, blank=True
    )  # e.g. the assessment's; no key: tools are above partners
    title = models.CharField(_("action"), max_length=250)
    detail = models.TextField(_("detail"), blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        related_name="actions",
    )
    resource = models.URLField(_("resource"), blank=True)
    due_on = models.DateField(_("due"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.OPEN)
    expected_lift = models.DecimalField(
        _("expected lift, points of the topic"),
        max_digits=5,
        decimal_places=1,
        null=True,
        blank=True,
    )
    score_before = models.DecimalField(
        max_digits=15, decimal_places=12, null=True, blank=True
    )  # of the topic, at the start
    shared = models.BooleanField(_("shared with the partner"), default=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = [models.F("due_on").asc(nulls_last=True), "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["done", "dropped"], closed_at__isnull=False)
                | models.Q(status__in=["open", "in_progress"], closed_at__isnull=True),
                name="action_closed_has_date",
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "status", "due_on"]),
            models.Index(fields=["owner", "status", "due_on"]),
        ]

    def __str__(self) -> str:
        return self.title
