"""The vendor's lists that sales data refer to, and the policies on actuals and seasons. Other resources name entries by `key`."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import Http404
from ninja import Router, Status
from pydantic import Field

from partners import catalogue
from partners.api.common import refusing
from partners.catalogue import LISTS, Entry
from pipeline import policies, policy_actions
from pipeline.api.common import READS, READS_LISTS, WRITES_SETTINGS, text
from pipeline.models import DealStage, Metric, ProductLine
from prm.api.auth import Request
from prm.api.paging import check_parameters, everything
from prm.api.schemas import In, Out, Page, Patch, given
from prm.common.models import Policy

router = Router(tags=["Sales settings"])
NewKey = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$", description="Made of the name where left out.")]
Outcome = Literal["open", "won", "lost"]
Unit = Literal["number", "money", "percent"]
Summary = Literal["latest", "sum", "average", "max", "count"]
Percent = Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2)]
Name = Annotated[str, Field(min_length=1, max_length=80)]


class ProductLineOut(Out):
    key: str
    name: str
    order: int


class ProductLinePatch(Patch):
    name: Name = ""


class ProductLineIn(ProductLinePatch):
    name: Name
    key: NewKey = ""


class DealStageOut(Out):
    """`probability` in percent."""

    key: str
    name: str
    order: int
    probability: str
    outcome: Outcome


class DealStagePatch(Patch):
    name: Name = ""
    probability: Percent = Decimal(0)
    outcome: Outcome = "open"


class DealStageIn(DealStagePatch):
    name: Name
    key: NewKey = ""


class MetricOut(Out):
    """`summary`: what its values in a period come to. An `internal` one no partner sees."""

    key: str
    name: str
    order: int
    unit: Unit
    summary: Summary
    lower_is_better: bool
    internal: bool


class MetricPatch(Patch):
    name: Name = ""
    unit: Unit = "number"
    summary: Summary = "latest"
    lower_is_better: bool = False
    internal: bool = False


class MetricIn(MetricPatch):
    name: Name
    key: NewKey = ""


def _out(row: Any, *more: str) -> dict[str, Any]:
    return {"key": row.key, "name": row.name, "order": row.order, **{name: getattr(row, name) for name in more}}


def product_line_out(row: ProductLine) -> dict[str, Any]:
    return _out(row)


def deal_stage_out(row: DealStage) -> dict[str, Any]:
    return _out(row, "outcome") | {"probability": text(row.probability)}


def metric_out(row: Metric) -> dict[str, Any]:
    return _out(row, "unit", "summary", "lower_is_better", "internal")


def _rows(name: str) -> Any:
    model: Any = LISTS[name].model
    return model.objects.all()


def add_entry(request: Request, name: str, body: In, defaults: Mapping[str, Any]) -> Any:
    """A new entry at the end of a list."""
    sent = given(body)
    entries = catalogue.entries_of(name)
    more = {field: sent.get(field, defaults[field]) for field in LISTS[name].fields}
    entry = Entry(None, sent["name"], more, sent.get("key", ""))
    with refusing({"new": "name"}):
        catalogue.save_list(by=request.user, name=name, entries=[*entries, entry])
    known = [each.pk for each in entries]
    return _rows(name).exclude(pk__in=known).get(name=entry.name)


def change_entry(request: Request, name: str, key: str, body: In) -> Any:
    """The fields sent of one entry; its place stays."""
    sent = given(body)
    entries = catalogue.entries_of(name)
    found = _entry(entries, key)
    more = {field: sent.get(field, value) for field, value in found.more.items()}
    changed = replace(found, name=sent.get("name", found.name), more=more)
    with refusing({str(found.pk): "name"}):
        catalogue.save_list(
            by=request.user, name=name, entries=[changed if each.pk == found.pk else each for each in entries]
        )
    return _rows(name).get(pk=found.pk)


def remove_entry(request: Request, name: str, key: str) -> Any:
    """Takes out an entry that nothing is with."""
    found = _entry(catalogue.entries_of(name), key)
    assert found.pk is not None
    with refusing():
        catalogue.remove(by=request.user, name=name, pk=found.pk)
    return Status(204, None)


def _entry(entries: list[Entry], key: str) -> Entry:
    for entry in entries:
        if entry.key == key:
            return entry
    raise Http404


@router.get("/product-lines", response=Page[ProductLineOut], auth=READS_LISTS)
def list_product_lines(request: Request) -> Any:
    """What partners sell, in order."""
    return everything(ProductLine.objects.all(), product_line_out)


@router.post("/product-lines", response={201: ProductLineOut}, auth=WRITES_SETTINGS)
def create_product_line(request: Request, body: ProductLineIn) -> Any:
    """Adds a product line at the end."""
    return Status(201, product_line_out(add_entry(request, "products", body, {})))


@router.patch("/product-lines/{str:key}", response=ProductLineOut, auth=WRITES_SETTINGS)
def update_product_line(request: Request, key: str, body: ProductLinePatch) -> Any:
    """Renames a product line."""
    return product_line_out(change_entry(request, "products", key, body))


@router.delete("/product-lines/{str:key}", response={204: None}, auth=WRITES_SETTINGS)
def delete_product_line(request: Request, key: str) -> Any:
    """Removes a product line that nothing is with."""
    return remove_entry(request, "products", key)


@router.get("/deal-stages", response=Page[DealStageOut], auth=READS_LISTS)
def list_deal_stages(request: Request) -> Any:
    """The stages of deals, in order."""
    return everything(DealStage.objects.all(), deal_stage_out)


@router.post("/deal-stages", response={201: DealStageOut}, auth=WRITES_SETTINGS)
def create_deal_stage(request: Request, body: DealStageIn) -> Any:
    """Adds a stage at the end."""
    return Status(
        201, deal_stage_out(add_entry(request, "deal-stages", body, {"probability": Decimal(0), "outcome": "open"}))
    )


@router.patch("/deal-stages/{str:key}", response=DealStageOut, auth=WRITES_SETTINGS)
def update_deal_stage(request: Request, key: str, body: DealStagePatch) -> Any:
    """Changes the fields sent. The outcome stays while deals are in the stage."""
    return deal_stage_out(change_entry(request, "deal-stages", key, body))


@router.delete("/deal-stages/{str:key}", response={204: None}, auth=WRITES_SETTINGS)
def delete_deal_stage(request: Request, key: str) -> Any:
    """Removes a stage that no deal was ever in; one of each outcome stays."""
    return remove_entry(request, "deal-stages", key)


@router.get("/metrics", response=Page[MetricOut], auth=READS_LISTS)
def list_metrics(request: Request) -> Any:
    """The vendor's metrics, in order; internal ones for its own side only."""
    rows = Metric.objects.filter(internal=False) if request.user.is_partner_side else Metric.objects.all()
    return everything(rows, metric_out)


