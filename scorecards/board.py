"""What the answering page shows: topics, their questions with what is answered, and the result so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from scorecards import answers as rules
from scorecards import queries, update
from scorecards.answer_history import text_of
from scorecards.definition import Option, Question, QuestionType
from scorecards.models import Answer, Assessment
from scorecards.result_json import as_json

WINS = 3


@dataclass
class OptionRow:
    option: Option
    digit: str  # the key that chooses it
    chosen: bool


@dataclass
class QuestionRow:
    """`typed` is what came with a refused form, shown again instead of what is stored.

    `changes` counts how often an answer took the place of another; `side` is the side that answered it where both do ("vendor", "partner").
    """

    question: Question
    answer: Answer | None
    number: int
    of: int
    changes: int = 0
    side: str = ""
    errors: list[str] = field(default_factory=list)
    typed: Answer | None = None

    @property
    def shown(self) -> Answer | None:
        return self.typed or self.answer

    @property
    def state(self) -> str:
        """open, carried (filled in from last time, to be confirmed) or done."""
        if self.answer is None or not rules.is_answered(queries.as_rule(self.answer)):
            return "open"
        return "done" if self.answer.confirmed else "carried"

    @property
    def since(self) -> str:
        """When and by whom a carried-over answer was given."""
        if self.answer is None:
            return ""
        day = date_format(timezone.localtime(self.answer.at), "DATE_FORMAT")
        if self.answer.by:
            return _("Unchanged since %(day)s, %(name)s") % {"day": day, "name": self.answer.by.display_name}
        return _("Unchanged since %(day)s") % {"day": day}

    @property
    def who(self) -> str:
        """By whom and when it was answered, where several answer: "Anna, 10:32", or with the day before today."""
        if self.answer is None:
            return ""
        at = timezone.localtime(self.answer.at)
        is_today = at.date() == timezone.localdate()
        when = date_format(at, "TIME_FORMAT") if is_today else date_format(at, "SHORT_DATE_FORMAT")
        return f"{self.answer.by.display_name}, {when}" if self.answer.by else when

    @property
    def text(self) -> str:
        """The answer in words; "" for none."""
        return text_of(self.question, self.answer)

    @property
    def score(self) -> Decimal | None:
        """The points of the answer, 0–100; None where it has none."""
        return queries.question_score(self.question, self.answer) if self.answer else None

    @property
    def options(self) -> list[OptionRow]:
        chosen = self.shown.options if self.shown else []
        return [
            OptionRow(option, str((number + 1) % 10), option.key in chosen)
            for number, option in enumerate(self.question.options)
        ]

    @property
    def control(self) -> str:
        """radio, checkbox, number or text."""
        if self.question.type.has_options:
            return "radio" if self.question.type.takes_one else "checkbox"
        return "number" if self.question.type is QuestionType.NUMBER else "text"


@dataclass
class TopicRow:
    key: str
    name: str
    category: str
    internal: bool
    questions: list[QuestionRow]
    display: int | None
    rag: str | None
    first_of_category: bool = False
    current: bool = False
    next_key: str = ""  # "" for the last
    previous_key: str = ""
    is_rest: bool = False  # not asked by a quarterly update: carried over, and open to change

    @property
    def carried(self) -> int:
        return sum(1 for row in self.questions if row.state == "carried")

    @property
    def done(self) -> int:
        return sum(1 for row in self.questions if row.state == "done")

    @property
    def is_done(self) -> bool:
        return self.done == len(self.questions)


@dataclass
class Win:
    """A topic by what reaching its target would add to the overall."""

    key: str
    name: str
    impact: Decimal


@dataclass
class Board:
    """`rest` are the topics that a quarterly update does not ask, confirmed together in its last step.

    `revision` is that of the last change shown here.
    """

    assessment: Assessment
    asked: list[TopicRow]
    rest: list[TopicRow]
    payload: dict[str, Any]
    shared: bool
    revision: int
    in_rest: bool = False  # the last step is the current one

    @property
    def topics(self) -> list[TopicRow]:
        return [*self.asked, *self.rest]

    @property
    def score(self) -> tuple[int | None, str | None]:
        return overall_of(self.payload, shared=self.shared)

    @property
    def together(self) -> bool:
        return self.assessment.mode == Assessment.Mode.JOINT

    @property
    def is_update(self) -> bool:
        return bool(self.assessment.focus)

    @property
    def done(self) -> int:
        return sum(topic.done for topic in self.topics)

    @property
    def of(self) -> int:
        return sum(len(topic.questions) for topic in self.topics)

    @property
    def carried(self) -> int:
        return sum(topic.carried for topic in self.topics)

    @property
    def rest_carried(self) -> int:
        """Answers of the rest still to confirm."""
        return sum(topic.carried for topic in self.rest)

    @property
    def wins(self) -> list[Win]:
        """The topics where most is to be won, greatest impact first; of satisfaction that is the vendor's to know."""
        if self.shared and not self.assessment.takes_actions:
            return []
        found = [
            Win(topic["key"], topic["name"], Decimal(topic["impact"]))
            for category in self.payload["categories"]
            for topic in category["topics"]
            if topic["impact"] is not None and Decimal(topic["impact"]) > 0
        ]
        return sorted(found, key=lambda win: -win.impact)[:WINS]

    @property
    def time(self) -> str:
        """Time on task as minutes and seconds, "2:10"."""
        minutes, seconds = divmod(self.assessment.active_seconds, 60)
        return f"{minutes}:{seconds:02d}"

    def topic(self, key: str) -> TopicRow | None:
        return next((topic for topic in self.topics if topic.key == key), None)

    def row(self, key: str) -> QuestionRow | None:
        return next((row for topic in self.topics for row in topic.questions if row.question.key == key), None)

    def show(self, key: str) -> None:
        """Makes this topic the current one; where there is none such, the first step not all answered."""
        todo = next((topic for topic in self.asked if not topic.is_done), None)
        if self.rest and (key == update.REST or (not self.topic(key) and todo is None)):
            self.in_rest = True
            return
        chosen = self.topic(key) or todo or (self.asked[0] if self.asked else None)
        if chosen:
            chosen.current = True


