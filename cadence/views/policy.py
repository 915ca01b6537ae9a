"""The policy of the cadence, among the settings: what holds, what is to come, and a new version."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission as P
from cadence import actions, policies
from cadence.forms import RuleFormSet, VersionForm
from cadence.policy_words import in_words
from prm.common.actions import remove_policy
from prm.common.models import Policy
from prm.common.saving import saved
from prm.common.vendor import today


@vendor(P.EDIT_SETTINGS)
def versions(request: HttpRequest) -> HttpResponse:
    """Starts a new version from the rules of the latest one."""
    return _page(request, None)


@vendor(P.EDIT_SETTINGS)
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """One that hasn't started can be changed."""
    found = get_object_or_404(Policy, pk=pk, kind=policies.KIND, starts_on__gt=today(request.vendor_settings))
    return _page(request, found)


def _page(request: HttpRequest, editing: Policy | None) -> HttpResponse:
    request.section = "settings"
    day = today(request.vendor_settings)
    rows = list(Policy.objects.filter(kind=policies.KIND).select_related("created_by").order_by("-starts_on"))
    latest = editing or (rows[0] if rows else None)
    form = VersionForm(request.POST or None, initial={"starts_on": editing.starts_on if editing else None})
    rules = RuleFormSet(request.POST or None, rules=policies.read(latest.data if latest else policies.DEFAULT))
    if request.method == "POST" and _saved(request, form, rules, editing):
        since = date_format(form.cleaned_data["starts_on"], "SHORT_DATE_FORMAT")
        messages.success(request, _("The cadence holds for periods that start on %(day)s or later.") % {"day": since})
        return redirect("cadence:policy")
    context: dict[str, Any] = {
        "form": form,
        "rules": rules,
        "editing": editing,
        "current": next((row for row in rows if row.starts_on <= day), None),
        "versions": [(row, in_words(policies.read(row.data))) for row in rows],
        "today": day,
    }
    return render(request, "cadence/policy.html", context, status=422 if form.is_bound else 200)


def _saved(request: HttpRequest, form: VersionForm, rules: Any, editing: Policy | None) -> bool:
    if not (form.is_valid() & rules.is_valid()):
        return False
    values = {"starts_on": form.cleaned_data["starts_on"], "rules": rules.rules, "instead_of": editing}
    return saved(form, actions.set_policy, by=request.user, **values)


@vendor(P.EDIT_SETTINGS)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Policy, pk=pk, kind=policies.KIND)
    try:
        remove_policy(by=request.user, policy=found)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("cadence:policy")
