"""Which fields a row of each group has, read from the assumptions themselves, so that none can be forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any

from planning.document import CHOICES, GROUPS
from planning.forecast.assumptions import Kind, Services

NAMED = ("key", "name", "product")


@dataclass(frozen=True)
class Field:
    """A number of a row. `path`: "sale.price"; `choice` and `option`: it counts where that choice ("sale") is this option
    ("recurring"). `default` is what an empty field stands for; None where empty means something of its own."""

    path: str
    kind: Kind
    default: Any
    choice: str = ""
    option: str = ""


def _numbers(kind: type, path: str = "", choice: str = "", option: str = "") -> Iterator[Field]:
    for each in fields(kind):
        here = f"{path}{each.name}"
        if each.name in CHOICES:
            for name, of in CHOICES[each.name].items():
                yield from _numbers(of, f"{here}.", each.name, name)
        elif each.name == "services":
            yield from _numbers(Services, f"{here}.")
        elif each.name not in NAMED:
            yield Field(here, each.metadata["kind"], each.default, choice, option)


@cache
def fields_of(group: str) -> tuple[Field, ...]:
    """The numbers of a row of the group, in plan order, those of every choice."""
    assert is_dataclass(GROUPS[group])
    return tuple(_numbers(GROUPS[group]))


def choices_of(group: str) -> tuple[str, ...]:
    """What is chosen in a row of the group: deals and sale in a product line, nothing in others."""
    return tuple(each.name for each in fields(GROUPS[group]) if each.name in CHOICES)
