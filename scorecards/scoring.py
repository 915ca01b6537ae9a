"""The score of one assessment: from answers to topics, categories and the overall.

Pure and exact: fractions inside, no rounding. Rounded figures (`display`) are for showing and for red/amber/green only.

    topic    = Σ(w × score) ÷ Σ w over its answered scored questions
    category = the same over its topics that have a score; overall = the same over its categories that have one
    gap      = max(0, target − score)
    share    = (w topic ÷ Σ w of scored topics of the category) × (w category ÷ Σ w of scored categories)
    impact   = gap × share: what the overall gains when the topic reaches its target

"Shared" figures leave internal categories out; they are the only ones the partner's side may see.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from prm.common.rag import DEFAULT_THRESHOLDS, Rag, Thresholds
from scorecards.answers import Answer, is_done, question_score
from scorecards.definition import Category, Question, Questionnaire, Topic

PLACES = 12


@dataclass(frozen=True, slots=True)
class Completeness:
    """`done` questions answered or n/a, and confirmed, `of` applicable ones."""

    done: int
    of: int

    @property
    def share(self) -> Fraction | None:
        """0–1, or None where no question applies."""
        return Fraction(self.done, self.of) if self.of else None

    @property
    def percent(self) -> int | None:
        """Whole percent, halves up, or None where no question applies."""
        return (self.done * 200 + self.of) // (self.of * 2) if self.of else None


@dataclass(frozen=True, slots=True)
class Score:
    """A score 0–100 as it is counted (`exact`) and as it is shown; all None while nothing is answered.

    `provisional` says that an answer not yet confirmed is in it.
    """

    exact: Fraction | None
    display: int | None
    rag: Rag | None
    provisional: bool


@dataclass(frozen=True, slots=True)
class TopicResult:
    key: str
    name: str
    weight: Decimal
    target: Decimal | None
    score: Score
    completeness: Completeness
    gap: Fraction | None
    share: Fraction | None
    impact: Fraction | None
    share_shared: Fraction | None
    impact_shared: Fraction | None


@dataclass(frozen=True, slots=True)
class CategoryResult:
    key: str
    name: str
    weight: Decimal
    internal: bool
    score: Score
    completeness: Completeness
    topics: tuple[TopicResult, ...]


@dataclass(frozen=True, slots=True)
class Result:
    overall: Score
    overall_shared: Score
    completeness: Completeness
    completeness_shared: Completeness
    categories: tuple[CategoryResult, ...]

    def topics(self) -> Iterable[TopicResult]:
        for category in self.categories:
            yield from category.topics


def display(score: Fraction | Decimal) -> int:
    """The integer to show: rounded half up, at least 1.

    A Decimal is taken to nine places first, so that a mean of stored scores (12 places) lands on the side of .5 where
    the exact one lies.
    """
    exact = Fraction(score.quantize(Decimal("1e-9"))) if isinstance(score, Decimal) else score
    return max(1, (exact + Fraction(1, 2)).__floor__())


def decimal(value: Fraction, places: int = PLACES) -> Decimal:
    """The fraction as a Decimal with so many places, halves away from zero; for storing and for the API."""
    # In whole numbers: a result has hundreds of these, and Fractions take ten times as long.
    above, below = abs(value.numerator), value.denominator
    number = Decimal((2 * above * 10**places + below) // (2 * below)).scaleb(-places)
    return -number if value < 0 else number


@dataclass(frozen=True, slots=True)
class _Level:
    """A level summed up: its own weight, its score, the weight of what is scored below it, how complete it is."""

    weight: Fraction
    score: Fraction | None
    scored_weight: Fraction
    provisional: bool
    done: int
    of: int


def _sum(levels: Collection[_Level], weight: Decimal = Decimal(1)) -> _Level:
    scored = [(level.weight, level.score) for level in levels if level.score is not None]
    total = sum((each for each, _ in scored), Fraction(0))
    return _Level(
        weight=Fraction(weight),
        score=sum((each * score for each, score in scored), Fraction(0)) / total if scored else None,
        scored_weight=total,
        provisional=any(level.provisional for level in levels),
        done=sum(level.done for level in levels),
        of=sum(level.of for level in levels),
    )


def result(
    questionnaire: Questionnaire,
    answers: Mapping[str, Answer],
    applicable: Collection[str],
    thresholds: Thresholds = DEFAULT_THRESHOLDS["capability"],
) -> Result:
    """Score an assessment.

    `answers` by question key; `applicable` the keys frozen when the assessment started: other questions and their
    answers count nowhere. Unconfirmed answers count in the scores, which are then provisional, and not in completeness.
    """
    asked = frozenset(applicable)
    topics = [
        [
            _sum([_answered(question, answers) for question in topic.questions if question.key in asked], topic.weight)
            for topic in category.topics
        ]
        for category in questionnaire.categories
    ]
    levels = [_sum(below, category.weight) for category, below in zip(questionnaire.categories, topics, strict=True)]
    overall = _sum(levels)
    shared = _sum(
        [level for category, level in zip(questionnaire.categories, levels, strict=True) if not category.internal]
    )
    return Result(
        overall=_score(overall, thresholds),
        overall_shared=_score(shared, thresholds),
        completeness=Completeness(overall.done, overall.of),
        completeness_shared=Completeness(shared.done, shared.of),
        categories=tuple(
            _category(category, level, below, overall, shared, thresholds)
            for category, level, below in zip(questionnaire.categories, levels, topics, strict=True)
        ),
    )


def _answered(question: Question, answers: Mapping[str, Answer]) -> _Level:
    answer = answers.get(question.key)
    score = question_score(question, answer)
    return _Level(
        weight=Fraction(question.weight),
        score=score,
        scored_weight=Fraction(0),
        provisional=score is not None and answer is not None and not answer.confirmed,
        done=int(is_done(answer)),
        of=1,
    )


def _score(level: _Level, thresholds: Thresholds) -> Score:
    if level.score is None:
        return Score(None, None, None, provisional=False)
    shown = display(level.score)
    return Score(level.score, shown, thresholds.rag(shown), level.provisional)


def _category(
    category: Category, level: _Level, topics: list[_Level], overall: _Level, shared: _Level, thresholds: Thresholds
) -> CategoryResult:
    unit = unit_shared = None
    if level.score is not None:
        unit = level.weight / overall.scored_weight / level.scored_weight
        unit_shared = None if category.internal else level.weight / shared.scored_weight / level.scored_weight
    return CategoryResult(
        key=category.key,
        name=category.name,
        weight=category.weight,
        internal=category.internal,
        score=_score(level, thresholds),
        completeness=Completeness(level.done, level.of),
        topics=tuple(
            _topic(topic, below, unit, unit_shared, thresholds)
            for topic, below in zip(category.topics, topics, strict=True)
        ),
    )


def _topic(
    topic: Topic, level: _Level, unit: Fraction | None, unit_shared: Fraction | None, thresholds: Thresholds
) -> TopicResult:
    """`unit` is the share of a scored topic of weight 1 in this category, `unit_shared` its shared one."""
    gap = share = share_shared = None
    if level.score is not None:
        share = _times(level.weight, unit)
        share_shared = _times(level.weight, unit_shared)
        gap = None if topic.target is None else max(Fraction(0), Fraction(topic.target) - level.score)
    return TopicResult(
        key=topic.key,
        name=topic.name,
        weight=topic.weight,
        target=topic.target,
        score=_score(level, thresholds),
        completeness=Completeness(level.done, level.of),
        gap=gap,
        share=share,
        impact=_times(gap, share),
        share_shared=share_shared,
        impact_shared=_times(gap, share_shared),
    )


def _times(left: Fraction | None, right: Fraction | None) -> Fraction | None:
    return None if left is None or right is None else left * right
