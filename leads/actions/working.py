"""Whoever holds a lead works on it: contacted, qualified, then a deal or disqualified; and what happens where nobody does."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from leads import reading, telling
from leads.actions.common import (
    Holder,
    Kind,
    State,
    contact_by,
    ground_at,
    locked,
    need,
    need_holder,
    need_reason,
    one_at_a_time,
    step,
)
from leads.actions.giving import take_back
from leads.events import LeadNudged, LeadPulledBack
from leads.models import Lead
from leads.reading import Ground
from leads.refusals import NoRoom, NotNow
from pipeline.actions import customer_named
from pipeline.models import Customer, Deal, DealStage
from prm.common import events

CLOSED = (State.CONVERTED, State.DISQUALIFIED)


@transaction.atomic
def contacted(*, by: User, lead: Lead, note: str = "", at: dt.datetime | None = None) -> Lead:
    """The holder has spoken with the person. Done before: nothing happens. Raises NotNow."""
    row = locked(lead)
    need_holder(by, row)
    if row.state in (State.CONTACTED, State.QUALIFIED):
        return row
    _needs_work(row)
    now = ground_at(at)
    _contact(row, now, by, note)
    row.save()
    return row


@transaction.atomic
def qualified(*, by: User, lead: Lead, note: str = "", at: dt.datetime | None = None) -> Lead:
    """There is something to sell; counts as contacted, too. Done before: nothing happens. Raises NotNow."""
    row = locked(lead)
    need_holder(by, row)
    if row.state == State.QUALIFIED:
        return row
    _needs_work(row)
    now = ground_at(at)
    _qualify(row, now, by, note)
    row.save()
    return row


@transaction.atomic
def disqualified(*, by: User, lead: Lead, reason: str, at: dt.datetime | None = None) -> Lead:
    """Nothing will come of it. In the queue only the vendor says so, and not while it is offered. ValidationError without a reason.
    Raises NotNow."""
    reason = need_reason(reason)
    row = locked(lead)
    need_holder(by, row)
    if row.state == State.DISQUALIFIED:
        return row
    if row.state == State.OFFERED:
        raise NotNow(_("This lead is offered to somebody: withdraw the offer first."))
    if row.state == State.CONVERTED:
        raise NotNow(_("This lead has become a deal already."))
    now = ground_at(at)
    row.state, row.closed_at, row.close_reason, row.distribute_at = State.DISQUALIFIED, now.at, reason, None
    row.save()
    _noted(row, Kind.DISQUALIFIED, now, by, reason)
    return row


@transaction.atomic
def reopen(*, by: User | None, lead: Lead, at: dt.datetime | None = None) -> Lead:
    """A disqualified lead, or one that was converted but has no deal, goes back to its holder as it was before, where nobody was
    contacted with the clock for that begun anew; one that nobody held waits in the queue. `by` None: what it had become has come to
    nothing; it has its place again, free or not. Raises NotNow, NoRoom."""
    one_at_a_time()
    row = locked(lead)
    if by is not None:
        need_holder(by, row)
    now = ground_at(at)
    if row.state not in CLOSED or row.deal_id is not None or row.outcome:
        raise NotNow(_("This lead can’t be reopened: %(state)s.") % {"state": row.get_state_display()})
    if by is not None and row.partner_id is not None and not reading.has_room(row.partner_id, now):
        raise NoRoom(_("There is no place free for another lead: finish one first."))
    row.state = (
        State.NEW if row.holder == Holder.QUEUE
        else State.QUALIFIED if row.qualified_at
        else State.CONTACTED if row.contacted_at
        else State.ACCEPTED
    )  # fmt: skip
    row.closed_at, row.close_reason = None, ""
    if row.state == State.ACCEPTED:
        contact_by(row, now)  # an old one has run out: it would be taken back at once
    row.save()
    _noted(row, Kind.REOPENED, now, by, "")
    return row


@transaction.atomic
def customer_of(*, by: User, lead: Lead) -> Customer:
    """The holding partner's end customer for the lead's company, found or added, with domain and country where it has none: what
    a registration starts from. Raises NotNow for a lead that no partner holds."""
    row = locked(lead)
    if row.partner is None:
        raise NotNow(_("No partner holds this lead."))
    customer = customer_named(by=by, partner=row.partner, name=row.company)
    missing = {
        name: getattr(row, name) for name in ("domain", "country") if getattr(row, name) and not getattr(customer, name)
    }
    for name, value in missing.items():
        setattr(customer, name, value)
    if missing:
        customer.save(update_fields=list(missing))
    if row.customer_id != customer.pk:
        row.customer = customer
        row.save(update_fields=["customer", "updated_at"])
    return customer


@transaction.atomic
def convert(*, by: User | None, lead: Lead, deal: Deal | None = None, at: dt.datetime | None = None) -> Lead:
    """It became a registration or a deal; counts as contacted and qualified. `deal` may be given later, by a second call, once the
    registration is approved; what becomes of the deal becomes of the lead. A direct lead converts without a deal. Raises NotNow,
    ValidationError for another partner's deal."""
    row = locked(lead)
    if by is not None:
        need_holder(by, row)
    if deal is not None and not deal.shares.filter(partner=row.partner_id).exists():
        raise ValidationError({"deal": _("This deal is none of the partner that holds the lead.")})
    now = ground_at(at)
    if row.state != State.CONVERTED:
        _needs_work(row)
        if row.state != State.QUALIFIED:
            _qualify(row, now, by, "")
        row.state, row.closed_at = State.CONVERTED, now.at
        row.save()
        _noted(row, Kind.CONVERTED, now, by, "")
    if deal is not None and row.deal_id != deal.pk:
        row.deal = deal
        row.save(update_fields=["deal", "updated_at"])
        follow_deals(lead_ids=[row.pk], at=now.at)
        row.refresh_from_db(fields=["outcome", "outcome_on"])
    return row


