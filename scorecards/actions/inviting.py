"""Asking a partner to fill in a questionnaire, reminding of it once, and telling who asked when the day has passed."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import links
from accounts.models import User
from accounts.permissions import Permission
from partners.models import Partner
from prm.common import audit, mail, schedule
from prm.common.notify import notify
from prm.common.vendor import today, vendor_settings, work_calendar
from prm.tenancy.addresses import vendor_url
from scorecards import invitations, queries
from scorecards.actions.answering import LINK_PURPOSE, NotAllowed, note_in_log, start_assessment
from scorecards.models import Assessment, Questionnaire, QuestionnaireVersion

audit.VERBS.update(
    {
        invitations.INVITED: gettext_lazy("Partner asked to fill in a scorecard"),
        "assessment.reminded": gettext_lazy("Partner reminded of a scorecard"),
        "assessment.expired": gettext_lazy("Scorecard not filled in by the day it was due"),
    }
)


@transaction.atomic
def invite_partner_to_self_score(
    *,
    partner: Partner,
    version: QuestionnaireVersion,
    user: User,
    by: User,
    message: str = "",
    due_on: dt.date | None = None,
    only_update: bool = False,
) -> Assessment:
    """Asks a user of the partner to fill in the questionnaire by `due_on` (None: in two weeks): prepares the draft, or takes
    the one there is with all its answers; mails a signed link that works until then, rings the bell.

    `only_update`: as a quarterly update, where there is something to carry over.

    NotAllowed where the user is none of this partner's who may answer, and for satisfaction where `by` is not one to hear
    of it: whom the answers are about does not choose who is asked. ValidationError for a day past or over a year away.
    """
    is_satisfaction = version.questionnaire.kind == Questionnaire.Kind.SATISFACTION
    if is_satisfaction and not queries.hears_of_satisfaction(by, partner):
        raise NotAllowed(_("Channel management asks partners how satisfied they are."))
    if not may_be_asked(user, partner):
        raise NotAllowed(_("Choose one of the partner's people who may answer scorecards."))
    due = _due(due_on)
    assessment = start_assessment(
        partner=partner, version=version, mode=Assessment.Mode.SELF, by=by, active=False, only_update=only_update
    )
    assessment.asked, assessment.asked_at, assessment.due_on = user, timezone.now(), due
    assessment.reminded_at = assessment.expired_at = None
    assessment.save(update_fields=["asked", "asked_at", "due_on", "reminded_at", "expired_at"])
    with translation.override(user.language):
        text = _("%(name)s asks you to fill in the scorecard") % {"name": by.display_name}
    notify(user, text, reverse("scorecards:portal_answer", args=[assessment.pk]))
    more = {"by": by, "message": message.strip(), "prefilled": _prefilled(assessment)}
    _mail(assessment, user, "scorecard_invitation", due, more)
    note_in_log(assessment, by, invitations.INVITED, note=user.email)
    return assessment


def may_be_asked(user: User, partner: Partner) -> bool:
    of_partner = partner.members.filter(user=user).exists()
    return of_partner and user.is_active and user.can(Permission.ANSWER_SCORECARDS)


def _due(asked: dt.date | None) -> dt.date:
    day = today()
    if asked is None:
        return day + dt.timedelta(days=invitations.DUE_DAYS)
    if asked < day:
        raise ValidationError({"due_on": _("Choose today or a later day.")})
    if asked > day + dt.timedelta(days=invitations.AT_MOST_DAYS):
        raise ValidationError({"due_on": _("Choose a day within a year.")})
    return asked


def _prefilled(assessment: Assessment) -> int:
    return assessment.answers.filter(prefilled=True, internal=False).count()


def _mail(assessment: Assessment, user: User, template: str, due: dt.date, more: dict[str, Any]) -> None:
    """A mail to the partner's user with a fresh link that works until the end of the day it is due."""
    until = invitations.end_of(due)
    link = links.make(user=user, purpose=LINK_PURPOSE, target_id=assessment.pk, until=until)
    context = {
        "user": user,
        "partner": assessment.of_partner,
        "vendor": vendor_settings().name,
        "questions": assessment.of,
        "url": links.url(link),
        "due_on": due,
        **more,
    }
    mail.send(to=user.email, template=template, context=context, language=user.language)


# ── What time brings ─────────────────────────────────────────────────────────────────────────────────────────────────


@schedule.sweep
def look_after_invitations() -> None:
    """Reminds once, in working hours; ends those whose day has passed. Several workers may run it at once."""
    now = timezone.now()
    expire_invitations(now=now)
    remind_of_invitations(now=now)


def remind_of_invitations(*, now: dt.datetime) -> int:
    """Sends the one reminder of every invitation of an earlier day with three working days left or fewer; how many went out."""
    calendar = work_calendar()
    days = invitations.to_remind(calendar, now)
    if days is None:
        return 0
    rows = (
        Assessment.objects.unscoped("invitations of all partners")
        .filter(status=Assessment.Status.DRAFT, due_on__range=days, reminded_at=None, expired_at=None)
        .filter(asked_at__lt=invitations.end_of(days[0] - dt.timedelta(days=1)), asked__is_active=True)
    )
    return sum(_remind(pk, now) for pk in rows.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _remind(pk: int, now: dt.datetime) -> bool:
    rows = Assessment.objects.unscoped("one invitation").filter(pk=pk)
    assessment = rows.select_related("partner", "asked").get()
    user, due = assessment.asked, assessment.due_on
    if user is None or due is None or not may_be_asked(user, assessment.of_partner):
        return False
    # Whoever changes the row first sends it; another worker waits here, and then finds nothing to change.
    waiting = rows.filter(status=Assessment.Status.DRAFT, reminded_at=None, expired_at=None, asked=user, due_on=due)
    if not waiting.update(reminded_at=now):
        return False
    with translation.override(user.language):
        text = _("The scorecard you were asked for is due soon")
    notify(user, text, reverse("scorecards:portal_answer", args=[pk]))
    _mail(assessment, user, "scorecard_reminder", due, {"left": assessment.of - assessment.done})
    note_in_log(assessment, None, "assessment.reminded", note=user.email)
    return True


def expire_invitations(*, now: dt.datetime) -> int:
    """Ends the invitations whose day is over where the vendor is; returns how many. The answers given stay in the draft."""
    rows = Assessment.objects.unscoped("invitations of all partners").filter(
        status=Assessment.Status.DRAFT, due_on__lt=invitations.day_of(now), expired_at=None
    )
    return sum(_expire(pk, now) for pk in rows.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _expire(pk: int, now: dt.datetime) -> bool:
    rows = Assessment.objects.unscoped("one invitation").filter(pk=pk)
    day = invitations.day_of(now)
    if not rows.filter(status=Assessment.Status.DRAFT, due_on__lt=day, expired_at=None).update(expired_at=now):
        return False
    assessment = rows.select_related("partner__cam", "asked").get()
    links.close(purpose=LINK_PURPOSE, target_id=pk)
    note_in_log(assessment, None, "assessment.expired")
    if teller := invitations.who_asked(assessment):
        _tell(assessment, teller)
    return True


def _tell(assessment: Assessment, to: User) -> None:
    partner = assessment.of_partner
    page = reverse("scorecards:partner", args=[partner.pk])
    with translation.override(to.language):
        text = _("%(partner)s has not filled in the scorecard in time") % {"partner": partner.name}
    notify(to, text, page)
    context = {
        "user": to,
        "partner": partner,
        "asked": assessment.asked,
        "due_on": assessment.due_on,
        "url": vendor_url(page),
    }
    mail.send(to=to.email, template="scorecard_expired", context=context, language=to.language)
