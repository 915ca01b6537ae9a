"""Where leads and deals come from: one source activity each, what else had a part in them, and clicks on tracking links."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models import Lead
from marketing.models.plan import Activity, OfMarketingPlan
from pipeline.models import Deal


class How(models.TextChoices):
    """How it is known that a lead or deal came from an activity."""

    LINK = "link", _("Tracking link")
    CODE = "code", _("Code")
    UTM = "utm", _("UTM")
    IMPORT = "import", _("Import")
    CHOICE = "choice", _("Chosen")
    LEAD = "lead", _("From its lead")


class OfActivity(OfMarketingPlan):
    """A lead or a deal, and an activity. Seen by whoever sees the activity's plan; the lead or deal itself they may not see."""

    plan_path = "activity__plan"
    partner_path = "activity__plan__partner"

    how = models.CharField(_("known by"), max_length=6, choices=How)
    at = models.DateTimeField(_("known since"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.lead or self.deal}: {self.activity}"  # type: ignore[attr-defined]

    @property
    def partner_id(self) -> int | None:
        return self.activity.plan.partner_id if self.activity else None  # type: ignore[attr-defined]


def _one_thing(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=models.Q(lead__isnull=False, deal__isnull=True) | models.Q(lead__isnull=True, deal__isnull=False),
        name=name,
    )


class Attribution(OfActivity):
    """The one activity that a lead or deal came from: the first that touched it. None: somebody said that it came from none."""

    activity = models.ForeignKey(Activity, models.CASCADE, null=True, blank=True, related_name="sourced")
    lead = models.OneToOneField(Lead, models.CASCADE, null=True, blank=True, related_name="attribution")
    deal = models.OneToOneField(Deal, models.CASCADE, null=True, blank=True, related_name="attribution")

    class Meta:
        ordering = ["activity", "at", "id"]
        constraints = [_one_thing("attribution_of_lead_or_deal")]


class Influence(OfActivity):
    """Another activity that touched it later. Never added to what was sourced."""

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="influenced", db_index=False)
    lead = models.ForeignKey(Lead, models.CASCADE, null=True, blank=True, related_name="influences")
    deal = models.ForeignKey(Deal, models.CASCADE, null=True, blank=True, related_name="influences")

    class Meta:
        ordering = ["activity", "at", "id"]
        constraints = [
            _one_thing("influence_on_lead_or_deal"),
            models.UniqueConstraint(fields=["activity", "lead"], name="influence_on_lead_once"),
            models.UniqueConstraint(fields=["activity", "deal"], name="influence_on_deal_once"),
        ]


class Clicks(OfMarketingPlan):
    """How often an activity's tracking link was followed on a day of the vendor's calendar. Nothing is kept of who did."""

    plan_path = "activity__plan"
    partner_path = "activity__plan__partner"

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="clicks", db_index=False)
    on = models.DateField()
    number = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["activity", "on"]
        constraints = [models.UniqueConstraint(fields=["activity", "on"], name="clicks_once_a_day")]

    def __str__(self) -> str:
        return f"{self.activity}: {self.number}"
