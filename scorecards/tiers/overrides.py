"""Overrides: operations hold a partner at another tier than the rules give, say why and until when; the partner may appeal once.

Nobody is moved silently: the partner hears of every step, and when an override's time is over operations are told, not the
partner moved.
"""

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.permissions import ROLES, Permission
from partners.actions import move_partners
from partners.models import Partner, Tier
from partners.queries import holders
from prm.common import audit, events, mail, schedule
from prm.common.notify import notify
from prm.common.vendor import today, vendor_settings
from prm.tenancy.addresses import vendor_url
from scorecards.events import ProgramChanged
from scorecards.models import TierAppeal, TierOverride

LONGEST = 2000
audit.VERBS.update(
    {
        "tier_override.set": gettext_lazy("Tier overridden"),
        "tier_override.ended": gettext_lazy("Override of the tier ended"),
        "tier_appeal.made": gettext_lazy("Partner appealed against an override"),
        "tier_appeal.answered": gettext_lazy("Appeal answered"),
    }
)


class Refused(Exception):
    """Not in this state: appealed already, answered already, over."""


def live(partner: Partner, day: dt.date) -> TierOverride | None:
    """The override that holds on a day."""
    rows = TierOverride.objects.unscoped("of a partner the caller sees").filter(partner=partner, ended_at=None)
    return rows.filter(starts_on__lte=day, ends_on__gte=day).select_related("tier", "by", "appeal").first()


def of_partner(user: User, partner: Partner) -> QuerySet[TierOverride]:
    """All of a partner's overrides the user sees, the latest first."""
    rows: QuerySet[TierOverride] = TierOverride.objects.visible_to(user).filter(partner=partner)
    return rows.select_related("tier", "by", "appeal__by", "appeal__decided_by").order_by("-starts_on", "-id")


# ── Operations ───────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def set_override(*, by: User, partner: Partner, tier: Tier, reason: str, ends_on: dt.date) -> TierOverride:
    """Holds the partner at `tier` until the end of `ends_on`, from today; an override there was ends. PermissionDenied,
    ValidationError."""
    if not by.can(Permission.OVERRIDE_TIERS):
        raise PermissionDenied
    day = today()
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": _("Say why: the partner reads it.")})
    if ends_on < day:
        raise ValidationError({"ends_on": _("Choose today or a later day.")})
    locked = Partner.objects.unscoped("the caller may see it").select_for_update(of=("self",)).get(pk=partner.pk)
    before = TierOverride.objects.unscoped("of this partner").filter(partner=locked, ended_at=None)
    before.update(ended_at=timezone.now())
    override = TierOverride(partner=locked, tier=tier, reason=reason[:LONGEST], starts_on=day, ends_on=ends_on, by=by)
    override.full_clean(exclude={"by"})
    override.save()
    _move(by, locked, tier, reason, Permission.OVERRIDE_TIERS)
    audit.record(by=by, verb="tier_override.set", target=override, changes={"ends_on": [None, ends_on]}, note=reason)
    events.send(ProgramChanged((locked.pk,)))
    _tell_partner(override, by, "tier_override", gettext_lazy("Your tier is %(tier)s until %(date)s"))
    if locked.cam and locked.cam != by and locked.cam.is_active:
        _ring(locked.cam, override, gettext_lazy("%(name)s sets the tier of %(partner)s to %(tier)s"), by)
    return override


@transaction.atomic
def end_override(*, by: User, override: TierOverride, tier: Tier | None, reason: str = "") -> TierOverride:
    """Ends it before its time; with `tier` the partner is assigned that one. Refused where it is over, PermissionDenied."""
    if not by.can(Permission.OVERRIDE_TIERS):
        raise PermissionDenied
    locked = _locked(override)
    if locked.ended_at is not None:
        raise Refused(_("This override is over."))
    locked.ended_at = timezone.now()
    locked.save(update_fields=["ended_at"])
    if tier is not None:
        _move(by, locked.partner, tier, reason or _("The override ended"), Permission.OVERRIDE_TIERS)
    audit.record(by=by, verb="tier_override.ended", target=locked, note=reason)
    events.send(ProgramChanged((locked.partner_id,)))
    _tell_partner(locked, by, "tier_override_ended", gettext_lazy("The override of your tier has ended"))
    return locked


@schedule.nightly
def nightly() -> None:
    end_overdue(day=today())


@transaction.atomic
def end_overdue(*, day: dt.date) -> int:
    """Ends the overrides whose last day is before `day`, and tells operations and the CAM; the partner stays where it is."""
    rows = TierOverride.objects.unscoped("of all partners").filter(ended_at=None, ends_on__lt=day)
    over = list(
        rows.select_for_update(of=("self",)).select_related("partner__cam", "partner__tier", "tier").order_by("pk")
    )
    operations = list(holders(Permission.OVERRIDE_TIERS)) if over else []
    for override in over:
        override.ended_at = timezone.now()
        override.save(update_fields=["ended_at"])
        audit.record(by=None, verb="tier_override.ended", target=override, note=_("Its time was over"))
        told = {user.pk: user for user in (*operations, override.partner.cam) if user and user.is_active}
        for user in told.values():
            _ring(user, override, gettext_lazy("The override of %(partner)s is over: look at its tier"), None)
    if over:
        events.send(ProgramChanged(tuple(override.partner_id for override in over)))
    return len(over)


