from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission as P
from prm.common import actions
from prm.common.models import Policy
from prm.common.rag import DEFAULT_THRESHOLDS
from prm.common.saving import saved
from prm.common.vendor import thresholds as in_force
from prm.common.vendor import today
from prm.pages.forms import ThresholdsForm


@vendor(P.EDIT_SETTINGS)
def thresholds(request: HttpRequest) -> HttpResponse:
    """From when on which figure is green and amber: what holds today, what is to come, what was."""
    day = today(request.vendor_settings)
    now = {family: in_force(family, day) for family in DEFAULT_THRESHOLDS}
    initial = {
        f"{family}_{colour}": getattr(pair, colour) for family, pair in now.items() for colour in ("green", "amber")
    }
    form = ThresholdsForm(request.POST or None, initial=initial)
    if form.is_valid() and saved(
        form, actions.set_thresholds, by=request.user, starts_on=form.cleaned_data["starts_on"], families=form.families
    ):
        since = date_format(form.cleaned_data["starts_on"], "SHORT_DATE_FORMAT")
        messages.success(request, _("The thresholds hold from %(day)s.") % {"day": since})
        return redirect("settings:thresholds")
    versions = Policy.objects.filter(kind=actions.THRESHOLDS).select_related("created_by")
    # A version set before candidates had thresholds of their own leaves them at the default.
    context = {"form": form, "now": now, "versions": versions, "today": day, "default": DEFAULT_THRESHOLDS["recruit"]}
    return render(request, "common/settings_thresholds.html", context, status=422 if form.is_bound else 200)


@vendor(P.EDIT_SETTINGS)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    policy = get_object_or_404(Policy, pk=pk, kind=actions.THRESHOLDS)
    try:
        actions.remove_policy(by=request.user, policy=policy)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("settings:thresholds")
