"""How leads are given out: a partner's capacity, what the rules made of a lead, the offers, and trials of other rules."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission, Role
from leads.models.lead import Lead
from partners.models import Partner
from prm.common.models import Job
from prm.common.scoping import PartnerOwned


class LeadCapacity(PartnerOwned):
    """What holds for one partner instead of the policy's default: how many leads it can have open at once (0: it gets none),
    and how many turns it has in a round of the round-robin. No row: the default capacity, one turn."""

    partner = models.OneToOneField(Partner, models.CASCADE, related_name="lead_capacity")
    capacity = models.PositiveSmallIntegerField(
        _("open leads at once"), null=True, blank=True, validators=[MaxValueValidator(10_000)],
        help_text=_("Leave empty for the default."),
    )  # fmt: skip
    turns = models.PositiveSmallIntegerField(
        _("turns in a round"), default=1, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(turns__range=(1, 20)), name="lead_turns_1_20")]

    def __str__(self) -> str:
        return f"{self.partner}: {self.capacity}"


class Distribution(PartnerOwned):
    """The rules run on a lead: what was looked at, and what came out. `kept` is `distribution.Kept` as JSON: the choice can be
    computed from it again. `partner` is the choice; None where nobody was free, or the rule keeps the lead direct.

    For the vendor's own people: a distributor is another company, and candidates' figures are other partners'. `queries.candidates` says
    which of the candidates a reader may be named.
    """

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="distributions", db_index=False)
    at = models.DateTimeField()
    rule = models.CharField(max_length=120, blank=True)  # the name of the rule that chose
    method = models.CharField(max_length=11)  # ranked or round_robin
    slot = models.CharField(max_length=64, blank=True)  # of the round-robin: the place taken in the round
    partner = models.ForeignKey(Partner, models.CASCADE, null=True, blank=True, related_name="+")
    kept = models.JSONField()

    class Meta:
        ordering = ["lead", "-at", "-id"]
        indexes = [
            models.Index(fields=["lead", "-at"], name="distribution_of_lead"),
            models.Index(fields=["rule", "-at", "-id"], condition=~models.Q(slot=""), name="distribution_last_turn"),
        ]

    def __str__(self) -> str:
        return f"{self.lead}: {self.partner or '–'}"

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        if user.is_partner_side or user.roles == {Role.DISTRIBUTOR}:
            return models.Q(pk__in=[])
        return models.Q(lead__in=Lead.objects.visible_to(user).order_by().values("pk"))


class LeadOffer(PartnerOwned):
    """A lead offered to one partner; one open offer a lead at a time. It may be accepted until `answer_by`.

    `number` counts the lead's offers in its round. `pulled_back_at`: accepted, but then taken back for silence.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        TIMED_OUT = "timed_out", _("Not answered in time")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    ANSWERED = (State.ACCEPTED, State.DECLINED)

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="offers")
    partner = models.ForeignKey(Partner, models.CASCADE, related_name="lead_offers", db_index=False)
    distribution = models.OneToOneField(
        Distribution, models.SET_NULL, null=True, blank=True, related_name="offer"
    )  # None: offered by hand
    round = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    offered_at = models.DateTimeField()
    answer_by = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)  # why declined or withdrawn
    pulled_back_at = models.DateTimeField(null=True, blank=True)
    offered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )  # None: the rules
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["lead", "-offered_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["lead"], condition=models.Q(state="open"), name="one_open_offer_a_lead"),
            models.CheckConstraint(
                condition=models.Q(state="open", ended_at__isnull=True)
                | ~models.Q(state="open") & models.Q(ended_at__isnull=False),
                name="lead_offer_ended_has_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["declined", "withdrawn"]) | ~models.Q(reason=""),
                name="lead_offer_declined_has_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(pulled_back_at__isnull=True) | models.Q(state="accepted"),
                name="lead_pulled_back_was_accepted",
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "-offered_at"], include=["state", "lead"], name="lead_offer_of_partner"),
            models.Index(fields=["answer_by"], condition=models.Q(state="open"), name="lead_offer_clock"),
            models.Index(fields=["partner"], condition=models.Q(state="open"), name="lead_offer_open"),
            models.Index(fields=["offered_at"], include=["partner", "state", "lead"], name="lead_offer_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.lead_id}: {self.partner}"

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        if user.is_partner_side or user.can(Permission.SEE_LEADS):
            return super().visible_q(user)
        return models.Q(pk__in=[])


class LeadTrial(models.Model):
    """Other rules tried on past leads: who would have got which. `policy` is the document tried, `result` what came out
    (`trial.Result`), None while the job runs. For those who edit the rules."""

    policy = models.JSONField()
    since = models.DateField()
    until = models.DateField()
    result = models.JSONField(null=True)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.since} – {self.until}"
