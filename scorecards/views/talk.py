"""What the summary of a scorecard says of the conversation: both views, who agreed, the goals."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.urls import reverse

from partners.models import Partner
from scorecards import comparison, goal_lines, queries
from scorecards.comparison import Pair
from scorecards.goal_forms import free_topics
from scorecards.models import Assessment, Questionnaire
from scorecards.over_time import overall_over_time

if TYPE_CHECKING:
    from scorecards.views.pages import Side


@dataclass
class Talk:
    """What the summary of one assessment says of the conversation, and offers to do next."""

    request: HttpRequest
    side: Side
    assessment: Assessment
    may_act: bool

    @cached_property
    def pair(self) -> Pair | None:
        return (
            None
            if self.assessment.is_draft or self.assessment.partner_id is None
            else comparison.pair(self.request.user, self.assessment)
        )

    @property
    def compare_url(self) -> str:
        return self.side.url("compare", self.assessment.pk)

    @property
    def agree_url(self) -> str:
        return self.side.url("agree", self.assessment.pk)

    @property
    def agreed_url(self) -> str:
        """The agreed one that took this one's place."""
        agreed = self.assessment.superseded_by_id
        return self.side.url("summary", agreed) if agreed and not hasattr(self.request, "signed_link") else ""

    @property
    def agreed_at(self) -> dt.datetime | None:
        """When the last of both sides agreed."""
        at = (self.assessment.agreed_by_vendor_at, self.assessment.agreed_by_partner_at, self.assessment.finished_at)
        return max((each for each in at if each is not None), default=None)

    @property
    def asks_agreement(self) -> bool:
        """Whether it was filled in together and is submitted, so that both sides have to agree."""
        return self.assessment.mode == Assessment.Mode.JOINT and self.assessment.status == Assessment.Status.SUBMITTED

    @property
    def may_agree(self) -> bool:
        signed = (
            self.assessment.agreed_by_vendor_at
            if not self.request.user.is_partner_side
            else self.assessment.agreed_by_partner_at
        )
        return self.may_act and self.asks_agreement and signed is None

    @property
    def internal_url(self) -> str:
        """Where the vendor answers the internal questions; "" where there are none, or it is too late or too early."""
        shut = (
            self.request.user.is_partner_side
            or not self.may_act
            or self.assessment.status != Assessment.Status.SUBMITTED
        )
        if shut or not comparison.internal_categories(self.assessment):
            return ""
        return reverse("scorecards:internal", args=[self.assessment.pk])


@dataclass(frozen=True)
class Goals:
    """The goals on the summary: those there are, and whether one can be set."""

    lines: list[goal_lines.GoalLine]
    set_url: str
    side: Side

    def of(self, topic: str) -> goal_lines.GoalLine | None:
        return next((line for line in self.lines if line.goal.topic_key == topic), None)


def goals_of(request: HttpRequest, side: Side, assessment: Assessment) -> Goals:
    found = (
        goal_lines.lines(request.user, assessment.partner, assessment.questionnaire) if assessment.partner_id else []
    )
    taken = {line.goal.topic_key for line in found}
    may = request.user.can(side.fills_in) and queries.open_to_both(assessment) and not hasattr(request, "signed_link")
    free = may and bool(free_topics(assessment, taken))
    return Goals(found, side.url("goal_set", assessment.pk) if free else "", side)


def of_partner(
    request: HttpRequest, side: Side, partner: Partner, questionnaire: Questionnaire | None
) -> dict[str, Any]:
    """What the list of a partner's scorecards shows besides: its goals, the overall over time, the two views to compare."""
    user = request.user
    found: dict[str, Any] = {"goals": [], "over_time": None, "compare_url": "", "side": side}
    if questionnaire is None:
        return found
    latest = queries.latest(user, partner, questionnaire)
    if latest is not None and comparison.pair(user, latest) is not None:
        found["compare_url"] = side.url("compare", latest.pk) if latest.status == Assessment.Status.SUBMITTED else ""
    found["goals"] = goal_lines.lines(user, partner)
    found["over_time"] = overall_over_time(user, partner, questionnaire, lambda row: side.url("summary", row.pk))
    return found
