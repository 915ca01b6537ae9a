"""A partner's marketing plan of a quarter or two, its activities and their budgets."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission
from marketing.models.tactic import Play, Tactic, rate_field, rates_in_range
from partners.models import Partner
from pipeline.models import ProductLine
from prm.common.scoping import PartnerOwned

NOTHING = models.Q(pk__in=[])
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is taken for another


def new_code() -> str:
    """Of a tracking link: at random, since a running number would tell how much others do."""
    return "".join(secrets.choice(_LETTERS) for _letter in range(9))


class MarketingPlan(PartnerOwned):
    """What a partner markets in a fiscal quarter, or two in a row: goals, and activities with budget and forecast.

    All of its amounts are in its `currency`. Both sides build it together; one that the vendor begins the partner sees once it is
    `shared`. `revision` counts changes of its own fields, so that one of two people who change the same thing at once is told.
    `amounts_by` last changed an amount of any of its activities. `vendor_note` is the vendor's alone. Its first and last day are
    kept, and stay what they were when the vendor's fiscal year changes.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        IN_REVIEW = "in_review", _("In review")
        CHANGES_REQUESTED = "changes_requested", _("Changes requested")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        RUNNING = "running", _("Running")
        CLOSED = "closed", _("Closed")
        VERIFIED = "verified", _("Verified")

    EDITABLE = (State.DRAFT, State.CHANGES_REQUESTED)
    REVIEWED = (State.SUBMITTED, State.IN_REVIEW)
    GOOD = (State.APPROVED, State.RUNNING, State.CLOSED, State.VERIFIED)  # approved, whatever became of it since

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="marketing_plans")
    title = models.CharField(_("title"), max_length=200)
    first_quarter = models.CharField(_("first quarter"), max_length=6)  # as "2027Q1"
    quarters = models.PositiveSmallIntegerField(_("quarters"), default=1)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    currency = models.CharField(_("currency"), max_length=3)
    state = models.CharField(_("status"), max_length=17, choices=State, default=State.DRAFT)
    pipeline_goal = models.DecimalField(
        _("pipeline wanted"), max_digits=18, decimal_places=4, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    revenue_goal = models.DecimalField(
        _("revenue wanted"), max_digits=18, decimal_places=4, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    message = models.TextField(_("message"), max_length=2000, blank=True)
    audience = models.TextField(_("audience"), max_length=2000, blank=True)
    product_lines = models.ManyToManyField(
        ProductLine, verbose_name=_("product lines"), blank=True, related_name="marketing_plans"
    )
    vendor_note = models.TextField(_("internal note"), max_length=2000, blank=True)
    shared = models.BooleanField(_("shared with the partner"), default=False)
    revision = models.PositiveIntegerField(default=0)
    play = models.ForeignKey(Play, models.SET_NULL, null=True, blank=True, related_name="+")  # it started from
    copied_from = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)
    amounts_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_on = models.DateField(null=True, blank=True)  # of the vendor's calendar; again once it was taken back
    decided_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(quarters__in=[1, 2]), name="marketing_plan_one_or_two_quarters"),
            models.CheckConstraint(condition=models.Q(ends_on__gt=models.F("starts_on")), name="marketing_plan_has_days"),
            models.CheckConstraint(condition=~models.Q(currency=""), name="marketing_plan_has_currency"),
            models.CheckConstraint(
                condition=models.Q(state="draft") | models.Q(submitted_at__isnull=False, submitted_on__isnull=False, shared=True),
                name="marketing_plan_submitted_has_day",
            ),
            models.CheckConstraint(
                condition=(models.Q(pipeline_goal__isnull=True) | models.Q(pipeline_goal__gte=0))
                & (models.Q(revenue_goal__isnull=True) | models.Q(revenue_goal__gte=0)),
                name="marketing_plan_goals_not_negative",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["partner", "-starts_on"], name="marketing_plan_of_partner"),
            models.Index(fields=["state", "starts_on"], name="marketing_plan_by_state"),
            models.Index(fields=["-starts_on", "-id"], name="marketing_plan_in_order"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("marketing:plan", args=[self.pk])

    @property
    def is_editable(self) -> bool:
        return self.state in self.EDITABLE

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        """The partner's side sees what is shared; of the vendor's side those who see marketing plans."""
        return _of_plan(super().visible_q(user), user, "")


def _of_plan(of_partner: models.Q, user: User, path: str) -> models.Q:
    if user.is_partner_side:
        return of_partner & models.Q(**{f"{path}shared": True})
    return of_partner if user.can(Permission.SEE_MARKETING) else NOTHING


class OfMarketingPlan(PartnerOwned):
    """What belongs to a plan, seen by whoever sees the plan. `plan_path` leads to it."""

    plan_path = "plan"
    partner_path = "plan__partner"

    class Meta:
        abstract = True

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        return _of_plan(super().visible_q(user), user, f"{cls.plan_path}__")


class Activity(OfMarketingPlan):
    """Something the partner does to market, with what it reaches, what it takes and what is expected of it.

    Rates and `margin` are fractions (0.02 is 2 %), amounts in the plan's currency. `sources` says where each of them came from:
    {"response": {"from": "tactic" | "history" | "typed" …}}; a rate from history keeps its `in` and `out`, which are what counts.
    `decision` is the reviewer's, `mdf_approved` what came of `mdf_asked`. `code` is in its tracking link, and in its UTM.
    """

    class Decision(models.TextChoices):
        UNDECIDED = "undecided", _("Undecided")
        AS_ASKED = "as_asked", _("Approved as asked")
        CHANGED = "changed", _("Approved with changes")
        DENIED = "denied", _("Denied")
        RETURNED = "returned", _("Returned for changes")

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        CLOSED = "closed", _("Closed")
        VERIFIED = "verified", _("Verified")

    APPROVED = (Decision.AS_ASKED, Decision.CHANGED)

    plan = models.ForeignKey(MarketingPlan, models.CASCADE, related_name="activities", db_index=False)
    position = models.PositiveSmallIntegerField(default=0)
    tactic = models.ForeignKey(Tactic, models.PROTECT, verbose_name=_("tactic"), related_name="activities")
    title = models.CharField(_("title"), max_length=200)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("owner"), null=True, blank=True, related_name="+"
    )
    product_lines = models.ManyToManyField(
        ProductLine, verbose_name=_("product lines"), blank=True, related_name="marketing_activities"
    )
    reach = models.PositiveIntegerField(_("audience reached"), null=True, blank=True)
    response = rate_field(_("response rate"))
    mql = rate_field(_("MQL rate"))
    sal = rate_field(_("SAL rate"))
    sql = rate_field(_("SQL rate"))
    win = rate_field(_("win rate"))
    deal_size = models.DecimalField(
        _("average deal"), max_digits=18, decimal_places=4, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    margin = models.DecimalField(
        _("partner’s margin"), max_digits=13, decimal_places=12, null=True, blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
    )  # fmt: skip
    cycle_days = models.PositiveSmallIntegerField(
        _("sales cycle, days"), default=90, validators=[MaxValueValidator(1825)]
    )
    mdf_asked = models.DecimalField(
        _("MDF asked"), max_digits=18, decimal_places=4, default=0, validators=[MinValueValidator(0)]
    )
    mdf_approved = models.DecimalField(_("MDF approved"), max_digits=18, decimal_places=4, null=True, blank=True)
    sources = models.JSONField(default=dict, blank=True)
    assets = models.JSONField(_("links"), default=list, blank=True)  # [{"label", "url"}]
    code = models.CharField(_("tracking code"), max_length=12, unique=True, default=new_code, editable=False)
    decision = models.CharField(_("decision"), max_length=9, choices=Decision, default=Decision.UNDECIDED)
    decision_reason = models.CharField(_("reason"), max_length=500, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.PLANNED)
    reminded_on = models.DateField(null=True, blank=True)  # that it has ended and is to be closed
    revision = models.PositiveIntegerField(default=0)
    amounts_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["plan", "position", "id"]
        constraints = [
            rates_in_range("activity_rates_0_1"),
            models.CheckConstraint(condition=models.Q(ends_on__gte=models.F("starts_on")), name="activity_has_days"),
            models.CheckConstraint(
                condition=models.Q(margin__isnull=True) | models.Q(margin__gte=0, margin__lte=1), name="activity_margin_0_1"
            ),
            models.CheckConstraint(
                condition=models.Q(mdf_asked__gte=0)
                & (models.Q(mdf_approved__isnull=True) | models.Q(mdf_approved__gte=0))
                & (models.Q(deal_size__isnull=True) | models.Q(deal_size__gte=0)),
                name="activity_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(state="planned") | models.Q(decision__in=["as_asked", "changed"]),
                name="activity_closed_was_approved",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["plan", "position", "id"], name="activity_in_order"),
            models.Index(fields=["starts_on", "ends_on"], name="activity_by_days"),
            models.Index(fields=["tactic", "state"], name="activity_of_tactic"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"{reverse('marketing:plan', args=[self.plan_id])}#activity-{self.pk}"

    @property
    def partner(self) -> Partner:
        """In whose history it is."""
        return self.plan.partner

    @property
    def partner_id(self) -> int:
        return self.plan.partner_id

    @property
    def is_approved(self) -> bool:
        return self.decision in self.APPROVED


class Payer(models.TextChoices):
    PARTNER = "partner", _("Partner")
    MDF = "mdf", _("MDF")
    VENDOR = "vendor", _("Vendor")
    OTHER = "other", _("Other")


class BudgetLine(OfMarketingPlan):
    """What something of an activity costs, in the plan's currency, and who pays it."""

    plan_path = "activity__plan"
    partner_path = "activity__plan__partner"

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="budget", db_index=False)
    position = models.PositiveSmallIntegerField(default=0)
    what = models.CharField(_("what"), max_length=200)
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=4, validators=[MinValueValidator(0)])
    payer = models.CharField(_("paid by"), max_length=7, choices=Payer, default=Payer.PARTNER)

    class Meta:
        ordering = ["activity", "position", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="budget_line_not_negative"),
            models.UniqueConstraint(
                fields=["activity", "position"], name="budget_line_place_once", deferrable=models.Deferrable.DEFERRED
            ),
        ]

    def __str__(self) -> str:
        return self.what


class Snapshot(OfMarketingPlan):
    """A plan as it was submitted: `content` is `marketing.reading.document(plan)`, `content_hash` its SHA-256. Never changed."""

    plan = models.ForeignKey(MarketingPlan, models.CASCADE, related_name="snapshots", db_index=False)
    number = models.PositiveSmallIntegerField()
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["plan", "-number"]
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="marketing_snapshot_once")]

    def __str__(self) -> str:
        return f"{self.plan}: {self.number}"
