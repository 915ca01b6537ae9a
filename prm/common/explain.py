"""Every figure explains itself: its formula with the partner's own numbers put in, the records behind it, its time.

Texts may be lazy translations. Units are "%" (92 means 92 %), a currency code, a counted word ("days") or "".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class TermDict(TypedDict):
    label: str
    value: str | None
    unit: str
    source_url: str | None


class ExplanationDict(TypedDict):
    title: str
    formula: str
    with_numbers: str
    terms: list[TermDict]
    result: str | None
    unit: str
    as_of: str
    records_url: str | None
    why_missing: str | None
    children: list[ExplanationDict]


class FigureDict(TypedDict):
    value: str | None
    reason: str | None
    explanation: ExplanationDict | None


@dataclass(frozen=True)
class Term:
    """One number (or a date, or text) in a formula, and where it can be looked up; None where unknown."""

    label: StrOrPromise
    value: Decimal | date | str | None
    unit: StrOrPromise = ""
    source_url: str | None = None

    @property
    def is_text(self) -> bool:
        """Whether it is words, for which a column of numbers is no place."""
        return isinstance(self.value, str)

    def to_dict(self) -> TermDict:
        return {
            "label": str(self.label),
            "value": _plain(self.value),
            "unit": str(self.unit),
            "source_url": self.source_url,
        }


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """How a figure came about.

    `formula` names its terms by position: "{0} ÷ {1}" is told in words with their labels and in numbers with their
    values. Exactly one of `result` and `why_missing` is set, else ValueError. `as_of` is the day or moment the data
    stands for, `records_url` the list of records behind it, `children` explain the parts that are figures themselves.
    """

    title: StrOrPromise
    formula: StrOrPromise
    terms: tuple[Term, ...]
    as_of: date
    result: Decimal | None = None
    unit: StrOrPromise = ""
    records_url: str | None = None
    why_missing: StrOrPromise | None = None
    children: tuple[Explanation, ...] = ()

    def __post_init__(self) -> None:
        _one_of(self.result, self.why_missing)

    @property
    def in_words(self) -> str:
        """The formula with the labels of its terms: "won ÷ (won + lost)"."""
        return self._filled(lambda term: str(term.label))

    def in_numbers(self, show: Callable[[Term], str]) -> str:
        """The formula with this partner's own numbers, each written by `show`: "12 ÷ (12 + 4)"."""
        return self._filled(show)

    @property
    def figure(self) -> Figure:
        """The figure explained: its result, or "–" with the reason."""
        return Figure(self.result, self.why_missing, self)

    def to_dict(self) -> ExplanationDict:
        """For the API: decimals and times as strings, texts in the active language."""
        return {
            "title": str(self.title),
            "formula": self.in_words,
            "with_numbers": self.in_numbers(lambda term: _plain(term.value) or "–"),
            "terms": [term.to_dict() for term in self.terms],
            "result": _plain(self.result),
            "unit": str(self.unit),
            "as_of": self.as_of.isoformat(),
            "records_url": self.records_url,
            "why_missing": _text(self.why_missing),
            "children": [child.to_dict() for child in self.children],
        }

    def _filled(self, show: Callable[[Term], str]) -> str:
        return str(self.formula).format(*(show(term) for term in self.terms))


@dataclass(frozen=True)
class Figure:
    """A computed figure, or "–" with its reason: exactly one of `value` and `reason` is set, else ValueError."""

    value: Decimal | None = None
    reason: StrOrPromise | None = None
    explanation: Explanation | None = None

    def __post_init__(self) -> None:
        _one_of(self.value, self.reason)

    def to_dict(self) -> FigureDict:
        """For the API: decimals as strings."""
        return {
            "value": _plain(self.value),
            "reason": _text(self.reason),
            "explanation": self.explanation.to_dict() if self.explanation else None,
        }


def _one_of(value: Decimal | None, reason: StrOrPromise | None) -> None:
    if (value is None) != bool(reason):
        raise ValueError("A figure has either a value or a reason why it has none")


def _plain(value: Decimal | date | str | None) -> str | None:
    if isinstance(value, date):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else value


def _text(text: StrOrPromise | None) -> str | None:
    return None if text is None else str(text)
