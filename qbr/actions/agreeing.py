"""What was agreed at a review: commitments before and after the meeting, and the meeting itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from partners import actions as partner_actions
from partners import queries as partner_queries
from partners.models import Contact
from prm.common import audit, events
from prm.common.vendor import today
from prm.webhooks import news
from qbr.actions.common import HELD, as_news, locked
from qbr.events import QbrHeld
from qbr.models import Attendee, Commitment, Qbr, Side
from qbr.models.review import LONGEST_TEXT
from qbr.refusals import Closed, NotAllowed

MOST = 20  # commitments of a review
MOST_PEOPLE = 50
ORIGIN = "qbr"


@dataclass(frozen=True)
class Person:
    """Somebody who was there: a user, a contact of the partner, or a name alone."""

    side: str
    name: str = ""
    user: User | None = None
    contact: Contact | None = None


# ── Commitments ──────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def commit(
    *, qbr: Qbr, by: User, side: str, text: str, due_on: dt.date, owner: User | None = None, owner_name: str = ""
) -> Commitment:
    """Adds what somebody of a side (a user, or a name alone) promises to do by a day. Of a review that was held it becomes an action at once.
    NotAllowed, ValidationError by field."""
    fresh = locked(qbr, by)
    rows = _commitments(fresh)
    if rows.count() >= MOST:
        raise ValidationError({"text": _("%(n)s commitments are the most. Fewer are kept better.") % {"n": MOST}})
    row = Commitment(qbr=fresh, position=rows.count(), created_by=by)
    _fill(row, side=side, text=text, due_on=due_on, owner=owner, owner_name=owner_name)
    row.save()
    _touched(fresh, by)
    audit.record(by=by, verb="qbr.commitment_added", target=fresh, note=row.text, in_history=False)
    if fresh.is_held:
        _act(row, by)
    return row


@transaction.atomic
def change_commitment(*, commitment: Commitment, by: User, **fields: Any) -> Commitment:
    """Changes side, text, due_on, owner or owner_name. Closed once it is an action: then the action is changed instead."""
    row = _locked_commitment(commitment, by)
    now = {name: getattr(row, name) for name in ("side", "text", "due_on", "owner", "owner_name")}
    _fill(row, **{**now, **fields})
    changes = audit.changes_between(now, {name: getattr(row, name) for name in now})
    if changes:
        row.save()
        _touched(row.qbr, by)
        audit.record(by=by, verb="qbr.commitment_changed", target=row.qbr, changes=changes, in_history=False)
    return row


@transaction.atomic
def remove_commitment(*, commitment: Commitment, by: User) -> None:
    """Closed once it is an action: then the action is dropped instead."""
    row = _locked_commitment(commitment, by)
    audit.record(by=by, verb="qbr.commitment_removed", target=row.qbr, note=row.text, in_history=False)
    _touched(row.qbr, by)
    row.delete()


def _touched(qbr: Qbr, by: User) -> None:
    """What its slides say is another now."""
    qbr.revision += 1
    qbr.updated_by = by
    qbr.save(update_fields=["revision", "updated_by", "updated_at"])


def _commitments(qbr: Qbr) -> Any:
    return Commitment.objects.unscoped("of one review in reach").filter(qbr=qbr)


def _locked_commitment(commitment: Commitment, by: User) -> Commitment:
    qbr = locked(commitment.qbr, by)
    row: Commitment | None = _commitments(qbr).filter(pk=commitment.pk).select_related("owner").first()
    if row is None:
        raise NotAllowed(_("This commitment was removed."))
    if row.action_id is not None:
        raise Closed(_("This is an action of the partner’s plan by now: change it there."))
    row.qbr = qbr
    return row


def _fill(row: Commitment, *, side: str, text: str, due_on: dt.date, owner: User | None, owner_name: str) -> None:
    errors: dict[str, str] = {}
    said, name = " ".join(text.split()), " ".join(owner_name.split())
    if not said:
        errors["text"] = _("Say what is to be done.")
    elif len(said) > LONGEST_TEXT:
        errors["text"] = _("This is too long: at most %(n)s characters.") % {"n": LONGEST_TEXT}
    if side not in Side.values:
        errors["side"] = _("Choose a side.")
    elif owner is not None:
        side_of_owner = Side.PARTNER if partner_queries.belongs_to(owner.pk, row.qbr.partner) else Side.VENDOR
        if side_of_owner != side or not partner_queries.action_owners(row.qbr.partner).filter(pk=owner.pk).exists():
            errors["owner"] = _("Choose somebody of that side.")
    elif not name:
        errors["owner"] = _("Say who does it.")
    if len(name) > 150:
        errors["owner_name"] = _("This is too long: at most %(n)s characters.") % {"n": 150}
    if due_on <= row.qbr.ends_on - dt.timedelta(days=366) or due_on > row.qbr.ends_on + dt.timedelta(days=1100):
        errors["due_on"] = _("Choose a day within the three years after the quarter.")
    if errors:
        raise ValidationError(errors)
    row.side, row.text, row.due_on = side, said, due_on
    row.owner, row.owner_name = owner, "" if owner else name


def _act(row: Commitment, by: User) -> None:
    """Makes it an action of the partner's plan, which both sides see."""
    detail = "" if row.owner_id else _("Promised by %(name)s at the QBR.") % {"name": row.owner_name}
    row.action = partner_actions.add_action(
        by=by, partner=row.qbr.partner, origin=ORIGIN, origin_key=str(row.pk), origin_id=row.qbr_id, title=row.text,
        detail=detail, owner=row.owner, due_on=row.due_on, shared=True,
    )  # fmt: skip
    row.save(update_fields=["action"])


