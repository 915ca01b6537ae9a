"""Settings of the performance scorecard: coverage, the composite's weights, sales per rep."""

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
from prm.common import actions
from prm.common.models import Policy
from prm.common.saving import saved
from prm.common.vendor import today
from scorecards.performance import policies, policy_actions
from scorecards.performance.policy_forms import (
    WINDOWS,
    BenchmarkForm,
    CoverageForm,
    StageChoice,
    WeightsForm,
    weighable,
)

KINDS = (policies.COVERAGE, policies.COMPOSITE, policies.BENCHMARK)


@vendor(P.EDIT_SETTINGS)
def performance(request: HttpRequest) -> HttpResponse:
    """What holds today, what is to come, what was; each with the form for the next version."""
    request.section = "settings"
    day = today(request.vendor_settings)
    now = policies.Policies(day)
    chosen = StageChoice(request.GET)

    def posted(name: str) -> Any:
        return request.POST if request.method == "POST" and f"set_{name}" in request.POST else None

    coverage = CoverageForm(posted("coverage"), now=now.coverage)
    weights = WeightsForm(posted("weights"), now=now.composite, stage=chosen.asked)
    benchmark = BenchmarkForm(posted("benchmark"), now=now.benchmarks)
    if _saved(request, coverage, policy_actions.set_coverage, lambda: {"coverage": coverage.coverage}):
        return redirect("scorecards:performance_settings")
    if _saved(
        request, weights, policy_actions.set_weights,
        lambda: {"stage": chosen.asked, "weights": weights.weights, "cap": weights.cleaned_data["cap"]},
    ):  # fmt: skip
        return redirect(f"{reverse('scorecards:performance_settings')}?stage={chosen.asked}")
    if _saved(request, benchmark, policy_actions.set_benchmark, lambda: {"amounts": benchmark.amounts}):
        return redirect("scorecards:performance_settings")
    context = {
        "coverage": coverage,
        "weights": weights,
        "benchmark": benchmark,
        "chosen": chosen,
        "stage": chosen.names[chosen.asked],
        "own": chosen.asked in now.composite.stages,
        "today": day,
        "currency": request.vendor_settings.reporting_currency,
        "versions": _versions(chosen.names, benchmark.types),
    }
    failed = any(form.is_bound for form in (coverage, weights, benchmark))
    return render(request, "scorecards/performance_settings.html", context, status=422 if failed else 200)


def _saved(request: HttpRequest, form: Any, action: Any, more: Any) -> bool:
    if not form.is_valid():
        return False
    if not saved(form, action, by=request.user, starts_on=form.cleaned_data["starts_on"], **more()):
        return False
    messages.success(request, _("Saved."))
    return True


def _versions(stages: dict[str, Any], types: dict[str, str]) -> list[tuple[Policy, str, list[str]]]:
    """Each with what it is and what it says, in lines."""
    found = []
    for row in Policy.objects.filter(kind__in=KINDS).select_related("created_by").order_by("-starts_on", "kind"):
        if row.kind == policies.COVERAGE:
            coverage = policies.parse_coverage(row.data)
            lines = [f"{coverage.index.normalize():f}×, {WINDOWS[coverage.window]}"]
            found.append((row, _("Pipeline coverage"), lines))
        elif row.kind == policies.COMPOSITE:
            composite = policies.parse_composite(row.data)
            lines = [f"{stages.get(key, key)}: {_listed(of, weighable(of))}" for key, of in composite.stages.items()]
            found.append((row, _("Composite, cap %(cap)s%%") % {"cap": f"{composite.cap.normalize():f}"}, lines))
        else:
            amounts = policies.parse_benchmark(row.data)
            found.append((row, _("Sales per rep"), [_listed(amounts, types)] if amounts else []))
    return found


def _listed(numbers: Any, names: Any) -> str:
    return ", ".join(f"{names.get(key, key)} {number.normalize():f}" for key, number in numbers.items())


@vendor(P.EDIT_SETTINGS)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    policy = get_object_or_404(Policy, pk=pk, kind__in=KINDS)
    try:
        actions.remove_policy(by=request.user, policy=policy)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("scorecards:performance_settings")
