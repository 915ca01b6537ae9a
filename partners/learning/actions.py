"""What people do with certifications and required tasks. Whether they may see the partner is the view's business."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from accounts.permissions import Permission
from partners import actions as partners
from partners import certified, history
from partners.actions import Conflict
from partners.catalogue import free_key
from partners.events import CertificationsChanged, TasksChanged
from partners.models import Certificate, Certification, Contact, Partner, Task, TaskDone
from partners.queries import lock
from prm.common import audit, events
from prm.common.vendor import today

audit.VERBS |= {
    "certification.added": gettext_lazy("Certification added"),
    "certification.changed": gettext_lazy("Certification changed"),
    "certification.removed": gettext_lazy("Certification removed"),
    "task.done": gettext_lazy("Required task done"),
    "task.undone": gettext_lazy("Required task open again"),
    "task.added": gettext_lazy("Required task added"),
    "task.changed": gettext_lazy("Required task changed"),
    "task.removed": gettext_lazy("Required task removed"),
}
history.VERBS |= {
    "certification.added": gettext_lazy("Certification added: %(name)s"),
    "certification.changed": gettext_lazy("Certification changed: %(name)s"),
    "certification.removed": gettext_lazy("Certification removed: %(name)s"),
    "task.done": gettext_lazy("Required task done: %(name)s"),
    "task.undone": gettext_lazy("Required task open again: %(name)s"),
}
UNSET: Any = object()


# ── Certifications ───────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def add_certification(
    *,
    by: User,
    partner: Partner,
    certificate: Certificate,
    earned_on: dt.date,
    expires_on: dt.date | None = UNSET,
    contact: Contact | None = None,
    person: Mapping[str, str] | None = None,
    **more: Any,
) -> Certification:
    """What a person, or without one the partner itself, is certified in.

    `person` ({"name": …, "email": …}) adds the contact with it. Left out, `expires_on` is what the certificate's months say;
    None: it never does. Raises ValidationError by field ("person" for the new contact), PermissionDenied.
    """
    _refuse(by, Permission.EDIT_PARTNERS)
    if person is not None:
        contact = _new_person(by, partner, person)
    if expires_on is UNSET:
        expires_on = certified.expiry(earned_on, certificate.months_valid)
    row = Certification(
        partner=partner, contact=contact, certificate=certificate, earned_on=earned_on, expires_on=expires_on, created_by=by,
        **more,
    )  # fmt: skip
    _check(row)
    row.save()
    audit.record(by=by, verb="certification.added", target=row)
    events.send(CertificationsChanged((partner.pk,)))
    return row


@transaction.atomic
def update_certification(
    *, by: User, certification: Certification, changes: Mapping[str, Any], seen: Mapping[str, Any] | None = None
) -> Certification:
    """Sets the fields in `changes`. `seen`: what they held when the person began; Conflict where that is no longer so."""
    _refuse(by, Permission.EDIT_PARTNERS)
    rows = Certification.objects.unscoped("the caller may see it").select_related("partner", "contact", "certificate")
    row = rows.select_for_update(of=("self",)).filter(pk=certification.pk).first()
    if row is None:
        raise ValidationError(_("Somebody has removed this certification meanwhile."))
    changed = {name: [old, value] for name, value in changes.items() if (old := getattr(row, name)) != value}
    if clash := {name: pair[0] for name, pair in changed.items() if seen is not None and seen[name] != pair[0]}:
        raise Conflict(clash)
    for name, (_old, value) in changed.items():
        setattr(row, name, value)
    if changed:
        _check(row)
        row.save(update_fields=list(changed))
        audit.record(by=by, verb="certification.changed", target=row, changes=changed)
        events.send(CertificationsChanged((row.partner_id,)))
    found: Certification = row
    return found


@transaction.atomic
def remove_certification(*, by: User, certification: Certification) -> None:
    """Gone already: nothing happens."""
    _refuse(by, Permission.EDIT_PARTNERS)
    rows = Certification.objects.unscoped("the caller may see it").select_for_update().filter(pk=certification.pk)
    if (row := rows.first()) is None:
        return
    audit.record(by=by, verb="certification.removed", target=row)
    row.delete()
    events.send(CertificationsChanged((certification.partner_id,)))


def _new_person(by: User, partner: Partner, person: Mapping[str, str]) -> Contact:
    try:
        return partners.add_contact(by=by, partner=partner, function=Contact.Function.TECHNICAL, **person)
    except ValidationError as error:
        raise ValidationError({"person": error.messages}) from error


def _check(row: Certification) -> None:
    row.full_clean(exclude={"created_by"}, validate_constraints=False)
    wrong: dict[str, Any] = {}
    if row.contact is not None and row.contact.partner_id != row.partner_id:
        wrong["contact"] = _("Choose one of this partner’s people.")
    if row.earned_on > today():
        wrong["earned_on"] = _("This day is still to come.")
    if row.expires_on is not None and row.expires_on <= row.earned_on:
        wrong["expires_on"] = _("It must expire after it was earned.")
    if wrong:
        raise ValidationError(wrong)
    row.validate_constraints(exclude={"created_by"})


# ── Required tasks of a partner ──────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def do_task(
    *, by: User, partner: Partner, task: Task, on: dt.date | None = None, who: str = "", note: str = ""
) -> TaskDone:
    """A task is done, today or before; done already, it stays as it was said to be. Raises ValidationError, PermissionDenied."""
    _refuse(by, Permission.EDIT_PARTNERS)
    lock(f"task {task.pk} of {partner.pk}")
    known = TaskDone.objects.unscoped("of a partner the caller may see").filter(partner=partner, task=task)
    if found := known.first():
        done: TaskDone = found
        return done
    row = TaskDone(partner=partner, task=task, on=on or today(), who=who.strip(), note=note.strip(), by=by)
    row.full_clean()
    if row.on > today():
        raise ValidationError({"on": _("This day is still to come.")})
    row.save()
    audit.record(by=by, verb="task.done", target=row, note=row.note)
    events.send(TasksChanged((partner.pk,)))
    return row


@transaction.atomic
def undo_task(*, by: User, partner: Partner, task: Task) -> None:
    """It is to be done again. Open already: nothing happens."""
    _refuse(by, Permission.EDIT_PARTNERS)
    rows = TaskDone.objects.unscoped("of a partner the caller may see").filter(partner=partner, task=task)
    if (row := rows.select_for_update().first()) is None:
        return
    audit.record(by=by, verb="task.undone", target=row, changes={"on": [row.on, None], "who": [row.who, None]})
    row.delete()
    events.send(TasksChanged((partner.pk,)))


# ── The catalogue of tasks ───────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def save_task(*, by: User, task: Task | None, **fields: Any) -> Task:
    """A new task (None), or what one is to be. Raises ValidationError by field, PermissionDenied."""
    _refuse(by, Permission.EDIT_SETTINGS)
    lock("tasks")
    if task is None:
        last = Task.objects.aggregate(last=Max("order"))["last"] or 0
        keys = set(Task.objects.values_list("key", flat=True))
        row = Task(key=free_key(fields.get("name", ""), keys), order=last + 1)
    else:
        row = Task.objects.get(pk=task.pk)
    changes = audit.changes_between({name: getattr(row, name) for name in fields}, fields)
    for name, value in fields.items():
        setattr(row, name, value)
    row.full_clean()
    if changes:
        row.save()
        audit.record(by=by, verb="task.changed" if task else "task.added", target=row, changes=changes)
        # Of whom a task is required changes with it, whoever has done it.
        everybody = Partner.objects.unscoped("a task of the catalogue").order_by("pk").values_list("pk", flat=True)
        events.send(TasksChanged(tuple(everybody)))
    return row


@transaction.atomic
def remove_task(*, by: User, task: Task) -> None:
    """ValidationError while a partner has done it: that stays known."""
    _refuse(by, Permission.EDIT_SETTINGS)
    if done := TaskDone.objects.unscoped("counted for the vendor's own list").filter(task=task).count():
        words = ngettext(
            "%(n)s partner has done “%(name)s”, so it stays.", "%(n)s partners have done “%(name)s”, so it stays.", done
        )
        raise ValidationError(words % {"n": done, "name": task.name})
    if row := Task.objects.filter(pk=task.pk).first():
        audit.record(by=by, verb="task.removed", target=row)
        row.delete()
        everybody = Partner.objects.unscoped("a task of the catalogue").order_by("pk").values_list("pk", flat=True)
        events.send(TasksChanged(tuple(everybody)))


def _refuse(by: User, permission: Permission) -> None:
    if not by.can(permission):
        raise PermissionDenied
