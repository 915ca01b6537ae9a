"""What people do with partners, their contacts and the work with them. Whether the person may see the partner is the view's
business (`visible_to`); what only some may change is checked here as well."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from partners import queries
from partners.events import ActionsChanged, PartnerChanged, PartnerMoved, TouchesChanged
from partners.models import Action, Contact, Partner, Placement, Touch
from partners.telling import tell_added, tell_changed
from prm.common import audit, events
from prm.common.vendor import today

ASSIGNED = frozenset({"cam", "cover", "tier"})  # only those with ASSIGN_PARTNERS change these
PLACED = ("stage", "tier", "region", "cam")  # what a placement remembers
MOVABLE = (*PLACED, "cover")

M = TypeVar("M", bound=models.Model)


class Conflict(Exception):
    """Somebody changed the same fields meanwhile: `current` holds what they hold now. Nothing was written."""

    def __init__(self, current: dict[str, Any]) -> None:
        super().__init__(", ".join(current))
        self.current = current


# ── Partners ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def create_partner(*, by: User, **fields: Any) -> Partner:
    """A new partner. Whoever may not assign partners becomes its CAM. Raises ValidationError by field."""
    if not by.can(Permission.ASSIGN_PARTNERS):
        _refuse_assignment({name for name in fields if fields[name] is not None and fields[name] != by})
        fields["cam"] = by
    partner = Partner(**fields)
    partner.full_clean()
    partner.save()
    place([partner], by=by, on=today(), reason="")
    audit.record(by=by, verb="partner.created", target=partner)
    events.send(PartnerChanged((partner.pk,), tuple(fields)))
    tell_added(partner)
    return partner


@transaction.atomic
def update_partner(
    *, by: User, partner: Partner, changes: Mapping[str, Any], seen: Mapping[str, Any] | None = None, reason: str = ""
) -> Partner:
    """Sets the fields in `changes`; others stay as they are, whoever changed them.

    `seen`: what those fields held when the person began; where one holds something else by now, Conflict.
    Raises ValidationError by field, PermissionDenied for what only those who assign partners may change.
    """
    locked = Partner.objects.unscoped("the caller may see it").select_for_update().get(pk=partner.pk)
    changed = put(locked, changes, seen)
    if not changed:
        return locked
    if not by.can(Permission.ASSIGN_PARTNERS):
        _refuse_assignment(set(changed))
    if locked.parent_id and "parent" in changed:
        _refuse_cycle(locked)
    keep(locked, changed)
    if moved := tuple(name for name in PLACED if name in changed):
        place([locked], by=by, on=today(), reason=reason)
        events.send(PartnerMoved((locked.pk,), moved))
    audit.record(by=by, verb="partner.changed", target=locked, changes=changed, note=reason)
    events.send(PartnerChanged((locked.pk,), tuple(changed)))
    tell_changed((locked.pk,), changed)
    return locked


@transaction.atomic
def move_partners(
    *,
    by: User,
    partners: QuerySet[Partner],
    what: str,
    value: models.Model | None,
    reason: str,
    on: dt.date | None = None,
    needs: Permission = Permission.ASSIGN_PARTNERS,
) -> int:
    """Sets stage, tier, region, cam or cover of all these partners (a scoped queryset); returns how many changed.

    `on` dates the change: not in the future, and not before a later change of one of them (ValidationError). `needs` is what
    it takes to change tier, CAM or cover: of a tier it may be another decision's own (an override, an appeal).
    """
    if what not in MOVABLE:
        raise ValueError(f"{what!r} is not one of {MOVABLE}")
    if what in ASSIGNED and not by.can(needs):
        raise PermissionDenied
    pks = list(partners.order_by("pk").values_list("pk", flat=True))
    rows = Partner.objects.unscoped("of the caller's partners").filter(pk__in=pks).select_related(what).order_by("pk")
    new = value.pk if value else None
    moved = [row for row in rows.select_for_update(of=("self",)) if getattr(row, f"{what}_id") != new]
    changes = [(row, {what: [getattr(row, what), value]}) for row in moved]
    if not moved:
        return 0
    for row in moved:
        setattr(row, what, value)
    ids = tuple(row.pk for row in moved)
    Partner.objects.unscoped("locked above").filter(pk__in=ids).update(**{what: value}, updated_at=timezone.now())
    if what in PLACED:
        place(moved, by=by, on=on or today(), reason=reason)
        events.send(PartnerMoved(ids, (what,)))
    audit.record_many(by=by, verb="partner.moved", changes=changes, note=reason)
    events.send(PartnerChanged(ids, (what,)))
    tell_changed(ids, (what,))
    return len(moved)


def place(partners: list[Partner], *, by: User | None, on: dt.date, reason: str) -> None:
    """Keeps where these partners stand from `on`; a second change on one day updates that day's row."""
    if on > today():
        raise ValidationError({"on": _("A change can't be dated in the future.")})
    ids = [partner.pk for partner in partners]
    known = Placement.objects.unscoped("history of partners just changed").filter(partner__in=ids)
    if later := known.filter(starts_on__gt=on).order_by("-starts_on").first():
        raise ValidationError(
            {
                "on": _("There is a later change, of %(day)s. Choose that day or one after it.")
                % {"day": later.starts_on}
            }
        )
    reasons = dict(known.filter(starts_on=on).exclude(reason="").values_list("partner_id", "reason"))
    Placement.objects.bulk_create(
        [
            Placement(
                partner=partner,
                starts_on=on,
                by=by,
                reason="; ".join(dict.fromkeys(filter(None, [reasons.get(partner.pk), reason])))[:300],
                **{f"{name}_id": getattr(partner, f"{name}_id") for name in PLACED},
            )
            for partner in partners
        ],
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["partner", "starts_on"],
        update_fields=[*PLACED, "reason", "by"],
    )


