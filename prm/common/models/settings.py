from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _


class VendorSettings(models.Model):
    """What is true for the whole vendor. One row; read through `prm.common.vendor.vendor_settings()`."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    name = models.CharField(_("vendor name"), max_length=200)
    reporting_currency = models.CharField(_("reporting currency"), max_length=3, default="USD")
    fiscal_start_month = models.PositiveSmallIntegerField(
        _("fiscal year starts in month"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
    )
    time_zone = models.CharField(_("time zone"), max_length=60, default="UTC")
    opens_at = models.TimeField(_("working day opens"), default="09:00")
    closes_at = models.TimeField(_("working day closes"), default="17:00")
    accent = models.CharField(
        _("accent colour"),
        max_length=7,
        blank=True,
        validators=[
            RegexValidator(
                r"^#[0-9a-fA-F]{6}$",
                _("Write the colour as # and six hex digits, like #2f5fd0."),
            )
        ],
    )
    logo = models.FileField(_("logo"), upload_to="vendor/", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="vendor_settings_one_row"),
            models.CheckConstraint(
                condition=models.Q(fiscal_start_month__gte=1, fiscal_start_month__lte=12),
                name="fiscal_start_month_1_12",
            ),
            models.CheckConstraint(
                condition=models.Q(opens_at__lt=models.F("closes_at")),
                name="working_day_opens_before_it_closes",
                violation_error_message=_("The working day must open before it closes."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Holiday(models.Model):
    on = models.DateField(_("date"), unique=True)
    name = models.CharField(_("name"), max_length=100)

    class Meta:
        ordering = ["on"]

    def __str__(self) -> str:
        return f"{self.on} {self.name}"


class CurrencyRate(models.Model):
    """1 unit of `currency` = `rate` units of the reporting currency, from `on` until the next dated row."""

    on = models.DateField(_("from date"))
    currency = models.CharField(_("currency"), max_length=3)
    rate = models.DecimalField(_("rate"), max_digits=20, decimal_places=10)

    class Meta:
        ordering = ["currency", "-on"]
        constraints = [
            models.UniqueConstraint(
                fields=["currency", "on"],
                name="one_rate_a_day",
                violation_error_message=_("There is a rate for this currency and date already."),
            ),
            models.CheckConstraint(
                condition=models.Q(rate__gt=0),
                name="rate_above_0",
                violation_error_message=_("A rate must be above 0."),
            ),
        ]

    def __str__(self) -> str:
        return f"1 {self.currency} = {self.plain} from {self.on}"

    @property
    def plain(self) -> str:
        """The rate as the reader writes numbers, without the zeros the column pads it with."""
        return number_format(Decimal(f"{self.rate.normalize():f}"))


class Policy(models.Model):
    """A dated version of one policy (thresholds, tiers, cadence …): in force from `starts_on` until the next version."""

    kind = models.CharField(max_length=40)
    starts_on = models.DateField()
    data = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["kind", "-starts_on"]
        constraints = [models.UniqueConstraint(fields=["kind", "starts_on"], name="one_policy_version_a_day")]

    def __str__(self) -> str:
        return f"{self.kind} from {self.starts_on}"
