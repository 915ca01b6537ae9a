"""The audit log in words, for a partner's history."""

from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prm.common.models import AuditEntry

# Tools add the words for what they record.
VERBS: dict[str, Any] = {
    "partner.created": gettext_lazy("Partner added"),
    "partner.changed": gettext_lazy("Partner changed"),
    "partner.moved": gettext_lazy("Partner moved"),
    "partner.imported": gettext_lazy("Partner imported"),
    "contact.added": gettext_lazy("Contact added: %(name)s"),
    "contact.changed": gettext_lazy("Contact changed: %(name)s"),
    "contact.removed": gettext_lazy("Contact removed: %(name)s"),
    "touch.added": gettext_lazy("Touch added: %(name)s"),
    "touch.removed": gettext_lazy("Touch removed: %(name)s"),
    "action.added": gettext_lazy("Action added: %(name)s"),
    "action.changed": gettext_lazy("Action changed: %(name)s"),
}


def line(entry: AuditEntry) -> dict[str, Any]:
    """An entry for the timeline: text, who, when, detail."""
    words = str(VERBS.get(entry.verb) or entry.verb.replace(".", " ").replace("_", " ").capitalize())
    changes = "; ".join(_change(entry.target_type, field, pair) for field, pair in entry.changes.items())
    return {
        "text": words % {"name": entry.target_name} if "%(name)s" in words else words,
        "who": entry.actor_name or _("System"),
        "when": entry.at,
        "detail": " – ".join(filter(None, [changes, entry.note])),
        "icon": "edit" if entry.changes else "clock",
    }


def _change(target_type: str, field: str, pair: list[Any]) -> str:
    old, new = (_("nothing") if value in (None, "") else value for value in pair)
    return _("%(field)s: %(old)s → %(new)s") % {"field": _label(target_type, field), "old": old, "new": new}


def _label(target_type: str, field: str) -> str:
    try:
        found: Any = apps.get_model(target_type)._meta.get_field(field)
    except (LookupError, ValueError, FieldDoesNotExist):
        return field
    return str(getattr(found, "verbose_name", field))


def last_editor(target: Any, fields: set[str]) -> str:
    """Who last changed any of these fields of the object; "" when the log doesn't say."""
    entries = AuditEntry.objects.filter(
        target_type=target._meta.label, target_id=str(target.pk), changes__has_any_keys=list(fields)
    )
    entry = entries.order_by("-at", "-id").first()
    return entry.actor_name if entry else ""
