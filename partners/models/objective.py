"""What a partner wants to reach in a year, by its own yardstick, and what the vendor wants of it; progress by quarter."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission
from partners.models.partner import Partner
from prm.common.scoping import PartnerOwned


class OfObjectives(PartnerOwned):
    """Seen by the partner's own people and by those who do the vendor's work with it."""

    class Meta:
        abstract = True

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        if user.can(Permission.SEE_WORK) or user.can(Permission.PORTAL):
            return super().visible_q(user)
        return models.Q(pk__in=[])


class Objective(OfObjectives):
    """One objective for a fiscal year. With a `goal` it is measured as a number from `baseline` on; without one its progress
    is given in percent."""

    class Side(models.TextChoices):
        PARTNER = "partner", _("The partner's own")
        VENDOR = "vendor", _("The vendor's")

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="objectives")
    side = models.CharField(_("whose"), max_length=10, choices=Side, default=Side.PARTNER)
    fiscal_year = models.PositiveSmallIntegerField(_("fiscal year"))
    title = models.CharField(_("objective"), max_length=200)
    yardstick = models.CharField(_("measured by"), max_length=200)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    baseline = models.DecimalField(_("from"), max_digits=16, decimal_places=2, null=True, blank=True)
    goal = models.DecimalField(_("to"), max_digits=16, decimal_places=2, null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    dropped_at = models.DateTimeField(null=True, blank=True)
    dropped_reason = models.CharField(_("reason"), max_length=300, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["partner", "-fiscal_year", "side", "position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(goal__isnull=True, baseline__isnull=True)
                | models.Q(goal__isnull=False, baseline__isnull=False) & ~models.Q(goal=models.F("baseline")),
                name="objective_from_and_to",
                violation_error_message=_("Give both a start and a goal, and let them differ; or neither."),
            ),
            models.CheckConstraint(condition=~models.Q(title="") & ~models.Q(yardstick=""), name="objective_not_empty"),
        ]
        indexes = [models.Index(fields=["fiscal_year", "side", "partner"], name="objective_by_year")]

    def __str__(self) -> str:
        return self.title


class ObjectiveProgress(OfObjectives):
    """How far an objective was at the end of a fiscal quarter of its year: a number by its yardstick, or percent without a goal."""

    partner_path = "objective__partner"

    objective = models.ForeignKey(Objective, models.CASCADE, related_name="progress", db_index=False)
    quarter = models.PositiveSmallIntegerField(_("quarter"), validators=[MinValueValidator(1), MaxValueValidator(4)])
    value = models.DecimalField(_("reached"), max_digits=16, decimal_places=2)
    note = models.CharField(_("note"), max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    on = models.DateField()  # of the vendor's calendar, when it was entered first: a correction doesn't make it later
    at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["objective", "quarter"]
        constraints = [
            models.UniqueConstraint(fields=["objective", "quarter"], name="objective_progress_once_a_quarter"),
            models.CheckConstraint(condition=models.Q(quarter__gte=1, quarter__lte=4), name="objective_quarter_1_4"),
        ]

    def __str__(self) -> str:
        return f"{self.objective}: Q{self.quarter}"
