"""Answers and their histories as people read them: labels of options, what became what."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from scorecards import queries
from scorecards.definition import Question
from scorecards.models import Answer, AnswerChange


@dataclass(frozen=True)
class Line:
    """One thing that changed. "" is nothing given; `kind` is answer, comment or evidence."""

    kind: str
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """`who` and `side` (vendor or partner) are "" where the person is gone."""

    change: AnswerChange
    who: str
    side: str
    lines: list[Line]


def answer_text(question: Question, *, options: Iterable[str], value: str, na: bool) -> str:
    """What was answered in words; "" for nothing. An option that is no longer there by its key."""
    if na:
        return _("Not applicable")
    labels = {option.key: option.label for option in question.options}
    return "; ".join(labels.get(key, key) for key in options) or value


def text_of(question: Question, answer: Answer | None) -> str:
    if answer is None:
        return ""
    return answer_text(question, options=answer.options, value=answer.value, na=answer.na)


def history(question: Question, rows: Iterable[AnswerChange]) -> Iterator[Change]:
    """The changes of one question, in the order of the rows; rows come with `by` and its membership."""
    for row in rows:
        side = "" if row.by is None else queries.side_of(row.by)
        who = row.by.display_name if row.by else ""
        yield Change(row, who, side, list(_lines(question, row.before or {}, row.after)))


def _lines(question: Question, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Line]:
    pairs = (
        ("answer", _("Answer"), _choice(question, before), _choice(question, after)),
        ("comment", _("Comment"), before.get("comment", ""), after["comment"]),
        ("evidence", _("Evidence"), before.get("evidence_url", ""), after["evidence_url"]),
    )
    for kind, label, old, new in pairs:
        if old != new:
            yield Line(kind, label, old, new)


def _choice(question: Question, state: Mapping[str, Any]) -> str:
    if not state:
        return ""
    return answer_text(question, options=state["options"], value=state["value"], na=state["na"])
