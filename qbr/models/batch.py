"""Decks for many partners in one go."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission
from partners.models import Partner
from prm.common.models import Job
from prm.common.scoping import PartnerOwned
from qbr.models.review import NOTHING, Version


class Batch(models.Model):
    """Somebody's build for many partners; whoever sees one of the partners sees that part of it. `told_at`: when who began it was told that it is
    through."""

    quarter = models.CharField(_("quarter"), max_length=6)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="qbr_batches")
    created_at = models.DateTimeField(_("begun"), auto_now_add=True)
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.quarter

    def get_absolute_url(self) -> str:
        return reverse("qbr:batch", args=[self.pk])


class BatchItem(PartnerOwned):
    """One partner of a batch: its job, and the version that came of it. `error`: why there is none."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="items", db_index=False)
    partner = models.ForeignKey(Partner, models.CASCADE, related_name="+")
    job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="+")
    version = models.ForeignKey(Version, models.SET_NULL, null=True, blank=True, related_name="+")
    restarts = models.PositiveSmallIntegerField(default=0)  # after a worker died

    class Meta:
        ordering = ["batch", "id"]
        constraints = [models.UniqueConstraint(fields=["batch", "partner"], name="partner_once_in_batch")]

    def __str__(self) -> str:
        return f"{self.batch}: {self.partner}"

    @classmethod
    def visible_q(cls, user: User) -> Q:
        if not user.can(Permission.SEE_QBR):
            return NOTHING
        return super().visible_q(user)