# ── The meeting ──────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def hold(*, qbr: Qbr, by: User, held_on: dt.date, people: Iterable[Person]) -> Qbr:
    """The review was held on a day, with these people of both sides: its commitments become actions. Once more it corrects day and people.

    Closed before a version is built; NotAllowed, ValidationError by field.
    """
    fresh = locked(qbr, by)
    if fresh.state == Qbr.State.DRAFT:
        raise Closed(_("Build the deck first: what was held is one that there is."))
    if held_on > today():
        raise ValidationError({"held_on": _("Choose today or an earlier day.")})
    if held_on < fresh.starts_on:
        raise ValidationError({"held_on": _("The quarter had not begun on that day.")})
    _keep_people(fresh, list(people))
    first = not fresh.is_held
    changed = fresh.held_on != held_on
    if first:
        fresh.state = Qbr.State.HELD
    fresh.held_on, fresh.held_by, fresh.updated_by = held_on, by, by
    fresh.save()
    for row in _commitments(fresh).filter(action=None).select_related("owner").order_by("position", "pk"):
        row.qbr = fresh
        if first:
            _act(row, by)
    if first or changed:
        audit.record(by=by, verb="qbr.held", target=fresh, changes={"held_on": [None, held_on]})
        events.send(QbrHeld(fresh.partner_id, fresh.pk, held_on))
        news.send(HELD.key, as_news(fresh, held_on=held_on.isoformat()))
    return fresh


def _keep_people(qbr: Qbr, people: list[Person]) -> None:
    if len(people) > MOST_PEOPLE:
        raise ValidationError({"people": _("Name at most %(n)s people.") % {"n": MOST_PEOPLE}})
    rows = [_attendee(qbr, person) for person in people]
    for side, words in ((Side.VENDOR, _("Name who was there of our side.")), (Side.PARTNER, _("Name who was there of the partner’s side."))):  # fmt: skip
        if not any(row.side == side for row in rows):
            raise ValidationError({"people": words})
    Attendee.objects.unscoped("of one review in reach").filter(qbr=qbr).delete()
    Attendee.objects.bulk_create(rows)


def _attendee(qbr: Qbr, person: Person) -> Attendee:
    if person.side not in Side.values:
        raise ValidationError({"people": _("Choose a side.")})
    of_partner = person.side == Side.PARTNER
    wrong = ValidationError({"people": _("Choose people of the vendor and of this partner.")})
    if person.user is not None and partner_queries.belongs_to(person.user.pk, qbr.partner) != of_partner:
        raise wrong
    if person.user is not None and not of_partner and person.user.is_partner_side:
        raise wrong
    if person.contact is not None and (not of_partner or person.contact.partner_id != qbr.partner_id):
        raise wrong
    known = person.user.display_name if person.user else person.contact.name if person.contact else person.name
    name = " ".join(known.split())[:150]
    if not name:
        raise ValidationError({"people": _("Give a name.")})
    return Attendee(qbr=qbr, side=person.side, name=name, user=person.user, contact=person.contact)
