"""Mails and bell lines of registrations: who hears what, in whose words, and the links by which no sign-in is needed.

What a partner reads of a submission depends on nobody else's but for the one sentence of `showing.may_exist`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import links
from accounts.models import User
from dealdesk import actions, queries, showing
from dealdesk.models import Registration, Step
from dealdesk.policy import policy_on
from dealdesk.telling import hears
from prm.common import mail
from prm.common.notify import notify
from prm.common.reader import as_read_by
from prm.common.templatetags.numbers import format_money
from prm.common.vendor import today, vendor_settings
from prm.tenancy.addresses import vendor_url

# Purposes of signed links. The target is the registration's id; of REGISTER the partner's.
DECIDE, RENEW, REGISTER = "dealdesk.decide", "dealdesk.renew", "dealdesk.register"
LINK_DAYS = {DECIDE: 30, RENEW: 14, REGISTER: 90}


@dataclass(frozen=True)
class Letter:
    """What one person is told: `title` is the subject and the bell's line, `said` the sentences, `reason` somebody's own words. `link`: the purpose of a
    signed link, else the button leads to the registration's page."""

    title: str
    said: Sequence[str] = ()
    button: str = ""
    facts: Sequence[tuple[str, str]] = field(default_factory=tuple)
    reason: str = ""
    link: str = ""


def page_of(registration: Registration, user: User) -> str:
    """Its page for this person, as a path."""
    name = "dealdesk:portal_registration" if user.is_partner_side else "dealdesk:registration"
    return reverse(name, args=[registration.pk])


def _post(user: User, registration: Registration, letter: Letter) -> None:
    """Within `as_read_by(user)`."""
    page = page_of(registration, user)
    url, days = vendor_url(page), 0
    if letter.link:
        days = LINK_DAYS[letter.link]
        url = links.url(links.make(user=user, purpose=letter.link, target_id=registration.pk, days=days))
    context: dict[str, Any] = {
        "user": user,
        "title": letter.title,
        "said": [line for line in letter.said if line],
        "facts": list(letter.facts),
        "reason": letter.reason,
        "button": letter.button or _("See the registration"),
        "days": days,
        "url": url,
    }
    mail.send(to=user.email, template="letter", context=context, language=user.language)
    notify(user, letter.title, page)


def _facts(registration: Registration) -> list[tuple[str, str]]:
    worth = showing.amount(registration)
    found = [
        (_("Reference"), registration.reference),
        (_("Company"), registration.customer_name),
        (_("Product lines"), showing.lines(registration)),
        (_("Amount"), format_money(worth)),
    ]
    if registration.expected_close:
        found.append((_("Expected close"), date_format(registration.expected_close, "DATE_FORMAT")))
    return found


def _names(registration: Registration) -> dict[str, str]:
    return {
        "reference": registration.reference,
        "company": registration.customer_name,
        "partner": registration.partner.name,
        "vendor": vendor_settings().name,
    }


def _tell_sellers(registration: Registration, write: Callable[[], Letter]) -> None:
    """`write()` gives the letter, in the reader's language."""
    for user in queries.sellers(registration):
        with as_read_by(user):
            _post(user, registration, write())


# ── A submission ─────────────────────────────────────────────────────────────────────────────────────────────────────


@hears("checked")
def received(registration: Registration, step: Step | None) -> None:
    """The one answer to a submission; and those who decide are asked to."""
    own = queries.of_own_family(registration)

    def write() -> Letter:
        by = showing.moment(registration.decide_by) if registration.decide_by else ""
        said = [
            _("%(vendor)s has your registration. You have an answer by %(when)s.") % {**_names(registration), "when": by},
            showing.may_exist(registration),
        ]  # fmt: skip
        said += [
            _("Your own company has one already: %(what)s of %(partner)s, %(state)s.")
            % {"what": one.what, "partner": one.partner, "state": one.state}
            for one in own
        ]
        title = _("%(reference)s is submitted: %(company)s") % _names(registration)
        return Letter(title, said, facts=_facts(registration))

    _tell_sellers(registration, write)
    _ask_deciders(registration, escalated=False)


@hears("escalated")
def escalated(registration: Registration, step: Step | None) -> None:
    _ask_deciders(registration, escalated=True)


