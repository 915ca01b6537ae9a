"""Where partners stand in the vendor's program, what overrules it, and when their performance was talked over."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission
from partners.models import Partner, Tier
from prm.common.models import Policy
from prm.common.scoping import PartnerOwned


class OfProgram(PartnerOwned):
    """For those who see performance, and for the partner's own side."""

    class Meta:
        abstract = True

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        if user.is_partner_side or user.can(Permission.SEE_PERFORMANCE):
            return super().visible_q(user)
        return models.Q(pk__in=[])


class TierEvaluation(OfProgram):
    """For which tier a partner qualified from one night to another: a new row only when something changed.

    `detail` holds the requirements with what the partner had and needed, as scorecards.tiers wrote them.
    """

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="tier_evaluations", db_index=False)
    first_on = models.DateField()
    last_on = models.DateField()
    program = models.ForeignKey(Policy, models.PROTECT, related_name="+")  # the version it was judged by
    assigned = models.ForeignKey(Tier, models.PROTECT, null=True, related_name="+")
    qualified = models.ForeignKey(Tier, models.PROTECT, null=True, related_name="+")
    met = models.PositiveSmallIntegerField()  # requirements of the next tier
    required = models.PositiveSmallIntegerField()
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["partner", "-first_on"]
        constraints = [
            models.UniqueConstraint(fields=["partner", "first_on"], name="one_tier_evaluation_a_day"),
            models.CheckConstraint(
                condition=models.Q(last_on__gte=models.F("first_on")), name="tier_evaluation_ends_after_start"
            ),
        ]
        indexes = [models.Index(fields=["last_on"], name="tier_evaluation_by_day")]

    def __str__(self) -> str:
        return f"{self.partner}: {self.qualified or '–'}"


class TierOverride(OfProgram):
    """Operations hold a partner at a tier it doesn't qualify for, or below one it does, for a reason and until a day."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="tier_overrides")
    tier = models.ForeignKey(Tier, models.PROTECT, verbose_name=_("tier"), related_name="+")
    reason = models.TextField(_("reason"), help_text=_("The partner reads this."))
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    ended_at = models.DateTimeField(null=True, blank=True)  # before its time
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["partner", "-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")),
                name="tier_override_ends_after_start",
                violation_error_message=_("It must end after it starts."),
            ),
            models.UniqueConstraint(
                fields=["partner"], condition=models.Q(ended_at__isnull=True), name="one_live_tier_override"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner}: {self.tier}"


class TierAppeal(OfProgram):
    """The partner's one objection to an override, and the answer."""

    class Decision(models.TextChoices):
        OPEN = "open", _("Open")
        UPHELD = "upheld", _("Upheld")  # the override ends
        REJECTED = "rejected", _("Rejected")

    partner_path = "override__partner"

    override = models.OneToOneField(TierOverride, models.CASCADE, related_name="appeal")
    text = models.TextField(_("why"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    decision = models.CharField(_("decision"), max_length=10, choices=Decision, default=Decision.OPEN)
    answer = models.TextField(_("answer"), blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.override}: {self.get_decision_display()}"


class PerformanceReview(OfProgram):
    """The performance scorecard was gone through with the partner. `figures` are those of that day, frozen.

    The note is internal unless it is shared; the rest the partner sees.
    """

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="performance_reviews")
    on = models.DateField(_("date"))
    note = models.TextField(_("note"), blank=True)
    shared = models.BooleanField(_("note shared with the partner"), default=False)
    figures = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["partner", "-on", "-id"]
        constraints = [models.UniqueConstraint(fields=["partner", "on"], name="one_performance_review_a_day")]

    def __str__(self) -> str:
        return f"{self.partner} {self.on}"
