"""One number from many attainments.

    composite = Σ weight × min(max(0, attainment), cap) ÷ Σ weight, over the metrics with a value

Metrics without a value are named; when they carry over half of the weight there is no composite.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from prm.common.explain import Explanation
from scorecards.performance.telling import PERCENT, Formula, exact


@dataclass(frozen=True)
class Weighed:
    """A metric of the composite: its attainment in percent, or why there is none."""

    key: str
    name: str
    weight: Decimal
    attainment: Explanation
    url: str | None = None


def composite(parts: Sequence[Weighed], cap: Decimal, day: date) -> Explanation:
    """In percent. `cap` in percent; metrics with weight 0 don't count."""
    title = _("Composite")
    counted = [part for part in parts if part.weight > 0]
    having = [(part, part.attainment.result) for part in counted if part.attainment.result is not None]
    without = [part for part in counted if part.attainment.result is None]
    formula = Formula(PERCENT)
    tops, weights = [], []
    top = Fraction(0)
    top_cap = formula.put(_("cap"), cap) if having else ""
    for part, attained in having:
        weight = formula.put(_("weight of %(name)s") % {"name": part.name}, part.weight, "")
        tops.append(f"{weight} × min(max(0, {formula.put(part.name, attained, url=part.url)}), {top_cap})")
        weights.append(weight)
        top += Fraction(part.weight) * min(max(Fraction(0), Fraction(attained)), Fraction(cap))
    for part in without:
        why = _("%(name)s, without a value") % {"name": part.name}
        formula.note(why, str(part.attainment.why_missing), part.url)
    formula.children = [part.attainment for part in counted]
    if having:
        formula.text = f"({' + '.join(tops)}) ÷ ({' + '.join(weights)})"
    whole = sum((Fraction(part.weight) for part in counted), Fraction(0))
    weighed = sum((Fraction(part.weight) for part, _attained in having), Fraction(0))
    if not counted:
        return formula.told(title, day, None, PERCENT, why=_("No metric has a weight."))
    if weighed * 2 < whole:
        names = {
            "names": ", ".join(part.name for part in without),
            "percent": round((1 - weighed / whole) * 100),
        }
        why = _("Without a value: %(names)s. They carry %(percent)s%% of the weight, over half.") % names
        return formula.told(title, day, None, PERCENT, why=why)
    return formula.told(title, day, exact(top / weighed), PERCENT)
