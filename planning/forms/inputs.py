"""One control of a plan's form, as the templates write it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import gettext

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
    is_money: bool = False
    is_month: bool = False
    calendar: str = ""  # the calendar month of a month of the plan

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

    def __getattr__(self, name: str) -> Input:
        """An input by its path with an underscore, for templates: row.sale_price."""
        found = self.__dict__.get("inputs", {}).get(name.replace("_", ".", 1))
        if found is None:
            raise AttributeError(name)
        return found

    @property
    def services(self) -> list[Input]:
        return [each for path, each in self.inputs.items() if path.startswith("services.")]

    @property
    def services_open(self) -> bool:
        """Whether something is wrong in them, or changed by others: what is folded away must not hide it."""
        return any(each.errors or each.theirs is not None for each in self.services)

    @property
    def services_told(self) -> str:
        """In a few words, where they are folded away."""
        attach = self.inputs["services.attach"].value
        if attach in ("", "0"):
            return gettext("none planned")
        told = [gettext("with %(share)s%% of the deals") % {"share": attach}]
        for path in ("services.price", "services.managed_price"):
            one = self.inputs[path]
            if one.value not in ("", "0"):
                told.append(f"{one.label}: {one.value} {one.unit}")
        return ", ".join(told)
