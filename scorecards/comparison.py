"""The two views of one quarter side by side: where partner and CAM differ, and whose answers stand so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from scorecards import queries
from scorecards.definition import Category, Option, Question, Questionnaire, QuestionType
from scorecards.models import Answer, Assessment
from scorecards.perception import PerceptionGap, Stand, fits, perception_gaps, stand
from scorecards.scoring import Result, Score

SIDES = (Assessment.Mode.SELF, Assessment.Mode.CAM)


@dataclass(frozen=True)
class Pair:
    """Both views, each open to both sides, and the agreed one that took their place once there is one."""

    own: Assessment  # the partner's
    cam: Assessment
    agreed: Assessment | None
    outdated: bool  # a scorecard finished later is open to both: these differences are history

    @property
    def may_be_settled(self) -> bool:
        return self.agreed is None and not self.outdated

    @cached_property
    def newer(self) -> Assessment:
        """The one with the newer version of the questionnaire: what is compared is what that version asks."""
        return max((self.cam, self.own), key=lambda each: each.version.number)

    @cached_property
    def asked(self) -> frozenset[str]:
        """Keys of the questions of that version that either side was asked."""
        asked = {*queries.asked(self.own), *queries.asked(self.cam)}
        return frozenset(question.key for question in self.newer.version.content.questions() if question.key in asked)

    @property
    def content(self) -> Questionnaire:
        """What both sides see of that version."""
        return queries.without_internal(self.newer.version.content)


def pair(user: User, assessment: Assessment) -> Pair | None:
    """The two views that belong to this assessment: itself and the other side's of its quarter, or those it was agreed
    from. None while not both are in, and for one filled in together.

    Starts at what the user may see, so that nothing is compared before it is open to both.
    """
    is_single = assessment.mode != Assessment.Mode.JOINT and assessment.superseded_by_id is None
    if is_single and not assessment.revealed:
        return None
    rows = queries.assessments(user).defer("version__definition").filter(revealed=True, mode__in=SIDES)
    if assessment.mode == Assessment.Mode.JOINT:
        rows = rows.filter(superseded_by=assessment)
    elif assessment.superseded_by_id is not None:
        rows = rows.filter(superseded_by=assessment.superseded_by_id)
    elif assessment.status == Assessment.Status.SUBMITTED:
        rows = rows.filter(
            status=Assessment.Status.SUBMITTED,
            partner=assessment.partner_id,
            questionnaire=assessment.questionnaire_id,
            period=assessment.period,
        )
    else:
        return None
    found: dict[str, Assessment] = {}
    for row in rows.select_related("superseded_by", "superseded_by__finished_by").order_by("-finished_at", "-id"):
        found.setdefault(row.mode, row)
    if len(found) < len(SIDES):
        return None
    own, cam = (found[mode] for mode in SIDES)
    return Pair(own, cam, own.superseded_by, _outdated(user, own, cam))


def _outdated(user: User, own: Assessment, cam: Assessment) -> bool:
    last = max(each.finished_at for each in (own, cam) if each.finished_at is not None)
    later = Assessment.objects.visible_to(user).filter(
        Q(revealed=True) | Q(mode=Assessment.Mode.JOINT), status__in=Assessment.COUNTED, finished_at__gt=last,
        partner=own.partner_id, questionnaire=own.questionnaire_id,
    )  # fmt: skip
    return later.exists()


def exact(assessment: Assessment) -> Result:
    """The unrounded result of a submitted assessment, by the thresholds it was shown with."""
    limits = queries.thresholds(assessment.finished_on)
    return queries.result_of(assessment, queries.as_rules(assessment.answers.all()), limits)


def scores_of(assessment: Assessment) -> dict[str, Score]:
    """Its scores by topic key, without internal topics."""
    result = exact(assessment)
    return {topic.key: topic.score for each in result.categories if not each.internal for topic in each.topics}


def gaps(both: Pair) -> list[PerceptionGap]:
    """The perception gap: topics by how differently the sides see them."""
    own, cam = ({key: score.exact for key, score in scores_of(each).items()} for each in (both.own, both.cam))
    keys = [topic.key for category in both.content.categories for topic in category.topics]
    return perception_gaps(keys, own, cam)


def answers_that_fit(both: Pair) -> dict[str, tuple[Answer | None, Answer | None]]:
    """The answers of both sides, partner's first, by the key of each question that is compared; internal ones too."""
    own, cam = ({row.question_key: row for row in each.answers.select_related("by")} for each in (both.own, both.cam))
    return {key: (own.get(key), cam.get(key)) for key in both.asked}


def stand_of(question: Question, own: Answer | None, cam: Answer | None) -> Stand:
    return stand(question, *(None if row is None else queries.as_rule(row) for row in (own, cam)))


