"""Counting people by what they hold, and giving each to one kind where nobody may count twice. Pure."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from scorecards.tiers.program import Kind, PeopleRequirement


@dataclass(frozen=True, slots=True)
class Person:
    """Who holds what: each certificate both as "key" and, where it has a level, as "key:level"."""

    id: Hashable
    certificates: frozenset[str]

    def holds_any(self, certificates: Sequence[str] | frozenset[str]) -> bool:
        return not self.certificates.isdisjoint(certificates)


@dataclass(frozen=True, slots=True)
class KindCount:
    name: str
    have: int
    need: int

    @property
    def missing(self) -> int:
        return max(0, self.need - self.have)


@dataclass(frozen=True, slots=True)
class Count:
    """`have` different people in all against `need`, and of each kind. Where nobody counts twice, each is in one kind."""

    have: int
    need: int
    kinds: tuple[KindCount, ...]

    @property
    def missing(self) -> int:
        """How many certifications are missing at least: who is new to a kind adds to the whole as well."""
        return max(self.need - self.have, sum(kind.missing for kind in self.kinds), 0)

    @property
    def met(self) -> bool:
        return not self.missing


def count(requirement: PeopleRequirement, people: Sequence[Person]) -> Count:
    """Those of `people` the requirement counts: each once in all and, within the requirement, once per kind."""
    wanted = requirement.all_certificates
    counted = [person for person in people if person.holds_any(wanted)]
    fits = [[person.holds_any(kind.certificates) for kind in requirement.kinds] for person in counted]
    if requirement.once:
        given = assign(fits, [kind.minimum for kind in requirement.kinds])
        numbers = [given.count(place) for place in range(len(requirement.kinds))]
    else:
        numbers = [sum(fit[place] for fit in fits) for place in range(len(requirement.kinds))]
    return Count(len(counted), requirement.minimum, _counts(requirement.kinds, numbers))


def _counts(kinds: Sequence[Kind], numbers: Sequence[int]) -> tuple[KindCount, ...]:
    return tuple(KindCount(kind.name, number, kind.minimum) for kind, number in zip(kinds, numbers, strict=True))


def assign(fits: Sequence[Sequence[bool]], minimums: Sequence[int]) -> list[int | None]:
    """The kind each person is given to, so that as many of the places the minimums ask for are taken as is possible at all.

    `fits[person][kind]`: whom a kind suits. None: suits none. Kinds fill up in their order; whoever is left over is given
    to the first kind that suits. A bipartite matching of people and places, by augmenting paths.
    """
    given: list[int | None] = [None] * len(fits)

    def place_one(kind: int, tried: frozenset[int]) -> bool:
        """Gives one more person to the kind: somebody free, or somebody whose kind finds another for them."""
        suited = [person for person, suits in enumerate(fits) if suits[kind]]
        for person in suited:
            if given[person] is None:
                given[person] = kind
                return True
        for person in suited:
            before = given[person]
            if before is not None and before not in tried and place_one(before, tried | {before}):
                given[person] = kind
                return True
        return False

    for kind, minimum in enumerate(minimums):
        while given.count(kind) < minimum and place_one(kind, frozenset({kind})):
            pass
    for person, suits in enumerate(fits):
        if given[person] is None:
            given[person] = next((kind for kind, fit in enumerate(suits) if fit), None)
    return given
