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
from mdf.models import ApprovalStep, Claim, Line
from mdf.queries.claims import claimable
from mdf.queries.waiting import waiting_for
from prm.common.vendor import vendor_settings

UNDECIDED, UNCLAIMED = "mdf_undecided", "mdf_unclaimed"


def undecided(user: User, day: dt.date) -> list[Chase]:
    """One for each partner: what waits for the reader since a day before `day`."""
    zone = ZoneInfo(vendor_settings().time_zone)
    late: dict[int, list[tuple[dt.date, ApprovalStep]]] = defaultdict(list)
    for step in waiting_for(user):
        if step.decide_by is not None and (on := step.decide_by.astimezone(zone).date()) < day:
            late[step.of.partner_id].append((on, step))
    return [_to_decide(found, day) for found in late.values()]


def _to_decide(found: list[tuple[dt.date, ApprovalStep]], day: dt.date) -> Chase:
    oldest, step = min(found, key=lambda pair: (pair[0], pair[1].pk))
    of = step.of
    words = ngettext("MDF undecided %(days)s d", "%(n)s MDF decisions waiting, oldest %(days)s d", len(found))
    page = "mdf:decide_claim" if isinstance(of, Claim) else "mdf:decide"
    return Chase(
        partner=of.partner_id,
        name=of.partner.name,
        words=words % {"n": len(found), "days": (day - oldest).days},
        due_on=oldest,
        url=reverse(page, args=[of.pk]),
        button=_("Decide"),
    )


def unclaimed(user: User, day: dt.date) -> list[Chase]:
    """One for each partner: what it can claim for a few days only, and hasn't begun to."""
    soon = day + dt.timedelta(days=REMINDERS[0] - 1)
    rows = claimable(user, day).filter(claim_until__lte=soon, claimed=0)
    begun = Claim.objects.unscoped("of lines in sight").filter(state__in=Claim.REVIEWED).order_by().values("line")
    ending: dict[int, list[Line]] = defaultdict(list)
    for line in rows.exclude(pk__in=begun):
        ending[line.request.partner_id].append(line)
    return [_to_claim(found) for found in ending.values()]


def _to_claim(found: list[Line]) -> Chase:
    first = found[0]  # claimable() has what ends first on top
    assert first.claim_until is not None
    words = ngettext("MDF of one activity unclaimed", "MDF of %(n)s activities unclaimed", len(found))
    return Chase(
        partner=first.request.partner_id,
        name=first.request.partner.name,
        words=words % {"n": len(found)},
        due_on=first.claim_until - dt.timedelta(days=REMINDERS[0]),
        url=reverse("mdf:request", args=[first.request_id]),
        button=_("Open"),
    )


watch(Watch(UNDECIDED, gettext_lazy("MDF to decide"), Permission.DECIDE_MDF, undecided))
watch(Watch(UNCLAIMED, gettext_lazy("MDF to claim"), Permission.SEE_MDF, unclaimed))
