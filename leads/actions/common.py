"""What all writes of leads share: the locked row, who may, and what is written down."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.permissions import Permission
from leads import announcing, reading
from leads.events import LeadsChanged
from leads.models import Lead, LeadOffer, LeadStep
from leads.reading import Ground
from leads.refusals import NotNow
from partners import history
from partners.models import Membership
from partners.queries import lock
from prm.common import audit, events

Kind = LeadStep.Kind
State, Holder = Lead.State, Lead.Holder
VERBS = {
    "lead.added": gettext_lazy("Lead added"),
    "lead.changed": gettext_lazy("Lead changed"),
    "lead.offered": gettext_lazy("Lead offered"),
    "lead.accepted": gettext_lazy("Lead accepted"),
    "lead.declined": gettext_lazy("Lead declined"),
    "lead.timed_out": gettext_lazy("Lead not answered in time"),
    "lead.withdrawn": gettext_lazy("Offer of a lead withdrawn"),
    "lead.queued": gettext_lazy("Lead put into the queue"),
    "lead.kept_direct": gettext_lazy("Lead kept direct"),
    "lead.contacted": gettext_lazy("Lead contacted"),
    "lead.qualified": gettext_lazy("Lead qualified"),
    "lead.disqualified": gettext_lazy("Lead disqualified"),
    "lead.reopened": gettext_lazy("Lead reopened"),
    "lead.nudged": gettext_lazy("Reminded to contact a lead"),
    "lead.pulled_back": gettext_lazy("Lead pulled back"),
    "lead.converted": gettext_lazy("Lead converted"),
    "lead.won": gettext_lazy("Lead won"),
    "lead.lost": gettext_lazy("Lead lost"),
}
audit.VERBS |= VERBS
# In a partner's history only what it did itself, or what happened to what it holds.
history.VERBS |= {
    "lead.accepted": gettext_lazy("Lead accepted: %(name)s"),
    "lead.contacted": gettext_lazy("Lead contacted: %(name)s"),
    "lead.qualified": gettext_lazy("Lead qualified: %(name)s"),
    "lead.disqualified": gettext_lazy("Lead disqualified: %(name)s"),
    "lead.reopened": gettext_lazy("Lead reopened: %(name)s"),
    "lead.nudged": gettext_lazy("Reminded to contact a lead: %(name)s"),
    "lead.converted": gettext_lazy("Lead converted: %(name)s"),
    "lead.won": gettext_lazy("Lead won: %(name)s"),
    "lead.lost": gettext_lazy("Lead lost: %(name)s"),
    "lead.changed": gettext_lazy("Lead changed: %(name)s"),
}


def locked(lead: Lead) -> Lead:
    """The lead as it is, nobody else's until the transaction ends. One that is gone: NotNow."""
    rows = Lead.objects.unscoped("the caller may see it").select_for_update(of=("self",))
    found: Lead | None = rows.select_related("source", "region", "person_direct").filter(pk=lead.pk).first()
    if found is None:
        raise NotNow(_("This lead is gone."))
    return found


def one_at_a_time() -> None:
    """Places free are looked at, and taken, by one at a time."""
    lock("leads given out")


def ground_at(at: dt.datetime | None, now: Ground | None = None) -> Ground:
    """What holds at the moment something happens; `now` where the caller has it already."""
    return now or reading.ground(at or timezone.now())


def need(by: User | None, permission: Permission) -> None:
    """PermissionDenied for a person without it; the system may."""
    if by is not None and not by.can(permission):
        raise PermissionDenied


def need_seller(by: User, partner_id: int) -> None:
    """PermissionDenied for anybody but the partner's own people who sell."""
    rows = Membership.objects.unscoped("whether the person is the partner's").filter(user=by.pk, partner=partner_id)
    if not (by.can(Permission.SELL) and rows.exists()):
        raise PermissionDenied


def need_holder(by: User, lead: Lead) -> None:
    """PermissionDenied for anybody but whoever holds the lead; for the queue and what is held direct also those who edit leads."""
    if lead.partner_id is not None:
        need_seller(by, lead.partner_id)
    elif not (lead.person_direct_id == by.pk or by.can(Permission.EDIT_LEADS)):
        raise PermissionDenied


def need_reason(reason: str, field: str = "reason") -> str:
    """Raises ValidationError where there is none, or too long a one."""
    reason = reason.strip()
    if not reason:
        raise ValidationError({field: _("Say why.")})
    if len(reason) > 300:
        raise ValidationError({field: _("This is too long: at most 300 characters.")})
    return reason


def step(
    lead: Lead,
    kind: str,
    now: Ground,
    *,
    by: User | None,
    partner_id: int | None = None,
    text: str = "",
    changes: dict[str, Any] | None = None,
) -> None:
    """A step in the lead's history, a line in the audit log, news for the other tools."""
    LeadStep(lead=lead, kind=kind, at=now.at, partner_id=partner_id, by=by, note=text[:500]).save()
    verb = f"lead.{kind}"
    if verb in VERBS:
        audit.record(by=by, verb=verb, target=lead, changes=changes, note=text)
    announcing.announce(lead, kind, now.at, partner_id=partner_id, reason=text)
    owners = {partner_id, lead.partner_id} - {None}
    events.send(LeadsChanged((lead.pk,), tuple(sorted(pk for pk in owners if pk is not None))))


def end(offer: LeadOffer, state: str, now: Ground, *, by: User | None, reason: str = "") -> None:
    """An offer has its end."""
    offer.state, offer.ended_at, offer.ended_by, offer.reason = state, now.at, by, reason
    offer.save(update_fields=["state", "ended_at", "ended_by", "reason"])


def open_offer(lead: Lead) -> LeadOffer | None:
    """The lead's open offer, locked. The lead must be locked."""
    rows = LeadOffer.objects.unscoped("of a lead in hand").select_for_update(of=("self",))
    found: LeadOffer | None = rows.filter(lead=lead, state=LeadOffer.State.OPEN).first()
    return found


def hold(lead: Lead, now: Ground) -> None:
    """Whoever is set as holder has it from now on: the clock for the first contact runs. Not saved."""
    lead.state, lead.distribute_at = State.ACCEPTED, None
    lead.accepted_at = now.at
    contact_by(lead, now)


def contact_by(lead: Lead, now: Ground) -> None:
    """The clock for the first contact begins. Not saved."""
    lead.contact_by = now.of_holder(lead).add_working_days(now.at, now.policy.contact_days[lead.grade])
    lead.nudged_at = lead.pull_back_at = None


def release(lead: Lead, *, distribute_at: dt.datetime | None) -> None:
    """Back into the queue; what its holder did is in the history. Not saved."""
    lead.holder, lead.state, lead.distribute_at = Holder.QUEUE, State.NEW, distribute_at
    lead.partner = lead.person_direct = lead.customer = lead.deal = None
    lead.accepted_at = lead.contact_by = lead.nudged_at = lead.pull_back_at = None
    lead.contacted_at = lead.qualified_at = None
