"""How leads are given out, among the settings: what holds, what is to come, a new version, and what it would have made of past leads."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission as P
from leads import actions, policies
from leads.models import LeadTrial
from leads.rule_forms import PolicyForm, RuleFormSet, blame
from leads.rule_words import Words
from leads.trying import Tried
from prm.common.actions import remove_policy
from prm.common.lists import PAGE_SIZE
from prm.common.models import Policy
from prm.common.vendor import today


@vendor(P.EDIT_LEAD_RULES)
def versions(request: HttpRequest) -> HttpResponse:
    """All versions; a new one starts from the latest, or from what was tried (`?trial=`)."""
    return _page(request, None)


@vendor(P.EDIT_LEAD_RULES)
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """One that hasn't started can be changed."""
    found = get_object_or_404(Policy, pk=pk, kind=policies.KIND, starts_on__gt=today())
    return _page(request, found)


def _page(request: HttpRequest, editing: Policy | None) -> HttpResponse:
    request.section = "settings"
    day = today()
    rows = list(Policy.objects.filter(kind=policies.KIND).select_related("created_by").order_by("-starts_on"))
    policy = _start(request, editing or (rows[0] if rows else None))
    form = PolicyForm(request.POST or None, policy=policy, starts_on=editing.starts_on if editing else None)
    rules = RuleFormSet(request.POST or None, user=request.user, rules=policy.rules)
    if request.method == "POST" and (done := _sent(request, form, rules, editing)):
        return done
    words = Words()
    context: dict[str, Any] = {
        "form": form,
        "rules": rules,
        "editing": editing,
        "versions": [(row, words.of(policies.read(row.data))) for row in rows],
        "current": next((row for row in rows if row.starts_on <= day), None),
        "today": day,
        "trials": LeadTrial.objects.select_related("created_by", "job")[:5],
    }
    return render(request, "leads/rules.html", context, status=422 if form.is_bound else 200)


def _start(request: HttpRequest, latest: Policy | None) -> policies.LeadPolicy:
    """What the form holds at first."""
    number = request.GET.get("trial", "")
    if number.isdecimal() and len(number) < 19 and (tried := LeadTrial.objects.filter(pk=int(number)).first()):
        return policies.read(tried.policy)
    return policies.read(latest.data) if latest else policies.LeadPolicy()


def _sent(request: HttpRequest, form: PolicyForm, rules: Any, editing: Policy | None) -> HttpResponse | None:
    """Carries out the button that was pressed; None where something is wrong, which the forms then say."""
    if not (form.is_valid() & rules.is_valid()):
        return None
    policy, trying = form.policy(rules.rules), request.POST.get("then") == "try"
    needed = ("since", "until") if trying else ("starts_on",)
    if missing := [name for name in needed if not form.cleaned_data[name]]:
        form.add_error(missing[0], _("Enter a day."))
        return None
    try:
        if trying:
            days = {name: form.cleaned_data[name] for name in needed}
            made = actions.start_trial(by=request.user, policy=policy, **days)
            return redirect("common:job", pk=made.job_id)
        starts_on = form.cleaned_data["starts_on"]
        actions.set_policy(by=request.user, starts_on=starts_on, policy=policy)
        if editing is not None and editing.starts_on != starts_on:
            remove_policy(by=request.user, policy=editing)
    except ValidationError as error:
        blame(form, rules, error)
        return None
    messages.success(
        request, _("Leads are given out so from %(day)s on.") % {"day": date_format(starts_on, "SHORT_DATE_FORMAT")}
    )
    return redirect("leads:rules")


@vendor(P.EDIT_LEAD_RULES)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Policy, pk=pk, kind=policies.KIND)
    try:
        remove_policy(by=request.user, policy=found)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("leads:rules")


@vendor(P.EDIT_LEAD_RULES)
def trial(request: HttpRequest, pk: int) -> HttpResponse:
    """What other rules would have made of past leads; the job's page while they are tried."""
    request.section = "settings"
    found = get_object_or_404(LeadTrial.objects.select_related("job"), pk=pk)
    if found.result is None:
        return redirect("common:job", pk=found.job_id) if found.job_id else redirect("leads:rules")
    tried = Tried(request.user, found, everything=request.GET.get("show") == "all")
    page = Paginator(tried.rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "trial": found,
        "tried": tried,
        "page": page,
        "rows": tried.named(page.object_list),
        "words": Words().of(policies.read(found.policy)),
        "crumbs": [(_("Lead rules"), reverse("leads:rules"))],
    }
    return render(request, "leads/trial.html", context)
