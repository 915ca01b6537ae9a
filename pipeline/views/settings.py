"""Settings of sales data: what amounts are, where actuals come from, and the seasons of a year."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission as P
from pipeline import policies, policy_actions
from pipeline.policy_forms import BASES, ORIGINS, ActualsForm, SeasonalityForm
from prm.common import actions
from prm.common.models import Policy
from prm.common.saving import saved
from prm.common.vendor import fiscal_calendar, today


@vendor(P.EDIT_SETTINGS)
def sales(request: HttpRequest) -> HttpResponse:
    """What holds today, what is to come, what was; each with the form for the next version."""
    request.section = "settings"
    day = today(request.vendor_settings)
    year = fiscal_calendar(request.vendor_settings).year_of(day)
    now, weights = policies.actuals_on(day), policies.weights_for(year, day)
    posted = request.POST if request.method == "POST" else None
    actuals = ActualsForm(
        posted if posted and "set_actuals" in posted else None,
        initial={"basis": now.basis, "origin": now.origin, "starts_on": day},
    )
    seasons = SeasonalityForm(
        posted if posted and "set_seasons" in posted else None, year=year, weights=weights, initial={"starts_on": day}
    )
    if actuals.is_valid() and saved(
        actuals, policy_actions.set_actuals, by=request.user, starts_on=actuals.cleaned_data["starts_on"],
        actuals=actuals.actuals,
    ):  # fmt: skip
        messages.success(request, _("Saved."))
        return redirect("pipeline:settings")
    if seasons.is_valid() and saved(
        seasons, policy_actions.set_seasonality, by=request.user, starts_on=seasons.cleaned_data["starts_on"],
        weights=seasons.weights,
    ):  # fmt: skip
        messages.success(request, _("Saved. Targets that are set stay as they are."))
        return redirect("pipeline:settings")
    context = {"actuals": actuals, "seasons": seasons, "today": day, "months": year.months, **_versions()}
    return render(
        request, "pipeline/settings.html", context, status=422 if actuals.is_bound or seasons.is_bound else 200
    )


def _versions() -> dict[str, Any]:
    kept = Policy.objects.filter(kind__in=[policies.ACTUALS, policies.SEASONALITY]).select_related("created_by")
    found: dict[str, Any] = {"actuals_versions": [], "season_versions": []}
    for row in kept:
        if row.kind == policies.ACTUALS:
            read = policies.parse_actuals(row.data)
            found["actuals_versions"].append((row, BASES[read.basis], ORIGINS[read.origin]))
        else:
            found["season_versions"].append((row, policies.parse_weights(row.data)))
    return found


@vendor(P.EDIT_SETTINGS)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    policy = get_object_or_404(Policy, pk=pk, kind__in=[policies.ACTUALS, policies.SEASONALITY])
    try:
        actions.remove_policy(by=request.user, policy=policy)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("pipeline:settings")
