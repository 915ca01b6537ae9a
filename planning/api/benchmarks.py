"""What new plans start from."""

from typing import Any, Literal

from django.shortcuts import get_object_or_404
from ninja import Router, Status

from partners.api.common import one_of
from partners.models import PartnerType
from pipeline.api.common import Currency
from planning import actions, document, prefill
from planning.api.common import READS_BENCHMARKS, WRITES_BENCHMARKS, Document, refusing
from planning.models import PlanBenchmark
from prm.api.auth import Request
from prm.api.paging import check_parameters, everything
from prm.api.problems import field_error, invalid
from prm.api.schemas import In, Key, Out, Page, instant
from prm.common.vendor import rates, today

router = Router(tags=["Business plans"])
Size = Literal["small", "medium", "large"]


class BenchmarkOut(Out):
    """`type` null: of any type, `size` null: of any size (small below 50 employees, medium below 250). `document` has no texts."""

    id: int
    type: str | None
    size: Size | None
    currency: str
    document: Document
    updated_at: str


class BenchmarkIn(In):
    """The benchmark of this `type` and `size` is made, or replaced as a whole."""

    type: Key | None = None
    size: Size | None = None
    currency: Currency
    document: Document


class BeginningOut(Out):
    """`source`: `own`, the medians of what five and more such partners committed to, filled up from benchmarks; `benchmark`; or
    `nothing`."""

    source: Literal["own", "benchmark", "nothing"]
    currency: str
    document: Document


def benchmark_out(row: PlanBenchmark) -> dict[str, Any]:
    return {
        "id": row.pk,
        "type": row.partner_type.key if row.partner_type else None,
        "size": row.size or None,
        "currency": row.currency,
        "document": row.content,
        "updated_at": instant(row.updated_at),
    }


@router.get("/plan-benchmarks", response=Page[BenchmarkOut], auth=READS_BENCHMARKS)
def list_plan_benchmarks(request: Request) -> Any:
    """All benchmarks, by type and size."""
    check_parameters(request, ())
    return everything(PlanBenchmark.objects.select_related("partner_type"), benchmark_out)


@router.put("/plan-benchmarks", response=BenchmarkOut, auth=WRITES_BENCHMARKS)
def set_plan_benchmark(request: Request, body: BenchmarkIn) -> Any:
    """Sets what plans of a partner type and size start from."""
    of = one_of(PartnerType.objects.all(), "type", key=body.type) if body.type is not None else None
    with refusing("document"):
        row = actions.set_benchmark(
            by=request.user, partner_type=of, size=body.size or "", currency=body.currency, content=body.document
        )
    return benchmark_out(row)


@router.delete("/plan-benchmarks/{int:benchmark_id}", response={204: None}, auth=WRITES_BENCHMARKS)
def remove_plan_benchmark(request: Request, benchmark_id: int) -> Any:
    """Removes one: plans then start from a less specific one. 422 for the one that holds for all."""
    with refusing():
        actions.remove_benchmark(by=request.user, benchmark=get_object_or_404(PlanBenchmark, pk=benchmark_id))
    return Status(204, None)


@router.get("/plan-benchmarks/beginning", response=BeginningOut, auth=READS_BENCHMARKS)
def get_plan_beginning(request: Request, type: str, size: Size | None = None) -> Any:
    """What the first plan of a partner of this `type` (key) and `size` would start with."""
    check_parameters(request, {"type", "size"})
    of = PartnerType.objects.filter(key=type).first()
    if of is None:
        raise invalid([field_error("type", "There is no such partner type.", place="query")])
    table = rates()
    plan, source = prefill.proposed(of.pk, size or "", table, today())
    return {"source": source, "currency": table.reporting, "document": document.write(plan)}
