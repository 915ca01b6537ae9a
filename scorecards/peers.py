"""How a partner stands among its peers. Pure: the candidates come from a snapshot, "today" is an argument.

Peers are other partners, not of the same family, of the same questionnaire in any version, finished in the last twelve
months, one assessment each; of the same partner type, or of all types where fewer than five are of the same.
Figures compare unrounded shared scores. Under five peers there are none: a figure would point at somebody.
"""

import calendar
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

LEAST = 5
MONTHS = 12
STEP = 5  # points that the partner's side sees quartiles in
BAND = 10  # percents that the partner's side sees its percentile in
MODES = ("joint", "cam", "self")  # the most trusted first

Number = Fraction | Decimal


@dataclass(frozen=True, slots=True)
class Candidate:
    """One agreed or submitted assessment. `family` is the same for a partner, its parent and its branches.

    `overall` is the unrounded shared overall, `topics` the unrounded scores of shared topics by key.
    """

    partner: int
    family: int
    partner_type: str
    agreed: bool
    mode: str
    finished: dt.date
    overall: Number
    topics: Mapping[str, Number] = field(default_factory=dict)
    assessment: int = 0  # which one it is, for the caller


@dataclass(frozen=True, slots=True)
class Standing:
    """Exact figures, for the vendor's side: percentile 0–100 and quartiles of the peers' scores."""

    count: int
    percentile: Fraction
    lower: Fraction
    median: Fraction
    upper: Fraction

    def rounded(self) -> "RoundedStanding":
        """What the partner's side may see: nobody can work out a peer's score from it."""
        whole = (self.percentile + Fraction(1, 2)).__floor__()
        first = min(whole // BAND * BAND, 100 - BAND)
        last = 100 if first == 100 - BAND else first + BAND - 1
        lower, median, upper = (_to_step(quartile) for quartile in (self.lower, self.median, self.upper))
        return RoundedStanding(self.count, (first, last), lower, median, upper)


@dataclass(frozen=True, slots=True)
class RoundedStanding:
    """Percentile as a band of ten ("60–69", the last one "90–100"), quartiles to five points, halves up."""

    count: int
    band: tuple[int, int]
    lower: int
    median: int
    upper: int


def peers_of(
    partner: int, family: int, partner_type: str, candidates: Iterable[Candidate], today: dt.date
) -> list[Candidate]:
    """The assessments a partner's own is compared with, one per peer; empty where there are fewer than five.

    Of several of one partner the agreed one counts, then joint before cam before self, then the latest finished.
    """
    others = (each for each in candidates if each.partner != partner and each.family != family)
    best = best_of_each(others, today)
    alike = [candidate for candidate in best.values() if candidate.partner_type == partner_type]
    peers = alike if len(alike) >= LEAST else list(best.values())
    return peers if len(peers) >= LEAST else []


def best_of_each(candidates: Iterable[Candidate], today: dt.date) -> dict[int, Candidate]:
    """The assessment that counts of each partner with one in the last twelve months; of two equals the one that comes first."""
    since = months_before(today)
    best: dict[int, Candidate] = {}
    for candidate in candidates:
        if not since <= candidate.finished <= today:
            continue
        other = best.get(candidate.partner)
        if other is None or _rank(candidate) > _rank(other):
            best[candidate.partner] = candidate
    return best


def _rank(candidate: Candidate) -> tuple[bool, int, dt.date]:
    return candidate.agreed, -MODES.index(candidate.mode), candidate.finished


def months_before(day: dt.date, months: int = MONTHS) -> dt.date:
    """The same day so many months earlier, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def standing(own: Number, peers: Sequence[Number]) -> Standing | None:
    """Where a score stands among the peers' scores, its own not among them; None under five peers.

    Percentile = (strictly below + half of the equal ones) ÷ n × 100; quartiles by linear interpolation (type 7).
    """
    if len(peers) < LEAST:
        return None
    scores = sorted(Fraction(score) for score in peers)
    below = sum(score < own for score in scores)
    equal = sum(score == own for score in scores)
    return Standing(
        count=len(scores),
        percentile=Fraction(2 * below + equal, 2 * len(scores)) * 100,
        lower=quantile(scores, Fraction(1, 4)),
        median=quantile(scores, Fraction(1, 2)),
        upper=quantile(scores, Fraction(3, 4)),
    )


def topic_standings(own: Mapping[str, Number], peers: Sequence[Candidate]) -> dict[str, Standing | None]:
    """The standing in each topic that has a score, among the peers that have one there."""
    return {
        key: standing(score, [peer.topics[key] for peer in peers if key in peer.topics]) for key, score in own.items()
    }


def quantile(ordered: Sequence[Fraction], share: Fraction) -> Fraction:
    """The quantile of ascending values by linear interpolation (type 7). Raises IndexError for none."""
    place = (len(ordered) - 1) * share
    low = place.__floor__()
    return ordered[low] + (ordered[min(low + 1, len(ordered) - 1)] - ordered[low]) * (place - low)


def _to_step(value: Fraction) -> int:
    return (value / STEP + Fraction(1, 2)).__floor__() * STEP
