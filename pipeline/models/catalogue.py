"""The vendor's lists that sales figures refer to, and the partners' customers."""

from collections.abc import Callable

from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission
from partners.models import Partner
from partners.models.catalogue import Named
from prm.common.scoping import PartnerOwned


class ProductLine(Named):
    """What the vendor sells, as coarse as targets and plans look at it."""


class DealStage(Named):
    """A step of a deal. `probability` is in percent; a deal in a stage that is won or lost is closed."""

    class Outcome(models.TextChoices):
        OPEN = "open", _("Open")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")

    probability = models.DecimalField(
        _("probability, %"),
        max_digits=5,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    outcome = models.CharField(_("outcome"), max_length=4, choices=Outcome, default=Outcome.OPEN)

    class Meta(Named.Meta):
        constraints = [
            models.CheckConstraint(
                condition=models.Q(probability__gte=0, probability__lte=100), name="deal_stage_probability_0_100"
            )
        ]


class Metric(Named):
    """A figure kept elsewhere and brought in by its values: app usage, recurring revenue, plan signed …"""

    class Unit(models.TextChoices):
        NUMBER = "number", _("Number")
        MONEY = "money", _("Money")
        PERCENT = "percent", _("Percent")

    class Summary(models.TextChoices):
        """What its values in a window come to."""

        LATEST = "latest", _("Latest value")
        SUM = "sum", _("Sum")
        AVERAGE = "average", _("Average")
        MAX = "max", _("Highest")
        COUNT = "count", _("Number of values")

    unit = models.CharField(_("unit"), max_length=10, choices=Unit, default=Unit.NUMBER)
    summary = models.CharField(_("in a period"), max_length=10, choices=Summary, default=Summary.LATEST)
    lower_is_better = models.BooleanField(_("lower is better"), default=False)
    internal = models.BooleanField(_("internal"), default=False, help_text=_("Never shown to the partner."))


class Customer(PartnerOwned):
    """An end customer as one partner knows it. Two partners may each know the same company.

    A partner's customers are the partner's. The vendor's side sees those that are `known_to_vendor`, by its own sales, deals, leads
    and registrations, and for good; others only where the partner shares them (`customers_shared`).
    """

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="customers")
    name = models.CharField(_("name"), max_length=200)
    name_key = models.CharField(max_length=200, editable=False)  # normalised, for matching
    domain = models.CharField(_("web domain"), max_length=253, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    external_id = models.CharField(_("external id"), max_length=80, null=True, blank=True)  # noqa: DJ001  unique where given
    known_to_vendor = models.BooleanField(default=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "name_key"],
                name="customer_name_once_a_partner",
                violation_error_message=_("This partner has a customer of this name already."),
            ),
            models.UniqueConstraint(
                fields=["partner", "external_id"],
                name="customer_id_once_a_partner",
                violation_error_message=_("This partner has a customer with this external id already."),
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="customer_name_not_empty"),
        ]
        indexes = [GinIndex(fields=["name_key"], name="customer_name_trgm", opclasses=["gin_trgm_ops"])]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs) -> None:
        from prm.common.names import normalised

        self.name_key = (normalised(self.name) or self.name.casefold())[:200]
        super().save(*args, **kwargs)

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        if user.is_partner_side:
            return super().visible_q(user)
        if not user.can(Permission.SEE_DEALS):
            return models.Q(pk__in=[])
        known = models.Q(known_to_vendor=True)
        for rule in _shared:
            known |= rule(user)
        return super().visible_q(user) & known


_shared: list[Callable[[User], models.Q]] = []


def customers_shared(rule: Callable[[User], models.Q]) -> Callable[[User], models.Q]:
    """Registers which customers that the vendor doesn't know by itself a person of the vendor may see all the same."""
    _shared.append(rule)
    return rule
