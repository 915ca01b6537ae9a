"""Writes of questionnaires that are still in the making: a draft, and its publication."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from prm.common import audit
from scorecards.definition import Questionnaire as Content
from scorecards.definition import check
from scorecards.definition_json import to_json
from scorecards.models import Questionnaire, QuestionnaireVersion


class NothingToPublish(Exception):
    """The questionnaire has no draft."""


@transaction.atomic
def save_draft(*, by: User, key: str, content: Content, new: bool) -> QuestionnaireVersion:
    """Keeps the content as the draft of the questionnaire `key`: its next version, or in place of the draft there is.

    `new` makes the questionnaire; ValidationError by field where it is there already, has another kind, or the key is none.
    Raises InvalidQuestionnaire for a content that breaks the rules.
    """
    check(content)
    questionnaire = Questionnaire.objects.select_for_update().filter(key=key).first()
    if new:
        if questionnaire is not None:
            raise ValidationError({"key": _("There is a questionnaire with this key already.")})
        questionnaire = Questionnaire(key=key, name=content.name, kind=content.kind.value)
        questionnaire.full_clean()
        questionnaire.save()
        audit.record(by=by, verb="questionnaire.created", target=questionnaire)
    assert questionnaire is not None
    if questionnaire.kind != content.kind.value:
        raise ValidationError({"kind": _("The kind of a questionnaire stays as it is.")})
    draft = questionnaire.versions.filter(status="draft").first()
    if draft is None:
        last = questionnaire.versions.order_by("-number").first()
        draft = QuestionnaireVersion(questionnaire=questionnaire, number=last.number + 1 if last else 1)
    draft.definition = to_json(content)
    draft.save()
    audit.record(by=by, verb="questionnaire.draft_saved", target=draft)
    return draft


@transaction.atomic
def publish_draft(*, by: User, questionnaire: Questionnaire) -> QuestionnaireVersion:
    """Publishes the draft; the version before it is retired, and assessments stay with what they answered."""
    Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
    draft = questionnaire.versions.filter(status="draft").first()
    if draft is None:
        raise NothingToPublish
    questionnaire.versions.filter(status="published").update(status="retired")
    draft.status, draft.published_at, draft.published_by = "published", timezone.now(), by
    draft.save()
    Questionnaire.objects.filter(pk=questionnaire.pk).update(name=draft.content.name)
    audit.record(by=by, verb="questionnaire.published", target=draft)
    return draft
