"""What marketing plans start from: the vendor's tactics and template plays."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from partners.models.catalogue import Named

RATES = ("response", "mql", "sal", "sql", "win")  # each the step into the stage it is named after


def rate_field(label: Any) -> models.DecimalField[Any, Any]:
    """A fraction of the stage before: 0.02 is 2 %."""
    return models.DecimalField(
        label,
        max_digits=13,
        decimal_places=12,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
    )


def rates_in_range(name: str) -> models.CheckConstraint:
    within = models.Q()
    for rate in RATES:
        within &= models.Q(**{f"{rate}__isnull": True}) | models.Q(**{f"{rate}__gte": 0, f"{rate}__lte": 1})
    return models.CheckConstraint(condition=within, name=name)


class Tactic(Named):
    """A way of marketing, with what an activity of it usually costs, reaches and brings. `proofs`: what a claim must bring, each
    in the vendor's words. One that isn't `active` is in no list to choose from; activities keep it."""

    class Kind(models.TextChoices):
        EMAIL = "email", _("E-mail")
        WEBINAR = "webinar", _("Webinar")
        EVENT = "event", _("Event")
        PAID_SEARCH = "paid_search", _("Paid search")
        PAID_SOCIAL = "paid_social", _("Paid social")
        TELEMARKETING = "telemarketing", _("Telemarketing")
        CONTENT_SYNDICATION = "content_syndication", _("Content syndication")
        DIRECT_MAIL = "direct_mail", _("Direct mail")
        WEB = "web", _("Web")
        ACCOUNT_BASED = "account_based", _("Account-based")
        CUSTOMER_REFERENCE = "customer_reference", _("Customer reference")
        OTHER = "other", _("Other")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    cost = models.DecimalField(
        _("usual cost"), max_digits=18, decimal_places=4, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True)  # of the cost
    reach = models.PositiveIntegerField(_("usual audience"), null=True, blank=True)
    response = rate_field(_("response rate"))
    mql = rate_field(_("MQL rate"))
    sal = rate_field(_("SAL rate"))
    sql = rate_field(_("SQL rate"))
    win = rate_field(_("win rate"))
    proofs = ArrayField(models.CharField(max_length=120), verbose_name=_("proofs"), default=list, blank=True)
    active = models.BooleanField(_("in use"), default=True)

    class Meta(Named.Meta):
        constraints = [
            rates_in_range("tactic_rates_0_1"),
            models.CheckConstraint(
                condition=models.Q(cost__isnull=True) | models.Q(cost__gte=0) & ~models.Q(currency=""),
                name="tactic_cost_with_currency",
            ),
        ]


class Play(Named):
    """Activities that are planned together: webinar, nurture, telemarketing. A plan starts from one in two clicks."""

    description = models.CharField(_("description"), max_length=300, blank=True)
    currency = models.CharField(_("currency"), max_length=3)  # of its budgets
    active = models.BooleanField(_("in use"), default=True)


class PlayActivity(models.Model):
    """One activity of a play. It begins `offset_days` after the plan's first day and takes `length_days`.

    `budget`: [{"what", "amount" (decimal as text, in the play's currency), "payer"}].
    """

    play = models.ForeignKey(Play, models.CASCADE, related_name="activities", db_index=False)
    position = models.PositiveSmallIntegerField(default=0)
    tactic = models.ForeignKey(Tactic, models.PROTECT, verbose_name=_("tactic"), related_name="play_activities")
    title = models.CharField(_("title"), max_length=200)
    offset_days = models.PositiveSmallIntegerField(_("begins after, days"), default=0)
    length_days = models.PositiveSmallIntegerField(_("takes, days"), default=1, validators=[MinValueValidator(1)])
    reach = models.PositiveIntegerField(_("audience"), null=True, blank=True)
    budget = models.JSONField(_("budget"), default=list, blank=True)

    class Meta:
        ordering = ["play", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["play", "position"], name="play_activity_place_once", deferrable=models.Deferrable.DEFERRED),
            models.CheckConstraint(condition=models.Q(length_days__gte=1), name="play_activity_takes_a_day"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title
