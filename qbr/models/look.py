"""What decks are drawn on: the vendor's own template, and partners' logos."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from partners.models import Partner
from prm.common.scoping import PartnerOwned
from prm.common.uploads import random_name


def _template_name(instance: Template, name: str) -> str:
    return random_name("qbr/templates", "." + name.rpartition(".")[2])


def _logo_name(instance: PartnerLogo, name: str) -> str:
    return random_name("qbr/logos", ".png")


class Template(models.Model):
    """A PowerPoint file of the vendor's own that decks are drawn on. `report`: what the check found at upload. At most one is active; without one
    the product's own is used."""

    name = models.CharField(_("name"), max_length=150)  # of the file as uploaded
    file = models.FileField(_("file"), upload_to=_template_name)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)  # SHA-256
    report = models.JSONField(default=dict)
    active = models.BooleanField(_("in use"), default=False)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    uploaded_at = models.DateTimeField(_("uploaded"), auto_now_add=True)

    class Meta:
        ordering = ["-uploaded_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["active"], condition=Q(active=True), name="one_active_qbr_template")
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("qbr:template", args=[self.pk])


class PartnerLogo(PartnerOwned):
    """A partner's logo, as the PNG it was made into; beside the vendor's on its decks."""

    partner = models.OneToOneField(Partner, models.CASCADE, related_name="qbr_logo")
    file = models.FileField(_("logo"), upload_to=_logo_name)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.partner)
