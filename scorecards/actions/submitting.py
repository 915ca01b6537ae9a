"""The end of a draft: submitted with its frozen result, or thrown away."""

from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import links
from accounts.models import User
from partners.models import Action, Partner
from prm.common import events
from prm.common.vendor import fiscal_calendar, today
from scorecards import answers as rules
from scorecards import contenders, queries
from scorecards.actions.answering import (
    LINK_PURPOSE,
    Incomplete,
    NotAllowed,
    keep_progress,
    lock_questionnaire,
    locked_draft,
    note_in_log,
    questions_for,
)
from scorecards.events import AssessmentSubmitted
from scorecards.models import Assessment, AssessmentScore, Questionnaire
from scorecards.result_json import as_json
from scorecards.scoring import CategoryResult, Result, TopicResult, decimal


@transaction.atomic
def submit(*, assessment: Assessment, by: User) -> Assessment:
    """Submits: freezes the result, and reveals self and cam to each other once both of the period are in.

    Raises Closed, NotAllowed, Incomplete. Sends AssessmentSubmitted.
    """
    locked = locked_draft(assessment, by)
    # Both sides' submissions of one partner go one after the other, so that the second finds the first.
    if locked.partner_id is None:
        lock_questionnaire(locked.version)
    else:
        Partner.objects.unscoped("lock").select_for_update().get(pk=locked.partner_id)
    given = queries.as_rules(locked.answers.all())
    if missing := queries.missing(locked, given, by):
        raise Incomplete(missing)
    if not any(rules.is_answered(given.get(key)) for key in questions_for(locked, by)):
        raise Incomplete([])
    locked.revision += 1
    keep_progress(locked)
    day = today()
    locked.status = Assessment.Status.SUBMITTED
    locked.finished_at, locked.finished_by, locked.finished_on = timezone.now(), by, day
    locked.period = fiscal_calendar().quarter_of(day).key
    freeze(locked, given)
    locked.save()
    _reveal(locked)
    if locked.partner_id is not None:
        contenders.mark(locked.partner_id, locked.questionnaire_id)
    note_in_log(locked, by, "assessment.submitted", changes={"status": ["draft", "submitted"]})
    events.send(
        AssessmentSubmitted(
            assessment_id=locked.pk,
            partner_id=locked.partner_id,
            kind=locked.questionnaire.kind,
            mode=locked.mode,
            period=locked.period,
        )
    )
    return locked


def freeze(assessment: Assessment, given: Mapping[str, rules.Answer]) -> None:
    """Sets the result of these answers, by its kind's thresholds of the day it was finished, and writes the scores for
    roll-ups."""
    result = queries.result_of(assessment, given)
    assessment.result = as_json(result, shared=False)
    assessment.result_shared = as_json(result, shared=True)
    exact, shared = result.overall.exact, result.overall_shared.exact
    assessment.overall = None if exact is None else decimal(exact)
    assessment.overall_shared = None if shared is None else decimal(shared)
    AssessmentScore.objects.unscoped("of this assessment").filter(assessment=assessment).delete()
    AssessmentScore.objects.bulk_create(score_rows(assessment, result))


def score_rows(assessment: Assessment, result: Result) -> list[AssessmentScore]:
    """A row for each category and topic that has a score. Not saved."""
    rows = []
    for category in result.categories:
        levels: list[tuple[str, CategoryResult | TopicResult]] = [("category", category)]
        levels += [("topic", topic) for topic in category.topics]
        for level, each in levels:
            if each.score.exact is not None:
                rows.append(
                    AssessmentScore(
                        assessment=assessment, level=level, key=each.key, category_key=category.key, name=each.name,
                        score=decimal(each.score.exact), weight=each.weight, target=getattr(each, "target", None),
                        impact=_impact(each),
                        internal=category.internal,
                    )
                )  # fmt: skip
    return rows


def _impact(level: CategoryResult | TopicResult) -> Decimal | None:
    impact = getattr(level, "impact", None)
    return None if impact is None else decimal(impact)


def _reveal(assessment: Assessment) -> None:
    if assessment.kind not in (Questionnaire.Kind.CAPABILITY, Questionnaire.Kind.CAM):
        return  # only one side ever scores the others
    both = Assessment.objects.unscoped("both sides of the period").filter(
        partner_id=assessment.partner_id,
        about_id=assessment.about_id,
        questionnaire_id=assessment.questionnaire_id,
        period=assessment.period,
        mode__in=[Assessment.Mode.SELF, Assessment.Mode.CAM],
        status=Assessment.Status.SUBMITTED,  # after an agreement the next two of the quarter are blind again
    )
    if len(set(both.values_list("mode", flat=True))) == 2:
        both.update(revealed=True)
        assessment.revealed = True


@transaction.atomic
def discard(*, assessment: Assessment, by: User) -> None:
    """Throws a draft away, its answers with it. A joint one is the vendor's to discard, or of the partner that started it."""
    locked = locked_draft(assessment, by)
    if not queries.may_discard(locked, by):
        raise NotAllowed(_("Your vendor started this scorecard; ask there to discard it."))
    note_in_log(locked, by, "assessment.discarded")
    # Actions taken from it stay; what they promised was worked out from scores that nobody sees any more.
    taken = Action.objects.unscoped("of this draft").filter(origin="topic", origin_id=locked.pk)
    taken.update(origin_id=None, expected_lift=None, score_before=None)
    links.close(purpose=LINK_PURPOSE, target_id=locked.pk)
    locked.delete()
