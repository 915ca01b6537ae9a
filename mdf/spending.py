"""What the funds spent on activities, for the reports of marketing."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet

from marketing import spent
from mdf import claiming, ledger
from mdf.models import Line
from mdf.queries import past
from prm.common.money import NoRate
from prm.common.vendor import rates


@spent.source
def claimed(activities: QuerySet[Any], on: dt.date | None = None) -> spent.Paid:
    """What claims of each activity were approved for, in its plan's currency at the rates of the day the request was approved; with
    `on` what the ledger says was spent up to and with that day."""
    lines = Line.objects.unscoped("of activities the caller has scoped").filter(
        activity__in=activities.order_by().values("pk")
    )
    if on is None:
        lines = lines.filter(claimed__gt=0)
    table, found = rates(), spent.Paid()
    rows = lines.order_by().values_list(
        "pk", "activity", "claimed", "request__currency", "activity__plan__currency", "request__approved_on"
    )
    then = {} if on is None else {pk: change.spent for pk, change in past.of_lines(lines, on).items()}
    for pk, activity, now, currency, wanted, approved_on in rows:
        amount = now if on is None else then.get(pk, ledger.ZERO)
        if not amount:
            continue
        try:
            exact = claiming.convert(amount, currency, wanted, table, approved_on)
        except NoRate as error:
            found.lacks[activity] = error.currency
            continue
        found[activity] = claiming.rounded(exact, wanted)
    return found
