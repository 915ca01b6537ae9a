"""What a new vendor starts with: tactics with usual rates and costs, and template plays made of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.dispatch import receiver
from django.utils.translation import gettext as _

from marketing.models import RATES, Play, PlayActivity, Tactic
from prm.common.money import minor_units
from prm.common.numbers import round_half_away
from prm.common.vendor import vendor_settings
from prm.tenancy.signals import vendor_provisioned

Kind = Tactic.Kind


@receiver(vendor_provisioned)
def start_marketing(vendor: Any, **kwargs: Any) -> None:
    """May run again: what is there stays as it is, and plays come only where there are none."""
    currency = vendor_settings().reporting_currency
    for order, (kind, name, cost, reach, rates, proofs) in enumerate(_tactics(), 1):
        figures = dict(zip(RATES, (Decimal(rate) for rate in rates.split()), strict=True))
        Tactic.objects.get_or_create(
            key=kind.value,
            defaults={
                "kind": kind, "name": name, "order": order, "cost": _amount(cost, currency), "currency": currency, "reach": reach,
                "proofs": proofs, **figures,
            },
        )  # fmt: skip
    if not Play.objects.exists():
        _make_plays(currency)


def _amount(value: str, currency: str) -> Decimal:
    return round_half_away(Decimal(value), minor_units(currency))


def _tactics() -> list[tuple[Tactic.Kind, str, str, int, str, list[str]]]:
    """Kind, name, usual cost, audience, rates (response, MQL, SAL, SQL, win) and what a claim must bring."""
    invoice, shot, sample = _("Invoice"), _("Screenshot or copy of what was sent"), _("Copy of what was published")
    people = _("List of those who came")
    report = _("Report of the platform")
    return [
        (Kind.EMAIL, _("E-mail"), "1500", 5000, "0.02 0.35 0.6 0.5 0.25", [invoice, shot]),
        (Kind.WEBINAR, _("Webinar"), "6000", 4000, "0.03 0.4 0.6 0.5 0.25", [invoice, people, shot]),
        (Kind.EVENT, _("Event"), "15000", 300, "0.4 0.35 0.6 0.5 0.25", [invoice, people, _("Photographs")]),
        (Kind.PAID_SEARCH, _("Paid search"), "5000", 40000, "0.015 0.25 0.5 0.5 0.2", [invoice, report]),
        (Kind.PAID_SOCIAL, _("Paid social"), "4000", 60000, "0.008 0.2 0.5 0.45 0.2", [invoice, report]),
        (Kind.TELEMARKETING, _("Telemarketing"), "8000", 800, "0.12 0.5 0.7 0.5 0.25", [invoice, _("Report of the calls")]),
        (Kind.CONTENT_SYNDICATION, _("Content syndication"), "7000", 10000, "0.015 0.3 0.5 0.4 0.2", [invoice, report]),
        (Kind.DIRECT_MAIL, _("Direct mail"), "4500", 2000, "0.02 0.35 0.6 0.5 0.25", [invoice, sample]),
        (Kind.WEB, _("Web"), "5000", 20000, "0.01 0.3 0.55 0.5 0.25", [invoice, sample]),
        (Kind.ACCOUNT_BASED, _("Account-based"), "12000", 100, "0.25 0.6 0.75 0.6 0.3", [invoice, sample]),
        (Kind.CUSTOMER_REFERENCE, _("Customer reference"), "3000", 2000, "0.015 0.4 0.6 0.5 0.3", [invoice, sample]),
        (Kind.OTHER, _("Other"), "2000", 1000, "0.02 0.3 0.5 0.5 0.25", [invoice, _("Proof of what was done")]),
    ]  # fmt: skip


def _make_plays(currency: str) -> None:
    plays = [
        ("webinar-nurture-telemarketing", _("Webinar, nurture, telemarketing"), _("Invite to a webinar, follow up by e-mail, call those who came."), [
            ("webinar", _("Webinar"), 21, 1, 4000, [(_("Speaker and platform"), "2500", "partner"), (_("Invitations"), "3500", "mdf")]),
            ("email", _("Nurture e-mails"), 24, 28, 1200, [(_("Writing and sending"), "1500", "partner")]),
            ("telemarketing", _("Calls to those who came"), 28, 28, 400, [(_("Calling agency"), "4000", "mdf"), (_("Briefing and lists"), "1000", "partner")]),
        ]),
        ("event-and-follow-up", _("Customer event with follow-up"), _("An evening for customers, and calls to those who came."), [
            ("direct_mail", _("Printed invitations"), 7, 14, 1500, [(_("Printing and postage"), "3000", "partner")]),
            ("event", _("Customer evening"), 35, 1, 120, [(_("Venue and catering"), "6000", "mdf"), (_("Speaker"), "2000", "partner")]),
            ("telemarketing", _("Follow-up calls"), 37, 21, 120, [(_("Calling agency"), "2000", "partner")]),
        ]),
        ("digital-demand", _("Digital demand"), _("Search and social lead to a landing page, e-mails nurture."), [
            ("web", _("Landing page"), 0, 14, 5000, [(_("Design and text"), "2500", "partner")]),
            ("paid_search", _("Search campaign"), 14, 56, 40000, [(_("Clicks"), "5000", "mdf")]),
            ("paid_social", _("Social campaign"), 14, 56, 60000, [(_("Advertisements"), "4000", "mdf")]),
            ("email", _("Nurture e-mails"), 28, 49, 1500, [(_("Writing and sending"), "1500", "partner")]),
        ]),
        ("named-accounts", _("Named accounts"), _("A few chosen accounts, with a customer who speaks for you."), [
            ("account_based", _("Campaign to named accounts"), 7, 70, 100, [(_("Agency"), "8000", "mdf"), (_("Own people"), "4000", "partner")]),
            ("customer_reference", _("Customer reference"), 14, 28, 500, [(_("Interview, text and film"), "3000", "vendor")]),
        ]),
    ]  # fmt: skip
    tactics = {tactic.key: tactic for tactic in Tactic.objects.all()}
    for order, (key, name, description, parts) in enumerate(plays, 1):
        play = Play.objects.create(key=key, name=name, description=description, order=order, currency=currency)
        PlayActivity.objects.bulk_create(
            PlayActivity(
                play=play, position=i, tactic=tactics[tactic], title=title, offset_days=offset, length_days=length, reach=reach,
                budget=[{"what": what, "amount": str(_amount(amount, currency)), "payer": payer} for what, amount, payer in budget],
            )
            for i, (tactic, title, offset, length, reach, budget) in enumerate(parts)
        )  # fmt: skip
