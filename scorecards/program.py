"""The vendor's own channel: where it is in its life, what to do first, and how it got here."""

from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext_lazy

from accounts.models import User
from scorecards import kinds, queries, scoring
from scorecards.models import Assessment
from scorecards.summary import Summary

STAGES = {
    "starting": gettext_lazy("Starting"),
    "emerging": gettext_lazy("Emerging"),
    "accelerating": gettext_lazy("Accelerating"),
    "maturing": gettext_lazy("Maturing"),
}
MEANS = {
    "starting": gettext_lazy("Few partners, few rules: set the terms, the first plays and who looks after whom."),
    "emerging": gettext_lazy("Partners are there, results depend on people: make what works the habit of all."),
    "accelerating": gettext_lazy("The basics hold: invest where partners grow, and automate the rest."),
    "maturing": gettext_lazy("A steady channel: keep it fresh, and measure what each program earns."),
}


@dataclass(frozen=True)
class Past:
    """A submitted assessment: its displayed overall, stage in words, and change since the one before (None: the first)."""

    assessment: Assessment
    display: int | None
    stage: str
    change: int | None


class Program:
    """The program as who runs it sees it."""

    def __init__(self, user: User) -> None:
        rows = queries.assessments(user).filter(questionnaire__kind="program").defer("version__definition")
        self.user = user
        self.draft: Assessment | None = rows.filter(status="draft").order_by("-started_at").first()
        self._done = list(rows.filter(status__in=Assessment.COUNTED).order_by("finished_at", "id"))

    @cached_property
    def summary(self) -> Summary | None:
        """Of the latest submitted one."""
        return Summary(self.user, self._done[-1]) if self._done else None

    @property
    def history(self) -> list[Past]:
        """Newest first."""
        found: list[Past] = []
        before: int | None = None
        for row in self._done:
            shown = None if row.overall is None else scoring.display(row.overall)
            change = None if shown is None or before is None else shown - before
            found.append(Past(row, shown, stage_name(shown), change))
            before = shown
        return found[::-1]

    @property
    def steps(self) -> list[dict[str, str]]:
        """The four stages for the stepper, up to the current one."""
        current = kinds.program_stage(self.summary.overall[0]) if self.summary else None
        order = list(STAGES)
        place = order.index(current) if current else -1
        states = ["done" if n < place else "current" if n == place else "ahead" for n in range(len(order))]
        return [{"label": str(STAGES[key]), "state": state} for key, state in zip(order, states, strict=True)]

    @property
    def meaning(self) -> str:
        """What the stage asks for."""
        current = kinds.program_stage(self.summary.overall[0]) if self.summary else None
        return str(MEANS[current]) if current else ""


def stage_name(displayed: int | None) -> str:
    """The life stage of a program in words; "" where nothing is scored."""
    found = kinds.program_stage(displayed)
    return str(STAGES[found]) if found else ""
