"""Registrations in words, for pages and mails of both sides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.permissions import Permission
from dealdesk import queries, rules
from dealdesk.models import Registration, Step
from dealdesk.policy import RegistrationPolicy, policy_on
from partners.models import Partner
from prm.common.countries import COUNTRIES
from prm.common.money import Money
from prm.common.templatetags.numbers import format_money, format_quantity
from prm.common.vendor import today, vendor_settings

State = Registration.State


def may_exist(registration: Registration) -> str:
    """The one sentence that a partner is told of a registration of somebody else's; "" where nothing is known."""
    return _("A registration may already exist.") if registration.may_exist else ""


def amount(registration: Registration) -> Money | None:
    return None if registration.amount is None else Money(registration.amount, registration.currency)


def lines(registration: Registration) -> str:
    return ", ".join(str(line) for line in registration.product_lines.all())


def moment(value: dt.datetime) -> str:
    """A day with its hour: "Thu 16:00" would need the week; this says the whole of it."""
    return date_format(timezone.localtime(value), "D j M, H:i")


def thanks(registration: Registration) -> str:
    """To who has submitted it, whatever else there is."""
    if registration.decide_by is None:
        return _("%(reference)s is submitted.") % {"reference": registration.reference}
    return _("%(reference)s is submitted. You have an answer by %(when)s.") % {
        "reference": registration.reference,
        "when": moment(registration.decide_by),
    }


def facts(registration: Registration) -> list[tuple[str, str]]:
    """(term, value) of all that was typed."""
    worth = amount(registration)
    contact = ", ".join(filter(None, [registration.contact_name, registration.contact_email]))
    found = [
        (_("Company"), registration.customer_name),
        (_("Web domain"), registration.domain),
        (_("Country"), COUNTRIES.get(registration.country, registration.country)),
        (_("Product lines"), lines(registration)),
        (_("Amount"), format_money(worth) if worth else ""),
        (_("Expected close"), date_format(registration.expected_close, "SHORT_DATE_FORMAT") if registration.expected_close else ""),
        (_("What they need"), registration.need),
    ]  # fmt: skip
    if contact:
        found.append((_("Contact there"), contact))
    if registration.activity is not None:
        found.append((_("Came from"), registration.activity.title))
    if registration.is_rfp:
        found.append((_("Public tender (RFP)"), _("Yes")))
    return found


def where(registration: Registration) -> list[tuple[str, Any]]:
    """(term, value) of where it stands and how it came."""
    found: list[tuple[str, Any]] = [(_("Reference"), registration.reference)]
    if registration.submitted_at:
        found.append(
            (_("Submitted"), date_format(timezone.localtime(registration.submitted_at), "SHORT_DATETIME_FORMAT"))
        )
    if registration.state == State.SUBMITTED and registration.decide_by:
        found.append((_("Answer by"), moment(registration.decide_by)))
    if registration.state == State.RETURNED and registration.place_until:
        until = _("%(when)s, for the same customer and products") % {"when": moment(registration.place_until)}
        found.append((_("Keeps its place until"), until))
    found.append((_("Came by"), registration.get_channel_display()))
    if registration.by_vendor:
        found.append((_("Registered by"), vendor_settings().name))
    if registration.discount is not None:
        found.append((_("Discount"), f"{format_quantity(registration.discount)}%"))
    return found


# ── The clock of the protection ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Clock:
    """How long an approved registration is protected still: `left` of `total` days; it ends with `until`."""

    left: int
    total: int
    until: dt.date
    renewals: int
    most: int

    @property
    def day(self) -> str:
        return date_format(self.until, "DATE_FORMAT")

    @property
    def text(self) -> str:
        if self.left == 0:
            return _("Last day")
        return ngettext("%(n)s day left", "%(n)s days left", self.left) % {"n": self.left}


def clock(registration: Registration, policy: RegistrationPolicy) -> Clock | None:
    """None where nothing is protected."""
    if registration.state != State.APPROVED or registration.expires_on is None or registration.protected_from is None:
        return None
    left = max(0, rules.days_left(registration.expires_on, today()))
    total = max(1, (registration.expires_on - registration.protected_from).days)
    return Clock(left, total, registration.expires_on, registration.renewals, policy.renewals)


# ── What happened ────────────────────────────────────────────────────────────────────────────────────────────────────

ICONS = {
    Step.Kind.APPROVED: "success",
    Step.Kind.REJECTED: "error",
    Step.Kind.RETURNED: "undo",
    Step.Kind.RENEWED: "refresh",
    Step.Kind.OVERRULED: "warning",
    Step.Kind.ESCALATED: "warning",
    Step.Kind.REMINDED: "bell",
    Step.Kind.PROOF_OFFERED: "clip",
    Step.Kind.PROOF_ACCEPTED: "check",
}


def timeline(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """Entries for the timeline, the newest first; an override says so."""
    found = []
    for step in steps:
        text = step.get_kind_display()
        if step.is_override:
            text = _("%(what)s against the rules") % {"what": text}
        who = step.by.display_name if step.by else _("System")
        icon = "warning" if step.is_override else ICONS.get(Step.Kind(step.kind), "clock")
        found.append({"text": text, "when": step.at, "who": who, "detail": step.reason, "icon": icon})
    return found[::-1]


# ── What to expect ───────────────────────────────────────────────────────────────────────────────────────────────────


def expects(partner: Partner) -> list[tuple[str, str]]:
    """(icon, sentence) of what the policy promises and asks, beside the form."""
    policy = policy_on(today())
    found = [
        ("clock", ngettext("The answer comes within %(n)s working day.", "The answer comes within %(n)s working days.", policy.sla_days) % {"n": policy.sla_days}),
        ("lock", _("Approved, it is protected for %(n)s days: nobody else gets this customer for these products.") % {"n": policy.protection_days}),
    ]  # fmt: skip
    if policy.minimum:
        least = format_money(Money(policy.minimum, vendor_settings().reporting_currency))
        found.append(("info", _("From %(amount)s on.") % {"amount": least}))
    if policy.slots is not None:
        free = max(0, policy.slots - queries.open_now(partner.pk))
        found.append(("info", _("%(free)s of %(all)s places are free.") % {"free": free, "all": policy.slots}))
    discount = policy.discount(partner.tier.key if partner.tier else None)
    if discount:
        found.append(("deals", _("Discount of the tier: %(n)s%%.") % {"n": format_quantity(discount)}))
    return found


def deal_url(registration: Registration, user: User) -> str:
    """The page of its deal for this person; "" where there is none to open."""
    if registration.deal_id is None:
        return ""
    if user.is_partner_side:
        return reverse("pipeline:portal_deal", args=[registration.deal_id])
    return reverse("pipeline:deal", args=[registration.deal_id]) if user.can(Permission.SEE_DEALS) else ""