def overall_of(payload: Mapping[str, Any], *, shared: bool) -> tuple[int | None, str | None]:
    """The displayed overall and its status that a side sees."""
    return (payload["display_shared"], payload["rag_shared"]) if shared else (payload["display"], payload["rag"])


def board(user: User, assessment: Assessment, *, whole: bool = False) -> Board:
    """The answering page of an assessment the user may see; for partners without internal categories.

    Of a submitted one only what the vendor may still answer, or with `whole` all of it, to read.
    """
    together = assessment.mode == Assessment.Mode.JOINT
    rows = list(assessment.answers.select_related(*(["by__membership"] if together else ["by"])))
    shared = user.is_partner_side
    payload = as_json(queries.result_of(assessment, queries.as_rules(rows)), shared=shared)
    stored = {row.question_key: row for row in rows if not (row.internal and shared)}
    topics = _topics(user, assessment, stored, payload)
    focus = update.asked_of(assessment.focus)
    if not (assessment.is_draft or whole):
        topics = [topic for topic in topics if topic.internal]
    asked = [topic for topic in topics if focus is None or topic.key in focus or whole or not assessment.is_draft]
    rest = [topic for topic in topics if topic not in asked]
    _chain(asked, rest)
    revision = max((row.revision for row in stored.values()), default=0)
    return Board(assessment, asked, rest, payload, shared, revision)


def _chain(asked: list[TopicRow], rest: list[TopicRow]) -> None:
    """From each topic to the next; of an update to its last step, which leads to the topics it does not ask and back."""
    for before, after in pairwise(asked):
        before.next_key, after.previous_key = after.key, before.key
        after.first_of_category = before.category != after.category
    if asked:
        asked[0].first_of_category = True
    if rest and asked:
        asked[-1].next_key = update.REST
    for topic in rest:
        topic.is_rest, topic.next_key, topic.previous_key = True, update.REST, update.REST


def _topics(
    user: User, assessment: Assessment, stored: Mapping[str, Answer], payload: Mapping[str, Any]
) -> list[TopicRow]:
    asked = queries.asked(assessment)
    changes = queries.change_counts(user, assessment)
    scores = {topic["key"]: topic for category in payload["categories"] for topic in category["topics"]}
    rows: list[TopicRow] = []
    for category in queries.content_for(user, assessment).categories:
        for topic in category.topics:
            questions = [question for question in topic.questions if question.key in asked]
            if not questions:
                continue
            rows.append(
                TopicRow(
                    key=topic.key,
                    name=topic.name,
                    category=category.name,
                    internal=category.internal,
                    questions=[
                        QuestionRow(
                            question=question,
                            answer=stored.get(question.key),
                            number=number,
                            of=len(questions),
                            changes=changes.get(question.key, 0),
                            side=_side(assessment, stored.get(question.key)),
                        )
                        for number, question in enumerate(questions, 1)
                    ],
                    display=scores[topic.key]["display"],
                    rag=scores[topic.key]["rag"],
                )
            )
    return rows


def _side(assessment: Assessment, answer: Answer | None) -> str:
    if assessment.mode != Assessment.Mode.JOINT or answer is None or answer.by is None:
        return ""
    return queries.side_of(answer.by)
