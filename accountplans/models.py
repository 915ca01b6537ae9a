"""Account plans: how far a partner shares its own, what is known of a customer, what it owns, and what is to be sold to it next.

The customer itself is `pipeline.Customer`. A partner's customers are the partner's: of the vendor's side only those who see account
plans see anything here, and only as far as the partner shares it.
"""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission
from partners.models import Partner
from partners.models.catalogue import Named
from pipeline.models import Customer, ProductLine
from prm.common.scoping import PartnerOwned

NOTHING = models.Q(pk__in=[])


class Vertical(Named):
    """An industry, as the vendor tells its customers apart."""


class ComplementaryProduct(Named):
    """What customers own beside the vendor's products, and that tells something of what they will buy."""


class Play(Named):
    """A way to win a target that has worked before."""

    text = models.CharField(_("how it goes"), max_length=500, blank=True)


class Size(models.TextChoices):
    """How many people a customer has."""

    SMALL = "small", _("1–49 people")
    MEDIUM = "medium", _("50–249 people")
    LARGE = "large", _("250–999 people")
    HUGE = "huge", _("1,000 people and more")

    @classmethod
    def of(cls, people: int) -> Size:
        if people < 50:
            return cls.SMALL
        return cls.MEDIUM if people < 250 else cls.LARGE if people < 1000 else cls.HUGE


class Ideal(models.Model):
    """Which customers a product line is made for. Without verticals every vertical fits, without sizes every size."""

    product_line = models.OneToOneField(ProductLine, models.CASCADE, related_name="ideal")
    verticals = models.ManyToManyField(Vertical, verbose_name=_("verticals"), blank=True, related_name="+")
    sizes = models.JSONField(_("sizes"), default=list)  # values of Size

    class Meta:
        ordering = ["product_line"]

    def __str__(self) -> str:
        return str(self.product_line)


class Sharing(PartnerOwned):
    """How far a partner lets the vendor look into its account plan; without a row it is hidden. Each level has those before it."""

    class Level(models.TextChoices):
        HIDDEN = "hidden", _("Hidden")
        COUNTS = "counts", _("Counts")
        TARGETS = "targets", _("Targets only")
        ALL = "all", _("All")

    partner = models.OneToOneField(Partner, models.CASCADE, related_name="account_sharing")
    level = models.CharField(_("shared with the vendor"), max_length=7, choices=Level, default=Level.HIDDEN)
    targets_since = models.DateField(
        null=True, blank=True
    )  # from when on the vendor sees targets at least; None: it doesn't
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["partner"]
        indexes = [models.Index(fields=["level", "partner"], name="account_sharing_by_level")]

    def __str__(self) -> str:
        return self.get_level_display()

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        return super().visible_q(user) if user.is_partner_side or user.can(Permission.SEE_ACCOUNT_PLANS) else NOTHING


TARGETS_SEEN = (Sharing.Level.TARGETS, Sharing.Level.ALL)
COUNTED = (Sharing.Level.COUNTS, *TARGETS_SEEN)  # at these levels what customers own counts for everybody's scores


def shared(*levels: str) -> models.QuerySet[Sharing, int]:
    """The keys of the partners that share at one of these levels."""
    rows = Sharing.objects.unscoped("which partners share, not what").filter(level__in=levels).order_by()
    found: models.QuerySet[Sharing, int] = rows.values("partner")
    return found


class OfAccount(PartnerOwned):
    """What belongs to a customer of the plan; the vendor's side sees it where the partner shares at one of `seen_at`. It holds the
    customer: the vendor tidying up its sales data, or taking back an import, doesn't take the partner's plan along.
    """

    partner_path = "customer__partner"
    seen_at: tuple[str, ...] = (Sharing.Level.ALL,)

    class Meta:
        abstract = True

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        if user.is_partner_side:
            return super().visible_q(user)
        if not user.can(Permission.SEE_ACCOUNT_PLANS):
            return NOTHING
        return super().visible_q(user) & models.Q(customer__partner__in=shared(*cls.seen_at))


