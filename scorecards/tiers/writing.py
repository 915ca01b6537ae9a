"""A program written as its document: the counterpart of `document.parse`. Pure. Numbers are strings, so that none is rounded;
what is not set is left out."""

from decimal import Decimal
from typing import Any

from scorecards.tiers.program import (
    Effort,
    Holders,
    Measure,
    MetricRequirement,
    PeopleRequirement,
    Program,
    Requirement,
    ScoreMetric,
    ScoreRequirement,
    SomeOf,
    TierRules,
)

Document = dict[str, Any]


def write(program: Program) -> Document:
    """The document of a program; equal programs give equal documents."""
    return {"name": program.name, "tiers": [_tier(tier) for tier in program.tiers]}


def _tier(tier: TierRules) -> Document:
    return {
        "tier": tier.tier,
        **({"certificates": dict(tier.certificates)} if tier.certificates else {}),
        "requirements": [requirement(each) for each in tier.requirements],
    }


def requirement(each: Requirement) -> Document:
    """The document of one requirement."""
    start = {"type": type_of(each), "key": each.key, "name": each.name}
    end = {**_units(each.unit, each.unit_one), **_effort(each.effort)}
    match each:
        case MetricRequirement():
            bounds = {"minimum": _number(each.minimum), "maximum": _number(each.maximum)}
            return {**start, **_measure(each.source), **_set(bounds), **end}
        case PeopleRequirement():
            kinds = [
                {"name": kind.name, "certificates": list(kind.certificates), "minimum": kind.minimum}
                for kind in each.kinds
            ]
            found = {"certificates": list(each.certificates), "kinds": kinds, "once": each.once, "own": each.own}
            return {**start, "minimum": each.minimum, **{key: value for key, value in found.items() if value}, **end}
        case SomeOf():
            return {
                **start,
                "minimum": each.minimum,
                "requirements": [requirement(e) for e in each.requirements],
                **end,
            }
        case ScoreRequirement():
            tracks = [
                {"key": track.key, "name": track.name, "metrics": [_score_metric(m) for m in track.metrics]}
                for track in each.tracks
            ]
            above = {"every_above_zero": True} if each.every_above_zero else {}
            return {**start, "minimum": _number(each.minimum), **above, "tracks": tracks, **end}
    raise TypeError(each)


def type_of(each: Requirement) -> str:
    """The type's name in documents."""
    names = {MetricRequirement: "metric", PeopleRequirement: "people", SomeOf: "n_of", ScoreRequirement: "score"}
    return names[type(each)]


def _score_metric(metric: ScoreMetric) -> Document:
    numbers = {
        "per_unit": _number(metric.per_unit),
        "threshold": _number(metric.threshold),
        "cap": _number(metric.cap),
    }
    return {
        "key": metric.key,
        "name": metric.name,
        **_measure(metric.measure),
        **_set(numbers),
        **({"whole_units": True} if metric.whole_units else {}),
        **_units(metric.unit, metric.unit_one),
        **_effort(metric.effort),
    }


def _measure(measure: Measure) -> Document:
    if isinstance(measure, Holders):
        return {"certificates": list(measure.certificates)}
    return {"metric": measure.metric, "aggregate": measure.aggregate.value, "window": measure.window}


def _effort(effort: Effort | None) -> Document:
    if effort is None:
        return {}
    per = {} if effort.per == 1 else {"effort_per": _number(effort.per)}
    return {"effort": _number(effort.effort), **per}


def _units(several: str, one: str) -> Document:
    return {key: value for key, value in (("unit", several), ("unit_one", one)) if value}


def _set(found: Document) -> Document:
    return {key: value for key, value in found.items() if value is not None}


def _number(value: Decimal | None) -> str | None:
    return None if value is None else format(value.normalize() + 0, "f")
