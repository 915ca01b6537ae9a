"""The vendor's own names for what partners are and where they stand. All editable; a new vendor starts with a default set."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Named(models.Model):
    key = models.SlugField(_("key"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80, unique=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        abstract = True
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return self.name


class Region(Named):
    pass


class Tier(Named):
    """A program level. `order` ranks it: the lowest first."""


class LifeStage(Named):
    """Where a partner is on the way from recruit to mature; `lapsed` stands beside the way."""

    is_lapsed = models.BooleanField(_("lapsed"), default=False)


class PartnerType(Named):
    transacts = models.BooleanField(
        _("transacts"),
        default=True,
        help_text=_("Partners that don't sell are judged by sourced and influenced deals."),
    )


class RegionLimit(models.Model):
    """A chief who has any sees the partners of these regions only."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="region_limits")
    region = models.ForeignKey(Region, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "region"], name="region_limit_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.region}"
