"""Actuals against targets: performance to plan, by quarter, growth.

    performance to plan = Σ actual from the start to D ÷ Σ target of the same days
    Σ target of days    = full months + month's target × its days ÷ days in month, for months that are begun or broken off
    growth              = YTD ÷ the same days a year before − 1

Months without target add nothing below the line; their actuals count and the explanation names them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from prm.common.explain import Explanation
from prm.common.fiscal import FiscalQuarter, Month, same_day_year_before
from scorecards.performance.inputs import EXACT, Inputs, Lack
from scorecards.performance.telling import (
    PERCENT,
    Formula,
    day_name,
    exact,
    listed,
    missing,
    month_name,
    plus,
    ratio,
    without_rate,
)

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Part:
    """One month's share of a target: `days` of its `of` days; `value` is the whole month's, None where it has none."""

    month: Month
    value: Decimal | None
    days: int
    of: int

    @property
    def amount(self) -> Fraction:
        return Fraction(self.value or 0) * self.days / self.of


@dataclass(frozen=True)
class Target:
    """The target of some days in a row."""

    parts: tuple[Part, ...]
    lacks: tuple[Lack, ...]
    generated: tuple[Month, ...] = ()  # nobody set them: computed from the year before

    @property
    def exists(self) -> bool:
        """Whether any of its months has a target, be it 0."""
        return any(part.value is not None for part in self.parts)

    @property
    def total(self) -> Fraction:
        return sum((part.amount for part in self.parts), Fraction(0))

    @property
    def without(self) -> list[Month]:
        return [part.month for part in self.parts if part.value is None]

    def put(self, formula: Formula, url: str | None = None) -> str:
        """Its sum in a formula: full months as one number, a broken one with its days."""
        having = [part for part in self.parts if part.value is not None]
        full = [part for part in having if part.days == part.of]
        places = []
        if full:
            label = ngettext("target of %(count)s full month", "targets of %(count)s full months", len(full))
            whole = sum((part.amount for part in full), Fraction(0))
            places.append(formula.put(label % {"count": len(full)}, whole, url=url))
        for part in having:
            if part.days < part.of:
                places.append(_broken(formula, part, url))
        self.note_months(formula)
        return plus(places or [formula.put(_("target"), 0)])

    def note_months(self, formula: Formula) -> None:
        """Notes which months have no target, and whose nobody set."""
        if self.without:
            formula.note(_("months without target"), listed(self.without))
        if self.generated:
            formula.note(_("generated from what was sold the year before"), listed(self.generated))

    def told(self, title: StrOrPromise, unit: str, day: date, url: str | None = None) -> Explanation:
        """The target itself, month by month."""
        if self.lacks:
            return missing(title, day, without_rate(self.lacks), unit)
        if not self.exists:
            return missing(title, day, _("No target for these months."), unit)
        formula = Formula(unit)
        places = []
        for part in self.parts:
            if part.value is not None:
                if part.days == part.of:
                    places.append(formula.put(month_name(part.month), part.value, url=url))
                else:
                    places.append(_broken(formula, part, url))
        self.note_months(formula)
        formula.text = " + ".join(places)
        return formula.told(title, day, self.total, unit, url=url)


def _broken(formula: Formula, part: Part, url: str | None) -> str:
    month = {"month": month_name(part.month)}
    value = formula.put(_("target of %(month)s") % month, part.value or 0, url=url)
    days = formula.put(_("days of %(month)s that count") % month, part.days, "")
    return f"{value} × {days} ÷ {formula.put(_('days in %(month)s') % month, part.of, '')}"


def target(inputs: Inputs, code: str, first: date, last: date) -> Target:
    """The target of a metric from `first` up to and with `last`."""
    months: Mapping[Month, Decimal] = inputs.targets.get(code, {})
    lacking = inputs.target_lacks.get(code, {})
    parts, lacks = [], []
    month = inputs.calendar.month_of(first)
    while month.start <= last:
        days = (min(last, month.end) - max(first, month.start)).days + 1
        parts.append(Part(month, months.get(month), days, month.days))
        if month in lacking:
            lacks.append(lacking[month])
        month = month.next
    generated = inputs.generated if code == inputs.plan else frozenset()
    return Target(tuple(parts), tuple(lacks), tuple(part.month for part in parts if part.month in generated))


def actual(inputs: Inputs, first: date, last: date) -> Fraction:
    return Fraction(inputs.actuals.between(first, last))


def actual_told(inputs: Inputs, title: StrOrPromise, first: date, last: date) -> Explanation:
    """Actuals of some days, month by month."""
    url = inputs.link("results", first, last)
    if lacks := inputs.lacking(first, last):
        return missing(title, last, without_rate(lacks), inputs.unit)
    formula = Formula(inputs.unit)
    places = []
    month = inputs.calendar.month_of(first)
    while month.start <= last:
        begin, end = max(first, month.start), min(last, month.end)
        if inputs.actuals.any_between(begin, end):
            link = inputs.link("results", begin, end)
            places.append(formula.put(month_name(month), inputs.actuals.between(begin, end), url=link))
        month = month.next
    formula.text = " + ".join(places or [formula.put(_("no results"), 0)])
    return formula.told(title, last, actual(inputs, first, last), inputs.unit, url=url)


def attained(inputs: Inputs, title: StrOrPromise, first: date, day: date) -> Explanation:
    """Σ actual ÷ Σ target from `first` up to and with `day`, in percent."""
    due = target(inputs, inputs.plan, first, day)
    if lacks := [*inputs.lacking(first, day), *due.lacks]:
        return missing(title, day, without_rate(lacks), PERCENT)
    done = actual(inputs, first, day)
    to = {"first": day_name(first), "last": day_name(day)}
    formula = Formula(inputs.unit)
    top = formula.put(_("actual, %(first)s to %(last)s") % to, done, url=inputs.link("results", first, day))
    below = due.put(formula, inputs.link("targets", first, day))
    formula.text = f"{top} ÷ {below} × 100"
    formula.children = [
        actual_told(inputs, _("Actual, %(first)s to %(last)s") % to, first, day),
        due.told(_("Target, %(first)s to %(last)s") % to, inputs.unit, day, url=inputs.link("targets", first, day)),
    ]
    share = ratio(done, due.total)
    why = _("The target of these days is 0.") if due.exists else _("No target for these months.")
    return formula.told(
        title, day, None if share is None else share * 100, PERCENT, why=why, url=inputs.link("results", first, day)
    )


def performance_to_plan(inputs: Inputs, day: date) -> Explanation:
    """From the start of the fiscal year to `day`, in percent."""
    return attained(inputs, _("Performance to plan"), inputs.calendar.year_of(day).start, day)


def quarter_to_plan(inputs: Inputs, quarter: FiscalQuarter, day: date) -> Explanation:
    """A past quarter against its full target, the current one like YTD; a future one has no attainment yet."""
    title = _("Performance to plan, %(quarter)s") % {"quarter": quarter.label}
    if quarter.start > day:
        return missing(title, day, _("This quarter has not begun."), PERCENT)
    return attained(inputs, title, quarter.start, min(day, quarter.end))


def growth(inputs: Inputs, day: date) -> Explanation:
    """The fiscal year to `day` against the same days a year before, in percent; 29 February stands against the 28th."""
    title = _("Growth")
    first = inputs.calendar.year_of(day).start
    first_before, day_before = same_day_year_before(first), same_day_year_before(day)
    if lacks := [*inputs.lacking(first_before, day_before), *inputs.lacking(first, day)]:
        return missing(title, day, without_rate(lacks), PERCENT)
    now, before = actual(inputs, first, day), actual(inputs, first_before, day_before)
    formula = Formula(inputs.unit)
    words = _("actual, %(first)s to %(last)s")
    top = formula.put(
        words % {"first": day_name(first), "last": day_name(day)}, now, url=inputs.link("results", first, day)
    )
    below = formula.put(
        words % {"first": day_name(first_before), "last": day_name(day_before)}, before,
        url=inputs.link("results", first_before, day_before),
    )  # fmt: skip
    formula.text = f"({top} ÷ {below} − 1) × 100"
    value = (now / before - 1) * 100 if before > 0 else None
    why = (
        _("The same days a year before come to less than 0.") if before < 0
        else _("Nothing was sold in the same days a year before.")
    )  # fmt: skip
    return formula.told(title, day, value, PERCENT, why=why)


@dataclass(frozen=True)
class MonthPoint:
    """A month's actual and target; None where there is none or it can't be converted."""

    month: Month
    actual: Decimal | None
    target: Decimal | None


def trend(inputs: Inputs, day: date, count: int = 13) -> list[MonthPoint]:
    """The last `count` months, this one (so far) the last, each with its whole target."""
    current = inputs.calendar.month_of(day)
    points = []
    for back in range(count - 1, -1, -1):
        month = current.shift(-back)
        last = min(month.end, day)
        lacking = inputs.lacking(month.start, last)
        amount = None if lacking else inputs.actuals.between(month.start, last)
        points.append(MonthPoint(month, amount, inputs.targets.get(inputs.plan, {}).get(month)))
    return points


def months_total(values: Mapping[Month, Decimal], months: tuple[Month, ...]) -> Decimal | None:
    """The targets of these months added up; None where none of them has one."""
    found = [values[month] for month in months if month in values]
    total = Decimal(0)
    for value in found:
        total = EXACT.add(total, value)
    return exact(total) if found else None