@router.post("/metrics", response={201: MetricOut}, auth=WRITES_SETTINGS)
def create_metric(request: Request, body: MetricIn) -> Any:
    """Adds a metric at the end."""
    usual = {"unit": "number", "summary": "latest", "lower_is_better": False, "internal": False}
    return Status(201, metric_out(add_entry(request, "metrics", body, usual)))


@router.patch("/metrics/{str:key}", response=MetricOut, auth=WRITES_SETTINGS)
def update_metric(request: Request, key: str, body: MetricPatch) -> Any:
    """Changes the fields sent. The unit stays while there are values or targets."""
    return metric_out(change_entry(request, "metrics", key, body))


@router.delete("/metrics/{str:key}", response={204: None}, auth=WRITES_SETTINGS)
def delete_metric(request: Request, key: str) -> Any:
    """Removes a metric without values and targets."""
    return remove_entry(request, "metrics", key)


# ── Policies ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class ActualsIn(In):
    """What amounts are, and where actuals come from, from a day on: today or later. `source` stands for the contract's `from`."""

    starts_on: dt.date
    basis: Literal["vendor_net", "customer_price"] = "vendor_net"
    source: Literal["results", "won_deals"] = "results"


class ActualsOut(Out):
    starts_on: str
    basis: Literal["vendor_net", "customer_price"]
    source: Literal["results", "won_deals"]


class SeasonsIn(In):
    """The weights of the twelve fiscal months, the first one first, from a day on: today or later."""

    starts_on: dt.date
    weights: list[Annotated[Decimal, Field(ge=0, le=1_000_000, max_digits=13, decimal_places=6)]] = Field(
        min_length=12, max_length=12
    )


class SeasonsOut(Out):
    starts_on: str
    weights: list[str]


def _actuals_out(row: Policy) -> dict[str, Any]:
    found = policies.parse_actuals(row.data)
    return {"starts_on": row.starts_on.isoformat(), "basis": found.basis.value, "source": found.origin.value}


def _seasons_out(row: Policy) -> dict[str, Any]:
    return {
        "starts_on": row.starts_on.isoformat(),
        "weights": [text(weight) for weight in policies.parse_weights(row.data)],
    }


@router.get("/policies/actuals", response=Page[ActualsOut], auth=READS)
def list_actuals(request: Request) -> Any:
    """The versions of the results basis, the latest first. Before the first: vendor net, from results."""
    check_parameters(request, ())
    return everything(Policy.objects.filter(kind=policies.ACTUALS), _actuals_out)


@router.post("/policies/actuals", response={201: ActualsOut}, auth=WRITES_SETTINGS)
def set_actuals(request: Request, body: ActualsIn) -> Any:
    """A version from a day on, in the place of one that starts the same day."""
    found = policies.Actuals(policies.Basis(body.basis), policies.Origin(body.source))
    with refusing():
        row = policy_actions.set_actuals(by=request.user, starts_on=body.starts_on, actuals=found)
    return Status(201, _actuals_out(row))


@router.get("/policies/seasonality", response=Page[SeasonsOut], auth=READS)
def list_seasonality(request: Request) -> Any:
    """The versions of the seasons, the latest first. Before the first every month weighs the same."""
    check_parameters(request, ())
    return everything(Policy.objects.filter(kind=policies.SEASONALITY), _seasons_out)


@router.post("/policies/seasonality", response={201: SeasonsOut}, auth=WRITES_SETTINGS)
def set_seasonality(request: Request, body: SeasonsIn) -> Any:
    """A version from a day on, in the place of one that starts the same day. Targets that are set stay as they are."""
    with refusing():
        row = policy_actions.set_seasonality(by=request.user, starts_on=body.starts_on, weights=body.weights)
    return Status(201, _seasons_out(row))
