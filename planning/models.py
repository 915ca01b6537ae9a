"""Business plans of partners: what both sides assume, who signed it, what it comes to by month; and what new plans start from."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission
from partners.models import Partner, PartnerType
from prm.common.fiscal import Month
from prm.common.scoping import PartnerOwned


class BusinessPlan(PartnerOwned):
    """One version of a partner's plan. A draft is changed by both sides; committed it is fixed, and a later version follows it.

    `content` is the plan's document (`planning.document`): texts, assumptions and scenarios; `revision` counts its changes, so
    that one of two people who change the same thing at once is told. Of a committed plan it also holds the objectives of that
    day, and `content_hash` is the SHA-256 of all that was signed.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        COMMITTED = "committed", _("Committed")
        SUPERSEDED = "superseded", _("Superseded")
        DISCARDED = "discarded", _("Discarded")

    class Scenario(models.TextChoices):
        BLEAK = "bleak", _("Bleak")
        BASE = "base", _("Base")
        STRETCH = "stretch", _("Stretch")

    FIXED = (Status.COMMITTED, Status.SUPERSEDED)

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="business_plans")
    number = models.PositiveSmallIntegerField(_("version"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    first_month = models.DateField(_("first month"))  # its first day
    currency = models.CharField(_("currency"), max_length=3)
    scenario = models.CharField(_("scenario to commit to"), max_length=7, choices=Scenario, default=Scenario.BASE)
    content = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=0)
    shared = models.BooleanField(_("shared with the partner"), default=False)
    shared_with_distributor = models.BooleanField(_("shared with the distributor"), default=False)
    follows = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="followed_by")
    content_hash = models.CharField(max_length=64, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)
    committed_at = models.DateTimeField(null=True, blank=True)
    committed_on = models.DateField(null=True, blank=True)  # of the vendor's calendar
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["partner", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["partner", "number"], name="business_plan_version_once"),
            models.UniqueConstraint(
                fields=["partner"], condition=models.Q(status="draft"), name="one_draft_business_plan"
            ),
            models.UniqueConstraint(
                fields=["partner"], condition=models.Q(status="committed"), name="one_business_plan_in_force"
            ),
            models.CheckConstraint(condition=models.Q(first_month__day=1), name="business_plan_from_first_day"),
            models.CheckConstraint(
                condition=models.Q(
                    status__in=["committed", "superseded"], committed_at__isnull=False, committed_on__isnull=False
                )
                & ~models.Q(content_hash="")
                | models.Q(status__in=["draft", "discarded"], committed_at__isnull=True, content_hash=""),
                name="committed_business_plan_is_signed",
            ),
            models.CheckConstraint(
                condition=models.Q(status="draft") | ~models.Q(status="committed") | models.Q(shared=True),
                name="committed_business_plan_is_shared",
            ),
        ]
        indexes = [models.Index(fields=["status", "committed_on"], name="business_plan_by_status")]

    def __str__(self) -> str:
        return f"{self.partner}: {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("planning:plan", args=[self.pk])

    @property
    def month(self) -> Month:
        """Its month 1."""
        return Month(self.first_month.year, self.first_month.month)

    @property
    def is_fixed(self) -> bool:
        return self.status in self.FIXED

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        """The partner's side sees what is shared; a distributor what is in force or was, and shared with it; of the vendor's
        side those who see plans."""
        return _of_plan(super().visible_q(user), user, "")


def _of_plan(of_partner: models.Q, user: User, path: str) -> models.Q:
    if user.can(Permission.SEE_PLANS):
        return of_partner
    if user.can(Permission.PORTAL):
        return of_partner & models.Q(**{f"{path}shared": True})
    if user.can(Permission.SEE_SHARED_PLANS):
        return of_partner & models.Q(
            **{f"{path}shared_with_distributor": True, f"{path}status__in": BusinessPlan.FIXED}
        )
    return models.Q(pk__in=[])


class OfPlan(PartnerOwned):
    """What belongs to a plan, seen by whoever sees the plan."""

    partner_path = "plan__partner"

    class Meta:
        abstract = True

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        return _of_plan(super().visible_q(user), user, "plan__")


class Side(models.TextChoices):
    VENDOR = "vendor", _("Vendor")
    PARTNER = "partner", _("Partner")


