"""Writes of goals: one side proposes, the other agrees."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.permissions import Permission
from partners.models import Partner
from prm.common import audit
from prm.common.notify import notify
from prm.common.vendor import today
from scorecards import comparison, queries
from scorecards.actions.answering import Closed, NotAllowed
from scorecards.models import Assessment, Goal
from scorecards.scoring import decimal

audit.VERBS.update(
    {
        "goal.proposed": gettext_lazy("Goal proposed"),
        "goal.changed": gettext_lazy("Goal changed"),
        "goal.agreed": gettext_lazy("Goal agreed"),
        "goal.dropped": gettext_lazy("Goal dropped"),
    }
)


@transaction.atomic
def propose_goal(*, assessment: Assessment, topic: str, score_to: Decimal, by_on: dt.date, by: User) -> Goal:
    """Proposes to bring a topic from its score in this assessment to `score_to` by a day; the other side is asked to agree.

    Only from an assessment both sides see: what the goal starts from would tell a score that isn't open yet. NotAllowed
    there; ValidationError with a message for topic, score_to or by_on.
    """
    _may(by)
    if not queries.open_to_both(assessment):
        raise NotAllowed(_("Goals are set once both sides see the scorecard: what a goal starts from is a score."))
    Partner.objects.unscoped("lock").select_for_update().get(pk=assessment.partner_id)
    names = {
        each.key: each.name for category in assessment.version.content.categories if not category.internal
        for each in category.topics
    }  # fmt: skip
    if topic not in names:
        raise ValidationError({"topic": _("Choose a topic of this scorecard.")})
    score = comparison.scores_of(assessment)[topic].exact
    if score is None:
        raise ValidationError({"topic": _("This topic is not assessed: a goal starts from a score.")})
    live = Goal.objects.unscoped("one goal a topic").filter(
        partner=assessment.partner, questionnaire=assessment.questionnaire, topic_key=topic, dropped_at=None
    )
    if live.exists():
        raise ValidationError({"topic": _("This topic has a goal already; change that one.")})
    score_from = decimal(score)
    _check(score_from, score_to, by_on)
    now = timezone.now()
    goal = Goal(
        partner=assessment.of_partner, questionnaire=assessment.questionnaire, topic_key=topic, topic_name=names[topic],
        score_from=score_from, score_to=score_to, by_on=by_on, proposed_by=by, proposed_at=now,
    )  # fmt: skip
    _sign(goal, by)
    goal.save()
    audit.record(by=by, verb="goal.proposed", target=goal, note=str(goal))
    _ask(goal, by)
    return goal


@transaction.atomic
def change_goal(*, goal: Goal, score_to: Decimal, by_on: dt.date, by: User) -> Goal:
    """Moves a goal; the other side has to agree anew. The same again changes nothing."""
    locked = _live(goal, by)
    before = {"score_to": str(locked.score_to), "by_on": str(locked.by_on)}
    _check(locked.score_from, score_to, by_on, by_before=locked.by_on)
    if (locked.score_to, locked.by_on) == (score_to, by_on):
        return locked
    locked.score_to, locked.by_on = score_to, by_on
    locked.proposed_by, locked.proposed_at = by, timezone.now()
    for side in ("vendor", "partner"):
        setattr(locked, f"agreed_by_{side}", None)
        setattr(locked, f"agreed_by_{side}_at", None)
    _sign(locked, by)
    locked.save()
    after = {"score_to": str(score_to), "by_on": str(by_on)}
    audit.record(by=by, verb="goal.changed", target=locked, changes=audit.changes_between(before, after))
    _ask(locked, by)
    return locked


@transaction.atomic
def agree_goal(*, goal: Goal, by: User) -> Goal:
    """The agreement of the side that did not propose it; pressed again it changes nothing. Raises Closed when dropped."""
    locked = _live(goal, by)
    if (locked.agreed_by_partner_at if by.is_partner_side else locked.agreed_by_vendor_at) is not None:
        return locked
    _sign(locked, by)
    locked.save()
    audit.record(by=by, verb="goal.agreed", target=locked, note=str(locked))
    if locked.proposed_by is not None:
        _ring(locked, [locked.proposed_by], gettext_lazy("%(name)s agreed the goal for %(topic)s"), by)
    return locked


@transaction.atomic
def drop_goal(*, goal: Goal, by: User) -> Goal:
    """Gives a goal up, either side; it stays in the record. Raises Closed where it is dropped already."""
    locked = _live(goal, by)
    locked.dropped_at = timezone.now()
    locked.save(update_fields=["dropped_at"])
    audit.record(by=by, verb="goal.dropped", target=locked, note=str(locked))
    _ring(locked, _others(locked, by), gettext_lazy("%(name)s dropped the goal for %(topic)s"), by)
    return locked


def _may(by: User) -> None:
    if not by.can(Permission.ANSWER_SCORECARDS if by.is_partner_side else Permission.RUN_SCORECARDS):
        raise NotAllowed(_("You may not set goals."))


def _live(goal: Goal, by: User) -> Goal:
    _may(by)
    locked = (
        Goal.objects.visible_to(by)
        .select_for_update(of=("self",))
        .select_related("partner", "proposed_by")
        .get(pk=goal.pk)
    )
    if locked.dropped_at is not None:
        raise Closed(_("This goal was dropped."))
    return locked


def _check(score_from: Decimal, score_to: Decimal, by_on: dt.date, by_before: dt.date | None = None) -> None:
    errors = {}
    if not score_from < score_to <= 100:
        errors["score_to"] = _("A goal is above where the topic stands and at most 100.")
    if by_on <= today() and by_on != by_before:
        errors["by_on"] = _("Choose a day to come.")
    if errors:
        raise ValidationError(errors)


def _sign(goal: Goal, by: User) -> None:
    side = "partner" if by.is_partner_side else "vendor"
    setattr(goal, f"agreed_by_{side}", by)
    setattr(goal, f"agreed_by_{side}_at", timezone.now())


def _others(goal: Goal, by: User) -> list[User]:
    if by.is_partner_side:
        return [user for user in (goal.partner.cam, goal.partner.cover) if user is not None and user.is_active]
    return list(queries.people_to_ask(goal.partner))


def _ask(goal: Goal, by: User) -> None:
    _ring(goal, _others(goal, by), gettext_lazy("%(name)s asks you to agree a goal for %(topic)s"), by)


def _ring(goal: Goal, users: list[User], text: Any, by: User) -> None:
    for user in users:
        name = "scorecards:portal_goal" if user.is_partner_side else "scorecards:goal"
        with translation.override(user.language):
            words = {"name": by.display_name, "topic": goal.topic_name}
            notify(user, text % words, reverse(name, args=[goal.pk]))
