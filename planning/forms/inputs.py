"""One control of a plan's form, as the templates write it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass
class Input:
    """`name` is its place in the document with hyphens ("lines-0-sale-price"), `value` what stands in it, `unit` what stands
    behind it. `theirs`: what somebody else saved there meanwhile, as typed; `gone` where they took the row away."""

    name: str
    label: StrOrPromise
    value: str = ""
    unit: str = ""
    hint: StrOrPromise = ""
    empty: StrOrPromise = ""
    errors: list[str] = field(default_factory=list)
    theirs: str | None = None
    choices: tuple[tuple[str, StrOrPromise], ...] = ()
    is_month: bool = False
    long: bool = False

    @property
    def id(self) -> str:
        return f"id_{self.name}"

    @property
    def described_by(self) -> str:
        """The ids of what is said of it."""
        parts = [("hint", self.hint), ("error", self.errors), ("theirs", self.theirs is not None)]
        return " ".join(f"{self.id}_{part}" for part, there in parts if there)


@dataclass
class Row:
    """A row of a group: `inputs` by the path of their field ("sale.price"), `chosen` which option each choice has."""

    group: str
    index: int
    key: str
    name: Input
    inputs: dict[str, Input]
    choices: dict[str, Input]
    product: str = ""
    note: StrOrPromise = ""  # what somebody else did with the row meanwhile

    @property
    def prefix(self) -> str:
        return f"{self.group}-{self.index}"

    @property
    def wrong(self) -> bool:
        return any(each.errors for each in (self.name, *self.inputs.values(), *self.choices.values()))
