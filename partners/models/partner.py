from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models.functions import Lower, Upper
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission
from partners.models.catalogue import LifeStage, PartnerType, Region, Tier
from prm.common.addresses import of_row
from prm.common.scoping import PartnerOwned


class Partner(PartnerOwned):
    partner_path = ""

    name = models.CharField(_("name"), max_length=200)
    name_key = models.CharField(max_length=200, editable=False)  # normalised, for matching and search
    external_id = models.CharField(  # noqa: DJ001  several may have none, and it is unique
        _("external id"),
        max_length=80,
        null=True,
        blank=True,
        help_text=_("The partner's id in your CRM or ERP."),
    )
    domain = models.CharField(_("web domain"), max_length=253, blank=True)
    partner_type = models.ForeignKey(PartnerType, models.PROTECT, verbose_name=_("type"), related_name="partners")
    tier = models.ForeignKey(
        Tier,
        models.PROTECT,
        verbose_name=_("tier"),
        null=True,
        blank=True,
        related_name="partners",
    )
    stage = models.ForeignKey(LifeStage, models.PROTECT, verbose_name=_("life stage"), related_name="partners")
    region = models.ForeignKey(
        Region,
        models.PROTECT,
        verbose_name=_("region"),
        null=True,
        blank=True,
        related_name="partners",
    )
    cam = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("CAM"),
        null=True,
        blank=True,
        related_name="owned_partners",
    )
    cover = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("cover"),
        null=True,
        blank=True,
        related_name="covered_partners",
    )
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name=_("parent partner"),
        null=True,
        blank=True,
        related_name="branches",
    )
    distributor = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name=_("distributor"),
        null=True,
        blank=True,
        related_name="distributed",
    )
    signed_on = models.DateField(_("contract signed on"), null=True, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    sales_reps = models.PositiveIntegerField(
        _("sales people"), null=True, blank=True, help_text=_("Who sell, or could sell, what you make.")
    )
    annual_revenue = models.DecimalField(
        _("annual revenue"),
        max_digits=18,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    annual_revenue_currency = models.CharField(_("currency"), max_length=3, blank=True)
    year_opened = models.PositiveSmallIntegerField(_("year opened"), null=True, blank=True)
    internal_note = models.TextField(_("internal note"), blank=True, help_text=_("Never shown to the partner."))
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"],
                name="partner_external_id_once",
                violation_error_message=_("Another partner has this external id."),
                violation_error_code="unique",  # so that the message stands at the field
            ),
            models.CheckConstraint(
                condition=~models.Q(external_id="") & ~models.Q(name=""),
                name="partner_name_and_id_not_empty",
            ),
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                name="partner_not_own_parent",
            ),
            models.CheckConstraint(
                condition=models.Q(distributor__isnull=True) | ~models.Q(distributor=models.F("id")),
                name="partner_not_own_distributor",
            ),
            models.CheckConstraint(
                condition=models.Q(annual_revenue__isnull=True) | ~models.Q(annual_revenue_currency=""),
                name="partner_revenue_has_currency",
            ),
        ]
        indexes = [
            models.Index(Lower("name"), "id", name="partner_by_name"),
            models.Index(fields=["name_key"]),
            models.Index(
                fields=["domain"],
                condition=~models.Q(domain=""),
                name="partner_by_domain",
            ),
            GinIndex(
                fields=["name_key"],
                name="partner_name_trgm",
                opclasses=["gin_trgm_ops"],
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs) -> None:
        from prm.common.names import normalised

        self.name_key = normalised(self.name)[:200]
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return of_row("partners:hub", self.pk)


class Placement(PartnerOwned):
    """Where a partner stood from a day on: stage, tier, region and CAM. The history of all four; one row a day at most."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="placements")
    starts_on = models.DateField()
    stage = models.ForeignKey(LifeStage, models.PROTECT, related_name="+")
    tier = models.ForeignKey(Tier, models.PROTECT, null=True, related_name="+")
    region = models.ForeignKey(Region, models.PROTECT, null=True, related_name="+")
    cam = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["partner", "-starts_on"]
        constraints = [models.UniqueConstraint(fields=["partner", "starts_on"], name="one_placement_a_day")]

    def __str__(self) -> str:
        return f"{self.partner} from {self.starts_on}"

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        return super().visible_q(user) if user.can(Permission.SEE_WORK) else models.Q(pk__in=[])


class Membership(PartnerOwned):
    """Which partner a partner user belongs to (a distributor user: which distributor)."""

    user = models.OneToOneField(User, models.CASCADE, related_name="membership")
    partner = models.ForeignKey(Partner, models.CASCADE, related_name="members")

    class Meta:
        ordering = ["partner", "id"]

    def __str__(self) -> str:
        return f"{self.user} of {self.partner}"


class Contact(PartnerOwned):
    class Function(models.TextChoices):
        EXECUTIVE = "executive", _("Executive")
        SALES = "sales", _("Sales")
        TECHNICAL = "technical", _("Technical")
        MARKETING = "marketing", _("Marketing")
        OPERATIONS = "operations", _("Operations")
        OTHER = "other", _("Other")

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="contacts")
    name = models.CharField(_("name"), max_length=150)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    title = models.CharField(_("job title"), max_length=120, blank=True)
    function = models.CharField(_("function"), max_length=20, choices=Function, default=Function.OTHER)
    is_primary = models.BooleanField(_("main contact"), default=False)
    external_id = models.CharField(_("external id"), max_length=80, null=True, blank=True)  # noqa: DJ001  as above
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-is_primary", "name", "id"]
        constraints = [
            models.UniqueConstraint(
                "partner",
                Lower("email"),
                condition=~models.Q(email=""),
                name="contact_email_once_a_partner",
                violation_error_message=_("This partner has a contact with this e-mail already."),
            ),
            models.UniqueConstraint(
                fields=["partner"],
                condition=models.Q(is_primary=True),
                name="one_main_contact_a_partner",
                violation_error_message=_("This partner has a main contact already."),
            ),
            models.UniqueConstraint(fields=["external_id"], name="contact_external_id_once"),
        ]
        indexes = [
            # What a search for a part of a name or address looks through.
            GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="contact_name_trgm"),
            GinIndex(OpClass(Upper("email"), "gin_trgm_ops"), name="contact_email_trgm"),
        ]

    def __str__(self) -> str:
        return self.name