def answer_text(question: Question, answer: Answer | None) -> str:
    """An answer as people read it; "" for none."""
    if answer is None or not fits(question, queries.as_rule(answer)):
        return ""
    chosen = [option.label for option in question.options if option.key in answer.options]
    return _("Not applicable") if answer.na else answer.value or "; ".join(chosen)


@dataclass
class QuestionLine:
    """A question with both answers. `choice` is whose answer stands as far as it was said: self, cam, other or ""."""

    question: Question
    own: Answer | None
    cam: Answer | None
    stand: Stand
    choice: str = ""
    typed: Answer | None = None  # another answer and the comment, as they were given
    errors: list[str] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether there is something to choose: they differ, or only one side answered."""
        return self.stand not in (Stand.BOTHS, Stand.NOBODYS)

    @property
    def differs(self) -> bool:
        return self.stand is Stand.UNSETTLED

    @property
    def own_text(self) -> str:
        return answer_text(self.question, self.own)

    @property
    def cam_text(self) -> str:
        return answer_text(self.question, self.cam)

    @property
    def control(self) -> str:
        """How another answer is given: select, checkbox, number or text."""
        if self.question.type.has_options:
            return "select" if self.question.type.takes_one else "checkbox"
        return "number" if self.question.type is QuestionType.NUMBER else "text"

    @property
    def options(self) -> list[tuple[Option, bool]]:
        """The options with whether it is the other answer that was given."""
        chosen = self.typed.options if self.typed else []
        return [(option, option.key in chosen) for option in self.question.options]


@dataclass
class TopicLine:
    key: str
    name: str
    category: str
    own: Score | None
    cam: Score | None
    gap: PerceptionGap | None
    questions: list[QuestionLine]

    @property
    def alike(self) -> list[QuestionLine]:
        return [line for line in self.questions if not line.is_open]


class Comparison:
    """What the page Compare shows: the topics by perception gap, each with its questions and both answers."""

    def __init__(self, user: User, both: Pair) -> None:
        self.user = user
        self.pair = both

    @cached_property
    def topics(self) -> list[TopicLine]:
        own, cam = scores_of(self.pair.own), scores_of(self.pair.cam)
        given = answers_that_fit(self.pair)
        lines = [
            TopicLine(
                key=topic.key, name=topic.name, category=category.name, own=_scored(own.get(topic.key)),
                cam=_scored(cam.get(topic.key)), gap=None,
                questions=[
                    QuestionLine(each, *given[each.key], stand_of(each, *given[each.key]))
                    for each in topic.questions
                    if each.key in given
                ],
            )
            for category in self.pair.content.categories
            for topic in category.topics
        ]  # fmt: skip
        for line in lines:
            line.questions = [each for each in line.questions if each.stand is not Stand.NOBODYS]
        found = perception_gaps(
            [line.key for line in lines], {line.key: _exact(line.own) for line in lines},
            {line.key: _exact(line.cam) for line in lines},
        )  # fmt: skip
        by_gap = {each.key: (place, each) for place, each in enumerate(found)}
        for line in lines:
            line.gap = by_gap[line.key][1] if line.key in by_gap else None
        shown = [line for line in lines if line.questions]
        return sorted(shown, key=lambda line: by_gap[line.key][0] if line.key in by_gap else len(found))

    @cached_property
    def lines(self) -> Mapping[str, QuestionLine]:
        return {line.question.key: line for topic in self.topics for line in topic.questions}

    @property
    def talked(self) -> list[TopicLine]:
        """The topics with something to talk about."""
        return [topic for topic in self.topics if any(line.is_open for line in topic.questions)]

    @property
    def alike(self) -> list[TopicLine]:
        """The topics that both answered alike, question by question."""
        return [topic for topic in self.topics if not any(line.is_open for line in topic.questions)]

    @property
    def open(self) -> list[QuestionLine]:
        """The questions with something to choose, in the order of the page."""
        return [line for line in self.lines.values() if line.is_open]

    @property
    def differing(self) -> int:
        return sum(1 for line in self.lines.values() if line.differs)

    @property
    def unsettled(self) -> list[QuestionLine]:
        """The questions that a sent form left open or gave an answer that does not fit."""
        return [line for line in self.lines.values() if line.errors]


def _scored(score: Score | None) -> Score | None:
    return score if score is not None and score.exact is not None else None


def _exact(score: Score | None) -> Fraction | None:
    return score.exact if score else None


def internal_categories(assessment: Assessment) -> list[Category]:
    """The internal categories with a question that this assessment asks."""
    asked = queries.asked(assessment)
    return [
        category
        for category in assessment.version.content.categories
        if category.internal and any(each.key in asked for topic in category.topics for each in topic.questions)
    ]
