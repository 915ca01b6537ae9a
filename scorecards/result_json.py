"""A result as JSON: for the API and for freezing with the assessment."""

from fractions import Fraction
from typing import Any

from scorecards.scoring import Result, TopicResult, decimal


def as_json(result: Result, *, shared: bool) -> dict[str, Any]:
    """The result for the API and for freezing: scores as decimal strings of 12 places beside `display` integers.

    With `shared` only what the partner's side may see: no internal category, no overall over all, and share and impact
    are the shared ones. Without it both are there.
    """
    overall = result.overall_shared if shared else result.overall
    completeness = result.completeness_shared if shared else result.completeness
    data: dict[str, Any] = {
        "overall_shared": _text(result.overall_shared.exact),
        "display_shared": result.overall_shared.display,
        "rag_shared": result.overall_shared.rag,
        "provisional": overall.provisional,
        "completeness": _text(completeness.share),
        "done": completeness.done,
        "of": completeness.of,
    }
    if not shared:
        data |= {
            "overall": _text(result.overall.exact),
            "display": result.overall.display,
            "rag": result.overall.rag,
            "completeness_shared": _text(result.completeness_shared.share),
        }
    data["categories"] = [
        {
            "key": category.key,
            "name": category.name,
            "weight": str(category.weight),
            "internal": category.internal,
            "score": _text(category.score.exact),
            "display": category.score.display,
            "rag": category.score.rag,
            "provisional": category.score.provisional,
            "completeness": _text(category.completeness.share),
            "topics": [_topic_json(topic, shared=shared) for topic in category.topics],
        }
        for category in result.categories
        if not (shared and category.internal)
    ]
    return data


def _topic_json(topic: TopicResult, *, shared: bool) -> dict[str, Any]:
    data: dict[str, Any] = {
        "key": topic.key,
        "name": topic.name,
        "weight": str(topic.weight),
        "target": str(topic.target) if topic.target is not None else None,
        "score": _text(topic.score.exact),
        "display": topic.score.display,
        "rag": topic.score.rag,
        "provisional": topic.score.provisional,
        "completeness": _text(topic.completeness.share),
        "gap": _text(topic.gap),
        "share": _text(topic.share_shared if shared else topic.share),
        "impact": _text(topic.impact_shared if shared else topic.impact),
    }
    if not shared:
        data |= {
            "share_shared": _text(topic.share_shared),
            "impact_shared": _text(topic.impact_shared),
        }
    return data


def _text(value: Fraction | None) -> str | None:
    return None if value is None else format(decimal(value), "f")
