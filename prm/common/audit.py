"""The audit log: one line for everything a person changes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import models
from django.utils.text import capfirst

from prm.common.models import AuditEntry

# What each verb says to people; the app that uses a verb adds its words.
VERBS: dict[str, Any] = {}


def say(verb: str) -> str:
    """The verb in words."""
    return str(VERBS.get(verb) or capfirst(verb.replace(".", ": ").replace("_", " ")))


def record(
    *,
    by: Any,
    verb: str,
    target: models.Model,
    changes: Mapping[str, Sequence[Any]] | None = None,
    note: str = "",
    in_history: bool = True,
) -> AuditEntry:
    """Writes who did what. `by` is a user, or None for the system; `changes` maps a field to [old, new]. `in_history` False
    keeps it out of the history of the partner it belongs to, for what not everybody who sees the partner may know.

    Call inside the action's transaction, so that the line stands or falls with the change.
    """
    entry = _entry(by, verb, target, changes or {}, note)
    if not in_history:
        entry.partner_id = None
    entry.save()
    return entry


def record_many(
    *, by: Any, verb: str, changes: Iterable[tuple[models.Model, Mapping[str, Sequence[Any]]]], note: str = ""
) -> None:
    """The same for one thing done to many: (target, changes) pairs, written together."""
    entries = [_entry(by, verb, target, changed, note) for target, changed in changes]
    AuditEntry.objects.bulk_create(entries, batch_size=2000)


def _entry(by: Any, verb: str, target: models.Model, changes: Mapping[str, Sequence[Any]], note: str) -> AuditEntry:
    partner_id = target.pk if target._meta.label == "partners.Partner" else getattr(target, "partner_id", None)
    return AuditEntry(
        actor=by,
        actor_name=by.display_name if by else "",
        verb=verb,
        target_type=target._meta.label,
        target_id=str(target.pk),
        target_name=str(target)[:300],
        partner_id=partner_id,
        changes={field: [_plain(value) for value in pair] for field, pair in changes.items()},
        note=note,
    )


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """{field: [old, new]} for the fields that differ."""
    return {field: [before.get(field), new] for field, new in after.items() if before.get(field) != new}


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
