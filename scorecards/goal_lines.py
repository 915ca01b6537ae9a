"""A partner's goals as the reader's side sees them, with how far they have come."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from partners.models import Partner
from prm.common.rag import Rag
from prm.common.vendor import thresholds, today
from scorecards import goals, queries
from scorecards.models import Goal, Questionnaire


@dataclass(frozen=True)
class GoalLine:
    """`now` is the topic's score in the latest agreed, else submitted, assessment that the reader may see; None with its
    `reason`. `asked`: the reader's side has yet to agree."""

    goal: Goal
    now: Decimal | None
    share: Fraction | None
    rag: Rag | None
    asked: bool

    @property
    def percent(self) -> int | None:
        return goals.displayed(self.share)

    @property
    def reason(self) -> str:
        return "" if self.now is not None else _("Not assessed in the latest scorecard")

    @property
    def waits_for(self) -> str:
        """Which side has yet to agree: vendor, partner or ""."""
        if self.goal.agreed_by_vendor_at is None:
            return "vendor"
        return "partner" if self.goal.agreed_by_partner_at is None else ""


def lines(
    user: User, partner: Partner, questionnaire: Questionnaire | None = None, also: User | None = None
) -> list[GoalLine]:
    """The partner's live goals (of one questionnaire, where given), the one due first first. `also`: who else is to read it, so
    that what only one side may see yet tells nothing."""
    rows = (
        Goal.objects.visible_to(user)
        .filter(partner=partner, dropped_at=None)
        .select_related("questionnaire", "partner", "proposed_by", "agreed_by_vendor", "agreed_by_partner")
    )
    if questionnaire is not None:
        rows = rows.filter(questionnaire=questionnaire)
    return with_standing(user, list(rows), also)


def with_standing(user: User, rows: list[Goal], also: User | None = None) -> list[GoalLine]:
    """The goals with where their topics stand now, as far as the user (and `also` somebody else) may see it."""
    limits = thresholds("attainment", today())
    scores: dict[tuple[int, int], dict[str, Decimal]] = {}
    found = []
    for goal in rows:
        known = (goal.partner_id, goal.questionnaire_id)
        if known not in scores:
            scores[known] = _latest_scores(user, goal.partner, goal.questionnaire, also)
        now = scores[known].get(goal.topic_key)
        share = goals.attainment(goal.score_from, goal.score_to, now)
        signed = goal.agreed_by_partner_at if user.is_partner_side else goal.agreed_by_vendor_at
        asked = signed is None and user.can(
            Permission.ANSWER_SCORECARDS if user.is_partner_side else Permission.RUN_SCORECARDS
        )
        found.append(GoalLine(goal, now, share, goals.status(share, limits), asked))
    return found


def _latest_scores(user: User, partner: Partner, questionnaire: Questionnaire, also: User | None) -> dict[str, Decimal]:
    latest = queries.latest(user, partner, questionnaire, also)
    if latest is None:
        return {}
    payload = queries.result_payload(latest, shared=True)
    return {
        topic["key"]: Decimal(topic["score"])
        for category in payload["categories"]
        for topic in category["topics"]
        if topic["score"] is not None
    }
