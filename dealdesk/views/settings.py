"""The policy of registrations among the settings: its versions, the next one, and what it would have made of last year."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission as P
from dealdesk import actions, trial
from dealdesk.policy import KIND, policy_on, read
from dealdesk.policy_form import RFP, PolicyForm
from prm.common import actions as common
from prm.common.models import Policy
from prm.common.saving import saved
from prm.common.vendor import today, vendor_settings, work_calendar


@vendor(P.EDIT_SETTINGS)
def policy(request: HttpRequest) -> HttpResponse:
    """What holds today, what is to come, what was, and the form for the next version; tried out on request."""
    request.section = "settings"
    day = today()
    now = policy_on(day)
    form = PolicyForm(request.POST or None, policy=now, initial={"starts_on": day})
    tried = None
    if form.is_valid():
        if "try" in request.POST:
            tried = trial.Trial(trial.last_year(timezone.now()), now, form.policy, work_calendar())
        elif saved(
            form, actions.set_policy, by=request.user, starts_on=form.cleaned_data["starts_on"], policy=form.policy
        ):
            messages.success(request, _("Saved. What was approved before stays as it was."))
            return redirect("dealdesk:policy")
    rows = Policy.objects.filter(kind=KIND).select_related("created_by")
    context = {
        "form": form,
        "trial": tried,
        "today": day,
        "versions": [(row, version, RFP[version.rfp]) for row in rows for version in (read(row.data),)],
        "currency": vendor_settings().reporting_currency,
    }
    return render(request, "dealdesk/policy.html", context, status=422 if form.is_bound and not tried else 200)


@vendor(P.EDIT_SETTINGS)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """A version that is still to start."""
    found = get_object_or_404(Policy, pk=pk, kind=KIND)
    try:
        common.remove_policy(by=request.user, policy=found)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("dealdesk:policy")
