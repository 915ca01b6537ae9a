"""The program worksheet: what a revenue target of the channel needs, once for a fiscal year or quarter."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Worksheet(models.Model):
    """The assumptions of a period, `content` as `marketing.program.document` writes it. Amounts are in `currency`, the one the vendor
    reports in when it was made. `revision` counts changes, so that one of two people who change it at once is told."""

    period = models.CharField(
        _("period"), max_length=6, unique=True
    )  # the key of a fiscal year or quarter: "2027", "2027Q1"
    currency = models.CharField(_("currency"), max_length=3)
    content = models.JSONField()
    revision = models.PositiveIntegerField(default=0)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-period"]
        constraints = [models.CheckConstraint(condition=~models.Q(currency=""), name="worksheet_has_currency")]

    def __str__(self) -> str:
        return self.period
