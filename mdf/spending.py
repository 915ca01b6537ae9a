"""What the funds spent on activities, for the reports of marketing."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from marketing import spent
from mdf import claiming
from mdf.models import Line
from prm.common.money import NoRate
from prm.common.vendor import rates


@spent.source
def claimed(activities: QuerySet[Any]) -> spent.Paid:
    """What claims of each activity were approved for, in its plan's currency at the rates of the day the request was approved."""
    lines = Line.objects.unscoped("of activities the caller has scoped").filter(
        activity__in=activities.order_by().values("pk"), claimed__gt=0
    )
    table, found = rates(), spent.Paid()
    rows = lines.order_by().values_list(
        "activity", "claimed", "request__currency", "activity__plan__currency", "request__approved_on"
    )
    for activity, amount, currency, wanted, on in rows:
        try:
            exact = claiming.convert(amount, currency, wanted, table, on)
        except NoRate as error:
            found.lacks[activity] = error.currency
            continue
        found[activity] = claiming.rounded(exact, wanted)
    return found
