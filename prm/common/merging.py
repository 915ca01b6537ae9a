"""Forms that two people may have open at once: each writes only what they changed, and is told what the other did."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class MergingMixin:
    """For a form on an existing object: every field also sends, hidden, the value it was shown with.

    `edits()` then tells what the person changed and from what, for an action that writes just that (`changes`, `seen`).
    """

    fields: dict[str, forms.Field]
    cleaned_data: dict[str, Any]
    data: Any
    files: Any

    def remember_shown(self) -> None:
        """Call at the end of __init__."""
        for field in self.fields.values():
            field.show_hidden_initial = True

    def shown(self, name: str) -> Any:
        """What the field held when the person was shown the form, as its Python value."""
        bound = self[name]  # type: ignore[index]
        if bound.html_initial_name not in self.data:
            return self._python(name, bound.field.prepare_value(bound.initial))
        raw = bound.field.hidden_widget().value_from_datadict(self.data, self.files, bound.html_initial_name)
        return self._python(name, raw)

    def _python(self, name: str, raw: Any) -> Any:
        try:
            return self.fields[name].to_python(raw)
        except ValidationError:
            return raw

    def edits(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """(changes, seen): the fields this person changed, with their new values and with the values they saw."""
        changes, seen = {}, {}
        for name in self.fields:
            if name in self.cleaned_data and (shown := self.shown(name)) != self.cleaned_data[name]:
                changes[name], seen[name] = self.cleaned_data[name], shown
        return changes, seen

    def changed_meanwhile(self, current: object) -> list[str]:
        """Labels of the fields that somebody else changed and this person did not."""
        mine, _seen = self.edits()
        names = [name for name in self.fields if name not in mine and self.shown(name) != getattr(current, name)]
        return [str(self.fields[name].label) for name in names]

    def show_conflict(self, current: object, clash: Mapping[str, Any], who: str) -> None:
        """Shows what `current` (the object as it is now) holds: this person's own entries stay as typed, and those that clash
        say what the other wrote. Sent again, the form keeps this person's."""
        mine, _seen = self.edits()
        data = self.data.copy()
        for name in self.fields:
            bound = self[name]  # type: ignore[index]
            value = bound.field.prepare_value(getattr(current, name))
            value = getattr(value, "pk", value)
            shown = "" if value is None else str(value)
            data[bound.html_initial_name] = shown
            if name not in mine:
                data[bound.html_name] = shown
                if value in (None, False):
                    data.pop(bound.html_name)
        self.data = data
        for name, value in clash.items():
            theirs = "–" if value in (None, "") else str(value)
            message = _("%(who)s changed this to “%(theirs)s” while you were editing. Save again to keep yours.")
            self.add_error(name, message % {"who": who or _("Somebody"), "theirs": theirs})  # type: ignore[attr-defined]


def blame(form: forms.BaseForm, error: ValidationError) -> None:
    """Puts an action's refusal where the person can see it: on its field where the form has it, else above the form."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, messages in error.error_dict.items():
        form.add_error(name if name in form.fields else None, messages)
