"""Mails of marketing itself: an activity has ended and its results are wanted; results wait to be verified.

Each has a link of the person's own that needs no password and opens the page of the results: programs that follow links in mails
press no button there. Mails of the review are the funds' matter.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts import links
from accounts.models import User
from accounts.permissions import Permission, Role
from marketing import queries
from marketing.events import ActivityClosed
from marketing.models import Activity, MarketingPlan
from partners.queries import holders
from prm.common import events, mail
from prm.common.notify import notify
from prm.common.reader import as_read_by

# The signed links by which each side comes to an activity's results; the target is the activity's id.
VENDOR_LINK, PARTNER_LINK = "marketing.results", "marketing.portal_results"
LINK_DAYS = 30
AGAIN = dt.timedelta(days=14)  # a reminder that nothing came of is repeated
LONGEST = dt.timedelta(days=90)  # after its end nobody is reminded any more


def remind(*, on: dt.date) -> int:
    """Asks for the results of approved activities that have ended; gives how many were asked for. Run again on the day it does nothing."""
    State = MarketingPlan.State
    due = Activity.objects.unscoped("every night").filter(
        state=Activity.State.PLANNED,
        decision__in=Activity.APPROVED,
        plan__state__in=[State.APPROVED, State.RUNNING],
        ends_on__lt=on,
        ends_on__gte=on - LONGEST,
    )
    waiting = due.exclude(reminded_on__gt=on - AGAIN).order_by("pk").values_list("pk", flat=True)
    return sum(_remind(pk, on) for pk in waiting)


@transaction.atomic
def _remind(pk: int, on: dt.date) -> int:
    """One activity: the mark and the mail together, or neither."""
    rows = Activity.objects.unscoped("of one reminder").filter(pk=pk, state=Activity.State.PLANNED)
    found = (
        rows.exclude(reminded_on__gt=on - AGAIN)
        .select_for_update(of=("self",))
        .select_related("plan__partner__cam", "owner")
    )
    activity = found.first()
    if activity is None:
        return 0
    activity.reminded_on = on
    activity.save(update_fields=["reminded_on"])
    people = asked(activity)
    for user in people:
        with as_read_by(user):
            words = {"title": activity.title, "day": date_format(activity.ends_on, "DATE_FORMAT")}
            _post(
                user, activity, _("What came of “%(title)s”?") % words,
                [_("It ended on %(day)s. Enter what it reached, brought and cost: what the system counted stands there already.") % words],
                _("Enter the results"),
            )  # fmt: skip
    return 1


def asked(activity: Activity) -> list[User]:
    """Who is asked for results: its owner, else who submitted the plan, else the CAM; nobody who could not enter them."""
    plan = activity.plan
    for person in (activity.owner, plan.submitted_by, plan.partner.cam):
        if person is not None and person.is_active and queries.may_enter_results(person, activity):
            return [person]
    return []


@events.on(ActivityClosed)
@transaction.atomic
def to_verify(event: ActivityClosed) -> None:
    """Asks somebody else than who entered the results to verify them."""
    rows = Activity.objects.unscoped("the mail of closed results").select_related(
        "plan__partner__cam", "plan__partner__cover"
    )
    activity = rows.filter(pk=event.activity_id, state=Activity.State.CLOSED).first()
    if activity is None:
        return
    for user in verifiers(activity):
        with as_read_by(user):
            words = {"title": activity.title, "partner": activity.plan.partner.name}
            _post(
                user, activity, _("Results to verify: %(title)s, %(partner)s") % words,
                [_("They count in reports, and in the tactic’s rates, once somebody has looked at receipts and counts.")],
                _("See the results"),
            )  # fmt: skip


def verifiers(activity: Activity) -> list[User]:
    """The CAM or who covers for them; where those entered the results themselves, the marketing managers."""
    partner = activity.plan.partner
    for people in ([partner.cam], [partner.cover], _managers()):
        found = [each for each in people if each is not None and each.is_active and queries.may_verify(each, activity)]
        if found:
            return found
    return []


def _managers() -> Iterable[User]:
    return holders(Permission.VERIFY_MARKETING).filter(groups__name=Role.MARKETING)


def _post(user: User, activity: Activity, title: str, said: Sequence[str], button: str) -> None:
    """Within `as_read_by(user)`."""
    purpose = PARTNER_LINK if user.is_partner_side else VENDOR_LINK
    link = links.make(user=user, purpose=purpose, target_id=activity.pk, days=LINK_DAYS)
    context: dict[str, Any] = {
        "user": user,
        "title": title,
        "said": said,
        "facts": [
            (_("Partner"), activity.plan.partner.name),
            (_("Plan"), activity.plan.title),
            (_("Activity"), activity.title),
        ],
        "button": button,
        "days": LINK_DAYS,
        "url": links.url(link),
    }
    mail.send(to=user.email, template="letter", context=context, language=user.language)
    prefix = "portal_" if user.is_partner_side else ""
    notify(user, title, reverse(f"marketing:{prefix}results", args=[activity.pk]))
