"""What partners' people are certified in, and the tasks a partner has to do."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from partners.models.catalogue import LifeStage, Named, Tier
from partners.models.partner import Contact, Partner
from prm.common.scoping import PartnerOwned


class Certificate(Named):
    """Something a person, or the partner itself, can be certified in."""

    months_valid = models.PositiveSmallIntegerField(
        _("valid for, months"), null=True, blank=True, help_text=_("Leave empty where it doesn't expire.")
    )


class Certification(PartnerOwned):
    """Who holds a certificate: a contact, or without one the partner itself. Valid to the day before `expires_on`."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="certifications")
    contact = models.ForeignKey(
        Contact, models.CASCADE, verbose_name=_("person"), null=True, blank=True, related_name="certifications"
    )
    certificate = models.ForeignKey(
        Certificate, models.PROTECT, verbose_name=_("certificate"), related_name="certifications"
    )
    level = models.CharField(_("level"), max_length=40, blank=True)
    earned_on = models.DateField(_("earned on"))
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=40, default="manual")
    external_id = models.CharField(_("external id"), max_length=120, null=True, blank=True)  # noqa: DJ001  unique where given
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["partner", "certificate", "-earned_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "contact", "certificate", "level", "earned_on"],
                nulls_distinct=False,
                name="certification_once_a_day",
                violation_error_message=_("This certification is there already."),
            ),
            models.UniqueConstraint(
                fields=["source", "external_id"],
                name="certification_once_a_source",
                violation_error_message=_("There is a certification with this external id from this source already."),
            ),
            models.CheckConstraint(
                condition=models.Q(expires_on__isnull=True) | models.Q(expires_on__gt=models.F("earned_on")),
                name="certification_expires_after_earned",
                violation_error_message=_("It must expire after it was earned."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_on"], condition=models.Q(expires_on__isnull=False), name="certification_expiring"
            )
        ]

    def __str__(self) -> str:
        return str(self.certificate)


class Task(Named):
    """A task required of partners of a tier (none: of any) in a life stage (none: in any)."""

    detail = models.TextField(_("what is to be done"), blank=True)
    tier = models.ForeignKey(Tier, models.PROTECT, verbose_name=_("tier"), null=True, blank=True, related_name="tasks")
    stage = models.ForeignKey(
        LifeStage, models.PROTECT, verbose_name=_("life stage"), null=True, blank=True, related_name="tasks"
    )


class TaskDone(PartnerOwned):
    partner = models.ForeignKey(Partner, models.CASCADE, related_name="tasks_done")
    task = models.ForeignKey(Task, models.PROTECT, related_name="done")
    on = models.DateField(_("done on"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    who = models.CharField(_("done by"), max_length=150, blank=True)  # at the partner
    note = models.CharField(_("note"), max_length=300, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["partner", "-on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "task"],
                name="task_done_once",
                violation_error_message=_("This task is done already."),
            )
        ]

    def __str__(self) -> str:
        return str(self.task)
