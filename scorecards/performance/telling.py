"""Putting explanations together. Formulas are arithmetic with + − × ÷, parentheses, min(…) and max(…), so that they can be done
again with the values of their terms; terms that no place of the formula names are notes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from prm.common.explain import Explanation, Term
from prm.common.fiscal import Month
from scorecards.performance.inputs import Lack
from scorecards.scoring import decimal

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

NAMED = 3  # of many lacks, so many are named
PERCENT = "%"


def exact(value: Fraction | Decimal | int) -> Decimal:
    """As a Decimal with twelve places at most, without zeros at the end."""
    if not isinstance(value, Fraction):
        value = Fraction(value)
    found = decimal(value).normalize()
    return Decimal(f"{found:f}") + 0


@dataclass
class Formula:
    """A formula while it grows: `put` adds a term and gives its place."""

    unit: str = ""
    text: str = ""
    terms: list[Term] = field(default_factory=list)
    children: list[Explanation] = field(default_factory=list)

    def put(
        self,
        label: StrOrPromise,
        value: Fraction | Decimal | int,
        unit: StrOrPromise | None = None,
        url: str | None = None,
    ) -> str:
        """A number of the formula, in the formula's unit where no other is given."""
        self.terms.append(Term(label, exact(value), self.unit if unit is None else unit, url))
        return f"{{{len(self.terms) - 1}}}"

    def note(self, label: StrOrPromise, value: date | str | Decimal, url: str | None = None) -> None:
        """What should be known beside the numbers."""
        self.terms.append(Term(label, value, "", url))

    def told(
        self,
        title: StrOrPromise,
        day: date,
        value: Fraction | Decimal | int | None,
        unit: StrOrPromise,
        *,
        why: StrOrPromise | None = None,
        url: str | None = None,
    ) -> Explanation:
        """The explanation: of the value, or of why there is none."""
        return Explanation(
            title=title,
            formula=self.text,
            terms=tuple(self.terms),
            as_of=day,
            result=None if value is None else exact(value),
            unit=unit,
            records_url=url,
            why_missing=why if value is None else None,
            children=tuple(self.children),
        )


def missing(title: StrOrPromise, day: date, why: StrOrPromise, unit: StrOrPromise = "") -> Explanation:
    """A figure without a value and without numbers to show."""
    return Formula().told(title, day, None, unit, why=why)


def ratio(part: Fraction | Decimal | int, base: Fraction | Decimal | int) -> Fraction | None:
    """None where the base is 0."""
    return Fraction(part) / Fraction(base) if base else None


def without_rate(lacks: Iterable[Lack]) -> str:
    """The reason that names currency and date: "No exchange rate: EUR on 2026-03-04"."""
    found = sorted(set(lacks))
    named = ", ".join(
        _("%(currency)s on %(date)s") % {"currency": lack.currency, "date": lack.on.isoformat()}
        for lack in found[:NAMED]
    )
    if len(found) > NAMED:
        rest = len(found) - NAMED
        more = ngettext("and %(count)s more", "and %(count)s more", rest) % {"count": rest}
        named = f"{named} {more}"
    return _("No exchange rate: %(lacks)s") % {"lacks": named}


def month_name(month: Month) -> str:
    """ "March 2026", as the reader says it."""
    return _dated(month.start, "YEAR_MONTH_FORMAT", get_language())


def day_name(day: date) -> str:
    return _dated(day, "DATE_FORMAT", get_language())


@lru_cache(1024)
def _dated(day: date, form: str, language: str | None) -> str:
    """A page of figures says the same few months hundreds of times."""
    return date_format(day, form)


def listed(months: Sequence[Month]) -> str:
    return ", ".join(month_name(month) for month in months)


def plus(places: Sequence[str]) -> str:
    """The places added up, in parentheses where there are several."""
    joined = " + ".join(places)
    return f"({joined})" if len(places) > 1 or " " in joined else joined
