"""Mails and bell lines of requests and claims: who hears what, in whose words, and the links by which no sign-in is needed.

What a link does is done by the page it opens, never by opening it: mail scanners open links.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import links
from accounts.models import User
from accounts.permissions import Permission
from mdf import claiming, showing
from mdf.models import ApprovalStep, Claim, Happening, Line, Request
from mdf.queries.waiting import deciders
from mdf.telling import hears
from partners.queries import holders
from prm.common import mail
from prm.common.notify import notify
from prm.common.reader import as_read_by
from prm.common.vendor import today, vendor_settings
from prm.tenancy.addresses import vendor_url

# Purposes of signed links. The target is the id of the request or claim, of SUBMIT the plan's, of CLAIM the line's.
APPROVE, GIVE_BACK = "mdf.approve", "mdf.return"
APPROVE_CLAIM, GIVE_BACK_CLAIM = "mdf.approve_claim", "mdf.return_claim"
SUBMIT, CLAIM = "mdf.submit", "mdf.claim"
OF_REQUEST, OF_CLAIM = (APPROVE, GIVE_BACK), (APPROVE_CLAIM, GIVE_BACK_CLAIM)
PAGES = {
    APPROVE: "mdf:approve",
    GIVE_BACK: "mdf:give_back",
    APPROVE_CLAIM: "mdf:approve_claim",
    GIVE_BACK_CLAIM: "mdf:give_back_claim",
    SUBMIT: "mdf:portal_submit",
    CLAIM: "mdf:portal_claim_line",
}
LINK_DAYS = {APPROVE: 14, GIVE_BACK: 14, APPROVE_CLAIM: 14, GIVE_BACK_CLAIM: 14, SUBMIT: 14, CLAIM: 30}


@dataclass(frozen=True)
class Letter:
    """What one person is told: `title` is the subject and the bell's line, `said` the sentences, `reason` somebody's own words.

    `link`: purpose and target of the signed link behind the button, else it leads to the page; `others`: (words, purpose) of more
    links to the same target, under it.
    """

    title: str
    said: Sequence[str] = ()
    button: str = ""
    facts: Sequence[tuple[str, Any]] = field(default_factory=tuple)
    reason: str = ""
    link: tuple[str, int] | None = None
    others: Sequence[tuple[str, str]] = ()


def page_of(of: Request | Claim, user: User) -> str:
    """Its page for this person, as a path."""
    name = "claim" if isinstance(of, Claim) else "request"
    return reverse(f"mdf:portal_{name}" if user.is_partner_side else f"mdf:{name}", args=[of.pk])


def _post(user: User, of: Request | Claim, letter: Letter) -> None:
    """Within `as_read_by(user)`."""
    page = page_of(of, user)
    url, days, others = vendor_url(page), 0, []
    if letter.link is not None:
        purpose, target = letter.link
        url, days = _signed(user, purpose, target), LINK_DAYS[purpose]
        others = [(words, _signed(user, other, target)) for words, other in letter.others]
        others.append((_("See all of it"), vendor_url(page)))
    context: dict[str, Any] = {
        "user": user,
        "title": letter.title,
        "said": [line for line in letter.said if line],
        "facts": list(letter.facts),
        "reason": letter.reason,
        "button": letter.button or _("See it"),
        "others": others,
        "days": days,
        "url": url,
    }
    mail.send(to=user.email, template="mdf", context=context, language=user.language)
    notify(user, letter.title, page)


def _signed(user: User, purpose: str, target: int) -> str:
    return links.url(links.make(user=user, purpose=purpose, target_id=target, days=LINK_DAYS[purpose]))


def _names(of: Request | Claim) -> dict[str, str]:
    found = {"partner": of.partner.name, "reference": of.reference, "vendor": vendor_settings().name}
    if isinstance(of, Claim):
        amount = of.claimed if of.approved is None else of.approved
        return {**found, "what": of.line.activity.title, "amount": showing.money(amount, of.request.currency)}
    amount = of.asked if of.approved is None else of.approved
    return {**found, "what": of.plan.title, "amount": showing.money(amount, of.currency)}


def marketers(of: Request | Claim) -> list[User]:
    """Whom at the partner to tell: who submitted it, else everybody there who markets."""
    members = list(holders(Permission.MARKET).filter(membership__partner=of.partner_id))
    return [user for user in members if user.pk == of.submitted_by_id] or members


def _tell_partner(of: Request | Claim, write: Callable[[], Letter]) -> None:
    for user in marketers(of):
        with as_read_by(user):
            _post(user, of, write())


def _end_links(of: Request | Claim) -> None:
    for purpose in OF_CLAIM if isinstance(of, Claim) else OF_REQUEST:
        links.close(purpose=purpose, target_id=of.pk)


# ── Who is to decide ─────────────────────────────────────────────────────────────────────────────────────────────────


@hears("step.waiting", "step.reminded", "step.escalated")
def ask(of: Request | Claim, *, happening: Happening | None, step: ApprovalStep | None, line: Line | None) -> None:
    """Those who may decide a step, when it begins, before its time is over, and when it is."""
    assert step is not None
    if step.reminded_at is None and step.escalated_at is None:
        _end_links(of)  # those of the step before
    is_claim = isinstance(of, Claim)
    approve, give_back = OF_CLAIM if is_claim else OF_REQUEST
    for user, decider in deciders(step):
        with as_read_by(user):
            names = {**_names(of), "when": showing.moment(step.decide_by) if step.decide_by else ""}
            if step.escalated_at is not None:
                title = _("Not decided in time: %(what)s of %(partner)s") % names
                said = [_("It was to be decided by %(when)s, and the partner still waits.") % names]
            else:
                asks = _("To decide: %(partner)s claims %(amount)s for %(what)s") if is_claim else _request_title(of)
                title = asks % names
                if step.reminded_at is not None:
                    title = _("Reminder: %(title)s") % {"title": title}
                said = [_("Decide by %(when)s.") % names]
            if decider.in_place_of is not None:
                said.append(_("It waits for somebody in whose place you decide."))
            facts = showing.claim_facts(of) if isinstance(of, Claim) else showing.request_facts(of)
            letter = Letter(
                title, said, _("Approve"), facts, link=(approve, of.pk), others=[(_("Return it for changes"), give_back)]
            )  # fmt: skip
            _post(user, of, letter)


def _request_title(of: Request | Claim) -> str:
    if isinstance(of, Request) and of.fund_id is None:
        return _("To decide: %(what)s of %(partner)s")
    return _("To decide: %(partner)s asks %(amount)s for %(what)s")


# ── What became of a request ─────────────────────────────────────────────────────────────────────────────────────────


@hears("request.submitted")
def request_submitted(
    of: Request | Claim, *, happening: Happening | None, step: ApprovalStep | None, line: Line | None
) -> None:
    assert isinstance(of, Request)
    _tell_partner(of, lambda: Letter(_("Submitted: %(what)s") % _names(of), [_("%(vendor)s has your marketing plan. Who decides is asked at once.") % _names(of)], facts=showing.request_facts(of)))  # fmt: skip


@hears("request.approved", "request.returned", "request.rejected")
def request_decided(
    of: Request | Claim, *, happening: Happening | None, step: ApprovalStep | None, line: Line | None
) -> None:
    assert isinstance(of, Request)
    _end_links(of)

    def write() -> Letter:
        names = _names(of)
        if of.state == Request.State.RETURNED:
            said = [
                _(
                    "Change the plan and submit it again; where nothing is to be changed, answer and submit it from here."
                )
            ]
            return Letter(
                _("To change: %(what)s") % names,
                said,
                _("Submit again"),
                _line_facts(of),
                of.reason,
                (SUBMIT, of.plan_id),
            )
        if of.state == Request.State.REJECTED:
            return Letter(_("Not approved: %(what)s") % names, facts=_line_facts(of), reason=of.reason)
        title = _("Approved: %(what)s") if of.is_full else _("Approved in part: %(what)s")
        said = []
        if of.fund_id is not None:
            said.append(
                _("%(amount)s is set aside for you. Once an activity is over, claim it with its invoices.") % names
            )
        return Letter(title % names, said, facts=_line_facts(of), reason=of.reason)

    _tell_partner(of, write)


def _line_facts(of: Request) -> list[tuple[str, Any]]:
    """Each activity with what was decided, and why."""
    found: list[tuple[str, Any]] = []
    for row in of.lines.select_related("activity").order_by("position", "pk"):
        said = [str(row.get_decision_display())]
        if row.asks_money and row.approved is not None:
            said.append(showing.money(row.approved, of.currency))
        if row.note:
            said.append(row.note)
        found.append((row.activity.title, ", ".join(said)))
    return found


@hears("request.closed", "request.expired")
def request_ended(
    of: Request | Claim, *, happening: Happening | None, step: ApprovalStep | None, line: Line | None
) -> None:
    assert isinstance(of, Request)
    _end_links(of)

    def write() -> Letter:
        names = {**_names(of), "released": showing.money(of.released, of.currency)}
        title = _("Closed: %(what)s") if of.state == Request.State.CLOSED else _("Expired: %(what)s")
        said = [_("%(released)s wasn’t claimed and went back to the fund.") % names] if of.released else []
        return Letter(title % names, said, reason=happening.reason if happening else "")

    _tell_partner(of, write)


@hears("request.recalled", "claim.recalled")
def request_recalled(
    of: Request | Claim, *, happening: Happening | None, step: ApprovalStep | None, line: Line | None
) -> None:
    """By the bell alone: there is nothing to do any more."""
    _end_links(of)
    cam = of.partner.cam
    if cam is not None and cam.is_active and (happening is None or happening.by_id != cam.pk):
        with as_read_by(cam):
            notify(cam, _("Taken back: %(what)s of %(partner)s") % _names(of), page_of(of, cam))


# ── What became of a claim ───────────────────────────────────────────────────────────────────────────────────────────


@hears("claim.submitted")
def claim_submitted(
    of: Request | Claim, *, happening: Happening | None, step: ApprovalStep | None, line: Line | None
) -> None:
    assert isinstance(of, Claim)
    _tell_partner(
        of, lambda: Letter(_("Claimed: %(amount)s for %(what)s") % _names(of), [_("%(vendor)s has your claim.") % _names(of)])
    )  # fmt: skip


@hears("claim.approved", "claim.returned", "claim.rejected", "claim.paid", "claim.revoked")
def claim_decided(
    of: Request | Claim, *, happening: Happening | None, step: ApprovalStep | None, line: Line | None
) -> None:
    assert isinstance(of, Claim)
    if of.state != Claim.State.PAID:
        _end_links(of)
    revoked = happening is not None and happening.kind == Happening.Kind.REVOKED
    said = happening.reason if happening else ""

    def write() -> Letter:
        names, facts = _names(of), showing.claim_facts(of)
        if of.state == Claim.State.PAID:
            return Letter(_("Paid: %(amount)s for %(what)s") % names, facts=facts)
        if revoked:
            return Letter(_("The approval of your claim was taken back: %(what)s") % names, facts=facts, reason=said)
        if of.state == Claim.State.RETURNED:
            return Letter(
                _("To complete: your claim for %(what)s") % names,
                [],
                _("Complete it"),
                facts,
                of.reason,
                (CLAIM, of.line_id),
            )
        if of.state == Claim.State.REJECTED:
            return Letter(_("Not approved: your claim for %(what)s") % names, facts=facts, reason=of.reason)
        title = _("Approved: %(amount)s for %(what)s") if of.is_full else _("Approved in part: %(amount)s for %(what)s")
        return Letter(title % names, [_("The payment follows.")], facts=facts, reason=of.reason)

    _tell_partner(of, write)


# ── The deadline to claim ────────────────────────────────────────────────────────────────────────────────────────────


@hears("line.reminder")
def claim_reminder(
    of: Request | Claim, *, happening: Happening | None, step: ApprovalStep | None, line: Line | None
) -> None:
    """With the link that opens the claim."""
    assert isinstance(of, Request)
    assert line is not None
    assert line.claim_until is not None
    left = claiming.days_left(line.claim_until, today())

    def write() -> Letter:
        names = {"n": left, "what": line.activity.title, "left": showing.money(line.left, of.currency)}
        title = (
            ngettext("%(n)s day to claim %(left)s for %(what)s", "%(n)s days to claim %(left)s for %(what)s", left)
            % names
        )
        if left == 0:
            title = _("Last day to claim %(left)s for %(what)s") % names
        said = [
            _(
                "Send the invoices and what shows that it took place by %(day)s; what isn’t claimed goes back to the fund."
            )
            % {"day": showing.day(line.claim_until)}
        ]
        proofs = list(line.activity.tactic.proofs)
        facts = [(_("What to send"), ", ".join([_("Invoices"), *proofs]))]
        return Letter(title, said, _("Claim it"), facts, link=(CLAIM, line.pk))

    _tell_partner(of, write)
