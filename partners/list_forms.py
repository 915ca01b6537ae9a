"""The form of one of the vendor's lists: a line for each entry, and one for a new one."""

from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from partners.catalogue import LISTS, Entry, users_of
from partners.models import PartnerType

NEW = "new"


@dataclass
class Line:
    """`key`: the entry's pk as text. `used`: how many partners have it."""

    key: str
    name: str
    transacts: bool
    used: int
    errors: list[str] = field(default_factory=list)


class ListForm:
    """Posted as `name-<pk>` and `transacts-<pk>` in the order shown, `name-new` for a new one, and the button pressed as `do`:
    "save", "up:<pk>", "down:<pk>" or "remove:<pk>"."""

    def __init__(self, name: str, data: QueryDict | None = None) -> None:
        self.name, self.data = name, data
        model: Any = LISTS[name]
        self.has_transacts = model is PartnerType
        used = users_of(model)
        self.lines = [
            Line(str(row.pk), row.name, getattr(row, "transacts", True), used.get(row.pk, 0))
            for row in model.objects.all()
        ]
        self.new = Line(NEW, "", True, 0)
        if data is not None:
            for line in [*self.lines, self.new]:
                line.name = data.get(f"name-{line.key}", line.name).strip()
                line.transacts = f"transacts-{line.key}" in data
            self._move()

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
        """What the list shall be."""
        lines = [Entry(int(line.key), line.name, line.transacts) for line in self.lines]
        return [*lines, Entry(None, self.new.name, self.new.transacts)] if self.new.name else lines

    def refuse(self, errors: dict[str, list[str]]) -> None:
        """Puts each message beside its entry."""
        for line in [*self.lines, self.new]:
            line.errors = errors.get(line.key, [])
