"""What is due with each partner, and what a new CAM was handed."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission, Role
from partners.models import Partner
from prm.common.scoping import PartnerOwned


class OfCadence(PartnerOwned):
    """The vendor's own work: for those who see it, never for the partner."""

    class Meta:
        abstract = True

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        return super().visible_q(user) if user.can(Permission.SEE_WORK) else models.Q(pk__in=[])


SATISFACTION = "satisfaction"
# The conversations a cadence may ask for; those whose tool is there are in cadence.conversations.
TASKS = {
    "performance_review": _("Performance review"),
    "capabilities": _("Capabilities scorecard"),
    "account_plan": _("Account plan"),
    "business_plan": _("Business plan"),
    "reforecast": _("Re-forecast"),
    "marketing_plan": _("Marketing plan"),
    "qbr": _("QBR"),
    "objectives": _("Objectives"),
    SATISFACTION: _("Satisfaction"),
}


class DueItem(OfCadence):
    """One task with one partner in one fiscal period. Made by night from the policy; closed by the tool that does the task.

    Whether a partner was asked what it thinks of the vendor, and answered, is channel management's to know, and never the
    business of the CAM it is about: their items of satisfaction are out of reach.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        DONE = "done", _("Done")
        SKIPPED = "skipped", _("Skipped")

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="due_items", db_index=False)
    task = models.CharField(_("task"), max_length=30)  # a key of cadence.tools
    period = models.CharField(_("period"), max_length=7)  # its key: 2026-07, 2026Q3, 2026H1, 2026
    starts_on = models.DateField()
    ends_on = models.DateField()
    due_on = models.DateField(_("due"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    done_on = models.DateField(_("done on"), null=True, blank=True)
    skip_reason = models.CharField(_("why skipped"), max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")  # who closed it
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["due_on", "partner", "task"]
        constraints = [
            models.UniqueConstraint(fields=["partner", "task", "period"], name="due_item_once_a_period"),
            models.CheckConstraint(
                condition=models.Q(state="done", done_on__isnull=False)
                | (~models.Q(state="done") & models.Q(done_on=None)),
                name="due_item_done_has_date",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="skipped") | ~models.Q(skip_reason=""), name="due_item_skipped_has_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_on"], name="due_item_by_day"),
            models.Index(fields=["task", "starts_on"], include=["partner", "state"], name="due_item_by_period"),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.period}"

    @property
    def label(self) -> str:
        """The task in words."""
        return str(TASKS.get(self.task, self.task))

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        rows = super().visible_q(user)
        if not user.can(Permission.SEE_SATISFACTION):
            return rows & ~models.Q(task=SATISFACTION)
        if Role.CAM not in user.roles:
            return rows
        return rows & ~models.Q(task=SATISFACTION, partner__cam=user.pk)


class Handover(OfCadence):
    """A partner passed from one CAM to another. `summary` is what went along, as it stood that day."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="handovers")
    from_cam = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    to_cam = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    note = models.TextField(_("note for the new CAM"), blank=True)
    summary = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.partner} {self.at:%Y-%m-%d}"
