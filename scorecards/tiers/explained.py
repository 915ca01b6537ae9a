"""How the outcome of a requirement came about, with arithmetic that can be done again.

The explanation of a requirement gives what is missing: max(0, need − have), of people the largest of what is missing in all
and kind by kind, of a score the points from those of its metrics. Its children explain what the partner has.
"""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from prm.common.explain import Explanation, Term
from scorecards.tiers.program import ScoreRequirement, Source
from scorecards.tiers.qualifying import Facts, Outcome
from scorecards.tiers.scores import Points, TrackScore, rate
from scorecards.tiers.stored import trimmed
from scorecards.tiers.words import Units, counted, is_ceiling


def explain(outcome: Outcome, day: date, units: Units, facts: Facts) -> Explanation:
    """Of what is missing to meet the requirement; why it can't be known where it can't."""
    if outcome.count:
        return _people(outcome, day)
    if outcome.score:
        return _score(outcome, day, facts)
    asked = outcome.requirement
    unit = counted(asked, units).sign
    terms = (Term(_("asked for"), outcome.need, unit), Term(_("there is"), outcome.have, unit))
    if outcome.missing is None:
        why = outcome.figure.reason if outcome.figure else _("No value yet.")
        return Explanation(title=asked.name, formula="", terms=terms[:1], as_of=day, why_missing=why, unit=unit)
    children = tuple(explain(part, day, units, facts) for part in outcome.parts)
    if outcome.figure and outcome.figure.explanation:
        children = (outcome.figure.explanation,)
    formula = "max(0, {1} − {0})" if is_ceiling(asked) else "max(0, {0} − {1})"
    return Explanation(
        title=_("%(name)s: missing") % {"name": asked.name}, formula=formula, terms=terms, as_of=day,
        result=outcome.missing, unit=unit, children=children,
    )  # fmt: skip


def _people(outcome: Outcome, day: date) -> Explanation:
    assert outcome.count
    count = outcome.count
    terms = [Term(_("asked for"), Decimal(count.need)), Term(_("there are"), Decimal(count.have))]
    shorts = []
    for kind in count.kinds:
        terms += [
            Term(_("%(kind)s, asked for") % {"kind": kind.name}, Decimal(kind.need)),
            Term(_("%(kind)s, there are") % {"kind": kind.name}, Decimal(kind.have)),
        ]
        shorts.append(f"max(0, {{{len(terms) - 2}}} − {{{len(terms) - 1}}})")
    formula = f"max(0, {{0}} − {{1}}, {' + '.join(shorts)})" if shorts else "max(0, {0} − {1})"
    return Explanation(
        title=_("%(name)s: missing") % {"name": outcome.requirement.name}, formula=formula, terms=tuple(terms), as_of=day,
        result=outcome.missing,
    )  # fmt: skip


def _score(outcome: Outcome, day: date, facts: Facts) -> Explanation:
    assert outcome.score
    asked = outcome.requirement
    assert isinstance(asked, ScoreRequirement)
    tracks = tuple(_track(track, day, facts) for track in outcome.score.tracks)
    terms = (
        Term(_("asked for"), asked.minimum),
        Term(_("%(track)s, points") % {"track": outcome.score.shown.track.name}, outcome.have),
    )
    return Explanation(
        title=_("%(name)s: missing") % {"name": asked.name}, formula="max(0, {0} − {1})", terms=terms, as_of=day,
        result=outcome.missing, children=tracks,
    )  # fmt: skip


def _track(track: TrackScore, day: date, facts: Facts) -> Explanation:
    """Its points, the sum of those of its metrics."""
    return Explanation(
        title=track.track.name,
        formula=" + ".join(f"{{{place}}}" for place in range(len(track.metrics))),
        terms=tuple(Term(each.metric.name, trimmed(each.points)) for each in track.metrics),
        as_of=day,
        result=trimmed(track.score),
        children=tuple(points(each, day, facts) for each in track.metrics),
    )


def points(each: Points, day: date, facts: Facts) -> Explanation:
    """Of a metric's points; what it stands at is explained below."""
    metric, have = each.metric, each.have
    terms: tuple[Term, ...]
    if have is None:
        formula, terms = "{0}", (Term(_("no value, no points"), Decimal()),)
    elif have <= 0:
        formula, terms = (
            "max(0, {0}) × {1}",
            (Term(_("there is"), trimmed(have)), Term(_("points a unit"), trimmed(rate(metric)))),
        )
    elif metric.cap is not None and metric.threshold is not None and have >= metric.threshold:
        words = {"have": trimmed(have), "threshold": metric.threshold}
        formula, terms = (
            "{0}",
            (Term(_("%(have)s reach the threshold of %(threshold)s: full points") % words, metric.cap),),
        )
    else:
        units = Fraction(int(have)) if metric.whole_units else have
        terms = (Term(_("there is"), trimmed(units)), Term(_("points a unit"), trimmed(rate(metric))))
        formula = "{0} × {1}"
        if metric.cap is not None:
            formula, terms = "min({0} × {1}, {2})", (*terms, Term(_("at most"), metric.cap))
    figure = facts.figure(metric.measure) if isinstance(metric.measure, Source) else None
    children = (figure.explanation,) if figure and figure.explanation else ()
    return Explanation(
        title=_("%(metric)s: points") % {"metric": metric.name}, formula=formula, terms=terms, as_of=day,
        result=trimmed(each.points), children=children,
    )  # fmt: skip
