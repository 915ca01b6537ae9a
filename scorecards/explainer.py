"""How each score, gap and impact of an assessment was computed, with its own numbers put in."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from prm.common.explain import Explanation, Term
from scorecards import queries
from scorecards.definition import Topic
from scorecards.models import Assessment
from scorecards.scoring import CategoryResult, TopicResult, decimal

Link = Callable[[str, str], str]  # (level, key) → the page that explains it
WHOLE = "-"  # the key of the overall

LEVELS = ("overall", "category", "topic", "gap", "impact")


class Explainer:
    """Explains the figures of one assessment as the user's side may see them: without internal categories for partners."""

    def __init__(self, user: User, assessment: Assessment, link: Link) -> None:
        self.assessment = assessment
        self.link = link
        self.shared = user.is_partner_side
        self.stored = queries.answers_of(user, assessment)
        self.content = queries.content_for(user, assessment)
        result = queries.result_of(assessment, queries.as_rules(assessment.answers.all()))
        self.overall = result.overall_shared if self.shared else result.overall
        self.categories = [c for c in result.categories if not (c.internal and self.shared)]
        self.as_of: date = assessment.finished_on or timezone.localdate()

    def explain(self, level: str, key: str) -> Explanation | None:
        """The explanation of a level's score, or of a topic's gap or impact; None where there is no such figure."""
        if level == "overall":
            return self._overall() if key == WHOLE else None
        if level == "category":
            return next((self._category(c) for c in self.categories if c.key == key), None)
        makers = {"topic": self._topic, "gap": self._gap, "impact": self._impact}
        for category in self.categories:
            for topic in category.topics:
                if topic.key == key and level in makers:
                    return makers[level](category, topic)
        return None

    def _overall(self) -> Explanation:
        parts = [
            (c.name, c.weight, c.score.exact, self.link("category", c.key))
            for c in self.categories
            if c.score.exact is not None
        ]
        title = _("Overall score")
        return self._mean(title, parts, self.overall.exact, _("No category has a score yet."))

    def _category(self, category: CategoryResult) -> Explanation:
        parts = [
            (t.name, t.weight, t.score.exact, self.link("topic", t.key))
            for t in category.topics
            if t.score.exact is not None
        ]
        return self._mean(category.name, parts, category.score.exact, _("No topic of it has a score yet."))

    def _topic(self, category: CategoryResult, topic: TopicResult) -> Explanation:
        parts = []
        for question in self._content(topic.key).questions:
            answer = self.stored.get(question.key)
            score = queries.question_score(question, answer) if answer else None
            if score is not None and question.key in queries.asked(self.assessment):
                parts.append((question.text, question.weight, Fraction(score), None))
        return self._mean(topic.name, parts, topic.score.exact, _("Not assessed: none of its questions has a score."))

    def _content(self, key: str) -> Topic:
        return next(t for c in self.content.categories for t in c.topics if t.key == key)

    def _mean(
        self,
        title: str,
        parts: Sequence[tuple[str, Decimal, Fraction | None, str | None]],
        result: Fraction | None,
        why_missing: str,
    ) -> Explanation:
        """A mean of scores by their weights."""
        terms: list[Term] = []
        products = []
        for name, weight, score, url in parts:
            at = len(terms)
            products.append(f"{{{at}}} × {{{at + 1}}}")
            terms.append(Term(_("weight of %(name)s") % {"name": name}, weight))
            terms.append(Term(name, None if score is None else decimal(score), "", url))
        weights = " + ".join(f"{{{at}}}" for at in range(0, len(terms), 2))
        formula = f"({' + '.join(products)}) ÷ ({weights})" if terms else ""
        return self._explanation(title, formula, terms, result, why_missing)

    def _gap(self, category: CategoryResult, topic: TopicResult) -> Explanation:
        title = _("Gap of %(topic)s") % {"topic": topic.name}
        terms = [
            Term(_("best practice"), topic.target),
            Term(topic.name, _decimal(topic.score.exact), "", self.link("topic", topic.key)),
        ]
        # The larger of 0 and the difference, said as people read it.
        formula = _("the larger of 0 and {0} − {1}")
        return self._explanation(title, formula, terms, topic.gap, self._no_gap(topic))

    def _impact(self, category: CategoryResult, topic: TopicResult) -> Explanation:
        title = _("Impact of %(topic)s") % {"topic": topic.name}
        impact = topic.impact_shared if self.shared else topic.impact
        topics = sum((t.weight for t in category.topics if t.score.exact is not None), Decimal(0))
        categories = sum((c.weight for c in self.categories if c.score.exact is not None), Decimal(0))
        terms = [
            Term(_("gap"), _decimal(topic.gap), "", self.link("gap", topic.key)),
            Term(_("weight of %(name)s") % {"name": topic.name}, topic.weight),
            Term(_("weights of the scored topics of %(name)s") % {"name": category.name}, topics),
            Term(_("weight of %(name)s") % {"name": category.name}, category.weight),
            Term(_("weights of the scored categories"), categories),
        ]
        formula = "{0} × ({1} ÷ {2}) × ({3} ÷ {4})"
        return self._explanation(title, formula, terms, impact, self._no_gap(topic))

    def _no_gap(self, topic: TopicResult) -> str:
        if topic.score.exact is None:
            return _("Not assessed: none of its questions has a score.")
        return _("This topic has no best-practice target.")

    def _explanation(
        self, title: str, formula: str, terms: Sequence[Term], result: Fraction | None, why_missing: str
    ) -> Explanation:
        return Explanation(
            title=title,
            formula=formula,
            terms=tuple(terms),
            as_of=self.as_of,
            result=_decimal(result),
            why_missing=None if result is not None else why_missing,
        )


def _decimal(value: Fraction | None) -> Decimal | None:
    return None if value is None else decimal(value)