class SignatureRequest(OfPlan):
    """Who was asked to sign a plan for a side, by a link to that person's own address; the newest one counts."""

    plan = models.ForeignKey(BusinessPlan, models.CASCADE, related_name="signature_requests", db_index=False)
    side = models.CharField(max_length=7, choices=Side)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    asked_on = models.DateField()  # of the vendor's calendar
    reminded_on = models.DateField(null=True, blank=True)  # once for each time it is asked

    class Meta:
        ordering = ["plan", "side", "-asked_at"]
        constraints = [models.UniqueConstraint(fields=["plan", "side", "user"], name="asked_to_sign_once")]

    def __str__(self) -> str:
        return f"{self.plan}: {self.get_side_display()}"


class PlanSignature(OfPlan):
    """A side's signature under a plan as it was then: `content_hash` is that of what was signed. A change before the other side
    signs makes it void; it stays, with the reason."""

    plan = models.ForeignKey(BusinessPlan, models.CASCADE, related_name="signatures", db_index=False)
    side = models.CharField(max_length=7, choices=Side)
    name = models.CharField(_("your name"), max_length=150)  # as typed
    email = models.EmailField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    content_hash = models.CharField(max_length=64)
    signed_at = models.DateTimeField(auto_now_add=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["plan", "-signed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "side"], condition=models.Q(voided_at__isnull=True), name="one_signature_a_side"
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="signature_has_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.get_side_display()}"


class PlanMonth(OfPlan):
    """What a committed plan comes to in a calendar month, in its chosen scenario: product revenue in the vendor's results basis,
    in the plan's currency and (at the rate of the day of commitment) in the reporting one, and new deals."""

    plan = models.ForeignKey(BusinessPlan, models.CASCADE, related_name="months", db_index=False)
    month = models.DateField()  # its first day
    revenue = models.DecimalField(max_digits=18, decimal_places=4)
    revenue_reporting = models.DecimalField(max_digits=18, decimal_places=4)
    deals = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        ordering = ["plan", "month"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "month"], name="business_plan_month_once"),
            models.CheckConstraint(condition=models.Q(month__day=1), name="business_plan_month_is_first_day"),
        ]
        indexes = [models.Index(fields=["month"], name="business_plan_by_month")]

    def __str__(self) -> str:
        return f"{self.plan}: {self.month:%Y-%m}"


class Reforecast(OfPlan):
    """A confirmed re-forecast: actuals of the months before `as_of`, the plan from then on, as they were when confirmed."""

    plan = models.ForeignKey(BusinessPlan, models.CASCADE, related_name="reforecasts", db_index=False)
    as_of = models.DateField()  # first day of the first month that is still the plan's
    figures = models.JSONField()  # by month: {"month", "revenue", "deals", "actual": bool}
    note = models.CharField(_("note"), max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    on = models.DateField()  # of the vendor's calendar
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["plan", "-at"]
        constraints = [models.CheckConstraint(condition=models.Q(as_of__day=1), name="reforecast_from_first_day")]
        indexes = [models.Index(fields=["plan", "-on"], name="reforecast_by_day")]

    def __str__(self) -> str:
        return f"{self.plan}: {self.as_of:%Y-%m}"


class PlanBenchmark(models.Model):
    """What a new plan starts from, for a partner type and a size of partner; without either, for all: the program's defaults.

    `content` holds assumptions as a plan's document does. The tenant's own plans take its place once there are five of that kind.
    """

    class Size(models.TextChoices):
        """By the partner's employees: below 50, below 250, more."""

        SMALL = "small", _("Small (below 50 people)")
        MEDIUM = "medium", _("Medium (50 to 249 people)")
        LARGE = "large", _("Large (250 people and more)")

    partner_type = models.ForeignKey(PartnerType, models.CASCADE, null=True, blank=True, related_name="plan_benchmarks")
    size = models.CharField(_("size"), max_length=6, choices=Size, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    content = models.JSONField(default=dict)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["partner_type", "size"]
        constraints = [
            models.UniqueConstraint(
                fields=["partner_type", "size"],
                name="one_benchmark_a_kind",
                nulls_distinct=False,
                violation_error_message=_("There is a benchmark for this type and size."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.partner_type or _('Any type')}, {self.get_size_display() or _('any size')}"
