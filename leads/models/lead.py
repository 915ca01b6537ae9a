"""A lead, where it came from, and its history."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission, Role
from partners.models import Partner, Region
from partners.models.catalogue import Named
from pipeline.models import Customer, Deal, ProductLine
from prm.common.names import normalised
from prm.common.scoping import PartnerOwned

NOTHING = models.Q(pk__in=[])


class LeadSource(Named):
    """Where leads come from: web, event, campaign, referral …"""

    default_score = models.DecimalField(
        _("score of a lead without one"),
        max_digits=5,
        decimal_places=2,
        default=Decimal("30.00"),
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )

    class Meta(Named.Meta):
        constraints = [
            models.CheckConstraint(condition=models.Q(default_score__range=(0, 100)), name="lead_source_score_0_100")
        ]


class Grade(models.TextChoices):
    A = "A", "A"
    B = "B", "B"
    C = "C", "C"
    D = "D", "D"


class Lead(PartnerOwned):
    """Somebody who may buy. Exactly one holds it: a partner, a person of the vendor ("direct"), or the queue.

    While a partner is asked whether it takes the lead (LeadOffer), the queue holds it. A partner's own side reaches the leads it
    holds and no others: what it may know of one it is offered comes from `queries.offers`. `distribute_at`: when the rules next
    give it out; None where a person must, or nobody needs to. `round` counts how often it was given out from the start; the
    clocks `contact_by` and `pull_back_at` run since it was accepted.
    """

    class Holder(models.TextChoices):
        QUEUE = "queue", _("Queue")
        PARTNER = "partner", _("Partner")
        DIRECT = "direct", _("Direct")

    class State(models.TextChoices):
        NEW = "new", _("Waiting")
        OFFERED = "offered", _("Offered")
        ACCEPTED = "accepted", _("Accepted")
        CONTACTED = "contacted", _("Contacted")
        QUALIFIED = "qualified", _("Qualified")
        CONVERTED = "converted", _("Converted")
        DISQUALIFIED = "disqualified", _("Disqualified")

    class Outcome(models.TextChoices):
        OPEN = "", _("Open")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")

    UNHELD = (State.NEW, State.OFFERED)
    WORKED = (State.ACCEPTED, State.CONTACTED, State.QUALIFIED)  # takes one of the holder's places
    OPEN = (*UNHELD, *WORKED)
    HELD = (*WORKED, State.CONVERTED)

    # What is known of it.
    company = models.CharField(_("company"), max_length=200)
    company_key = models.CharField(max_length=200, editable=False)  # normalised, for matching and search
    domain = models.CharField(_("web domain"), max_length=253, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    region = models.ForeignKey(
        Region, models.PROTECT, verbose_name=_("region"), null=True, blank=True, related_name="+"
    )
    vertical = models.CharField(_("vertical"), max_length=80, blank=True)
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    need = models.TextField(_("need"), max_length=2000, blank=True)
    activity = models.TextField(
        _("activity"), max_length=4000, blank=True, help_text=_("What the person did: visited, downloaded, asked …")
    )
    product_lines = models.ManyToManyField(
        ProductLine, verbose_name=_("product lines"), blank=True, related_name="leads"
    )
    source = models.ForeignKey(LeadSource, models.PROTECT, verbose_name=_("source"), related_name="leads")
    campaign = models.CharField(_("campaign"), max_length=120, blank=True)
    external_id = models.CharField(_("external id"), max_length=120, null=True, blank=True)  # noqa: DJ001  unique where given
    score = models.DecimalField(
        _("score"), max_digits=5, decimal_places=2, validators=[MinValueValidator(0), MaxValueValidator(100)]
    )
    grade = models.CharField(_("grade"), max_length=1, choices=Grade, editable=False)

    # The person: the partner's side only once it has accepted.
    person = models.CharField(_("person"), max_length=150, blank=True)
    job_title = models.CharField(_("job title"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    consent_from = models.CharField(
        _("consent from"), max_length=200, blank=True, help_text=_("Where the person agreed to be contacted.")
    )
    consent_on = models.DateField(_("consent given on"), null=True, blank=True)

    # Who holds it, and how far it is.
    holder = models.CharField(_("held by"), max_length=7, choices=Holder, default=Holder.QUEUE)
    partner = models.ForeignKey(
        Partner, models.PROTECT, verbose_name=_("partner"), null=True, blank=True, related_name="leads", db_index=False
    )
    person_direct = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("held directly by"), null=True, blank=True, related_name="+"
    )  # fmt: skip
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.NEW)
    round = models.PositiveSmallIntegerField(default=1)
    distribute_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(_("came in"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)  # or taken by the vendor's own person
    contact_by = models.DateTimeField(_("to be contacted by"), null=True, blank=True)
    nudged_at = models.DateTimeField(null=True, blank=True)
    pull_back_at = models.DateTimeField(null=True, blank=True)
    contacted_at = models.DateTimeField(_("first contact"), null=True, blank=True)
    qualified_at = models.DateTimeField(_("qualified"), null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)  # converted or disqualified
    close_reason = models.CharField(_("why disqualified"), max_length=300, blank=True)
    customer = models.ForeignKey(Customer, models.SET_NULL, null=True, blank=True, related_name="leads")
    deal = models.ForeignKey(Deal, models.SET_NULL, null=True, blank=True, related_name="leads")
    outcome = models.CharField(_("outcome"), max_length=4, choices=Outcome, blank=True, default=Outcome.OPEN)
    outcome_on = models.DateField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(holder="queue", partner__isnull=True, person_direct__isnull=True)
                | models.Q(holder="partner", partner__isnull=False, person_direct__isnull=True)
                | models.Q(holder="direct", partner__isnull=True, person_direct__isnull=False),
                name="lead_has_one_holder",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["new", "offered"], holder="queue", accepted_at__isnull=True)
                | models.Q(
                    state__in=["accepted", "contacted", "qualified", "converted"],
                    holder__in=["partner", "direct"],
                    accepted_at__isnull=False,
                )
                | models.Q(state="disqualified"),
                name="lead_state_fits_holder",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["converted", "disqualified"], closed_at__isnull=False)
                | models.Q(state__in=["new", "offered", "accepted", "contacted", "qualified"], closed_at__isnull=True),
                name="lead_closed_has_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="disqualified") | ~models.Q(close_reason=""),
                name="lead_disqualified_has_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="", outcome_on__isnull=True)
                | models.Q(outcome__in=["won", "lost"], outcome_on__isnull=False, state="converted"),
                name="lead_outcome_of_converted",
            ),
            models.CheckConstraint(
                condition=models.Q(distribute_at__isnull=True) | models.Q(state="new"),
                name="lead_distributed_while_new",
            ),
            models.CheckConstraint(condition=models.Q(score__range=(0, 100)), name="lead_score_0_100"),
            models.CheckConstraint(condition=models.Q(grade__in=Grade.values), name="lead_grade_a_d"),
            models.CheckConstraint(condition=~models.Q(company=""), name="lead_company_not_empty"),
            models.UniqueConstraint(
                fields=["source", "external_id"],
                name="lead_once_a_source",
                violation_error_message=_("There is a lead with this external id from this source already."),
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="lead_newest"),
            models.Index(fields=["state", "grade", "-created_at"], name="lead_by_state"),
            models.Index(
                fields=["partner", "state"],
                include=["id", "accepted_at"],
                condition=models.Q(partner__isnull=False),
                name="lead_by_partner",
            ),
            models.Index(
                fields=["distribute_at"], condition=models.Q(distribute_at__isnull=False), name="lead_to_distribute"
            ),
            models.Index(fields=["contact_by"], condition=models.Q(state="accepted"), name="lead_contact_clock"),
            GinIndex(fields=["company_key"], name="lead_company_trgm", opclasses=["gin_trgm_ops"]),
            GinIndex(OpClass(Upper("company"), "gin_trgm_ops"), name="lead_company_text_trgm"),
        ]

    def __str__(self) -> str:
        return self.company

    def save(self, *args, **kwargs) -> None:
        self.company_key = self.key_of(self.company)
        super().save(*args, **kwargs)

    @staticmethod
    def key_of(company: str) -> str:
        """What companies are compared and found by."""
        return (normalised(company) or company.casefold())[:200]

    def get_absolute_url(self) -> str:
        return reverse("leads:lead", args=[self.pk])

    @property
    def place(self) -> str:
        """City and country's code, as far as known."""
        return ", ".join(filter(None, [self.city, self.country]))

    @property
    def won(self) -> bool:
        return self.outcome == self.Outcome.WON

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        """A partner's side and a distributor see the leads that the partner holds. Of the vendor's side those who see leads: all
        partners' ones where they see all partners, else those held by, or offered to, the partners they see, and their own."""
        if user.is_partner_side:
            return super().visible_q(user)
        if not user.can(Permission.SEE_LEADS):
            return NOTHING
        of_partners = super().visible_q(user)
        if not of_partners:
            return models.Q()
        if of_partners == NOTHING:
            return NOTHING
        # Lists of keys made one: an "or" of joins would read all leads there are.
        held = cls.everything.filter(of_partners).order_by().values("pk")
        if user.roles == {
            Role.DISTRIBUTOR
        }:  # another company: like a partner it learns who it is once one of its own holds it
            return models.Q(pk__in=held)
        own = cls.everything.filter(person_direct=user).order_by().values("pk")
        from leads.models.distribution import LeadOffer

        offered = LeadOffer.objects.visible_to(user).filter(state="open").order_by().values("lead")
        return models.Q(pk__in=held.union(own, offered))


