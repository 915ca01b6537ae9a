"""Invitations to fill in a scorecard: how they stand, and when one is to be reminded of."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from accounts.models import User
from accounts.permissions import Permission
from partners.models import Partner
from prm.common.models import AuditEntry
from prm.common.vendor import vendor_settings
from prm.common.workcal import WorkCalendar
from scorecards import queries
from scorecards.models import Assessment, Questionnaire

DUE_DAYS = 14  # unless another day is given
AT_MOST_DAYS = 365
REMIND_BEFORE = 3  # working days before the day it is due
INVITED = "assessment.invited"  # in the audit log


@dataclass(frozen=True)
class Invitation:
    """What may be known of an invitation by either side: nothing of the answers."""

    partner: int
    questionnaire: str
    asked: User | None
    asked_at: dt.datetime
    due_on: dt.date | None
    reminded_at: dt.datetime | None
    expired_at: dt.datetime | None


def open_invitations(user: User, partner: Partner, questionnaire: Questionnaire | None = None) -> list[Invitation]:
    """Those of a partner the user may see, not yet answered to the end; the latest first."""
    rows = Assessment.objects.unscoped("how invitations stand, nothing of the answers").filter(
        partner=partner, mode=Assessment.Mode.SELF, status=Assessment.Status.DRAFT, asked_at__isnull=False
    )
    if not queries.hears_of_satisfaction(user, partner):
        rows = rows.exclude(questionnaire__kind=Questionnaire.Kind.SATISFACTION)
    if questionnaire is not None:
        rows = rows.filter(questionnaire=questionnaire)
    return [_invitation(row) for row in rows.select_related("asked", "questionnaire").order_by("-asked_at", "-pk")]


def _invitation(row: Assessment) -> Invitation:
    assert row.partner_id is not None
    assert row.asked_at is not None
    return Invitation(
        row.partner_id, row.questionnaire.key, row.asked, row.asked_at, row.due_on, row.reminded_at, row.expired_at
    )


def day_of(moment: dt.datetime) -> dt.date:
    """The day it is then where the vendor is."""
    return moment.astimezone(_zone()).date()


def end_of(day: dt.date) -> dt.datetime:
    """The moment at which the day is over where the vendor is."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min, _zone())


def _zone() -> ZoneInfo:
    return ZoneInfo(vendor_settings().time_zone)


def to_remind(calendar: WorkCalendar, now: dt.datetime) -> tuple[dt.date, dt.date] | None:
    """The first and last due day of invitations to be reminded of now: at most three working days are left.

    None outside working hours: a reminder comes when people are at their desks.
    """
    if calendar.next_opening(now) != now:
        return None
    first_too_late = calendar.add_working_days(now, REMIND_BEFORE + 1)
    return now.astimezone(ZoneInfo(calendar.zone)).date(), first_too_late.date() - dt.timedelta(days=1)


def who_asked(assessment: Assessment) -> User | None:
    """Whom to tell how an invitation went: who asked last, or the partner's CAM where that person no longer looks after it."""
    entry = (
        AuditEntry.objects.filter(
            target_type=Assessment._meta.label, target_id=str(assessment.pk), verb=INVITED, actor__isnull=False
        )
        .select_related("actor")
        .order_by("-at", "-pk")
        .first()
    )
    known: Iterable[User | None] = (entry.actor if entry else None, assessment.of_partner.cam)
    return next((user for user in known if user is not None and _looks_after(user, assessment)), None)


def _looks_after(user: User, assessment: Assessment) -> bool:
    sees = Partner.objects.visible_to(user).filter(pk=assessment.partner_id)
    if assessment.kind == Questionnaire.Kind.SATISFACTION and not queries.hears_of_satisfaction(
        user, assessment.of_partner
    ):
        return False
    return user.is_active and user.can(Permission.SEE_SCORECARDS) and sees.exists()
