"""Values of metrics: figures kept elsewhere."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status
from pydantic import Field

from partners.api.common import PartnerQuery, check_filter, find, one_of, refusing
from pipeline import actions, queries
from pipeline.api.common import READS, WRITES, Currency, text
from pipeline.filters import ValueFilter
from pipeline.models import Metric, MetricValue
from pipeline.models.result import MANUAL
from prm.api.auth import Request
from prm.api.paging import Paging, page
from prm.api.schemas import Id, Key, Out, Page, Patch, given

router = Router(tags=["Metric values"])


class ValueOut(Out):
    """`currency` of money only."""

    id: int
    partner: int
    metric: str
    on: str
    value: str
    currency: str | None
    source: str


class ValuePatch(Patch):
    """Fields not sent stay as they are."""

    metric: Key = ""
    on: dt.date = dt.date.min
    value: Decimal = Field(Decimal(0), max_digits=20, decimal_places=6)
    currency: Currency | None = None


class ValueIn(ValuePatch):
    """One a day from one `source`."""

    metric: Key
    on: dt.date
    value: Decimal = Field(max_digits=20, decimal_places=6)
    source: str = Field(MANUAL, min_length=1, max_length=40)


class ValueQuery(PartnerQuery):
    q: str = Field("", description="Words of the partner's name.")
    partner: Id | None = None
    metric: list[str] = Field([], description="Keys.")
    since: dt.date | None = None
    until: dt.date | None = None


def value_out(row: MetricValue) -> dict[str, Any]:
    return {
        "id": row.pk,
        "partner": row.partner_id,
        "metric": row.metric.key,
        "on": row.on.isoformat(),
        "value": text(row.value),
        "currency": row.currency or None,
        "source": row.source,
    }


def _find(request: Request, value_id: int) -> MetricValue:
    row: MetricValue = get_object_or_404(queries.metric_values(request.user), pk=value_id)
    return row


def _values(body: ValuePatch) -> dict[str, Any]:
    sent = given(body)
    if "metric" in sent:
        sent["metric"] = one_of(Metric.objects.all(), "metric", key=sent["metric"])
    if "currency" in sent:
        sent["currency"] = sent["currency"] or ""
    return sent


@router.get("/metric-values", response=Page[ValueOut], auth=READS)
def list_metric_values(
    request: Request,
    response: HttpResponse,
    paging: Annotated[Paging, Query()],
    query: Annotated[ValueQuery, Query()],
    sort: Literal["on", "-on", "id", "-id"] = "-on",
) -> Any:
    """The values of metrics one may see, newest first."""
    chosen = ValueFilter(request.GET, user=request.user)
    check_filter(request, chosen, "cursor", "limit", "sort", "partner")
    rows = chosen.narrow(queries.metric_values(request.user))
    if query.partner is not None:
        rows = rows.filter(partner=query.partner)
    return page(request, response, rows, value_out, paging=paging, sort=sort, by={"on": F("on")}, known=None)


@router.post("/partners/{int:partner_id}/metric-values", response={201: ValueOut}, auth=WRITES)
def create_metric_value(request: Request, response: HttpResponse, partner_id: int, body: ValueIn) -> Any:
    """Adds a value of a metric."""
    partner = find(request, partner_id)
    with refusing():
        row = actions.add_metric_value(by=request.user, partner=partner, **_values(body))
    response["Location"] = request.build_absolute_uri(f"/api/v1/metric-values/{row.pk}")
    return Status(201, value_out(row))


@router.get("/metric-values/{int:value_id}", response=ValueOut, auth=READS)
def get_metric_value(request: Request, value_id: int) -> Any:
    """One value."""
    return value_out(_find(request, value_id))


@router.patch("/metric-values/{int:value_id}", response=ValueOut, auth=WRITES)
def update_metric_value(request: Request, value_id: int, body: ValuePatch) -> Any:
    """Changes the fields sent, of a value that was typed in."""
    with refusing():
        row = actions.update_metric_value(by=request.user, row=_find(request, value_id), changes=_values(body))
    return value_out(_find(request, row.pk))


@router.delete("/metric-values/{int:value_id}", response={204: None}, auth=WRITES)
def delete_metric_value(request: Request, value_id: int) -> Any:
    """Removes a value, wherever it came from."""
    actions.remove_metric_value(by=request.user, row=_find(request, value_id))
    return Status(204, None)
