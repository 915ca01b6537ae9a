"""Asking both sides to sign a plan, their signatures, and what the second one does: the plan is committed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import links
from accounts.models import User
from accounts.permissions import Permission, Role
from partners import history, users
from partners.models import Contact
from pipeline import target_actions, targets
from pipeline.policies import actuals_on
from planning import commitment, queries, reading, signing
from planning.actions.drafting import locked
from planning.actions.voiding import link_for, page_of, void_signatures
from planning.commitment import Committed
from planning.events import PlanCommitted
from planning.forecast.result import forecast
from planning.models import BusinessPlan, PlanMonth, PlanSignature, Side, SignatureRequest
from planning.refusals import Changed, Closed, NotAllowed, NotReady
from prm.common import audit, events, mail
from prm.common.fiscal import Period
from prm.common.money import Money, NoRate
from prm.common.notify import notify
from prm.common.vendor import fiscal_calendar, rates, today, vendor_settings
from prm.tenancy.addresses import vendor_url

Status = BusinessPlan.Status
MOST_REVENUE, MOST_DEALS = Decimal(10) ** 14, Decimal(10) ** 12  # what the tables hold

VERBS = {
    "plan.asked": gettext_lazy("Asked to sign a business plan"),
    "plan.signed": gettext_lazy("Business plan signed"),
    "plan.committed": gettext_lazy("Business plan committed"),
    "plan.superseded": gettext_lazy("Business plan replaced by its next version"),
}
audit.VERBS.update(VERBS)
history.VERBS.update(VERBS)


def reasons_against(plan: BusinessPlan) -> list[str]:
    """Why the plan can't be committed as it is; nothing where it can."""
    read = reading.read(plan)
    found = forecast(read.assumptions, read.scenarios[plan.scenario])
    if not any(found.product_revenue) and not any(found.deals):
        return [_("Nothing is sold in this plan yet: add a product line, with deals or a running business.")]
    table, calendar = rates(), fiscal_calendar()
    days = {today(), calendar.year_of(plan.first_month).start}
    for day in sorted(days):
        try:
            table.rate(plan.currency, day)
        except NoRate:
            return [
                _("There is no rate of %(currency)s on %(day)s. Channel operations adds it under Settings.")
                % {"currency": plan.currency, "day": date_format(day, "DATE_FORMAT")}
            ]
    rate = table.rate(plan.currency, today())
    for row in _committed(plan):
        if max(row.revenue, row.revenue * rate) >= MOST_REVENUE or row.deals >= MOST_DEALS:
            return [_("The plan comes to more in a month than a target can hold.")]
    return []


def _committed(plan: BusinessPlan) -> Sequence[Committed]:
    found = reading.read(plan)
    result = forecast(found.assumptions, found.scenarios[plan.scenario])
    return list(commitment.months(result, plan.month, actuals_on(today()).basis))


# ── Asking ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def ask(
    *, plan: BusinessPlan, by: User, vendor_signer: User, partner_signer: User | Contact
) -> dict[Side, SignatureRequest]:
    """Asks one person of each side to sign: shares the plan, mails each a link to their own address.

    A contact of the partner that is no user yet is invited as the partner's executive. Asked anew, the newest request of a side
    counts; a signature of somebody else than who is asked now becomes void, and who has signed already is not asked again.
    NotAllowed, Closed; NotReady where the plan could not be committed; ValidationError at "vendor_signer", "partner_signer".
    """
    if not by.can(Permission.EDIT_PLANS):
        raise NotAllowed(_("The vendor's side asks for signatures."))
    fresh = locked(plan, by)
    if not queries.may_sign_for_vendor(vendor_signer, fresh.partner):
        raise ValidationError({"vendor_signer": _("Choose somebody who works on this partner's plans.")})
    partner_user = _partner_user(fresh, partner_signer, by)
    if reasons := reasons_against(fresh):
        raise NotReady(reasons)
    if not fresh.shared:
        fresh.shared = True
        fresh.save(update_fields=["shared"])
    signers = {Side.VENDOR: vendor_signer, Side.PARTNER: partner_user}
    _void_of_others(fresh, signers, by)
    held = queries.signatures(fresh)
    requests = {side: _request(fresh, side, user, by) for side, user in signers.items()}
    for side, user in signers.items():
        if side not in held:
            _mail_request(fresh, side, user, by)
    note = ", ".join(user.email for user in signers.values())
    audit.record(by=by, verb="plan.asked", target=fresh, note=note)
    return requests


