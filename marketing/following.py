"""Attribution follows what happens to leads and deals; at night whatever an event missed."""

from __future__ import annotations

from collections.abc import Iterable

from leads.events import LeadsChanged
from marketing.actions import attributing
from marketing.events import AttributionChanged
from marketing.models import Attribution
from prm.common import events, schedule


@events.on(LeadsChanged)
def follow(event: LeadsChanged) -> None:
    """A code in a lead's campaign names its source; its deal gets the same; its activity counts anew."""
    attributing.by_codes(event.lead_ids, imported=event.imported)
    attributing.pass_on(event.lead_ids)
    _count_anew(event.lead_ids)


def _count_anew(lead_ids: Iterable[int]) -> None:
    rows = Attribution.objects.unscoped("whose figures change").filter(lead__in=list(lead_ids), activity__isnull=False)
    found = set(rows.order_by().values_list("activity", "activity__plan__partner"))
    if found:
        activities, partners = zip(*sorted(found), strict=True)
        events.send(AttributionChanged(partner_ids=tuple(sorted(set(partners))), activity_ids=tuple(activities)))


@schedule.nightly
def repair() -> None:
    """All leads with a campaign that have no source yet, and all deals whose lead has one."""
    attributing.by_codes()
    attributing.pass_on()
