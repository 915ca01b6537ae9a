"""The due items, made by night. May run twice, late, or after a gap: what is there stays, what is missing comes."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from itertools import islice

from django.db import transaction

from cadence import policies
from cadence.actions.closing import settle
from cadence.actions.policy import start_policy
from cadence.models import DueItem
from cadence.schedule import Need, Place, Schedule, Version
from cadence.tools import tools
from partners.models import Partner, Placement
from prm.common import schedule
from prm.common.models import Policy
from prm.common.vendor import fiscal_calendar, today, work_calendar

BACK = dt.timedelta(days=400)  # how long a gap is made good; older periods are history
CHUNK = 2_000


@schedule.nightly
def every_night() -> None:
    """Makes what is due by today, and puts right what an event missed."""
    make_due(on=today())


def make_due(*, on: dt.date) -> int:
    """Makes the items of all periods that have started by `on` and that the policy asks for, where they are missing; then
    closes those whose conversation was held already. Returns how many were made."""
    start_policy(on=on)
    plan = _plan(on)
    ids = Partner.objects.unscoped("the cadence of all").order_by("pk").values_list("pk", flat=True).iterator()
    made = 0
    while chunk := list(islice(ids, CHUNK)):
        made += _make(plan, chunk)
        settle(partner_ids=chunk, since=plan.since)
    return made


def _plan(on: dt.date) -> Schedule:
    versions = Policy.objects.filter(kind=policies.KIND, starts_on__lte=on).order_by("starts_on")
    return Schedule(
        versions=[Version(version.starts_on, policies.read(version.data)) for version in versions],
        calendar=fiscal_calendar(),
        work=work_calendar(),
        since=on - BACK,
        until=on,
    )


@transaction.atomic
def _make(plan: Schedule, partner_ids: Sequence[int]) -> int:
    there = set(
        DueItem.objects.unscoped("which are there")
        .filter(partner__in=partner_ids, ends_on__gte=plan.since)
        .values_list("partner_id", "task", "period")
    )
    places = _places(partner_ids)
    possible = {tool.task: tool.possible(partner_ids) for tool in tools() if tool.possible}
    signed = Partner.objects.unscoped("of all").filter(pk__in=partner_ids).values_list("pk", "signed_on")
    missing = [
        DueItem(
            partner_id=pk,
            task=need.task,
            period=need.period.key,
            starts_on=need.period.start,
            ends_on=need.period.end,
            due_on=need.due_on,
        )
        for pk, signed_on in signed
        for need in plan.needs(places[pk], signed_on)
        if (pk, need.task, need.period.key) not in there and _possible(pk, need, possible)
    ]
    # Another night's work may be at it at the same time: one of the two writes the row.
    DueItem.objects.bulk_create(missing, batch_size=CHUNK, ignore_conflicts=True)
    return len(missing)


def _possible(pk: int, need: Need, possible: dict[str, dict[int, dt.date]]) -> bool:
    """Whether the task could be done with the partner when the period began."""
    if need.task not in possible:
        return True
    since = possible[need.task].get(pk)
    return since is not None and since < need.period.start


def _places(partner_ids: Sequence[int]) -> dict[int, list[Place]]:
    """Where each partner stood when; one without a history has stood where it is since it was entered."""
    found: dict[int, list[Place]] = defaultdict(list)
    history = Placement.objects.unscoped("of all").filter(partner__in=partner_ids).order_by("starts_on")
    for pk, starts_on, tier, stage in history.values_list("partner_id", "starts_on", "tier__key", "stage__key"):
        found[pk].append(Place(starts_on, tier or "", stage))
    others = Partner.objects.unscoped("of all").filter(pk__in=set(partner_ids) - found.keys())
    for pk, created_at, tier, stage in others.values_list("pk", "created_at", "tier__key", "stage__key"):
        found[pk].append(Place(created_at.date(), tier or "", stage))
    return found
