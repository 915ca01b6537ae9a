"""Metrics kept elsewhere, and any figure against a target of its own.

    value      = what its values of the days come to: the latest, their sum, mean, highest or number
    attainment = value ÷ target, or target ÷ value where less is better

Sums and numbers stand against the target of the same days, as in performance to plan; anything else against the month's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from prm.common.explain import Explanation
from scorecards.performance.inputs import Inputs, Metric, Summary
from scorecards.performance.plan import Target, target
from scorecards.performance.telling import (
    PERCENT,
    Formula,
    day_name,
    missing,
    month_name,
    ratio,
    without_rate,
)


def metric_value(inputs: Inputs, metric: Metric, first: date, day: date) -> Explanation:
    """What its values from `first` to `day` come to; of latest ones the newest of any day."""
    start = date.min if metric.summary is Summary.LATEST else first
    known = [(on, value) for on, value in metric.values if start <= on <= day]
    lacks = [lack for lack in metric.lacks if start <= lack.on <= day]
    url = inputs.link(f"metric:{metric.code}", None if start == date.min else start, day)
    if lacks and (metric.summary is not Summary.LATEST or max(lack.on for lack in lacks) > newest(known)):
        return missing(metric.name, day, without_rate(lacks), metric.unit)
    if not known:
        return missing(metric.name, day, _("No value is known for these days."), metric.unit)
    values = [Fraction(value) for _on, value in known]
    span = {"first": day_name(first), "last": day_name(day)}
    formula = Formula(metric.unit)
    value: Fraction | int
    if metric.summary is Summary.LATEST:
        value = values[-1]
        formula.text = formula.put(_("value of %(day)s") % {"day": day_name(known[-1][0])}, value, url=url)
    elif metric.summary is Summary.MAX:
        value = max(values)
        formula.text = formula.put(_("the highest of %(first)s to %(last)s") % span, value, url=url)
    elif metric.summary is Summary.COUNT:
        value = len(values)
        formula.text = formula.put(_("number of values, %(first)s to %(last)s") % span, value, "", url)
    else:
        value = sum(values, Fraction(0))
        formula.text = formula.put(_("sum of the values, %(first)s to %(last)s") % span, value, url=url)
        if metric.summary is Summary.AVERAGE:
            value /= len(values)
            formula.text += f" ÷ {formula.put(_('number of values'), len(values), '', url)}"
    unit = "" if metric.summary is Summary.COUNT else metric.unit
    return formula.told(metric.name, day, value, unit, url=url)


def newest(known: Sequence[tuple[date, Decimal]]) -> date:
    return known[-1][0] if known else date.min


def metric_attained(inputs: Inputs, metric: Metric, first: date, day: date) -> Explanation:
    """In percent of its target."""
    value = metric_value(inputs, metric, first, day)
    due = target(inputs, metric.code, first, day) if metric.summary.adds else month_target(inputs, metric.code, day)
    return against(inputs, value, metric.code, due, day, lower_is_better=metric.lower_is_better)


def month_target(inputs: Inputs, code: str, day: date) -> Target:
    """The whole target of the month that `day` is in."""
    month = inputs.calendar.month_of(day)
    return target(inputs, code, month.start, month.end)


def level_attained(inputs: Inputs, value: Explanation, code: str, day: date, *, lower_is_better: bool) -> Explanation:
    """A figure in percent of the target that the partner has for it in the month of `day`."""
    due = month_target(inputs, code, day)
    return against(inputs, value, code, due, day, lower_is_better=lower_is_better)


def against(
    inputs: Inputs, value: Explanation, code: str, due: Target, day: date, *, lower_is_better: bool
) -> Explanation:
    title = _("%(name)s, attainment") % {"name": value.title}
    if value.result is None:
        return missing(title, day, value.why_missing or "", PERCENT)
    if due.lacks:
        return missing(title, day, without_rate(due.lacks), PERCENT)
    if not due.exists:
        months = {"name": value.title, "month": month_name(inputs.calendar.month_of(day))}
        return missing(title, day, _("No target for %(name)s in %(month)s.") % months, PERCENT)
    formula = Formula(str(value.unit))
    formula.children = [value]
    have = formula.put(value.title, value.result, url=value.records_url)
    wanted = due.put(formula, inputs.link("targets", due.parts[0].month.start, day))
    formula.text = f"{wanted} ÷ {have} × 100" if lower_is_better else f"{have} ÷ {wanted} × 100"
    share = ratio(due.total, value.result) if lower_is_better else ratio(value.result, due.total)
    why = _("The value is 0.") if lower_is_better else _("The target is 0.")
    return formula.told(title, day, None if share is None else share * 100, PERCENT, why=why)
