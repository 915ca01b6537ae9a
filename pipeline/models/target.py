"""Targets by partner, metric and month, in versions."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from partners.models import Partner
from pipeline.models.result import Figures


class TargetVersion(Figures):
    """The targets that one commitment, one decision of operations or one import set for a partner's metric.

    Which version's month is in force, see `pipeline.targets.in_force`. `metric` is "revenue", "deals" or a metric's key.
    """

    class Source(models.TextChoices):
        """From the strongest down."""

        COMMITMENT = "commitment", _("Committed plan")
        OPERATIONS = "operations", _("Operations")
        IMPORT = "import", _("Import")

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="target_versions", db_index=False)
    metric = models.CharField(_("metric"), max_length=40, default="revenue")
    source = models.CharField(_("source"), max_length=10, choices=Source)
    number = models.PositiveIntegerField(_("version"))
    first_month = models.DateField()  # its first day
    generated = models.BooleanField(default=False)  # computed from what was sold before, by nobody's judgment
    note = models.CharField(_("note"), max_length=300, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["partner", "metric", "source", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["partner", "metric", "source", "number"], name="target_version_once"),
            models.CheckConstraint(condition=models.Q(first_month__day=1), name="target_version_from_first_day"),
        ]

    def __str__(self) -> str:
        return f"{self.metric}, {self.get_source_display()} {self.number}"


class TargetMonth(Figures):
    partner_path = "version__partner"

    version = models.ForeignKey(TargetVersion, models.CASCADE, related_name="months", db_index=False)
    month = models.DateField()  # its first day
    value = models.DecimalField(_("target"), max_digits=18, decimal_places=4, validators=[MinValueValidator(0)])
    currency = models.CharField(_("currency"), max_length=3, blank=True)  # of money; else ""

    class Meta:
        ordering = ["version", "month"]
        constraints = [
            models.UniqueConstraint(fields=["version", "month"], name="target_once_a_month"),
            models.CheckConstraint(condition=models.Q(month__day=1), name="target_month_is_first_day"),
            models.CheckConstraint(condition=models.Q(value__gte=0), name="target_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}: {self.value.normalize():f}"