@transaction.atomic
def close_direct(
    *, by: User, lead: Lead, won: bool, on: dt.date | None = None, reason: str = "", at: dt.datetime | None = None
) -> Lead:
    """The vendor's own sale out of a direct lead was won or lost (with a reason); it counts as converted. Said once: a second word
    takes the place of the first. Raises NotNow, ValidationError."""
    row = locked(lead)
    need_holder(by, row)
    if row.holder != Holder.DIRECT:
        raise NotNow(_("Only what the vendor holds itself is closed here; a partner’s lead follows its deal."))
    if not won:
        reason = need_reason(reason)
    now = ground_at(at)
    if on is not None and on > now.day:
        raise ValidationError({"on": _("This day is still to come.")})
    if row.state != State.CONVERTED:
        row = convert(by=by, lead=row, at=now.at)
    outcome = Lead.Outcome.WON if won else Lead.Outcome.LOST
    if (row.outcome, row.outcome_on) != (outcome, on or now.day):
        row.outcome, row.outcome_on = outcome, on or now.day
        row.save(update_fields=["outcome", "outcome_on", "updated_at"])
        _noted(row, Kind.WON if won else Kind.LOST, now, by, reason)
    return row


def follow_deals(
    *, lead_ids: list[int] | None = None, partner_ids: list[int] | None = None, at: dt.datetime | None = None
) -> int:
    """Makes the outcome of leads that of their deals: of these leads, of those these partners hold, or of all. How many changed."""
    rows = Lead.objects.unscoped("what became of their deals").filter(deal__isnull=False)
    if lead_ids is not None:
        rows = rows.filter(pk__in=lead_ids)
    if partner_ids is not None:
        rows = rows.filter(partner__in=partner_ids)
    names = {DealStage.Outcome.WON: Lead.Outcome.WON, DealStage.Outcome.LOST: Lead.Outcome.LOST}
    changed = 0
    for lead in rows.exclude(deal__stage__outcome="open", outcome="").select_related("deal__stage").order_by("pk"):
        assert lead.deal is not None
        outcome = names.get(DealStage.Outcome(lead.deal.stage.outcome), Lead.Outcome.OPEN)
        on = lead.deal.closed_on if outcome else None
        if (lead.outcome, lead.outcome_on) == (outcome, on):
            continue
        with transaction.atomic():
            row = locked(lead)
            if row.deal_id != lead.deal_id:
                continue
            moved = row.outcome != outcome
            row.outcome, row.outcome_on = outcome, on
            row.save(update_fields=["outcome", "outcome_on", "updated_at"])
            if moved and outcome:
                _noted(row, Kind.WON if outcome == Lead.Outcome.WON else Kind.LOST, ground_at(at), None, "")
        changed += 1
    return changed


@transaction.atomic
def nudge(*, lead: Lead, at: dt.datetime | None = None, now: Ground | None = None) -> bool:
    """Reminds the holder once the clock for the first contact has run out, once; a partner has the policy's days from then until it
    is pulled back. False where there is nothing to remind of."""
    row = locked(lead)
    now = ground_at(at, now)
    due = row.state == State.ACCEPTED and row.contact_by is not None and now.at > row.contact_by
    if not due or row.nudged_at is not None:
        return False
    row.nudged_at = now.at
    if row.partner_id is not None:
        row.pull_back_at = now.of_holder(row).add_working_days(now.at, now.policy.pull_back_days)
    row.save(update_fields=["nudged_at", "pull_back_at", "updated_at"])
    _noted(row, Kind.NUDGED, now, None, "")
    telling.nudged(row)
    events.send(LeadNudged(row.pk, row.partner_id))
    return True


@transaction.atomic
def pull_back(
    *, lead: Lead, by: User | None = None, reason: str = "", at: dt.datetime | None = None, now: Ground | None = None
) -> bool:
    """Takes a lead back from a partner that was reminded and still silent, and gives it out anew by the rules. With `by` and a
    reason also before that. False where it isn't due (by the system)."""
    row = locked(lead)
    now = ground_at(at, now)
    if by is not None:
        need(by, Permission.EDIT_LEADS)
        reason = need_reason(reason)
        if row.partner_id is None or row.state not in Lead.WORKED:
            raise NotNow(_("No partner works on this lead."))
    elif row.state != State.ACCEPTED or row.pull_back_at is None or now.at <= row.pull_back_at:
        return False
    partner_id = row.partner_id
    assert partner_id is not None
    take_back(row, Kind.PULLED_BACK, reason or _("Nobody contacted it in time."), by=by, now=now, distribute_at=now.at)
    events.send(LeadPulledBack(row.pk, partner_id))
    return True


def _needs_work(lead: Lead) -> None:
    if lead.state not in Lead.WORKED:
        raise NotNow(_("Nobody works on this lead: %(state)s.") % {"state": lead.get_state_display()})


def _contact(lead: Lead, now: Ground, by: User | None, text: str) -> None:
    lead.state, lead.contacted_at, lead.pull_back_at = State.CONTACTED, now.at, None
    _noted(lead, Kind.CONTACTED, now, by, text)


def _qualify(lead: Lead, now: Ground, by: User | None, text: str) -> None:
    if lead.contacted_at is None:
        _contact(lead, now, by, "")
    lead.state, lead.qualified_at = State.QUALIFIED, now.at
    _noted(lead, Kind.QUALIFIED, now, by, text)


def _noted(lead: Lead, kind: str, now: Ground, by: User | None, text: str) -> None:
    step(lead, kind, now, by=by, partner_id=lead.partner_id, text=text)