def _ask_deciders(registration: Registration, *, escalated: bool) -> None:
    flagged = registration.flag in (Registration.Flag.FLAGGED, Registration.Flag.POSSIBLE)
    for user in queries.deciders(registration):
        with as_read_by(user):
            names = (
                {**_names(registration), "when": showing.moment(registration.decide_by)}
                if registration.decide_by
                else {}
            )
            if escalated:
                title = _("Not decided in time: %(partner)s, %(company)s") % _names(registration)
                said = [_("It was to be decided by %(when)s, and the partner still waits.") % names]
            else:
                title = _("To decide: %(partner)s registers %(company)s") % _names(registration)
                said = [_("Decide by %(when)s.") % names]
            if flagged:
                said.append(registration.get_flag_display() + ": " + _("you see both sides beside each other."))
            letter = Letter(title, said, _("Look at it and decide"), _facts(registration), registration.need, DECIDE)
            _post(user, registration, letter)


# ── Decisions ────────────────────────────────────────────────────────────────────────────────────────────────────────


@hears("approved", "returned", "rejected")
def decided(registration: Registration, step: Step | None) -> None:
    def write() -> Letter:
        names, said, button = _names(registration), [], ""
        if registration.state == Registration.State.APPROVED:
            title = _("Approved: %(company)s is yours") % names
            if registration.expires_on:
                until = date_format(registration.expires_on, "DATE_FORMAT")
                said.append(_("It is protected until %(day)s.") % {"day": until})
        elif registration.state == Registration.State.RETURNED:
            title = _("To complete: your registration of %(company)s") % names
            button = _("Complete it")
            if registration.place_until:
                when = showing.moment(registration.place_until)
                said.append(
                    _("Submitted again by %(when)s for the same customer and products, it keeps its place.")
                    % {"when": when}
                )
        else:
            title = _("Not approved: your registration of %(company)s") % names
        if step is not None and step.is_override:
            said.append(_("It was decided against the rules; the reason says why."))
        return Letter(title, said, button, _facts(registration), registration.reason)

    _tell_sellers(registration, write)


@hears("overruled")
def overruled(registration: Registration, step: Step | None) -> None:
    """Another one was approved although this one came first: who had the place is told."""

    def write() -> Letter:
        title = _("Decided otherwise: %(company)s") % _names(registration)
        said = [_("Another registration for this customer was approved although yours was first.")]
        return Letter(title, said, facts=_facts(registration), reason=step.reason if step else "")

    _tell_sellers(registration, write)


# ── The protection ───────────────────────────────────────────────────────────────────────────────────────────────────


@hears("reminder")
def ending(registration: Registration, step: Step | None) -> None:
    """Before the end, with the link that renews where it can be renewed."""
    policy = policy_on(today())

    def write() -> Letter:
        clock = showing.clock(registration, policy)
        left = clock.left if clock else 0
        title = ngettext(
            "%(company)s is protected for %(n)s day more", "%(company)s is protected for %(n)s days more", left
        ) % {**_names(registration), "n": left}
        why_not = actions.why_not_renewed(registration)
        if not why_not:
            said = _("You can renew it for %(n)s days more.") % {"n": policy.protection_days}
            return Letter(title, [said], _("Renew the protection"), _facts(registration), link=RENEW)
        return Letter(title, [why_not], facts=_facts(registration))

    _tell_sellers(registration, write)


@hears("expired")
def expired(registration: Registration, step: Step | None) -> None:
    def write() -> Letter:
        title = _("The protection of %(company)s has ended") % _names(registration)
        return Letter(title, [_("Others may register this customer now.")], facts=_facts(registration))

    _tell_sellers(registration, write)


# ── By the bell alone ────────────────────────────────────────────────────────────────────────────────────────────────


@hears("withdrawn", "released", "renewed", "proof", "proof_accepted")
def moved(registration: Registration, step: Step | None) -> None:
    """What one side does, the other hears: the CAM, or who registered it."""
    by_partner = step is not None and step.by is not None and step.by.is_partner_side
    told = [registration.partner.cam] if by_partner else queries.sellers(registration)
    for user in told:
        if user is None or not user.is_active:
            continue
        with as_read_by(user):
            what = step.get_kind_display() if step else registration.get_state_display()
            notify(
                user, f"{what}: {registration.partner.name}, {registration.customer_name}", page_of(registration, user)
            )
