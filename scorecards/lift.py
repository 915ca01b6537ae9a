"""What actions taken from a scorecard lifted: how the database finds it for lists of the partners' action plans.

Blind until both are in: which assessment an action came from is not kept, so whoever could not have read the one it may have
come from does not learn its score before, its expected lift or the lift that came. An assessment may be where it came from if it
was begun before the action was made and either was still open then or has exactly that score in the topic; of several finished
ones it is the latest.
"""

from typing import Any

from django.db.models import BooleanField, Case, DecimalField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import BaseExpression
from django.db.models.functions import Coalesce

from accounts.models import User
from accounts.permissions import PARTNER_ROLES, Role
from partners import lift
from scorecards.models import Assessment, AssessmentScore

VENDOR_ROLES = [role for role in Role if role not in PARTNER_ROLES]


_OPEN_THEN = Q(finished_at=None) | Q(finished_at__gt=OuterRef("created_at"))  # when the Action outside was made


@lift.source
def annotations(user: User) -> dict[str, BaseExpression]:
    return {"lift_hidden": hidden(user), "score_after": score_after(user)}


def hidden(user: User) -> Case:
    """Whether an Action's figures may come from an assessment that is not open to the reader's side."""
    side = PARTNER_ROLES if user.is_partner_side else VENDOR_ROLES
    own, other = Assessment.Mode.SELF, Assessment.Mode.CAM
    if not user.is_partner_side:
        own, other = other, own
    of_side = User.groups.through.objects.filter(user=OuterRef("created_by"), group__name__in=side)
    made_by_own = Q(Exists(of_side))
    open_to_both = Q(mode=Assessment.Mode.JOINT) | Q(revealed=True)
    hidden_then_open = _may_be_source().filter(_OPEN_THEN, mode=other, revealed=False)
    latest = (
        _may_be_source()
        .filter(open_to_both | Q(mode=other))
        .annotate(blind=Case(When(open_to_both, then=Value(False)), default=Value(True), output_field=BooleanField()))
        .order_by(F("finished_at").desc(nulls_first=True), "-pk")
    )
    return Case(
        When(~Q(origin="topic") | made_by_own, then=Value(False)),
        When(Exists(hidden_then_open), then=Value(True)),
        # Of somebody who is gone: their own side's, where nothing of the other's can have been it.
        When(
            Q(created_by=None) & Exists(_may_be_source().filter(mode=own)) & ~Exists(latest.filter(blind=True)),
            then=Value(False),
        ),
        default=Coalesce(Subquery(latest.values("blind")[:1]), Value(True)),
        output_field=BooleanField(),
    )


def _may_be_source() -> QuerySet[Assessment]:
    """Of the Action outside: assessments begun before it that were open then, or have the score it started from."""
    score: Any = Coalesce(OuterRef(OuterRef("score_before")), F("score"))
    scores = AssessmentScore.objects.unscoped("which assessment an action came from").filter(
        assessment=OuterRef("pk"), level="topic", key=OuterRef(OuterRef("origin_key")), score=score
    )
    rows: QuerySet[Assessment] = Assessment.objects.unscoped("which assessment an action came from").filter(
        _OPEN_THEN | Exists(scores),
        partner=OuterRef("partner"),
        started_at__lte=OuterRef("created_at"),
    )
    return rows


def score_after(user: User) -> Subquery:
    """The score of an Action's topic in the latest agreed, else submitted, assessment finished after it was made.

    That is one of the questionnaire it came from, open to the reader, and not the very one it came from.
    """
    questionnaire = Assessment.objects.unscoped("the questionnaire of an action").filter(
        partner=OuterRef(OuterRef("partner")),
        started_at__lte=OuterRef(OuterRef("created_at")),
        scores__level="topic",
        scores__key=OuterRef(OuterRef("origin_key")),
    )
    rows = AssessmentScore.objects.visible_to(user).filter(
        level="topic",
        key=OuterRef("origin_key"),
        assessment__partner=OuterRef("partner"),
        assessment__status__in=Assessment.COUNTED,
        assessment__finished_at__gt=OuterRef("created_at"),
        assessment__questionnaire=Subquery(questionnaire.order_by("-started_at", "-pk").values("questionnaire")[:1]),
    )
    rows = rows.exclude(assessment__started_at__lte=OuterRef("created_at"), score=OuterRef("score_before"))
    agreed_first = Case(When(assessment__status=Assessment.Status.AGREED, then=Value(0)), default=Value(1))
    latest = rows.order_by(agreed_first, "-assessment__finished_at", "-assessment__pk")
    return Subquery(latest.values("score")[:1], output_field=DecimalField(max_digits=15, decimal_places=12))