def _refuse_assignment(names: set[str]) -> None:
    if names & ASSIGNED:
        raise PermissionDenied


def _refuse_cycle(partner: Partner) -> None:
    """Two people may be joining two trees at the same time: one after the other."""
    queries.lock("parents")
    if partner.pk in queries.ancestors(partner.parent_id):
        raise ValidationError({"parent": _("That partner is a branch of this one already.")})


# ── Contacts and touches ─────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def add_contact(*, by: User, partner: Partner, **fields: Any) -> Contact:
    """A person at the partner. A new main contact takes the place of the one before."""
    contact = Contact(partner=partner, **fields)
    _only_main(contact)
    contact.full_clean()
    contact.save()
    audit.record(by=by, verb="contact.added", target=contact)
    events.send(PartnerChanged((partner.pk,), ("contacts",)))
    return contact


@transaction.atomic
def update_contact(
    *, by: User, contact: Contact, changes: Mapping[str, Any], seen: Mapping[str, Any] | None = None
) -> Contact:
    """Sets the fields in `changes`; Conflict as in `update_partner`."""
    locked = Contact.objects.unscoped("the caller may see it").select_for_update().get(pk=contact.pk)
    changed = put(locked, changes, seen)
    if changed:
        _only_main(locked)
        keep(locked, changed)
        audit.record(by=by, verb="contact.changed", target=locked, changes=changed)
        events.send(PartnerChanged((locked.partner_id,), ("contacts",)))
    return locked


@transaction.atomic
def remove_contact(*, by: User, contact: Contact) -> None:
    audit.record(by=by, verb="contact.removed", target=contact)
    contact.delete()
    events.send(PartnerChanged((contact.partner_id,), ("contacts",)))


def _only_main(contact: Contact) -> None:
    if contact.is_primary:
        others = Contact.objects.unscoped("of one partner").filter(partner=contact.partner_id, is_primary=True)
        others.exclude(pk=contact.pk).update(is_primary=False)


@transaction.atomic
def add_touch(*, by: User, partner: Partner, **fields: Any) -> Touch:
    """One contact with the partner, today or before."""
    touch = Touch(partner=partner, created_by=by, **fields)
    touch.full_clean()
    if touch.on > today():
        raise ValidationError({"on": _("A touch is something that has happened: choose today or before.")})
    touch.save()
    audit.record(by=by, verb="touch.added", target=touch)
    events.send(TouchesChanged((partner.pk,)))
    return touch


@transaction.atomic
def remove_touch(*, by: User, touch: Touch) -> None:
    audit.record(by=by, verb="touch.removed", target=touch, changes={"note": [touch.note, None]})
    touch.delete()
    events.send(TouchesChanged((touch.partner_id,)))


# ── The action plan ──────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def add_action(*, by: User, partner: Partner, **fields: Any) -> Action:
    """An item of the partner's action plan, by hand or (`origin`, `origin_key`) from a tool."""
    action = Action(partner=partner, created_by=by, **fields)
    _check_owner(action)
    action.full_clean()
    action.save()
    audit.record(by=by, verb="action.added", target=action)
    events.send(ActionsChanged((partner.pk,), (action.pk,)))
    return action


@transaction.atomic
def update_action(
    *, by: User, action: Action, changes: Mapping[str, Any], seen: Mapping[str, Any] | None = None
) -> Action:
    """Sets the fields in `changes`; Conflict as in `update_partner`. Done and dropped items get their closing time."""
    locked = Action.objects.unscoped("the caller may see it").select_for_update().get(pk=action.pk)
    changed = put(locked, changes, seen)
    if not changed:
        return locked
    if "status" in changed:
        locked.closed_at = None if locked.status in Action.LIVE else timezone.now()
    _check_owner(locked)
    keep(locked, changed, "closed_at")
    audit.record(by=by, verb="action.changed", target=locked, changes=changed)
    events.send(ActionsChanged((locked.partner_id,), (locked.pk,)))
    return locked


def set_action_status(*, by: User, action: Action, status: str) -> Action:
    """The one thing a partner's user may change about a shared item; dropping one is the vendor's."""
    if by.is_partner_side and (status == Action.Status.DROPPED or action.status == Action.Status.DROPPED):
        raise PermissionDenied
    return update_action(by=by, action=action, changes={"status": status})


def _check_owner(action: Action) -> None:
    if action.owner_id is None:
        return
    if not queries.action_owners(action.partner).filter(pk=action.owner_id).exists():
        raise ValidationError({"owner": _("Choose somebody of ours or of this partner.")})
    if not action.shared and queries.belongs_to(action.owner_id, action.partner):
        raise ValidationError({"shared": _("The owner is the partner's: they must be able to see the action.")})


# ── All of them ──────────────────────────────────────────────────────────────────────────────────────────────────────


def put(row: M, changes: Mapping[str, Any], seen: Mapping[str, Any] | None) -> dict[str, list[Any]]:
    """Puts the values into the row; returns {field: [old, new]} of those that differ. Conflict where somebody else changed them."""
    changed = {name: [old, value] for name, value in changes.items() if (old := getattr(row, name)) != value}
    if clash := {name: pair[0] for name, pair in changed.items() if seen is not None and seen[name] != pair[0]}:
        raise Conflict(clash)
    for name, (_old, value) in changed.items():
        setattr(row, name, value)
    return changed


def keep(row: M, changed: Mapping[str, Any], *more: str) -> None:
    """Checks the row and writes the changed fields, and those that follow from them. Raises ValidationError by field."""
    row.full_clean(exclude={"created_by"})  # of a person erased since
    also: list[str] = [name for name in ("name_key", "updated_at") if hasattr(row, name)]
    row.save(update_fields=[*changed, *more, *also])
