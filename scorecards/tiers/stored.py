"""What a metric's stored values come to in a window, and how. Pure.

Over a family (a partner and its branches) values are put together; of the latest ones money is added up, and of anything else
the partner's own stands.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from prm.common.explain import Explanation, Figure, Term
from scorecards.scoring import decimal
from scorecards.tiers.program import Aggregate

SHOWN = 24  # of more values the explanation gives their number


@dataclass(frozen=True, slots=True)
class Value:
    """A value of `member` of the family, in the reporting currency where it is money. `lack`: it could not be converted."""

    member: int
    on: date
    value: Decimal
    lack: str = ""


@dataclass(frozen=True)
class Asked:
    """Which values are asked for, and in which words they are spoken of. `unit` is "%", a currency or ""."""

    name: str
    aggregate: Aggregate
    first: date | None
    last: date
    unit: str = ""
    adds_up: bool = False  # money: the members' latest values are added up

    @property
    def span(self) -> str:
        if self.first is None:
            return _("up to %(last)s") % {"last": _day(self.last)}
        return _("from %(first)s to %(last)s") % {"first": _day(self.first), "last": _day(self.last)}


def figure(asked: Asked, own: int, values: Sequence[Value], *, explain: bool) -> Figure:
    """What `values` (in the order of days) come to for the partner `own`; "–" with the reason where there is none."""
    if asked.aggregate is Aggregate.COUNT:
        return _told(asked, Decimal(len(values)), "{0}", [(_("number of values"), len(values))], explain, unit="")
    if asked.aggregate is Aggregate.LATEST:
        values = _latest(values) if asked.adds_up else [each for each in values if each.member == own][-1:]
    if lack := next((each.lack for each in values if each.lack), ""):
        return _none(asked, lack, explain)
    if not values:
        return _none(asked, _("%(metric)s: no value %(span)s.") % {"metric": asked.name, "span": asked.span}, explain)
    return _of(asked, values, explain)


def _latest(values: Sequence[Value]) -> list[Value]:
    return list({each.member: each for each in values}.values())


def _of(asked: Asked, values: Sequence[Value], explain: bool) -> Figure:
    numbers = [Fraction(each.value) for each in values]
    terms: list[tuple[str, Fraction | int]] = [
        (_("value of %(day)s") % {"day": _day(each.on)}, Fraction(each.value)) for each in values if explain
    ]
    places = [f"{{{place}}}" for place in range(len(terms))]
    if len(values) > SHOWN:
        terms, places = [(_("sum of %(count)s values") % {"count": len(values)}, sum(numbers, Fraction()))], ["{0}"]
    total = " + ".join(places)
    match asked.aggregate:
        case Aggregate.SUM | Aggregate.LATEST:
            return _told(asked, sum(numbers, Fraction()), total, terms, explain)
        case Aggregate.AVERAGE:
            terms.append((_("number of values"), len(values)))
            return _told(
                asked, sum(numbers, Fraction()) / len(numbers), f"({total}) ÷ {{{len(terms) - 1}}}", terms, explain
            )
        case Aggregate.MEDIAN:
            middle = sorted(numbers)[(len(numbers) - 1) // 2 : len(numbers) // 2 + 1]
            words = [
                (_("value %(place)s of %(count)s by size") % _place(len(numbers), more), value)
                for more, value in enumerate(middle)
            ]
            formula = "{0}" if len(middle) == 1 else "({0} + {1}) ÷ 2"
            return _told(asked, sum(middle, Fraction()) / len(middle), formula, words, explain)
    found = min(numbers) if asked.aggregate is Aggregate.SMALLEST else max(numbers)
    word = (
        _("the lowest of %(count)s values")
        if asked.aggregate is Aggregate.SMALLEST
        else _("the highest of %(count)s values")
    )
    return _told(asked, found, "{0}", [(word % {"count": len(numbers)}, found)], explain)


def _place(count: int, more: int) -> dict[str, int]:
    return {"place": (count - 1) // 2 + 1 + more, "count": count}


def _told(
    asked: Asked,
    value: Fraction | Decimal | int,
    formula: str,
    terms: Iterable[tuple[str, Fraction | int]],
    explain: bool,
    unit: str | None = None,
) -> Figure:
    result = trimmed(Fraction(value))
    if not explain:
        return Figure(result)
    unit = asked.unit if unit is None else unit
    counted = (_("number of values"),)
    return Explanation(
        title=asked.name,
        formula=formula,
        terms=tuple(Term(label, trimmed(Fraction(each)), "" if label in counted else unit) for label, each in terms),
        as_of=asked.last,
        result=result,
        unit=unit,
    ).figure


def _none(asked: Asked, why: str, explain: bool) -> Figure:
    if not explain:
        return Figure(reason=why)
    return Explanation(
        title=asked.name, formula="", terms=(), as_of=asked.last, why_missing=why, unit=asked.unit
    ).figure


def trimmed(value: Fraction) -> Decimal:
    """As a Decimal with twelve places at most, without zeros at the end."""
    return Decimal(f"{decimal(value).normalize():f}") + 0


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")
