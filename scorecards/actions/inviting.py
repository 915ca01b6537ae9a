"""Asking a partner to fill in a questionnaire."""

from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import links
from accounts.models import User
from accounts.permissions import Permission
from partners.models import Partner
from prm.common import audit, mail
from prm.common.models import Notification
from prm.common.vendor import vendor_settings
from scorecards.actions.answering import LINK_PURPOSE, NotAllowed, note_in_log, start_assessment
from scorecards.models import Assessment, Questionnaire, QuestionnaireVersion

LINK_DAYS = 14

audit.VERBS["assessment.invited"] = gettext_lazy("Partner asked to fill in a scorecard")


@transaction.atomic
def invite_partner_to_self_score(
    *,
    partner: Partner,
    version: QuestionnaireVersion,
    user: User,
    by: User,
    message: str = "",
    only_update: bool = False,
) -> Assessment:
    """Asks a user of the partner to fill in the questionnaire: prepares the draft, mails a signed link, rings the bell.

    `only_update`: as a quarterly update, where there is something to carry over.

    NotAllowed where the user is none of this partner's who may answer, and for satisfaction where `by` is not one to hear
    of it: whom the answers are about does not choose who is asked.
    """
    hears = by.can(Permission.SEE_SATISFACTION) and partner.cam_id != by.pk
    if version.questionnaire.kind == Questionnaire.Kind.SATISFACTION and not hears:
        raise NotAllowed(_("Channel management asks partners how satisfied they are."))
    of_partner = partner.members.filter(user=user).exists()
    if not (of_partner and user.is_active and user.can(Permission.ANSWER_SCORECARDS)):
        raise NotAllowed(_("Choose one of the partner's people who may answer scorecards."))
    assessment = start_assessment(
        partner=partner, version=version, mode=Assessment.Mode.SELF, by=by, active=False, only_update=only_update
    )
    link = links.make(user=user, purpose=LINK_PURPOSE, target_id=assessment.pk, days=LINK_DAYS)
    with translation.override(user.language):
        text = _("%(name)s asks you to fill in the scorecard") % {"name": by.display_name}
    page = reverse("scorecards:portal_answer", args=[assessment.pk])
    Notification.objects.create(user=user, text=text[:300], url=page)
    mail.send(
        to=user.email,
        template="scorecard_invitation",
        context={
            "user": user,
            "by": by,
            "partner": partner,
            "vendor": vendor_settings().name,
            "questions": assessment.of,
            "prefilled": assessment.answers.filter(prefilled=True, internal=False).count(),
            "message": message.strip(),
            "url": links.url(link),
            "expires_at": link.expires_at,
        },
        language=user.language,
    )
    note_in_log(assessment, by, "assessment.invited", note=user.email)
    return assessment
