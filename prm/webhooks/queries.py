"""What is read about webhooks."""

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from prm.webhooks.models import Delivery, Endpoint

RECENT = dt.timedelta(days=7)


def endpoints() -> QuerySet[Endpoint, Any]:
    """Those that are there, with `delivered`, `failed` and `waiting` messages of the last seven days and `last_arrived`."""
    recent = Q(deliveries__created_at__gte=timezone.now() - RECENT)
    counts = {state.value: Count("deliveries", filter=recent & Q(deliveries__state=state)) for state in Delivery.State}
    return Endpoint.objects.kept().annotate(**counts, last_arrived=Max("deliveries__delivered_at"))


def deliveries(endpoint: Endpoint | None = None) -> QuerySet[Delivery, Any]:
    """The log, of one endpoint or of all that are there."""
    rows = Delivery.objects.filter(endpoint__removed_at=None).select_related("endpoint")
    return rows if endpoint is None else rows.filter(endpoint=endpoint)


@dataclass(frozen=True)
class Look:
    """How an endpoint does, in a word ("on", "failing", "off"): what lists mark."""

    state: str
    since: dt.datetime | None


def look(endpoint: Endpoint) -> Look:
    if endpoint.off:
        return Look("off", endpoint.off_at)
    if endpoint.failing_since:
        return Look("failing", endpoint.failing_since)
    return Look("on", None)


def readable(body: str) -> str:
    """A message with a line for each of its parts."""
    return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