class LeadStep(PartnerOwned):
    """What happened to a lead, and when. Never changed. A partner's side sees the steps that concern it (`partner`)."""

    class Kind(models.TextChoices):
        ADDED = "added", _("Came in")
        CHANGED = "changed", _("Changed")
        NO_CANDIDATE = "no_candidate", _("Nobody free by the rules")
        OFFERED = "offered", _("Offered")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        TIMED_OUT = "timed_out", _("Not answered in time")
        WITHDRAWN = "withdrawn", _("Offer withdrawn")
        QUEUED = "queued", _("Back in the queue")
        KEPT_DIRECT = "kept_direct", _("Kept direct")
        CONTACTED = "contacted", _("Contacted")
        QUALIFIED = "qualified", _("Qualified")
        DISQUALIFIED = "disqualified", _("Disqualified")
        NUDGED = "nudged", _("Reminded to contact")
        PULLED_BACK = "pulled_back", _("Pulled back")
        CONVERTED = "converted", _("Converted")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")
        REOPENED = "reopened", _("Reopened")

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="steps", db_index=False)
    kind = models.CharField(max_length=12, choices=Kind)
    at = models.DateTimeField()
    partner = models.ForeignKey(Partner, models.CASCADE, null=True, blank=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")  # None: the system
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["lead", "at", "id"]
        indexes = [models.Index(fields=["lead", "at"], name="lead_step_in_order")]

    def __str__(self) -> str:
        return f"{self.lead}: {self.get_kind_display()}"

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        own = super().visible_q(user)
        if user.is_partner_side or user.roles == {Role.DISTRIBUTOR}:
            return own & models.Q(lead__in=Lead.objects.visible_to(user).order_by().values("pk"))
        return models.Q(lead__in=Lead.objects.visible_to(user).order_by().values("pk"))
