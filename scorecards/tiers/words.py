"""What a partner has and lacks, in plain words: "2 more certified engineers", "USD 41,000.00 more"."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from prm.common.templatetags.numbers import format_quantity
from scorecards.tiers.path import Step
from scorecards.tiers.program import (
    Effort,
    Holders,
    Measure,
    MetricRequirement,
    PeopleRequirement,
    Requirement,
    ScoreMetric,
    ScoreRequirement,
)
from scorecards.tiers.qualifying import Outcome
from scorecards.tiers.scores import Points
from scorecards.tiers.stored import trimmed

Units = Mapping[str, str]  # of metrics by code: "%", a currency, "×" or ""
GAP = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Counted:
    """How a number is said: with the unit of a figure (`sign`), or with what is counted, several and one of it."""

    sign: str = ""
    several: str = ""
    one: str = ""

    def said(self, value: Decimal | None) -> str:
        """ "2 certified engineers", "USD 5,000.00", "2.5"; "–" for none."""
        if value is None:
            return "–"
        word = self._word(value)
        number = format_quantity(value, self.sign)
        return f"{number}{GAP}{word}" if word else number

    def more(self, value: Decimal, *, less: bool = False) -> str:
        """ "2 more certified engineers", "USD 5,000.00 more"."""
        word = self._word(value)
        words = {"number": format_quantity(value, self.sign), "what": word}
        if word:
            return (_("%(number)s fewer %(what)s") if less else _("%(number)s more %(what)s")) % words
        return (_("%(number)s less") if less else _("%(number)s more")) % words

    def _word(self, value: Decimal) -> str:
        if self.sign:
            return ""
        return (self.one or self.several) if value == 1 else (self.several or self.one)


def counted(asked: Requirement | ScoreMetric, units: Units) -> Counted:
    """How the numbers of a requirement, or of a metric of a score, are said."""
    measure: Measure | None = None
    if isinstance(asked, ScoreMetric):
        measure = asked.measure
    elif isinstance(asked, MetricRequirement):
        measure = asked.source
    if measure and not isinstance(measure, Holders) and (sign := units.get(measure.metric, "")):
        return Counted(sign=sign)
    if asked.unit or asked.unit_one:
        return Counted(several=asked.unit, one=asked.unit_one)
    if isinstance(asked, PeopleRequirement) and asked.own:
        return Counted(several=_("certificates"), one=_("certificate"))
    if isinstance(asked, PeopleRequirement) or isinstance(measure, Holders):
        return Counted(several=_("people"), one=_("person"))
    if isinstance(asked, ScoreRequirement):
        return Counted(several=_("points"), one=_("point"))
    return Counted()


def is_ceiling(asked: Requirement) -> bool:
    return isinstance(asked, MetricRequirement) and asked.minimum is None


def have(outcome: Outcome, units: Units) -> str:
    """What the partner has: "3 people", "USD 5,000.00"; "–" without a value."""
    return counted(outcome.requirement, units).said(outcome.have)


def need(outcome: Outcome, units: Units) -> str:
    """What is asked for: "at least USD 100,000.00", "at most 5%", "2 of 3", "4 people, of them 2 Technical, 2 Business"."""
    asked = outcome.requirement
    said = counted(asked, units).said(outcome.need)
    if isinstance(asked, MetricRequirement):
        return (_("at most %(what)s") if is_ceiling(asked) else _("at least %(what)s")) % {"what": said}
    if outcome.parts:
        return _("%(some)s of %(all)s") % {"some": said, "all": len(outcome.parts)}
    if outcome.count and outcome.count.kinds:
        kinds = ", ".join(f"{kind.need}{GAP}{kind.name}" for kind in outcome.count.kinds)
        return _("%(all)s, of them %(kinds)s") % {"all": said, "kinds": kinds}
    return said


def missing(outcome: Outcome, units: Units) -> str:
    """What is missing; "" where it is met. Where there is no value: why."""
    if outcome.met:
        return ""
    if outcome.missing is None:
        return str(outcome.figure.reason) if outcome.figure else _("No value yet.")
    if outcome.score:
        return " · ".join(_points(outcome, units))
    if outcome.parts:
        return _("%(number)s more of the list") % {"number": format_quantity(outcome.missing)}
    return _more(outcome, outcome.missing, units)


def _more(outcome: Outcome, value: Decimal, units: Units) -> str:
    said = counted(outcome.requirement, units).more(value, less=is_ceiling(outcome.requirement))
    kinds = outcome.count.kinds if outcome.count else ()
    short = [f"{kind.missing}{GAP}{kind.name}" for kind in kinds if kind.missing]
    if not short:
        return said
    all_of_kinds = value == sum(kind.missing for kind in kinds)
    words = _("%(all)s: %(kinds)s") if all_of_kinds else _("%(all)s, of them %(kinds)s")
    return words % {"all": said, "kinds": ", ".join(short)}


def _points(outcome: Outcome, units: Units) -> Iterator[str]:
    assert outcome.score
    if outcome.missing:
        yield counted(outcome.requirement, units).more(outcome.missing)
    if zeros := outcome.score.shown.zeros:
        yield _("must be above 0: %(metrics)s") % {"metrics": ", ".join(each.metric.name for each in zeros)}


def step(each: Step, units: Units) -> str:
    """A step of the path: "2 more certified engineers"; of a score "3 more" of the metric that the step names."""
    if each.units is None:
        return missing(each.outcome, units)
    if each.metric is not None:
        return counted(each.metric, units).more(each.units)
    return _more(each.outcome, each.units, units)


def metric_have(each: Points, units: Units) -> str:
    """What a metric of a score stands at."""
    return counted(each.metric, units).said(None if each.have is None else trimmed(each.have))


def effort(found: Effort | None) -> str:
    """ "5 each", "1 for 5,000"; "" where none is set."""
    if found is None:
        return ""
    said = {"effort": format_quantity(found.effort), "per": format_quantity(found.per)}
    return (_("%(effort)s each") if found.per == 1 else _("%(effort)s for %(per)s")) % said


def points(metric: ScoreMetric) -> str:
    """What a metric of a score is worth: "2.14 points each, 15 from 7"."""
    parts = []
    if metric.per_unit is not None:
        parts.append(_("%(points)s points each") % {"points": format_quantity(metric.per_unit)})
    if metric.cap is not None:
        said = {"cap": format_quantity(metric.cap), "threshold": format_quantity(metric.threshold)}
        parts.append(
            (_("%(cap)s from %(threshold)s on") if metric.threshold is not None else _("at most %(cap)s")) % said
        )
    if metric.whole_units:
        parts.append(_("whole units only"))
    return ", ".join(parts)
