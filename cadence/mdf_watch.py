"""What of MDF is run after: requests and claims that the reader hasn't decided in time, and money that partners are about to lose."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from accounts.permissions import Permission
from cadence.tools import Chase, Watch, watch
from mdf.claiming import REMINDERS
from mdf.models import Claim
from mdf.queries.claims import claimable
from mdf.queries.waiting import Waits, waits_for
from prm.common.vendor import vendor_settings

UNDECIDED, UNCLAIMED = "mdf_undecided", "mdf_unclaimed"


def undecided(user: User, day: dt.date) -> list[Chase]:
    """One for each partner: what waits for the reader since a day before `day`."""
    zone = ZoneInfo(vendor_settings().time_zone)
    late: dict[int, list[Waits]] = defaultdict(list)
    for waits in waits_for(user, before=dt.datetime.combine(day, dt.time(), zone)):
        late[waits.partner].append(waits)
    return [_to_decide(found, day, zone) for found in late.values()]


def _to_decide(found: list[Waits], day: dt.date, zone: ZoneInfo) -> Chase:
    oldest = found[0]  # what is due first stands first
    assert oldest.decide_by is not None
    since = oldest.decide_by.astimezone(zone).date()
    words = ngettext("MDF undecided %(days)s d", "%(n)s MDF decisions waiting, oldest %(days)s d", len(found))
    return Chase(
        partner=oldest.partner,
        name=oldest.name,
        words=words % {"n": len(found), "days": (day - since).days},
        due_on=since,
        url=reverse("mdf:decide_claim" if oldest.is_claim else "mdf:decide", args=[oldest.of]),
        button=_("Decide"),
    )


def unclaimed(user: User, day: dt.date) -> list[Chase]:
    """One for each partner: what it can claim for a few days only, and hasn't begun to."""
    soon = day + dt.timedelta(days=REMINDERS[0] - 1)
    rows = claimable(user, day).select_related(None).filter(claim_until__lte=soon, claimed=0)
    begun = Claim.objects.unscoped("of lines in sight").filter(state__in=Claim.REVIEWED).order_by().values("line")
    ending: dict[int, list[tuple[int, str, dt.date]]] = defaultdict(list)
    wanted = ("request__partner", "request", "request__partner__name", "claim_until")
    for partner, request, name, until in rows.exclude(pk__in=begun).values_list(*wanted):
        ending[partner].append((request, name, until))
    return [_to_claim(partner, found) for partner, found in ending.items()]


def _to_claim(partner: int, found: list[tuple[int, str, dt.date]]) -> Chase:
    """`found`: request, partner's name and last day to claim of each line."""
    request, name, until = found[0]  # claimable() has what ends first on top
    words = ngettext("MDF of one activity unclaimed", "MDF of %(n)s activities unclaimed", len(found))
    return Chase(
        partner=partner,
        name=name,
        words=words % {"n": len(found)},
        due_on=until - dt.timedelta(days=REMINDERS[0]),
        url=reverse("mdf:request", args=[request]),
        button=_("Open"),
    )


watch(Watch(UNDECIDED, gettext_lazy("MDF to decide"), Permission.DECIDE_MDF, undecided))
watch(Watch(UNCLAIMED, gettext_lazy("MDF to claim"), Permission.SEE_MDF, unclaimed))
