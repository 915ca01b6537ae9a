"""What follows from assessments: where a partner stands among its peers, and what both sides aim at."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission
from partners.models import Partner
from prm.common.scoping import PartnerOwned
from scorecards.models.assessment import Assessment
from scorecards.models.questionnaire import Questionnaire
from scorecards.models.reach import open_to


class PeerStanding(PartnerOwned):
    """Where one submitted assessment stands among its peers, by the snapshot of a night: exact figures.

    The partner's side must only ever read them rounded (standing.Peers does). `topics` maps a shared topic's key, "" for the
    overall and "category:<key>" for a shared category, to [count, percentile, lower, median, upper, below, equal], figures as
    strings and counts as numbers.
    No row: under five peers, or not yet taken. An older assessment keeps the row of the last night it was its side's latest.
    """

    partner_path = "assessment__partner"

    assessment = models.OneToOneField(Assessment, models.CASCADE, related_name="peer_standing")
    taken_at = models.DateTimeField()
    all_types = models.BooleanField(default=False)  # the peers are of all partner types, for want of five of the same
    count = models.PositiveIntegerField()
    percentile = models.DecimalField(max_digits=15, decimal_places=12)
    lower = models.DecimalField(max_digits=15, decimal_places=12)
    median = models.DecimalField(max_digits=15, decimal_places=12)
    upper = models.DecimalField(max_digits=15, decimal_places=12)
    topics = models.JSONField(default=dict)

    class Meta:
        ordering = ["assessment"]

    def __str__(self) -> str:
        return f"{self.assessment}: {self.percentile} of {self.count}"

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        return super().visible_q(user) & open_to(user, "assessment__")


class Goal(PartnerOwned):
    """What one partner aims at in one topic, agreed by both sides; a topic's `target` is the vendor's best practice.

    Only topics that both sides see have goals.
    """

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="goals")
    questionnaire = models.ForeignKey(Questionnaire, models.PROTECT, related_name="+")
    topic_key = models.CharField(max_length=60)
    topic_name = models.CharField(max_length=200)
    score_from = models.DecimalField(_("from"), max_digits=15, decimal_places=12)
    score_to = models.DecimalField(_("to"), max_digits=5, decimal_places=2)
    by_on = models.DateField(_("by"))
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    proposed_at = models.DateTimeField()
    agreed_by_vendor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    agreed_by_vendor_at = models.DateTimeField(null=True, blank=True)
    agreed_by_partner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    agreed_by_partner_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["partner", "by_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "questionnaire", "topic_key"],
                condition=models.Q(dropped_at=None),
                name="one_goal_a_topic",
            ),
            models.CheckConstraint(
                condition=models.Q(score_to__gt=models.F("score_from"), score_to__lte=100, score_from__gte=0),
                name="goal_goes_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic_name}: {self.score_to} by {self.by_on}"

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        allowed = Permission.ANSWER_SCORECARDS if user.is_partner_side else Permission.SEE_SCORECARDS
        return super().visible_q(user) if user.can(allowed) else models.Q(pk__in=[])

    @property
    def is_agreed(self) -> bool:
        return self.agreed_by_vendor_at is not None and self.agreed_by_partner_at is not None
