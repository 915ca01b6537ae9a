"""Reading a document's mappings field by field, keeping every problem with its place. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from prm.imports.messages import Message, _, shown
from scorecards.tiers.program import Problem

NAME = 120
DIGITS, PLACES = 16, 6

T = TypeVar("T")


class Reader:
    """What was found wrong so far, and how numbers are read."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def report(self, path: str, text: str, **params: object) -> None:
        self.problems.append(Problem(path, Message(text, params)))

    def whole(self, value: Any, path: str, *, least: int) -> int:
        number = self.decimal(value, path)
        if number is None:
            return least
        if number != int(number) or not least <= number <= 10**9:
            self.report(path, _("Here must be a whole number from %(least)s."), least=least)
            return least
        return int(number)

    def decimal(self, value: Any, path: str) -> Decimal | None:
        """A number written as one or as text; None, and a problem, for anything else."""
        number = None
        if isinstance(value, int | float | str | Decimal) and not isinstance(value, bool):
            try:
                number = Decimal(str(value).strip())
            except InvalidOperation:
                number = None
        if number is None or not number.is_finite():
            self.report(path, _("“%(value)s” is no number."), value=shown(value))
            return None
        number = number.normalize() + 0
        places = -int(number.as_tuple().exponent)
        if places > PLACES or abs(number) >= Decimal(10) ** DIGITS:
            self.report(
                path, _("Here is room for %(places)s decimals and %(digits)s digits."), places=PLACES, digits=DIGITS
            )
            return None
        return number


class Block:
    """A mapping being read: what is left over at the end is not known."""

    def __init__(self, reader: Reader, data: Any, path: str) -> None:
        self.reader, self.path = reader, path
        if not isinstance(data, Mapping):
            reader.report(path, _("Here must be a mapping of fields."))
            data = None
        self.data: dict[Any, Any] = dict(data or {})
        self.broken = data is None

    def at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def has(self, name: str) -> bool:
        return self.data.get(name) not in (None, "", [])

    def take(self, name: str) -> Any:
        return self.data.pop(name, None)

    def text(self, name: str, *, required: bool = False, most: int = NAME) -> str:
        value = self.take(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)
        if value is None or value == "":
            if required and not self.broken:
                self.reader.report(self.at(name), _("This is missing."))
            return ""
        if not isinstance(value, str):
            self.reader.report(self.at(name), _("Here must be a text."))
            return ""
        value = " ".join(value.split())
        if len(value) > most:
            self.reader.report(self.at(name), _("This is longer than %(most)s characters."), most=most)
        return value

    def flag(self, name: str) -> bool:
        value = self.take(name)
        if value is not None and not isinstance(value, bool):
            self.reader.report(self.at(name), _("Here must be true or false."))
        return value is True

    def number(
        self, name: str, *, least: Decimal | None = None, above: Decimal | None = None, required: bool = False
    ) -> Decimal | None:
        value = self.take(name)
        if value is None or value == "":
            if required and not self.broken:
                self.reader.report(self.at(name), _("This is missing."))
            return None
        number = self.reader.decimal(value, self.at(name))
        if number is None:
            return None
        if least is not None and number < least:
            self.reader.report(self.at(name), _("This can't be below %(least)s."), least=least)
        if above is not None and number <= above:
            self.reader.report(self.at(name), _("This must be above %(above)s."), above=above)
            return None
        return number

    def whole(self, name: str, *, least: int, required: bool = False) -> int | None:
        value = self.take(name)
        if value is None or value == "":
            if required and not self.broken:
                self.reader.report(self.at(name), _("This is missing."))
            return None
        return self.reader.whole(value, self.at(name), least=least)

    def items(self, name: str, most: int, read: Callable[[Any, str], T], *, least: int = 0) -> list[T]:
        value = self.take(name)
        if value is None:
            value = []
        if not isinstance(value, list) or not least <= len(value) <= most:
            if not self.broken:
                self.reader.report(
                    self.at(name), _("Here must be a list of %(least)s to %(most)s."), least=least, most=most
                )
            return []
        return [read(each, f"{self.at(name)}.{number}") for number, each in enumerate(value)]

    def end(self) -> None:
        for name in self.data:
            self.reader.report(self.at(str(name)), _("There is no such field."))