# ── The partner's appeal ─────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def appeal(*, by: User, override: TierOverride, text: str) -> TierAppeal:
    """The partner's one objection. Refused where there is one, or the override is over; ValidationError for no text."""
    if not by.is_partner_side or not by.can(Permission.PORTAL):
        raise PermissionDenied
    if not text.strip():
        raise ValidationError({"text": _("Say why you see it otherwise.")})
    locked = _locked(override)
    if TierAppeal.objects.unscoped("of this override").filter(override=locked).exists():
        raise Refused(_("You have appealed already."))
    if locked.ended_at is not None or locked.ends_on < today():
        raise Refused(_("This override is over."))
    made: TierAppeal = TierAppeal.objects.create(override=locked, text=text.strip()[:LONGEST], by=by)
    audit.record(by=by, verb="tier_appeal.made", target=made, note=made.text[:500])
    for user in _deciders(locked.partner):
        _ring(user, locked, gettext_lazy("%(partner)s appeals against its tier"), by)
        context = {"user": user, "partner": locked.partner, "override": locked, "appeal": made, "by": by}
        _mail(user, "tier_appeal", context, reverse("tiers:partner", args=[locked.partner_id]))
    return made


@transaction.atomic
def decide(*, by: User, appeal: TierAppeal, uphold: bool, answer: str, tier: Tier | None = None) -> TierAppeal:
    """Operations or the chief answer. Upheld, the override ends, and with `tier` the partner is assigned that one. Refused
    where it is answered already, PermissionDenied, ValidationError for no answer."""
    if not by.can(Permission.DECIDE_APPEALS):
        raise PermissionDenied
    if not answer.strip():
        raise ValidationError({"answer": _("Say why: the partner reads it.")})
    rows = TierAppeal.objects.unscoped("the caller may see it").select_for_update(of=("self",))
    locked = rows.select_related("override__partner__cam", "override__tier").get(pk=appeal.pk)
    if locked.decision != TierAppeal.Decision.OPEN:
        raise Refused(_("This appeal is answered already."))
    locked.decision = TierAppeal.Decision.UPHELD if uphold else TierAppeal.Decision.REJECTED
    locked.answer, locked.decided_by, locked.decided_at = answer.strip()[:LONGEST], by, timezone.now()
    locked.save(update_fields=["decision", "answer", "decided_by", "decided_at"])
    override = locked.override
    if uphold:
        if override.ended_at is None:
            override.ended_at = timezone.now()
            override.save(update_fields=["ended_at"])
        if tier is not None:
            _move(by, override.partner, tier, _("Appeal upheld"), Permission.DECIDE_APPEALS)
        events.send(ProgramChanged((override.partner_id,)))
    audit.record(
        by=by,
        verb="tier_appeal.answered",
        target=locked,
        changes={"decision": ["open", locked.decision]},
        note=locked.answer[:500],
    )
    _tell_partner(override, by, "tier_appeal_answered", gettext_lazy("Your appeal is answered"), appeal=locked)
    return locked


def _deciders(partner: Partner) -> list[User]:
    """Those who may answer an appeal of this partner: a chief limited to regions only in these."""
    return [
        user
        for user in holders(Permission.DECIDE_APPEALS)
        if Partner.objects.visible_to(user).filter(pk=partner.pk).exists()
    ]


def _locked(override: TierOverride) -> TierOverride:
    rows = TierOverride.objects.unscoped("the caller may see it").select_for_update(of=("self",))
    return rows.select_related("partner__cam", "tier").get(pk=override.pk)


def _move(by: User, partner: Partner, tier: Tier, reason: str, needs: Permission) -> None:
    one = Partner.objects.unscoped("the caller may see it").filter(pk=partner.pk)
    move_partners(by=by, partners=one, what="tier", value=tier, reason=reason[:300], needs=needs)


# ── Telling ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _partners_people(partner: Partner) -> QuerySet[User]:
    roles = [role for role, permissions in ROLES.items() if Permission.PORTAL in permissions]
    people = User.objects.filter(membership__partner=partner, is_active=True, groups__name__in=roles)
    return people.distinct().order_by("name", "id")


def _tell_partner(override: TierOverride, by: User, template: str, text: Any, **more: Any) -> None:
    """A line under the bell and a mail for each of the partner's people."""
    for user in _partners_people(override.partner):
        _ring(user, override, text, by)
        context = {"user": user, "partner": override.partner, "override": override, "by": by, **more}
        _mail(user, template, context, reverse("tiers:portal"))


def _ring(user: User, override: TierOverride, text: Any, by: User | None) -> None:
    with translation.override(user.language):
        words = {
            "name": by.display_name if by else "",
            "partner": override.partner.name,
            "tier": override.tier.name,
            "date": date_format(override.ends_on, "DATE_FORMAT"),
        }
        page = reverse("tiers:portal") if user.is_partner_side else reverse("tiers:partner", args=[override.partner_id])
        notify(user, str(text) % words, page)


def _mail(user: User, template: str, context: dict[str, Any], page: str) -> None:
    mail.send(
        to=user.email,
        template=template,
        context={"vendor": vendor_settings().name, **context, "url": vendor_url(page)},
        language=user.language,
    )
