"""An assessment as a workbook: its scores, and its answers."""

from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.models import User
from prm.documents.table import Column, Kind, Table, Value
from scorecards import queries
from scorecards.answer_history import text_of
from scorecards.models import Assessment
from scorecards.standing import Figures, Peers


def sheets(user: User, assessment: Assessment) -> list[Table]:
    """Two sheets as the user's side may see them: scores unrounded, and an answer a row."""
    scores = [
        Column(_("Category")),
        Column(_("Topic")),
        Column(_("Weight"), Kind.DECIMAL),
        Column(_("Target"), Kind.DECIMAL),
        Column(_("Score"), Kind.DECIMAL),
        Column(_("Displayed"), Kind.INTEGER),
        Column(_("Status")),
        Column(_("Gap"), Kind.DECIMAL),
        Column(_("Impact"), Kind.DECIMAL),
        Column(_("Peers' median"), Kind.DECIMAL),
        Column(_("Percentile among peers"), Kind.TEXT if user.is_partner_side else Kind.DECIMAL),
    ]
    given = [
        Column(_("Category")),
        Column(_("Topic")),
        Column(_("Question"), width=60),
        Column(_("Answer"), width=40),
        Column(_("Score"), Kind.DECIMAL),
        Column(_("Comment"), width=40),
        Column(_("Evidence"), Kind.URL),
        Column(_("By")),
        Column(_("When"), Kind.DATETIME),
        Column(_("Confirmed")),
    ]
    return [
        Table(_("Scores"), scores, _score_rows(user, assessment)),
        Table(_("Answers"), given, _answer_rows(user, assessment)),
    ]


def _score_rows(user: User, assessment: Assessment) -> Iterator[list[Value]]:
    shared = user.is_partner_side
    peers = Peers(user, assessment)
    payload = queries.result_payload(assessment, shared=shared)
    name = "_shared" if shared else ""
    overall = payload["overall_shared" if shared else "overall"]
    yield [
        _("Overall"), "", None, None, _number(overall), payload[f"display{name}"], payload[f"rag{name}"], None, None,
        *_peers(peers.overall),
    ]  # fmt: skip
    for category in payload["categories"]:
        weight = Decimal(category["weight"])
        yield [
            category["name"],
            "",
            weight,
            None,
            _number(category["score"]),
            category["display"],
            category["rag"],
            None,
            None,
            None,
            None,
        ]
        for topic in category["topics"]:
            figures = [_number(topic[key]) for key in ("weight", "target", "score")]
            last = [_number(topic[key]) for key in ("gap", "impact")]
            yield [
                category["name"],
                topic["name"],
                *figures,
                topic["display"],
                topic["rag"],
                *last,
                *_peers(peers.of(topic["key"])),
            ]


def _peers(place: Figures | None) -> list[Value]:
    """Median and percentile; for the partner's side the rounded one and the band."""
    if place is None:
        return [None, None]
    return [
        round(each, 9) if isinstance(each, Decimal) else Decimal(each) if isinstance(each, int) else each
        for each in (place.median, place.percentile)
    ]


def _answer_rows(user: User, assessment: Assessment) -> Iterator[list[Value]]:
    stored = queries.answers_of(user, assessment)
    asked = queries.asked(assessment)
    for category in queries.content_for(user, assessment).categories:
        for topic in category.topics:
            for question in topic.questions:
                if question.key not in asked:
                    continue
                answer = stored.get(question.key)
                row: list[Value] = [category.name, topic.name, question.text]
                if answer is None:
                    yield [*row, None, None, None, None, None, None, None]
                    continue
                text = text_of(question, answer)
                score = queries.question_score(question, answer)
                by = answer.by.display_name if answer.by else ""
                yield [*row, text, score, answer.comment, answer.evidence_url, by, answer.at, answer.confirmed]


def _number(text: str | None) -> Decimal | None:
    """Unrounded, to the nine places that a spreadsheet's cell keeps exactly."""
    return None if text is None else round(Decimal(text), 9)
