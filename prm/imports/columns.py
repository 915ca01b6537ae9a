"""Which column of a file is which field: a proposal by the columns' headers, for the user to confirm."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache

from prm.common.names import fold
from prm.imports.fields import Field, Target
from prm.imports.layout import Column


class Confidence(StrEnum):
    """`exact`: the header is the field's name or a known name of it; `likely`: it is nearly one."""

    EXACT = "exact"
    LIKELY = "likely"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A column and the field it seems to be; None: nothing fits, the column is ignored."""

    column: Column
    field: Field | None = None
    confidence: Confidence | None = None


CUSTOM = re.compile(r"__[cr]\b", re.IGNORECASE)
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
SIDE_WORDS = frozenset(
    {
        "the",
        "of",
        "a",
        "an",
        "primary",
        "main",
        "billing",
        "official",
        "english",
        "current",
        "full",
        "text",
        "value",
        "is",
    }
)
TYPO = 0.88
LONGEST_HEADER = 100


@lru_cache(maxsize=10_000)
def words(header: str) -> tuple[str, ...]:
    """A header's words: "Account.BillingCountry__c" → account, billing, country."""
    return tuple(fold(CAMEL.sub(" ", CUSTOM.sub("", header))).split())


def propose(target: Target, columns: Sequence[Column]) -> list[Proposal]:
    """A field for each column, or none; never one field for two columns. The better fit wins, then the earlier alias,
    then the earlier column; the loser may take its next best."""
    fits: list[tuple[int, int, int, str]] = []
    for column in columns:
        header = words(column.original) if len(column.original) <= LONGEST_HEADER else ()
        if header:
            for item in target.fields:
                fit = _fit(header, item, target.nouns)
                if fit:
                    fits.append((*fit, column.index, item.name))
    found: dict[int, Proposal] = {}
    taken: set[str] = set()
    by_index = {column.index: column for column in columns}
    for grade, _place, index, name in sorted(fits):
        if index not in found and name not in taken:
            taken.add(name)
            confidence = Confidence.EXACT if grade == 0 else Confidence.LIKELY
            found[index] = Proposal(by_index[index], target.by_name[name], confidence)
    return [found.get(column.index, Proposal(column)) for column in columns]


def _fit(header: tuple[str, ...], item: Field, nouns: Sequence[str]) -> tuple[int, int] | None:
    """How well a header fits a field: grade (0 exact, 1 the words that matter, 2 a slip of the pen) and place of the alias."""
    best: tuple[int, int] | None = None
    squashed = "".join(header)
    for place, alias in enumerate((str(item.label), item.name, *item.aliases)):
        known = words(alias)
        if squashed == "".join(known):
            return (0, place)
        if _core(header, nouns) and _core(header, nouns) == _core(known, nouns):
            best = min(best or (1, place), (1, place))
        elif _slip(squashed, "".join(known)):
            best = min(best or (2, place), (2, place))
    return best


def _core(header: Sequence[str], nouns: Sequence[str]) -> frozenset[str]:
    return frozenset(word for word in header if word not in SIDE_WORDS and word not in nouns)


def _slip(one: str, other: str) -> bool:
    if abs(len(one) - len(other)) > 2 or min(len(one), len(other)) < 5 or one[0] != other[0]:
        return False
    if re.sub(r"\D", "", one) != re.sub(r"\D", "", other):
        return False
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= TYPO
