"""The form of one of the vendor's lists: a line for each entry, and one for a new one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partners.catalogue import LISTS, Entry, users_of

NEW = "new"

# The form fields of what entries have beside their names, by list.
MORE: dict[str, dict[str, forms.Field]] = {
    "types": {"transacts": forms.BooleanField(required=False, initial=True, label=gettext_lazy("transacts"))}
}


@dataclass(frozen=True)
class Control:
    """One further field of a line, drawn. `kind`: the type of its input; a choice says of itself what it is."""

    label: Any
    html: SafeString
    kind: str
    id: str


@dataclass
class Line:
    """`key`: the entry's pk as text. `more`: its other fields as typed. `used`: how many partners have it."""

    key: str
    name: str
    more: dict[str, Any]
    used: int
    code: str = ""
    errors: list[str] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)


class ListForm:
    """Posted as `name-<pk>` and `<field>-<pk>` in the order shown, `name-new` for a new one, and the button pressed as `do`:
    "save", "up:<pk>", "down:<pk>" or "remove:<pk>"."""

    def __init__(self, name: str, data: QueryDict | None = None) -> None:
        self.name, self.data = name, data
        model: Any = LISTS[name].model
        self.fields = MORE.get(name, {})
        used = users_of(model)
        self.lines = [
            Line(
                str(row.pk), row.name, {more: getattr(row, more) for more in self.fields}, used.get(row.pk, 0), row.key
            )
            for row in model.objects.all()
        ]
        self.new = Line(NEW, "", {more: each.initial for more, each in self.fields.items()}, 0)
        if data is not None:
            for line in [*self.lines, self.new]:
                line.name = data.get(f"name-{line.key}", line.name).strip()
                for more, each in self.fields.items():
                    line.more[more] = each.widget.value_from_datadict(data, {}, f"{more}-{line.key}")
            self._move()
        for line in [*self.lines, self.new]:
            line.controls = [self._control(line, more, each) for more, each in self.fields.items()]

    def _control(self, line: Line, more: str, each: forms.Field) -> Control:
        name = f"{more}-{line.key}"
        at = f"{self.name}-{name}"
        words = {"label": each.label, "name": line.name or _("the new one")}
        attrs = {"id": at, "aria-label": _("%(label)s: %(name)s") % words, **each.widget_attrs(each.widget)}
        value = line.more[more]
        if isinstance(value, Decimal):
            value = f"{value.normalize():f}"  # without the zeros that the column pads it with
        html = each.widget.render(name, each.prepare_value(value), attrs)
        return Control(each.label, html, each.widget.input_type, at)

    def _pressed(self, what: str) -> str:
        """The key of the entry whose button of this kind was pressed; "" for none."""
        kind, _sign, key = (self.data.get("do", "") if self.data else "").partition(":")
        return key if kind == what else ""

    def _move(self) -> None:
        keys = [line.key for line in self.lines]
        for what, step in (("up", -1), ("down", 1)):
            key = self._pressed(what)
            if key in keys and 0 <= keys.index(key) + step < len(keys):
                at = keys.index(key)
                self.lines.insert(at + step, self.lines.pop(at))

    @property
    def removed(self) -> int | None:
        """The pk of the entry to remove, if that was asked."""
        key = self._pressed("remove")
        return int(key) if key in {line.key for line in self.lines} else None

    def entries(self) -> list[Entry]:
        """What the list shall be. Raises ValidationError by pk ("new" for a new one) for what can't be understood."""
        lines = [*self.lines, self.new] if self.new.name else self.lines
        errors: dict[str, list[str]] = {}
        found = []
        for line in lines:
            more: dict[str, Any] = {}
            for name, each in self.fields.items():
                try:
                    more[name] = each.clean(line.more[name])
                except ValidationError as error:
                    errors.setdefault(line.key, []).extend(f"{each.label}: {text}" for text in error.messages)
            found.append(Entry(None if line.key == NEW else int(line.key), line.name, more))
        if errors:
            raise ValidationError(errors)
        return found

    def refuse(self, errors: Mapping[str, list[str]]) -> None:
        """Puts each message beside its entry."""
        for line in [*self.lines, self.new]:
            line.errors = errors.get(line.key, [])
