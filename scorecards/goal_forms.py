"""The form of a goal."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from scorecards.models import Assessment


class GoalForm(forms.Form):
    """What to reach and by when."""

    score_to = forms.DecimalField(
        label=_("Score to reach"), min_value=Decimal(1), max_value=Decimal(100), max_digits=5, decimal_places=2,
        widget=forms.NumberInput(attrs={"step": "any"}),
    )  # fmt: skip
    by_on = forms.DateField(label=_("By"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class NewGoalForm(GoalForm):
    """The same for a topic of an assessment that has no goal yet."""

    topic = forms.ChoiceField(label=_("Topic"))
    field_order = ("topic", "score_to", "by_on")

    def __init__(self, topics: list[tuple[str, str]], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        choice: Any = self.fields["topic"]
        choice.choices = topics


def free_topics(assessment: Assessment, taken: set[str]) -> list[tuple[str, str]]:
    """The topics a goal can be set for, with their score: assessed, not internal, without a goal; the largest gap first."""
    frozen = assessment.result_shared or {"categories": []}
    topics = [
        topic
        for category in frozen["categories"]
        for topic in category["topics"]
        if topic["score"] is not None and topic["key"] not in taken and Decimal(topic["score"]) < 100
    ]
    topics.sort(key=lambda topic: -Decimal(topic["gap"] or 0))
    return [(topic["key"], f"{topic['name']} ({topic['display']})") for topic in topics]
