"""Programs and partners for the tests of tiers, entered as data."""

from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from prm.common.explain import Figure
from scorecards.tiers import document
from scorecards.tiers.people import Person
from scorecards.tiers.program import Aggregate, Program, Source
from scorecards.tiers.qualifying import Facts

HERE = Path(__file__).with_name("programs")


def program(name: str) -> Program:
    return document.parse(data(name))


def data(name: str) -> Any:
    return yaml.safe_load((HERE / f"{name}.yaml").read_text())


def people(*groups: tuple[int, str]) -> tuple[Person, ...]:
    """(3, "foundational technical technical:professional"): three people who hold all of these."""
    numbers = count(1)
    return tuple(Person(next(numbers), frozenset(held.split())) for many, held in groups for _ in range(many))


def facts(people: tuple[Person, ...] = (), own: str = "", **metrics: Any) -> Facts:
    """Metrics by code, with their aggregate and window behind two underscores: launched_mrr__sum__12_months=1500."""
    found = {}
    for name, value in metrics.items():
        code, aggregate, window = [*name.split("__"), "latest", "as_of"][:3] if "__" not in name else name.split("__")
        figure = Figure(None, "No value yet.") if value is None else Figure(Decimal(str(value)))
        found[Source(code, Aggregate(aggregate), window)] = figure
    return Facts(found, people, tuple(Person(key, frozenset([key])) for key in own.split()))
