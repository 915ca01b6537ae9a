"""Blind until both are in, for action plans too: an action shows the other side no lift worked out from a scorecard that
isn't open to it yet."""

from django.db.models import Exists, F, OuterRef, Q

from accounts.models import User
from partners import lifts
from scorecards.models import Assessment


@lifts.hidden
def from_a_blind_scorecard(user: User) -> Q:
    """Topic actions the other side took on while a scorecard of its own was there that the reader doesn't see.

    Which one an action came from isn't kept, so any that could have been it counts. One that was followed by a scorecard
    open to both can't have been: nothing taken from it after that has a lift (`is_left_behind`).
    """
    by_partner = Q(created_by__membership__partner=F("partner"))
    mode = Assessment.Mode.CAM if user.is_partner_side else Assessment.Mode.SELF
    every = Assessment.objects.unscoped("whether there is one, nothing of its content")
    followed = every.filter(
        Q(revealed=True) | Q(mode=Assessment.Mode.JOINT), status__in=Assessment.COUNTED, partner=OuterRef("partner"),
        questionnaire=OuterRef("questionnaire"), finished_at__gt=OuterRef("finished_at"),
        finished_at__lte=OuterRef(OuterRef("created_at")),
    )  # fmt: skip
    blind = every.filter(
        partner=OuterRef("partner"), mode=mode, revealed=False, started_at__lte=OuterRef("created_at")
    ).exclude(Exists(followed))
    return Q(origin="topic") & (~by_partner if user.is_partner_side else by_partner) & Q(Exists(blind))


def is_left_behind(assessment: Assessment) -> bool:
    """Whether one that only its own side sees was followed by one that is open to both."""
    if assessment.revealed or assessment.mode == Assessment.Mode.JOINT or assessment.finished_at is None:
        return False
    later = Assessment.objects.unscoped("whether there is one").filter(
        Q(revealed=True) | Q(mode=Assessment.Mode.JOINT), status__in=Assessment.COUNTED,
        partner=assessment.partner_id, questionnaire=assessment.questionnaire_id, finished_at__gt=assessment.finished_at,
    )  # fmt: skip
    return later.exists()
