"""All peers of a questionnaire sorted once, so that every partner finds its place among them quickly. Pure.

Gives exactly what `peers.peers_of` with `peers.standing` and `peers.topic_standings` gives for one partner after the other,
which would take hours for ten thousand. Scores are compared as whole numbers of 10⁻¹², what the database keeps of them.
"""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from scorecards.peers import LEAST, Candidate, Number, Standing, best_of_each

PLACES = 12
UNIT = 10**PLACES
QUARTERS = (1, 2, 3)

Quartiles = tuple[int, int, int]  # lower, median, upper, in quarters of a unit, so that they are whole numbers


@dataclass(frozen=True, slots=True)
class Place:
    """A score among its peers' scores: how many there are, are strictly below, and equal; and the peers' quartiles."""

    count: int
    below: int
    equal: int
    quartiles: Quartiles

    @property
    def percentile(self) -> Fraction:
        return Fraction(2 * self.below + self.equal, 2 * self.count) * 100

    @property
    def standing(self) -> Standing:
        lower, median, upper = (Fraction(each, 4 * UNIT) for each in self.quartiles)
        return Standing(self.count, self.percentile, lower, median, upper)


@dataclass(frozen=True, slots=True)
class Placed:
    """Where one assessment stands, by topic too where five peers have the topic."""

    all_types: bool  # the peers are of all partner types, for want of five of the same
    overall: Place
    topics: Mapping[str, Place]


@dataclass(frozen=True, slots=True)
class _Others:
    """The scores of one group in one figure without those of one family."""

    scores: Sequence[int]  # of the whole group, ascending
    family: Sequence[int]  # those to leave out, ascending
    quartiles: Quartiles | None

    @classmethod
    def of(cls, scores: Sequence[int], family: Sequence[int]) -> "_Others":
        if len(scores) - len(family) < LEAST:
            return cls(scores, family, None)
        out = []
        for number, score in enumerate(family):
            again = number - bisect_left(family, score)  # which of its equals
            out.append(bisect_left(scores, score) + again)
        lower, median, upper = (_quartile(scores, out, which) for which in QUARTERS)
        return cls(scores, family, (lower, median, upper))

    def place(self, own: int) -> Place | None:
        if self.quartiles is None:
            return None
        below = bisect_left(self.scores, own)
        up_to = bisect_right(self.scores, own)
        below_family = bisect_left(self.family, own)
        equal_family = bisect_right(self.family, own) - below_family
        count = len(self.scores) - len(self.family)
        return Place(count, below - below_family, up_to - below - equal_family, self.quartiles)


def _quartile(scores: Sequence[int], out: Sequence[int], which: int) -> int:
    """A quartile (type 7) of the scores without those at the places `out`, in quarters of a unit."""
    low, rest = divmod((len(scores) - len(out) - 1) * which, 4)
    at = scores[_place(low, out)]
    return 4 * at + (rest and rest * (scores[_place(low + 1, out)] - at))


def _place(place: int, out: Sequence[int]) -> int:
    """Where the value is that comes at `place` once those at the ascending places `out` are gone."""
    for gone in out:
        if gone > place:
            break
        place += 1
    return place


OVERALL = ""  # beside the keys of topics
CATEGORY = "category:"  # before a category's key, so that it can stand beside them; no key has a colon

Scores = Mapping[str, Sequence[int]]  # by figure: OVERALL or a topic's key


@dataclass(slots=True)
class _Group:
    """Peers of one partner type, or of all."""

    scores: Scores
    families: Mapping[int, Scores]
    known: dict[tuple[int, str], _Others] = field(default_factory=dict)

    @classmethod
    def of(cls, candidates: Iterable[Candidate]) -> "_Group":
        scores: dict[str, list[int]] = defaultdict(list)
        families: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for candidate in candidates:
            for key, score in ((OVERALL, candidate.overall), *candidate.topics.items()):
                value = units(score)
                scores[key].append(value)
                families[candidate.family][key].append(value)
        for group in (scores, *families.values()):
            for values in group.values():
                values.sort()
        return cls(scores, families)

    def without(self, family: int, key: str) -> _Others:
        found = self.known.get((family, key))
        if found is None:
            found = _Others.of(self.scores.get(key, ()), self.families.get(family, {}).get(key, ()))
            self.known[family, key] = found
        return found


class Field:
    """The candidates of one questionnaire on one day."""

    def __init__(self, candidates: Iterable[Candidate], today: dt.date) -> None:
        best = list(best_of_each(candidates, today).values())
        by_type: dict[str, list[Candidate]] = defaultdict(list)
        for candidate in best:
            by_type[candidate.partner_type].append(candidate)
        self._types = {partner_type: _Group.of(rows) for partner_type, rows in by_type.items()}
        self._all = _Group.of(best)

    def place(self, own: Candidate) -> Placed | None:
        """Where this assessment stands among the others'; None under five peers. It need not be among the candidates."""
        score = units(own.overall)
        for group in (self._types.get(own.partner_type), self._all):
            overall = group and group.without(own.family, OVERALL).place(score)
            if group and overall:
                topics = {
                    key: place
                    for key, value in own.topics.items()
                    if (place := group.without(own.family, key).place(units(value)))
                }
                return Placed(group is self._all, overall, topics)
        return None


def units(score: Number) -> int:
    """The score as a whole number of 10⁻¹². ValueError for one that has more places than that."""
    if isinstance(score, Decimal):
        whole = score.scaleb(PLACES)
        value = int(whole)
        exact = value == whole
    else:
        value, rest = divmod(score.numerator * UNIT, score.denominator)
        exact = not rest
    if not exact:
        raise ValueError(f"{score} has more than {PLACES} places")
    return value
