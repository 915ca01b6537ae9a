"""Actuals: what was sold, and other figures measured elsewhere."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission
from partners.models import Partner
from pipeline.models.catalogue import Customer, Metric, ProductLine
from prm.common.scoping import PartnerOwned

MANUAL = "manual"  # the source of what was typed in


class Figures(PartnerOwned):
    """Figures of a partner: for those who see performance, and for the partner's own side."""

    class Meta:
        abstract = True

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        if user.is_partner_side or user.can(Permission.SEE_PERFORMANCE):
            return super().visible_q(user)
        return models.Q(pk__in=[])


class SaleKind(models.TextChoices):
    NEW = "new", _("New")
    RENEWAL = "renewal", _("Renewal")
    EXPANSION = "expansion", _("Expansion")


class SalesResult(Figures):
    """One line of what a partner sold, in the vendor's results basis. A credit note is negative."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="results", db_index=False)
    on = models.DateField(_("date"))
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=4)
    currency = models.CharField(_("currency"), max_length=3)
    product_line = models.ForeignKey(
        ProductLine, models.PROTECT, verbose_name=_("product line"), null=True, blank=True, related_name="results"
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, verbose_name=_("end customer"), null=True, blank=True, related_name="results"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=SaleKind, default=SaleKind.NEW)
    distributor = models.ForeignKey(
        Partner, models.PROTECT, verbose_name=_("via distributor"), null=True, blank=True, related_name="distributed_results"
    )  # fmt: skip
    source = models.CharField(_("source"), max_length=40, default=MANUAL)
    external_id = models.CharField(_("external id"), max_length=120, null=True, blank=True)  # noqa: DJ001  unique where given
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"],
                name="result_once_a_source",
                violation_error_message=_("There is a result with this external id from this source already."),
            ),
            models.CheckConstraint(condition=~models.Q(currency=""), name="result_has_currency"),
        ]
        indexes = [
            models.Index(fields=["partner", "on"], include=["amount", "currency"], name="result_by_day"),
            models.Index(fields=["-on", "-id"], include=["partner", "amount", "currency"], name="result_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.amount.normalize():f} {self.currency}"


class MetricValue(Figures):
    partner = models.ForeignKey(Partner, models.CASCADE, related_name="metric_values", db_index=False)
    metric = models.ForeignKey(Metric, models.PROTECT, verbose_name=_("metric"), related_name="values")
    on = models.DateField(_("date"))
    value = models.DecimalField(_("value"), max_digits=20, decimal_places=6)
    currency = models.CharField(_("currency"), max_length=3, blank=True)  # of money; else ""
    source = models.CharField(_("source"), max_length=40, default=MANUAL)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "metric", "on", "source"],
                name="metric_value_once_a_day",
                violation_error_message=_("There is a value of this metric for this day from this source already."),
            )
        ]
        indexes = [models.Index(fields=["metric", "on"], include=["partner", "value"], name="metric_value_by_day")]

    def __str__(self) -> str:
        return f"{self.metric} {self.on}: {self.value.normalize():f}"

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        return (
            super().visible_q(user) & models.Q(metric__internal=False)
            if user.is_partner_side
            else super().visible_q(user)
        )