def _partner_user(plan: BusinessPlan, signer: User | Contact, by: User) -> User:
    """The partner's user to ask; a contact is invited."""
    wrong = ValidationError({"partner_signer": _("Choose one of the partner's people who may sign.")})
    if isinstance(signer, User):
        if not queries.may_sign_for_partner(signer, plan.partner):
            raise wrong
        return signer
    if signer.partner_id != plan.partner_id or not signer.email:
        raise wrong
    known = User.objects.filter(email=signer.email.lower()).first()
    if known is not None:
        if not queries.may_sign_for_partner(known, plan.partner):
            raise wrong
        return known
    return users.invite_to_partner(
        by=by, partner=plan.partner, email=signer.email, name=signer.name, roles=[Role.PARTNER_EXECUTIVE]
    )


def _void_of_others(plan: BusinessPlan, signers: dict[Side, User], by: User) -> None:
    """A side's signature by somebody who is no longer asked; and those under what has changed since."""
    for side, signature in queries.signatures(plan).items():
        if signature.user_id != signers[Side(side)].pk:
            reason = _("%(name)s is asked to sign instead.") % {"name": signers[Side(side)].display_name}
            void_signatures(plan=plan, by=by, reason=reason, only=side)
    void_signatures(plan=plan, by=by, reason=_("What is signed has changed since."), keep=signing.content_hash(plan))


def _request(plan: BusinessPlan, side: Side, user: User, by: User) -> SignatureRequest:
    rows = SignatureRequest.objects.unscoped("of one plan in hand").filter(plan=plan, side=side, user=user)
    request = rows.first() or SignatureRequest(plan=plan, side=side, user=user)
    request.asked_by, request.asked_on, request.reminded_on = by, today(), None
    request.save()
    rows.filter(pk=request.pk).update(asked_at=timezone.now())
    return request


def _mail_request(plan: BusinessPlan, side: Side, user: User, by: User) -> None:
    with translation.override(user.language):
        text = _("%(name)s asks you to sign the business plan of %(partner)s") % {
            "name": by.display_name,
            "partner": plan.partner.name,
        }
    notify(user, text, reverse(page_of(side), args=[plan.pk]))
    context = {
        "user": user,
        "by": by,
        "partner": plan.partner,
        "vendor": vendor_settings().name,
        "version": plan.number,
        "days": signing.LINK_DAYS,
        "url": links.url(link_for(plan, user, side)),
    }
    mail.send(to=user.email, template="plan_sign", context=context, language=user.language)


# ── Signing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def sign(*, plan: BusinessPlan, side: str, by: User, name: str, content_hash: str) -> PlanSignature:
    """One side's signature, by whom it was asked of, with the name as typed, under exactly what the person saw (`content_hash`).

    With the other side's it commits the plan, all at once: targets are set, the version before is superseded. Raises NotAllowed
    for anybody else, Closed once the side (or both) signed, Changed where the plan is no longer what the person saw, NotReady,
    and ValidationError at "name".
    """
    fresh = _to_sign(plan, Side(side), by)
    # Read once: an objective that changes from here on is neither in the hash nor in what is frozen.
    whole = signing.signed(fresh)
    now = signing.hash_of(whole)
    if content_hash != now:
        message = _("The plan has changed since you opened it. Look at it again, then sign.")
        raise Changed(message, {"content_hash": now})
    void_signatures(plan=fresh, by=by, reason=_("What is signed has changed since."), keep=now)
    held = queries.signatures(fresh)
    if side in held:
        raise Closed(_("You have signed this plan already."))
    typed = " ".join(name.split())
    if not typed or len(typed) > 150:
        raise ValidationError({"name": _("Type your name, at most 150 characters.")})
    if reasons := reasons_against(fresh):
        raise NotReady(reasons)
    signature = PlanSignature.objects.create(
        plan=fresh, side=side, name=typed, email=by.email, user=by, content_hash=now
    )
    audit.record(by=by, verb="plan.signed", target=fresh, note=f"{typed}, {signature.get_side_display()}")
    if held:
        _commit(fresh, by, whole)
    else:
        _ask_other_side(fresh, Side(side), by)
    return signature


