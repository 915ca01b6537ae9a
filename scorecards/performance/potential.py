"""Growth potential: where a call is worth most, so that the biggest partner is not automatically the first call.

    R          = actuals of 12 months
    B          = 75th percentile of R ÷ reps over partners of the type with R > 0 and known reps (five at least, else the
                 vendor's own figure)
    headroom   = max(0, B × reps − R)
    rank value = headroom × capability ÷ 100 × f
    f          = 1 when the last won deal or touch is at most 90 days old, 0.75 up to 180, else 0.5

The percentile is on the straight line between the two values beside the place (n − 1) × 0.75, as a spreadsheet's
PERCENTILE.INC does it. A missing capability score counts 50. Both figures are the vendor's own and never the partner's to see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from prm.common.explain import Explanation
from prm.common.fiscal import twelve_months_to
from scorecards.performance.inputs import Inputs
from scorecards.performance.plan import actual, actual_told
from scorecards.performance.sales import last_won
from scorecards.performance.telling import Formula, exact, missing, without_rate

LEAST = 5
QUARTILE = Fraction(3, 4)
WITHOUT_SCORE = Decimal(50)


@dataclass(frozen=True)
class Benchmark:
    """What partners of a type make per rep: each one's R ÷ reps, or the vendor's own figure where they are too few."""

    name: str  # of the partner type
    per_rep: tuple[Decimal, ...] = ()
    own: Decimal | None = None

    def value(self) -> Fraction | None:
        """B, or None where there are fewer than five and no own figure."""
        if len(self.per_rep) >= LEAST:
            return percentile(self.per_rep, QUARTILE)
        return None if self.own is None else Fraction(self.own)

    def told(self, day: date, unit: str) -> Explanation:
        title = _("Sales per rep, 75th percentile")
        formula = Formula(unit)
        if len(self.per_rep) < LEAST:
            if self.own is None:
                why = _("Fewer than five partners of this type (%(name)s) have sales and known reps.")
                return missing(title, day, why % {"name": self.name}, unit)
            formula.text = formula.put(_("sales per rep set for %(name)s") % {"name": self.name}, self.own)
            return formula.told(title, day, self.own, unit)
        ordered = sorted(self.per_rep)
        low, high, part = _around(len(ordered), QUARTILE)
        place = _("sales per rep, number %(n)s of %(all)s from below")
        below = formula.put(place % {"n": low + 1, "all": len(ordered)}, ordered[low])
        above = formula.put(place % {"n": high + 1, "all": len(ordered)}, ordered[high])
        share = formula.put(_("how far the place asked for lies between them"), part, "")
        formula.text = f"{below} + {share} × ({above} − {below})"
        return formula.told(title, day, self.value(), unit)


def _around(count: int, share: Fraction) -> tuple[int, int, Fraction]:
    place = (count - 1) * share
    low = int(place)
    return low, min(low + 1, count - 1), place - low


def percentile(values: Sequence[Decimal], share: Fraction) -> Fraction:
    """By linear interpolation, both ends included (PERCENTILE.INC). IndexError for no values."""
    ordered = sorted(values)
    low, high, part = _around(len(ordered), share)
    below, above = Fraction(ordered[low]), Fraction(ordered[high])
    return below + part * (above - below)


def growth_potential(inputs: Inputs, benchmark: Benchmark, day: date) -> Explanation:
    """The headroom, in the reporting currency."""
    title, unit = _("Growth potential"), inputs.currency
    first, last = twelve_months_to(day)
    if inputs.counts_deals:
        return missing(title, day, _("Partners of this type don't sell, they bring deals."), unit)
    best = benchmark.told(day, unit)
    if lacks := inputs.lacking(first, last):
        return missing(title, day, without_rate(lacks), unit)
    if inputs.reps is None:
        return missing(title, day, _("The number of sales reps is not known."), unit)
    per_rep = benchmark.value()
    if per_rep is None:
        return missing(title, day, best.why_missing or "", unit)
    done = actual(inputs, first, last)
    formula = Formula(unit)
    formula.children = [best, actual_told(inputs, _("Actuals of 12 months"), first, last)]
    top = formula.put(best.title, per_rep)
    reps = formula.put(_("sales reps"), inputs.reps, "", inputs.link("partner"))
    so_far = formula.put(_("actuals of 12 months"), done, url=inputs.link("results", first, last))
    formula.text = f"max(0, {top} × {reps} − {so_far})"
    return formula.told(title, day, max(Fraction(0), per_rep * inputs.reps - done), unit)


def freshness(inputs: Inputs, day: date) -> tuple[Decimal, int | None]:
    """f, and the days since the last won deal or touch, whichever is later."""
    known = [each for each in (last_won(inputs, day), inputs.last_touch) if each]
    if not known:
        return Decimal("0.5"), None
    age = (day - max(known)).days
    return (Decimal(1) if age <= 90 else Decimal("0.75") if age <= 180 else Decimal("0.5")), age


def rank_value(inputs: Inputs, headroom: Explanation, capability: Decimal | None, day: date) -> Explanation:
    """By what the next best conversations are ranked."""
    title, unit = _("Rank value"), inputs.currency
    if headroom.result is None:
        return missing(title, day, headroom.why_missing or "", unit)
    formula = Formula(unit)
    formula.children = [headroom]
    score = WITHOUT_SCORE if capability is None else capability
    factor, age = freshness(inputs, day)
    label = _("capability score") if capability is not None else _("capability, not assessed: counts as")
    top = formula.put(_("growth potential"), headroom.result, url=inputs.link("figure:growth_potential"))
    formula.text = f"{top} × {formula.put(label, score, '')} ÷ 100 × "
    formula.text += formula.put(_("factor of the last won deal or touch"), factor, "")
    if age is not None:
        formula.note(_("days since the last won deal or touch"), Decimal(age))
    return formula.told(title, day, exact(Fraction(headroom.result) * Fraction(score) / 100 * Fraction(factor)), unit)
