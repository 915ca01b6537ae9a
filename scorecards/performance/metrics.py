"""Metrics kept elsewhere, and any figure against a target of its own.

    value      = Σ of the fiscal year to D where values add up, else the latest value on or before D
    attainment = value ÷ target, or target ÷ value where less is better

The target of a value that adds up is that of the same days, as in performance to plan; of any other the month's.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from django.utils.translation import gettext as _

from prm.common.explain import Explanation
from scorecards.performance.inputs import Inputs, Metric
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
    """Its value on `day`; of one that adds up, from `first` on."""
    known = [(on, value) for on, value in metric.values if on <= day and (on >= first or not metric.adds)]
    lacks = [lack for lack in metric.lacks if lack.on <= day and (lack.on >= first or not metric.adds)]
    url = inputs.link("metric", first if metric.adds else None, day)
    newest = max((on for on, _value in known), default=date.min)
    if lacks and (metric.adds or max(lack.on for lack in lacks) >= newest):
        return missing(metric.name, day, without_rate(lacks), metric.unit)
    if not known:
        return missing(metric.name, day, _("No value is known yet."), metric.unit)
    formula = Formula(metric.unit)
    if metric.adds:
        value = sum((Fraction(each) for _on, each in known), Fraction(0))
        span = {"first": day_name(first), "last": day_name(day)}
        formula.text = formula.put(_("values of %(first)s to %(last)s") % span, value, url=url)
    else:
        on, latest = max(known, key=lambda pair: pair[0])
        value = Fraction(latest)
        formula.text = formula.put(_("value of %(day)s") % {"day": day_name(on)}, latest, url=url)
    return formula.told(metric.name, day, value, metric.unit, url=url)


def metric_attained(inputs: Inputs, metric: Metric, first: date, day: date) -> Explanation:
    """In percent of its target."""
    value = metric_value(inputs, metric, first, day)
    due = target(inputs, metric.code, first, day) if metric.adds else month_target(inputs, metric.code, day)
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
