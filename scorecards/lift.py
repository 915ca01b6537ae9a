"""What actions taken from a scorecard lifted: how the database finds it for lists of the partners' action plans.

Blind until both are in: who may not see the assessment an action came from (its `origin_id`) doesn't learn its score before,
its expected lift or the lift that came.
"""

from django.db.models import Case, DecimalField, Exists, OuterRef, Subquery, Value, When
from django.db.models.expressions import BaseExpression

from accounts.models import User
from partners import lift
from scorecards.models import Assessment, AssessmentScore


@lift.source
def annotations(user: User) -> dict[str, BaseExpression]:
    return {"lift_hidden": hidden(user), "score_after": score_after(user)}


def hidden(user: User) -> Exists:
    """Whether an Action came from an assessment that is not open to the reader's side."""
    other = Assessment.Mode.CAM if user.is_partner_side else Assessment.Mode.SELF
    blind = Assessment.objects.unscoped("whether it is open, nothing of its content").filter(
        pk=OuterRef("origin_id"), mode=other, revealed=False
    )
    return Exists(blind)


def score_after(user: User) -> Subquery:
    """The score of an Action's topic in the latest agreed, else submitted, assessment finished after it was made.

    That is one of the questionnaire it came from, open to the reader, and not the very one it came from.
    """
    origin = Assessment.objects.unscoped("the questionnaire of an action").filter(pk=OuterRef(OuterRef("origin_id")))
    rows = (
        AssessmentScore.objects.visible_to(user)
        .filter(
            level="topic",
            key=OuterRef("origin_key"),
            assessment__partner=OuterRef("partner"),
            assessment__status__in=Assessment.COUNTED,
            assessment__finished_at__gt=OuterRef("created_at"),
            assessment__questionnaire=Subquery(origin.values("questionnaire")),
        )
        .exclude(assessment=OuterRef("origin_id"))
    )
    agreed_first = Case(When(assessment__status=Assessment.Status.AGREED, then=Value(0)), default=Value(1))
    latest = rows.order_by(agreed_first, "-assessment__finished_at", "-assessment__pk")
    return Subquery(latest.values("score")[:1], output_field=DecimalField(max_digits=15, decimal_places=12))
