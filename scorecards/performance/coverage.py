"""Pipeline to target.

    window "rest":  remaining = max(0, Σ targets of the fiscal year − Σ actuals of it to D)
    window "next":  Σ targets from the day after D to the same day of the next year, broken months by days
    pipeline        = open deals (approved or without registration) with expected close from D to the window's end
    coverage        = pipeline ÷ remaining
    percent         = coverage ÷ index

Nothing remaining is "target met" and counts as the composite's cap. Overdue deals (expected before D) stand apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from django.utils.translation import gettext as _

from prm.common.explain import Explanation
from prm.common.fiscal import Month, twelve_months_after
from scorecards.performance.inputs import Deal, Inputs, Lack
from scorecards.performance.plan import Target, actual, actual_told, target
from scorecards.performance.telling import PERCENT, Formula, day_name, missing, month_name, without_rate


class Window(StrEnum):
    REST = "rest"
    """The rest of the fiscal year."""
    NEXT = "next"
    """The next four quarters."""


@dataclass(frozen=True)
class Pipeline:
    """Pipeline to target in one window. `met`: nothing remains of the target; the percent is then the cap."""

    remaining: Explanation
    pipeline: Explanation
    weighted: Explanation
    overdue: Explanation
    coverage: Explanation
    percent: Explanation
    met: bool
    last: date


def pipeline_to_target(inputs: Inputs, day: date, window: Window, index: Decimal, cap: Decimal) -> Pipeline:
    """All figures of the window; `index` is the coverage that makes 100 %, `cap` in percent. ValueError for an index ≤ 0."""
    if index <= 0:
        raise ValueError("The coverage that makes 100 % is above 0")
    year = inputs.calendar.year_of(day)
    last = year.end if window is Window.REST else twelve_months_after(day)[1]
    left, due, value = _remaining(inputs, day, window, last)
    opened = [deal for deal in inputs.deals if deal.counts and deal.is_open(day)]
    ahead = [deal for deal in opened if deal.expected_close and day <= deal.expected_close <= last]
    overdue = [deal for deal in opened if deal.expected_close and deal.expected_close < day]
    until = {"last": day_name(last)}
    url = inputs.link("pipeline", day, last)
    undated = sum(1 for deal in opened if deal.expected_close is None)
    pipeline = deals_told(inputs, _("Pipeline to %(last)s") % until, ahead, day, url, undated)
    met = value == 0 and due.total > 0
    return Pipeline(
        remaining=left,
        pipeline=pipeline,
        weighted=weighted_told(inputs, ahead, day, url),
        overdue=deals_told(inputs, _("Overdue pipeline"), overdue, day, inputs.link("overdue", None, day)),
        coverage=_coverage(inputs, day, left, pipeline, value, due),
        percent=_percent(inputs, day, left, pipeline, value, due, index, cap),
        met=met,
        last=last,
    )


def _remaining(inputs: Inputs, day: date, window: Window, last: date) -> tuple[Explanation, Target, Fraction | None]:
    """What remains of the target, the target itself, and the exact number (None where it can't be known)."""
    year = inputs.calendar.year_of(day)
    title = _("Remaining target")
    if window is Window.NEXT:
        first = twelve_months_after(day)[0]
        due = target(inputs, inputs.plan, first, last)
        told = due.told(
            _("Target, %(first)s to %(last)s") % {"first": day_name(first), "last": day_name(last)},
            inputs.unit, day, url=inputs.link("targets", first, last),
        )  # fmt: skip
        return told, due, None if told.why_missing else due.total
    due = target(inputs, inputs.plan, year.start, year.end)
    if not due.exists:
        return missing(title, day, _("No target for this fiscal year."), inputs.unit), due, None
    if lacks := [*inputs.lacking(year.start, day), *due.lacks]:
        return missing(title, day, without_rate(lacks), inputs.unit), due, None
    done = actual(inputs, year.start, day)
    formula = Formula(inputs.unit)
    whole = formula.put(
        _("target of %(year)s") % {"year": year.label}, due.total, url=inputs.link("targets", year.start, year.end)
    )
    so_far = formula.put(_("actual so far"), done, url=inputs.link("results", year.start, day))
    due.note_months(formula)
    formula.text = f"max(0, {whole} − {so_far})"
    formula.children = [
        due.told(_("Target of %(year)s") % {"year": year.label}, inputs.unit, day),
        actual_told(inputs, _("Actual so far"), year.start, day),
    ]
    value = max(Fraction(0), due.total - done)
    return formula.told(title, day, value, inputs.unit), due, value


def total_of(deals: Sequence[Deal]) -> Fraction:
    return sum((Fraction(deal.amount or 0) for deal in deals), Fraction(0))


def size_of(inputs: Inputs, deals: Sequence[Deal]) -> Fraction:
    """The amounts of deals, or their number where deals are counted."""
    return Fraction(len(deals)) if inputs.counts_deals else total_of(deals)


def _lacks(inputs: Inputs, deals: Sequence[Deal]) -> list[Lack]:
    return [] if inputs.counts_deals else [deal.lack for deal in deals if deal.lack]


def by_month(inputs: Inputs, deals: Sequence[Deal]) -> dict[Month, list[Deal]]:
    """Deals by the month of their expected close, in order of time."""
    found: dict[Month, list[Deal]] = defaultdict(list)
    for deal in deals:
        if deal.expected_close:
            found[inputs.calendar.month_of(deal.expected_close)].append(deal)
    return dict(sorted(found.items()))


def deals_told(
    inputs: Inputs, title: str, deals: Sequence[Deal], day: date, url: str | None, undated: int = 0
) -> Explanation:
    """The amounts of open deals, by month of expected close; no deals are 0. `undated` ones, without one, are only noted."""
    if lacks := _lacks(inputs, deals):
        return missing(title, day, without_rate(lacks), inputs.unit)
    formula = Formula(inputs.unit)
    places = []
    for month, of_month in by_month(inputs, deals).items():
        label = _("expected in %(month)s") % {"month": month_name(month)}
        places.append(formula.put(label, size_of(inputs, of_month), url=url))
    formula.text = " + ".join(places or [formula.put(_("no open deals"), 0)])
    if deals:
        formula.note(_("deals"), Decimal(len(deals)))
    if undated:
        formula.note(_("open deals without an expected close, which don't count"), Decimal(undated))
    return formula.told(title, day, size_of(inputs, deals), inputs.unit, url=url)


def weighted_total(inputs: Inputs, deals: Sequence[Deal]) -> Fraction:
    """Σ amount × probability."""
    return sum((size_of(inputs, [deal]) * Fraction(deal.probability) / 100 for deal in deals), Fraction(0))


def weighted_told(inputs: Inputs, deals: Sequence[Deal], day: date, url: str | None) -> Explanation:
    """Σ amount × probability of open deals, by probability; no deals are 0."""
    title = _("Weighted pipeline")
    if lacks := _lacks(inputs, deals):
        return missing(title, day, without_rate(lacks), inputs.unit)
    formula = Formula(inputs.unit)
    places = []
    for probability in sorted({deal.probability for deal in deals}):
        alike = [deal for deal in deals if deal.probability == probability]
        amount = formula.put(_("amount of deals with this probability"), size_of(inputs, alike), url=url)
        places.append(f"{amount} × {formula.put(_('probability'), probability, PERCENT)} ÷ 100")
    formula.text = " + ".join(places or [formula.put(_("no open deals"), 0)])
    return formula.told(title, day, weighted_total(inputs, deals), inputs.unit, url=url)


def _coverage(
    inputs: Inputs, day: date, left: Explanation, pipeline: Explanation, value: Fraction | None, due: Target
) -> Explanation:
    title = _("Coverage")
    if why := left.why_missing or pipeline.why_missing:
        return missing(title, day, why, "×")
    formula = Formula(inputs.unit)
    formula.children = [pipeline, left]
    assert pipeline.result is not None  # it has no reason
    top = formula.put(pipeline.title, pipeline.result, url=pipeline.records_url)
    below = formula.put(left.title, value or 0)
    formula.text = f"{top} ÷ {below}"
    share = Fraction(pipeline.result) / value if value else None
    return formula.told(title, day, share, "×", why=_nothing_left(due), url=pipeline.records_url)


def _percent(
    inputs: Inputs,
    day: date,
    left: Explanation,
    pipeline: Explanation,
    value: Fraction | None,
    due: Target,
    index: Decimal,
    cap: Decimal,
) -> Explanation:
    title = _("Pipeline to target")
    if left.why_missing:
        return missing(title, day, left.why_missing, PERCENT)
    formula = Formula(inputs.unit)
    formula.children = [pipeline, left]
    if value == 0 and due.total > 0:
        formula.text = formula.put(_("target met, which counts as the cap"), cap, PERCENT)
        return formula.told(title, day, cap, PERCENT)
    if pipeline.why_missing:
        return missing(title, day, pipeline.why_missing, PERCENT)
    assert pipeline.result is not None  # it has no reason
    top = formula.put(pipeline.title, pipeline.result, url=pipeline.records_url)
    below = formula.put(left.title, value or 0)
    formula.text = f"{top} ÷ {below} ÷ {formula.put(_('coverage that makes 100 %'), index, '')} × 100"
    share = Fraction(pipeline.result) / value / Fraction(index) * 100 if value else None
    return formula.told(title, day, share, PERCENT, why=_nothing_left(due), url=pipeline.records_url)


def _nothing_left(due: Target) -> str:
    return _("Target met: nothing remains to be covered.") if due.total > 0 else _("The target is 0.")
