"""What new plans start from: a benchmark for each partner type and size that needs its own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission as P
from pipeline.models import ProductLine
from planning import prefill, reading
from planning.actions import benchmarking
from planning.document import Invalid
from planning.forms.benchmark import CONTENT, KindForm
from planning.forms.steps import StepForm, entered, new_row, row_change
from planning.models import PlanBenchmark
from planning.refusals import Changed
from prm.common.vendor import today, vendor_settings


@vendor(P.EDIT_BENCHMARKS)
def benchmarks(request: HttpRequest) -> HttpResponse:
    request.section = "settings"
    rows = PlanBenchmark.objects.select_related("partner_type", "updated_by").order_by(
        "partner_type__order", "partner_type", "size"
    )
    return render(request, "planning/benchmarks.html", {"rows": rows, "form": KindForm()})


@vendor(P.EDIT_BENCHMARKS)
def add(request: HttpRequest) -> HttpResponse:
    """A benchmark of its own for a type and size; it begins as what such partners have started from so far."""
    request.section = "settings"
    form = KindForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        kind, size = form.cleaned_data["partner_type"], form.cleaned_data["size"]
        layers = prefill.benchmark_layers(kind and kind.pk, size)
        first = layers[0] if layers else PlanBenchmark(currency=vendor_settings().reporting_currency)
        made = benchmarking.set_benchmark(
            by=request.user, partner_type=kind, size=size, currency=first.currency, content=first.content
        )
        return redirect("planning:benchmark", made.pk)
    context = {"form": form, "crumbs": _crumbs()}
    return render(request, "planning/benchmark_new.html", context, status=422 if form.is_bound else 200)


@vendor(P.EDIT_BENCHMARKS)
def benchmark(request: HttpRequest, pk: int) -> HttpResponse:
    """The numbers of one benchmark, in the same form as a plan's."""
    request.section = "settings"
    row = get_object_or_404(PlanBenchmark.objects.select_related("partner_type"), pk=pk)
    if request.method != "POST":
        return _page(request, row, _form(row, row.content))
    content = entered(CONTENT, request.POST).parts
    change = row_change(CONTENT, request.POST, lambda group: _new_row(request, group))
    if change is not None:
        content[change.group] = change.rows
    try:
        benchmarking.set_benchmark(
            by=request.user, partner_type=row.partner_type, size=row.size, currency=row.currency, content=content,
            base=request.POST.get("base") or None,
        )  # fmt: skip
    except Invalid as invalid:
        return _page(request, row, _form(row, content, errors=invalid.errors), 422)
    except Changed as changed:
        messages.warning(request, str(changed))
        return _page(request, row, _form(row, content, theirs=changed.theirs["content"]), 422)
    if change is not None:
        return redirect(f"{reverse('planning:benchmark', args=[pk])}#{change.anchor}")
    messages.success(request, _("Saved. Plans that are begun from now on start with it."))
    return redirect("planning:benchmarks")


def _new_row(request: HttpRequest, group: str) -> dict[str, Any]:
    asked = request.POST.get("product", "") if group == "lines" else ""
    product = ProductLine.objects.filter(pk=int(asked)).first() if asked.isascii() and asked.isdecimal() and len(asked) < 10 else None  # fmt: skip
    return new_row(group, name=product.name, product=product.pk) if product else new_row(group)


def _form(row: PlanBenchmark, content: Any, **more: Any) -> StepForm:
    return StepForm(
        CONTENT, content, currency=row.currency, first_month=today().replace(day=1), today=today(), **more
    )  # fmt: skip


def _page(request: HttpRequest, row: PlanBenchmark, form: StepForm, status: int = 200) -> HttpResponse:
    there = {each.product for each in form.groups["lines"]}
    context = {
        "row": row,
        "form": form,
        "base": reading.digest(row.content),
        "products": [line for line in ProductLine.objects.all() if str(line.pk) not in there],
        "may_remove": row.partner_type_id is not None or row.size,
        "crumbs": _crumbs(),
    }
    return render(request, "planning/benchmark.html", context, status=status)


@vendor(P.EDIT_BENCHMARKS)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(PlanBenchmark, pk=pk)
    try:
        benchmarking.remove_benchmark(by=request.user, benchmark=row)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("Removed. Such partners' plans start from the more general one."))
    return redirect("planning:benchmarks")


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Plan benchmarks"), reverse("planning:benchmarks"))]