def _to_sign(plan: BusinessPlan, side: Side, by: User) -> BusinessPlan:
    """The plan, locked, if this person may sign it now for that side."""
    rows = BusinessPlan.objects.visible_to(by).filter(pk=plan.pk).select_related("partner")
    fresh: BusinessPlan | None = rows.select_for_update(of=("self",)).first()
    if fresh is None or side != queries.side_of(by):
        raise NotAllowed(_("You may not sign this plan."))
    if fresh.is_fixed:
        raise Closed(_("Both sides have signed this plan already."))
    if fresh.status == Status.DISCARDED:
        raise Closed(_("This plan was discarded."))
    request = queries.asked(fresh, side)
    if request is None:
        raise Closed(_("Nobody has been asked to sign this plan yet."))
    may = queries.may_sign_for_partner if side == Side.PARTNER else queries.may_sign_for_vendor
    if request.user_id != by.pk or not may(by, fresh.partner):
        raise NotAllowed(_("%(name)s was asked to sign for your side.") % {"name": request.user.display_name})
    return fresh


def _ask_other_side(plan: BusinessPlan, side: Side, by: User) -> None:
    other = Side.VENDOR if side == Side.PARTNER else Side.PARTNER
    request = queries.asked(plan, other)
    if request is None or not request.user.is_active:
        return
    with translation.override(request.user.language):
        text = _("%(name)s signed the business plan of %(partner)s. Your signature puts it in force.") % {
            "name": by.display_name,
            "partner": plan.partner.name,
        }
    notify(request.user, text, reverse(page_of(other), args=[plan.pk]))


# ── In force ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _commit(plan: BusinessPlan, by: User, whole: Mapping[str, Any]) -> None:
    """Freezes the plan as it was signed (`whole`), sets its targets, supersedes the version before."""
    rows, day = _committed(plan), today()
    _supersede(plan, by)
    plan.content = {**whole["document"], reading.OBJECTIVES: whole[reading.OBJECTIVES]}
    plan.content_hash = signing.hash_of(whole)
    plan.status, plan.committed_at, plan.committed_on = Status.COMMITTED, timezone.now(), day
    plan.save()
    _keep_months(plan, rows)
    _set_targets(plan, rows, by)
    audit.record(by=by, verb="plan.committed", target=plan, note=f"SHA-256 {plan.content_hash}")
    events.send(PlanCommitted(plan.partner_id, plan.pk, day))
    for side, signature in queries.signatures(plan).items():
        if signature.user is not None and signature.user.is_active:
            _tell_committed(plan, signature.user, Side(side), by)


def _supersede(plan: BusinessPlan, by: User) -> None:
    old = BusinessPlan.objects.unscoped("of one partner in hand").filter(
        partner=plan.partner_id, status=Status.COMMITTED
    )
    for before in old.select_related("partner").select_for_update(of=("self",)):
        before.status, before.superseded_at = Status.SUPERSEDED, timezone.now()
        before.save(update_fields=["status", "superseded_at", "updated_at"])
        audit.record(by=by, verb="plan.superseded", target=before)


def _keep_months(plan: BusinessPlan, rows: Sequence[Committed]) -> None:
    table, day = rates(), today()
    PlanMonth.objects.bulk_create(
        PlanMonth(
            plan=plan,
            month=row.month.start,
            revenue=row.revenue,
            revenue_reporting=table.convert(Money(row.revenue, plan.currency), day).amount,
            deals=row.deals,
        )
        for row in rows
    )


def _set_targets(plan: BusinessPlan, rows: Sequence[Committed], by: User) -> None:
    note = _("Business plan, version %(number)s") % {"number": plan.number}
    revenue: dict[Period, Decimal] = {row.month: row.revenue for row in rows}
    deals: dict[Period, Decimal] = {row.month: row.deals for row in rows}
    for metric, periods, currency in ((targets.REVENUE, revenue, plan.currency), (targets.DEALS, deals, "")):
        target_actions.set_targets(
            by=by, partner=plan.partner, metric=metric, periods=periods, currency=currency, note=note,
            source=targets.COMMITMENT,
        )  # fmt: skip


def _tell_committed(plan: BusinessPlan, user: User, side: Side, by: User) -> None:
    page = reverse("planning:portal_plan" if side == Side.PARTNER else "planning:plan", args=[plan.pk])
    if user != by:
        with translation.override(user.language):
            text = _("The business plan of %(partner)s is signed by both sides") % {"partner": plan.partner.name}
        notify(user, text, page)
    context = {
        "user": user,
        "partner": plan.partner,
        "vendor": vendor_settings().name,
        "version": plan.number,
        "signatures": list(queries.signatures(plan).values()),
        "hash": plan.content_hash,
        "url": vendor_url(page),
    }
    mail.send(to=user.email, template="plan_committed", context=context, language=user.language)
