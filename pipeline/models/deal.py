"""Deals: what partners are about to sell, and what became of it."""

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission
from partners.models import Partner
from pipeline.models.catalogue import Customer, DealStage, ProductLine
from pipeline.models.result import MANUAL, SaleKind
from prm.common.scoping import PartnerOwned

NOTHING = models.Q(pk__in=[])


class OfDeals(PartnerOwned):
    """For those who see deals, and for the partner's own side."""

    class Meta:
        abstract = True

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        if user.is_partner_side or user.can(Permission.SEE_DEALS):
            return super().visible_q(user)
        return NOTHING


class Deal(OfDeals):
    """One deal. Its shares say which partners it counts for; `partner` leads it.

    Only a deal that exists counts in a pipeline: a registration makes one when it is approved. `closed_on` is set exactly
    while its stage is won or lost; `probability` overrules the stage's.
    """

    class Lead(models.TextChoices):
        PARTNER = "partner", _("Partner")
        VENDOR = "vendor", _("Vendor")

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="deals")
    name = models.CharField(_("deal"), max_length=250)
    customer = models.ForeignKey(
        Customer, models.PROTECT, verbose_name=_("end customer"), null=True, blank=True, related_name="deals"
    )
    product_line = models.ForeignKey(
        ProductLine, models.PROTECT, verbose_name=_("product line"), null=True, blank=True, related_name="deals"
    )
    stage = models.ForeignKey(DealStage, models.PROTECT, verbose_name=_("stage"), related_name="deals")
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=4, validators=[MinValueValidator(0)])
    currency = models.CharField(_("currency"), max_length=3)
    probability = models.DecimalField(
        _("probability, %"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text=_("Leave empty for the stage's own."),
    )
    expected_close = models.DateField(_("expected close"), null=True, blank=True)
    led_by = models.CharField(_("led by"), max_length=10, choices=Lead, default=Lead.PARTNER)
    kind = models.CharField(_("kind"), max_length=10, choices=SaleKind, default=SaleKind.NEW)
    created_on = models.DateField(_("created on"))
    registered_on = models.DateField(_("registered on"), null=True, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    lost_reason = models.CharField(_("why lost"), max_length=300, blank=True)
    stage_since = models.DateField(_("in this stage since"))
    source = models.CharField(_("source"), max_length=40, default=MANUAL)
    external_id = models.CharField(_("external id"), max_length=120, null=True, blank=True)  # noqa: DJ001  unique where given
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = [models.F("expected_close").asc(nulls_last=True), "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"],
                name="deal_once_a_source",
                violation_error_message=_("There is a deal with this external id from this source already."),
            ),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="deal_amount_not_negative"),
            models.CheckConstraint(
                condition=~models.Q(currency="") & ~models.Q(name=""), name="deal_named_with_currency"
            ),
            models.CheckConstraint(
                condition=models.Q(probability__isnull=True) | models.Q(probability__gte=0, probability__lte=100),
                name="deal_probability_0_100",
            ),
        ]
        indexes = [
            models.Index(fields=["stage", "expected_close"], name="deal_open_by_close"),
            models.Index(fields=["closed_on"], condition=models.Q(closed_on__isnull=False), name="deal_by_closing"),
            models.Index(fields=["expected_close", "id"], name="deal_by_expected_close"),
            models.Index(
                fields=["expected_close", "id"], condition=models.Q(closed_on__isnull=True), name="open_deal_by_close"
            ),
            GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="deal_name_trgm"),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        """A partner that has a share in a deal sees it, too."""
        own = super().visible_q(user)
        if not own or own == NOTHING:
            return own
        # Two lists of keys made one: an "or" would join a partner's users to every row, or read all deals there are.
        leads = cls.everything.filter(own).order_by().values("pk")
        return models.Q(pk__in=leads.union(DealShare.objects.visible_to(user).order_by().values("deal")))


class DealShare(OfDeals):
    """For how much of a deal a partner counts, in percent: 100 for the leading one where nobody shares it. They add to 100."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="shares")
    partner = models.ForeignKey(Partner, models.CASCADE, related_name="deal_shares")
    percent = models.DecimalField(
        _("share, %"), max_digits=5, decimal_places=2, validators=[MinValueValidator(0), MaxValueValidator(100)]
    )

    class Meta:
        ordering = ["deal", "-percent", "id"]
        constraints = [
            models.UniqueConstraint(fields=["deal", "partner"], name="deal_share_once"),
            models.CheckConstraint(condition=models.Q(percent__gt=0, percent__lte=100), name="deal_share_0_100"),
        ]

    def __str__(self) -> str:
        return f"{self.percent.normalize():f} %"


class StageChange(OfDeals):
    """A step of a deal's way; the first has no `from_stage`."""

    partner_path = "deal__partner"

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="stage_changes")
    from_stage = models.ForeignKey(DealStage, models.PROTECT, null=True, related_name="+")
    to_stage = models.ForeignKey(DealStage, models.PROTECT, related_name="+")
    on = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["deal", "on", "id"]
        indexes = [models.Index(fields=["deal", "on"], name="stage_change_by_day")]

    def __str__(self) -> str:
        return f"{self.on}: {self.to_stage}"

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        return models.Q(deal__in=Deal.objects.visible_to(user).order_by().values("pk"))
