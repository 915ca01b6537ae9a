"""What came of an activity: entered when it is closed, verified by somebody else."""

from __future__ import annotations

from itertools import pairwise

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from marketing.models.plan import Activity, OfMarketingPlan

STAGES = ("reach", "inquiries", "mqls", "sals", "mgos", "wins")


def _each_stage_out_of_the_one_before() -> models.Q:
    """Rates over 100 % there are none, afterwards either."""
    within = models.Q()
    for before, after in pairwise(STAGES):
        within &= models.Q(**{f"{after}__lte": models.F(before)})
    return within


class ActivityResult(OfMarketingPlan):
    """The results of an activity, in the plan's currency: what it reached and brought, and what it cost with receipts.

    A draft is changed; closed it is fixed, and then verified by somebody who neither entered nor closed it. Reopened it stays, with
    the reason, and a new one begins as a copy. One of an activity is current: the one that isn't reopened.
    """

    plan_path = "activity__plan"
    partner_path = "activity__plan__partner"

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        CLOSED = "closed", _("Closed")
        VERIFIED = "verified", _("Verified")
        REOPENED = "reopened", _("Reopened")

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="results", db_index=False)
    number = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.DRAFT)
    reach = models.PositiveIntegerField(_("audience reached"), default=0)
    inquiries = models.PositiveIntegerField(_("inquiries"), default=0)
    mqls = models.PositiveIntegerField(_("MQLs"), default=0)
    sals = models.PositiveIntegerField(_("SALs"), default=0)
    mgos = models.PositiveIntegerField(_("MGOs"), default=0)
    wins = models.PositiveIntegerField(_("wins"), default=0)
    revenue = models.DecimalField(
        _("revenue"), max_digits=18, decimal_places=4, default=0, validators=[MinValueValidator(0)]
    )
    cost = models.DecimalField(
        _("cost with receipts"), max_digits=18, decimal_places=4, default=0, validators=[MinValueValidator(0)]
    )
    remark = models.TextField(_("what was learnt"), max_length=2000, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    entered_at = models.DateTimeField(auto_now=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_note = models.CharField(_("how it was verified"), max_length=500, blank=True)
    reopened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reopened_at = models.DateTimeField(null=True, blank=True)
    reopened_reason = models.CharField(_("why reopened"), max_length=500, blank=True)

    class Meta:
        ordering = ["activity", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["activity", "number"], name="activity_result_once"),
            models.UniqueConstraint(
                fields=["activity"], condition=~models.Q(state="reopened"), name="one_current_activity_result"
            ),
            models.CheckConstraint(condition=_each_stage_out_of_the_one_before(), name="activity_result_stages_narrow"),
            models.CheckConstraint(
                condition=models.Q(revenue__gte=0, cost__gte=0), name="activity_result_not_negative"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="verified") | models.Q(verified_at__isnull=False, closed_at__isnull=False),
                name="activity_result_verified_has_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="reopened") | ~models.Q(reopened_reason=""),
                name="activity_result_reopened_has_reason",
            ),
        ]
        indexes = [models.Index(fields=["state", "activity"], name="activity_result_by_state")]

    def __str__(self) -> str:
        return f"{self.activity}: {self.number}"

    @property
    def partner_id(self) -> int:
        return self.activity.plan.partner_id
