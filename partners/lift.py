"""What an item of an action plan was to lift its topic by, and by how much the topic rose since.

The tool that the item came from knows; it registers here how the database finds it, so that a list of any length is one query.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, DecimalField, Value
from django.db.models.expressions import BaseExpression
from django.utils.translation import gettext_lazy

from accounts.models import User

# `lift_hidden`: whether the reader's side may not know the item's figures (yet). `score_after`: of the topic, in the latest
# assessment finished since that the reader may see.
Source = Callable[[User], dict[str, BaseExpression]]

REASONS = {
    "hidden": gettext_lazy("once both views are in"),
    "no_score": gettext_lazy("not from a scorecard"),
    "no_scorecard_since": gettext_lazy("no scorecard since"),
}

_sources: list[Source] = []


@dataclass(frozen=True, slots=True)
class Lift:
    """Points of the topic, unrounded: `before` its score when the item was made, `expected` and `came` on top of it.

    Where `came` is None, `reason` is a key of REASONS.
    """

    before: Decimal | None
    expected: Decimal | None
    came: Decimal | None
    reason: str | None

    @property
    def why(self) -> str:
        return str(REASONS[self.reason]) if self.reason else ""


def source(function: Source) -> Source:
    """Registers user → what an Action is annotated with: `lift_hidden` and `score_after`, for that reader."""
    _sources[:] = [function]
    return function


def annotations(user: User) -> dict[str, BaseExpression]:
    """What `lift_of` needs of an Action that this user reads."""
    if _sources:
        return _sources[0](user)
    return {
        "lift_hidden": Value(False, output_field=BooleanField()),
        "score_after": Value(None, output_field=DecimalField()),
    }


def lift_of(action: Any) -> Lift:
    """The lift of an item out of `queries.actions(user)`, as that user may know it."""
    if action.lift_hidden:
        return Lift(None, None, None, "hidden")
    before, after = action.score_before, action.score_after
    if before is None:
        return Lift(None, action.expected_lift, None, "no_score")
    if after is None:
        return Lift(before, action.expected_lift, None, "no_scorecard_since")
    return Lift(before, action.expected_lift, after - before, None)