class Account(OfAccount):
    """What the partner knows of one of its customers."""

    class Relationship(models.TextChoices):
        NONE = "none", _("Not known yet")
        KNOWN = "known", _("Known")
        STRONG = "strong", _("Strong")

    customer = models.OneToOneField(Customer, models.PROTECT, related_name="account")
    vertical = models.ForeignKey(
        Vertical, models.PROTECT, verbose_name=_("vertical"), null=True, blank=True, related_name="accounts"
    )
    size = models.CharField(_("size"), max_length=6, choices=Size, blank=True)
    relationship = models.CharField(
        _("relationship"), max_length=6, choices=Relationship, default=Relationship.NONE
    )  # of the partner with the customer
    who_knows_whom = models.CharField(_("who knows whom"), max_length=500, blank=True)
    note = models.CharField(_("note"), max_length=1000, blank=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["customer"]

    def __str__(self) -> str:
        return str(self.customer)


class OwnedProduct(OfAccount):
    """A product the customer has: one of the vendor's lines, or a complementary one. What the vendor itself sold isn't repeated
    here: results and won deals tell it."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="owned_products")
    product_line = models.ForeignKey(ProductLine, models.PROTECT, null=True, blank=True, related_name="owned_by")
    complementary = models.ForeignKey(
        ComplementaryProduct, models.PROTECT, null=True, blank=True, related_name="owned_by"
    )
    renews_on = models.DateField(_("renews on"), null=True, blank=True)

    class Meta:
        ordering = ["customer", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(product_line__isnull=True) ^ models.Q(complementary__isnull=True),
                name="owned_product_is_one_thing",
            ),
            models.UniqueConstraint(fields=["customer", "product_line"], name="owned_line_once"),
            models.UniqueConstraint(fields=["customer", "complementary"], name="owned_complementary_once"),
        ]

    def __str__(self) -> str:
        return str(self.product_line or self.complementary)


class AccountTarget(OfAccount):
    """What was decided about a customer and a product line: that it is to be sold to them next, or that it won't be, and why."""

    seen_at = TARGETS_SEEN

    class State(models.TextChoices):
        TARGET = "target", _("Target")
        RULED_OUT = "ruled_out", _("Ruled out")

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="account_targets")
    product_line = models.ForeignKey(
        ProductLine, models.PROTECT, verbose_name=_("product line"), related_name="account_targets"
    )
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.TARGET)
    reason = models.CharField(_("why ruled out"), max_length=300, blank=True)
    play = models.ForeignKey(Play, models.PROTECT, verbose_name=_("play"), null=True, blank=True, related_name="+")
    next_step = models.CharField(_("next step"), max_length=200, blank=True)
    due_on = models.DateField(_("by"), null=True, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("owner"), null=True, blank=True, related_name="+"
    )
    amount = models.DecimalField(
        _("amount"), max_digits=18, decimal_places=4, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True)  # of the amount; else ""
    touched_at = models.DateTimeField(
        null=True, blank=True
    )  # when it was set, changed or found still right by a person
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = [models.F("due_on").asc(nulls_last=True), "id"]
        constraints = [
            models.UniqueConstraint(fields=["customer", "product_line"], name="account_target_once"),
            models.CheckConstraint(
                condition=models.Q(state="target", reason="") | (models.Q(state="ruled_out") & ~models.Q(reason="")),
                name="account_target_ruled_out_with_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(amount__isnull=True, currency="")
                | (models.Q(amount__gte=0) & ~models.Q(currency="")),
                name="account_target_amount_with_currency",
            ),
        ]
        indexes = [models.Index(fields=["state", "due_on"], name="account_target_by_date")]

    def __str__(self) -> str:
        return f"{self.customer}: {self.product_line}"


class PlanReview(PartnerOwned):
    """That the account plan was gone through, with one target at least changed or confirmed since the time before."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="account_reviews")
    on = models.DateField()  # of the vendor's calendar
    targets = models.PositiveIntegerField()  # how many were changed or confirmed
    note = models.CharField(_("note"), max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["partner", "-at"]
        constraints = [models.CheckConstraint(condition=models.Q(targets__gte=1), name="account_review_touches_one")]
        indexes = [models.Index(fields=["partner", "-on"], name="account_review_by_day")]

    def __str__(self) -> str:
        return f"{self.partner}: {self.on}"

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        return super().visible_q(user) if user.is_partner_side or user.can(Permission.SEE_ACCOUNT_PLANS) else NOTHING


class Basis(models.Model):
    """What the vendor's customers own together and what deals come to: what every score stands on. Of all partners, and without a
    customer or a partner in it; made again each night and when a partner shares more or less. There is one at most."""

    content = models.JSONField()
    made_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d}"
