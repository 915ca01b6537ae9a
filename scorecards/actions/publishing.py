"""Publishing questionnaires."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.models import User
from prm.common import audit
from scorecards.definition import Questionnaire as Content
from scorecards.definition import check
from scorecards.definition_json import to_json
from scorecards.models import Questionnaire, QuestionnaireVersion

audit.VERBS["questionnaire.published"] = gettext_lazy("Questionnaire published")


@transaction.atomic
def publish(*, by: User | None, key: str, content: Content, name: str = "") -> QuestionnaireVersion:
    """Publishes a questionnaire as the next version under `key`; the version before it is retired.

    `content` is a definition.Questionnaire that keeps the rules (see definition.check, which is called).
    """
    check(content)
    questionnaire, _created = Questionnaire.objects.get_or_create(
        key=key, defaults={"name": name or content.name, "kind": content.kind.value}
    )
    versions = QuestionnaireVersion.objects.select_for_update().filter(questionnaire=questionnaire)
    number = max(versions.values_list("number", flat=True), default=0) + 1
    versions.filter(status="published").update(status="retired")
    version = QuestionnaireVersion.objects.create(
        questionnaire=questionnaire,
        number=number,
        status="published",
        definition=to_json(content),
        published_at=timezone.now(),
        published_by=by,
    )
    audit.record(by=by, verb="questionnaire.published", target=version)
    return version
