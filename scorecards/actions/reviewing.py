"""Starts of the assessments that are about no partner: the vendor's program, and its CAMs."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission, Role
from scorecards import queries
from scorecards.actions.answering import NotAllowed, lock_questionnaire, start_draft
from scorecards.models import Assessment, Questionnaire, QuestionnaireVersion


@transaction.atomic
def start_program(*, version: QuestionnaireVersion, by: User) -> Assessment:
    """The open draft of the vendor's own channel, the one there is or a new one; NotAllowed for who doesn't run the program."""
    if version.questionnaire.kind != Questionnaire.Kind.PROGRAM or not by.can(Permission.RUN_PROGRAM):
        raise NotAllowed(_("This questionnaire is not filled in by this side."))
    lock_questionnaire(version)
    return start_draft(version, Assessment.Mode.CAM, by, True)


@transaction.atomic
def start_review(*, version: QuestionnaireVersion, cam: User, by: User) -> Assessment:
    """The open draft about a CAM: the CAM's own where `by` is the CAM, else the manager's.

    NotAllowed for a person who is no CAM, and for who neither is the CAM nor reviews that CAM.
    """
    own = cam == by
    may = Permission.SCORE_OURSELVES if own else Permission.REVIEW_CAMS
    mine = own or queries.reviewed_cams(by).filter(pk=cam.pk).exists()
    if version.questionnaire.kind != Questionnaire.Kind.CAM or Role.CAM not in cam.roles or not by.can(may) or not mine:
        raise NotAllowed(_("This questionnaire is not filled in by this side."))
    lock_questionnaire(version)
    return start_draft(version, Assessment.Mode.SELF if own else Assessment.Mode.CAM, by, True, about=cam)
