"""The outline of a questionnaire in the making, and the preview of how it will be answered."""

from dataclasses import dataclass, field
from itertools import pairwise

from scorecards.board import QuestionRow, TopicRow
from scorecards.definition import Kind, Questionnaire, applicable
from scorecards.editing import Level, Node, children, level_of, name_of
from scorecards.queries import without_internal


@dataclass
class Line:
    """A category, topic or question of the outline; `first` and `last` among all of its level."""

    node: Node
    level: Level
    current: bool
    lines: list["Line"] = field(default_factory=list)

    @property
    def key(self) -> str:
        return self.node.key

    @property
    def name(self) -> str:
        return name_of(self.node)

    @property
    def id(self) -> str:
        return f"{self.level}-{self.key}"

    @property
    def questions(self) -> int:
        """How many questions there are in it."""
        return sum(line.questions for line in self.lines) if self.lines else 1


def outline(content: Questionnaire, level: Level | None = None, key: str = "") -> list[Line]:
    """The categories with all they hold; the one with this level and key is the current one."""

    def line(node: Node) -> Line:
        at = level_of(node)
        return Line(node, at, at is level and node.key == key, [line(child) for child in children(node)])

    return [line(category) for category in content.categories]


@dataclass
class Preview:
    """The topics and questions as a partner is asked them, without answers."""

    topics: list[TopicRow]
    total: int  # questions there are, internal ones aside

    @property
    def count(self) -> int:
        return sum(len(topic.questions) for topic in self.topics)

    @property
    def required(self) -> int:
        return sum(row.question.required for topic in self.topics for row in topic.questions)


def as_asked(content: Questionnaire) -> Questionnaire:
    """What is asked in a sitting: of partners no internal category; of kinds that only the vendor answers, all."""
    return without_internal(content) if content.kind in (Kind.CAPABILITY, Kind.SATISFACTION) else content


def preview(content: Questionnaire, stage: str, partner_type: str) -> Preview:
    """What is asked about a partner of this life stage and type; "" for all of them. Of partners no internal category."""
    content = as_asked(content)
    rows: list[TopicRow] = []
    for category in content.categories:
        first = True
        for topic in category.topics:
            asked = [
                question
                for question in topic.questions
                if applicable(question, stage or next(iter(question.life_stages), ""), partner_type or next(iter(question.partner_types), ""))
            ]  # fmt: skip
            if asked:
                questions = [QuestionRow(question, None, n, len(asked)) for n, question in enumerate(asked, 1)]
                rows.append(
                    TopicRow(topic.key, topic.name, category.name, category.internal, questions, None, None, first)
                )
                first = False
    for before, after in pairwise(rows):
        before.next_key, after.previous_key = after.key, before.key
    return Preview(rows, sum(1 for _question in content.questions()))
