"""Writes of questionnaires that are still in the making: a draft, each change of it, its publication or its end."""

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from prm.common import audit
from scorecards.definition import Questionnaire as Content
from scorecards.definition import check
from scorecards.definition_json import to_json
from scorecards.editing import fingerprint
from scorecards.models import Questionnaire, QuestionnaireVersion

audit.VERBS |= {
    "questionnaire.created": gettext_lazy("Questionnaire created"),
    "questionnaire.draft_saved": gettext_lazy("Questionnaire draft saved"),
    "questionnaire.draft_discarded": gettext_lazy("Questionnaire draft discarded"),
    "questionnaire.retired": gettext_lazy("Questionnaire retired"),
}


class NothingToPublish(Exception):
    """The questionnaire has no draft."""


class Stale(Exception):
    """The draft, or the thing in it, is no longer as it was seen: somebody changed it meanwhile."""


@transaction.atomic
def save_draft(*, by: User, key: str, content: Content, new: bool, seen: str | None = None) -> QuestionnaireVersion:
    """Keeps the content as the draft of the questionnaire `key`: its next version, or in place of the draft there is.

    `new` makes the questionnaire; ValidationError by field where it is there already, has another kind, or the key is none.
    `seen`: the fingerprint of the draft that this one takes the place of, "" for none; Stale where there is another one.
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
    if seen is not None and seen != (fingerprint(draft.content) if draft else ""):
        raise Stale
    return _keep(by, questionnaire, draft or _next(questionnaire), content)


@transaction.atomic
def open_draft(*, by: User, questionnaire: Questionnaire) -> QuestionnaireVersion:
    """The draft; where there is none, the latest version once more as the next one."""
    Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
    draft = questionnaire.versions.filter(status="draft").first()
    if draft is None:
        last = questionnaire.versions.order_by("-number").first()
        assert last is not None
        draft = _keep(by, questionnaire, _next(questionnaire), last.content)
    return draft


@transaction.atomic
def change_draft(*, by: User, questionnaire: Questionnaire, change: Callable[[Content], Content]) -> None:
    """Puts the draft through `change`, as it is at this moment: two people's changes come one after the other.

    Raises NothingToPublish without a draft, InvalidQuestionnaire where the change breaks the rules, and whatever
    `change` raises; nothing is kept then.
    """
    Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
    draft = questionnaire.versions.filter(status="draft").first()
    if draft is None:
        raise NothingToPublish
    content = change(draft.content)
    check(content)
    if content != draft.content:
        _keep(by, questionnaire, draft, content)


def _next(questionnaire: Questionnaire) -> QuestionnaireVersion:
    last = questionnaire.versions.order_by("-number").first()
    return QuestionnaireVersion(questionnaire=questionnaire, number=last.number + 1 if last else 1)


def _keep(
    by: User, questionnaire: Questionnaire, draft: QuestionnaireVersion, content: Content
) -> QuestionnaireVersion:
    draft.definition = to_json(content)
    draft.save()
    draft.__dict__.pop("content", None)
    if not questionnaire.versions.exclude(status="draft").exists():
        Questionnaire.objects.filter(pk=questionnaire.pk).update(name=content.name)
    audit.record(by=by, verb="questionnaire.draft_saved", target=draft)
    return draft


@transaction.atomic
def publish_draft(*, by: User, questionnaire: Questionnaire, seen: str | None = None) -> QuestionnaireVersion:
    """Publishes the draft; the version before it is retired, and assessments stay with what they answered.

    `seen` as in save_draft. Raises NothingToPublish, Stale, InvalidQuestionnaire.
    """
    draft = _locked_draft(questionnaire, seen)
    check(draft.content)
    questionnaire.versions.filter(status="published").update(status="retired")
    draft.status, draft.published_at, draft.published_by = "published", timezone.now(), by
    draft.save()
    Questionnaire.objects.filter(pk=questionnaire.pk).update(name=draft.content.name)
    audit.record(by=by, verb="questionnaire.published", target=draft)
    return draft


@transaction.atomic
def discard_draft(*, by: User, questionnaire: Questionnaire, seen: str | None = None) -> bool:
    """Deletes the draft; with it the questionnaire where there never was another version: then True.

    `seen` as in save_draft. Raises NothingToPublish, Stale.
    """
    draft = _locked_draft(questionnaire, seen)
    audit.record(by=by, verb="questionnaire.draft_discarded", target=draft)
    draft.delete()
    if questionnaire.versions.exists():
        return False
    questionnaire.delete()
    return True


@transaction.atomic
def retire(*, by: User, questionnaire: Questionnaire) -> bool:
    """Nothing new starts with the questionnaire any more; what was begun may be finished. False where nothing is published."""
    Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
    version = questionnaire.versions.filter(status="published").first()
    if version is None:
        return False
    version.status = "retired"
    version.save()
    audit.record(by=by, verb="questionnaire.retired", target=version)
    return True


def _locked_draft(questionnaire: Questionnaire, seen: str | None) -> QuestionnaireVersion:
    """The draft as it is, which nobody changes meanwhile."""
    Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
    draft = questionnaire.versions.filter(status="draft").first()
    if draft is None:
        raise NothingToPublish
    if seen is not None and seen != fingerprint(draft.content):
        raise Stale
    return draft
