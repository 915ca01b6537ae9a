"""From a result to the partner's action plan."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from partners.actions import add_action
from partners.models import Action, Partner
from scorecards import queries
from scorecards.models import Assessment
from scorecards.proposal import ProposedTopic, propose
from scorecards.scoring import decimal


@dataclass(frozen=True)
class PlanItem:
    """An action taken from the proposed plan: the question it came from, and what the person made of it."""

    question: str
    title: str
    owner: User | None = None
    due_on: dt.date | None = None


@transaction.atomic
def accept_action_plan(*, assessment: Assessment, items: Sequence[PlanItem], by: User) -> list[Action]:
    """Puts these into the partner's one list of actions, with the lift each promises its topic; shared with the partner
    unless the topic is internal.

    An item that is in the list already and still open is passed over. ValidationError, by question, for one that is not
    in the proposed plan or that the list refuses (an empty or too long title, an owner who can't own it).
    """
    if not assessment.takes_actions:
        raise ValidationError(_("What this scorecard proposes is for the vendor to do, not for the partner's list."))
    plan = {
        action.question: (topic, action)
        for topic in proposed_plan(assessment, shared=by.is_partner_side)
        for action in topic.actions
    }
    internal = {
        topic.key
        for category in assessment.version.content.categories
        for topic in category.topics
        if category.internal
    }
    taken = set(
        Action.objects.unscoped("the partner's one list")
        .filter(partner=assessment.partner, origin="topic", status__in=Action.LIVE)
        .values_list("origin_key", "title")
    )
    made = []
    for item in items:
        if item.question not in plan:
            raise ValidationError({item.question: _("This action is not in the proposed plan.")})
        topic, action = plan[item.question]
        title = item.title.strip()
        if (topic.key, title) in taken:
            continue
        try:
            made.append(
                add_action(
                    by=by,
                    partner=assessment.of_partner,
                    origin="topic",
                    origin_key=topic.key,
                    title=title,
                    detail=_("From the scorecard: %(topic)s") % {"topic": topic.name},
                    owner=item.owner,
                    due_on=item.due_on,
                    expected_lift=round(decimal(action.lift), 1),
                    score_before=decimal(topic.score),
                    origin_id=assessment.pk,
                    shared=assessment.kind == "capability" and topic.key not in internal,
                )
            )
        except ValidationError as error:
            raise ValidationError({item.question: error.messages}) from error
    return made


def proposed_plan(assessment: Assessment, *, shared: bool) -> list[ProposedTopic]:
    """The proposed action plan, topics by impact; `shared` for the partner's side."""
    given = queries.as_rules(assessment.answers.all())
    content = assessment.version.content
    result = queries.result_of(assessment, given)
    return propose(content, result, given, queries.asked(assessment), shared=shared)


def possible_owners(partner: Partner) -> list[User]:
    """Who can own an action: the partner's people, its CAM and the cover."""
    members = [member.user for member in partner.members.select_related("user") if member.user.is_active]
    ours = [user for user in (partner.cam, partner.cover) if user is not None and user.is_active]
    return [*ours, *members]
