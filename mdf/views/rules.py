"""The rules of approval among the settings, tried on last year's requests; and who decides in whose place."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.models import User
from accounts.permissions import ROLES, Role
from accounts.permissions import Permission as P
from mdf import actions, showing, trial
from mdf.approval_rules import KIND, kind_of, rules_on
from mdf.models import Delegation, Fund
from mdf.refusals import Closed, NotAllowed
from mdf.rules_form import DelegationForm, FundPick, RulesForm, level_words
from mdf.steps import Rules, read
from prm.common import actions as common
from prm.common.models import Policy
from prm.common.saving import saved
from prm.common.vendor import today, vendor_settings, work_calendar


@vendor(P.EDIT_SETTINGS)
def rules(request: HttpRequest) -> HttpResponse:
    """What holds today, what is to come, what was, and the form for the next version; tried out on request."""
    request.section = "settings"
    pick, day = FundPick(request.GET or None), today()
    fund: Fund | None = pick.cleaned_data["fund"] if pick.is_valid() else None
    now = rules_on(fund, day)
    form, tried = RulesForm(request.POST or None, rules=now, initial={"starts_on": day}), None
    if form.is_valid():
        if "try" in request.POST:
            tried = trial.Trial(trial.last_year(timezone.now(), fund), now, form.rules, work_calendar())
        elif saved(form, actions.set_rules, by=request.user, starts_on=form.cleaned_data["starts_on"], rules=form.rules, fund=fund):  # fmt: skip
            messages.success(request, _("Saved. What was submitted before keeps its steps."))
            return redirect(_address(fund))
    versions = Policy.objects.filter(kind=kind_of(fund)).select_related("created_by").order_by("-starts_on")
    currency = fund.currency if fund else ""
    context = {
        "pick": pick,
        "fund": fund,
        "form": form,
        "trial": tried,
        "today": day,
        "now": _words(now, currency),
        "versions": [(row, _words(read(row.data), currency)) for row in versions],
        "currency": currency or vendor_settings().reporting_currency,
    }
    return render(request, "mdf/rules.html", context, status=422 if form.is_bound and not tried else 200)


def _address(fund: Fund | None) -> str:
    return reverse("mdf:rules") + (f"?fund={fund.pk}" if fund else "")


def _words(found: Rules, currency: str) -> list[str]:
    """The rules as sentences."""
    lines = []
    for number, step in enumerate(found.steps):
        amount = showing.plain(step.above, currency)
        lines.append(level_words(step) if number == 0 else _("%(who)s, too, above %(amount)s") % {"who": level_words(step), "amount": amount})  # fmt: skip
    lines.append(_("within %(n)s working days each") % {"n": found.sla_days})
    return lines


@vendor(P.EDIT_SETTINGS)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """A version that is still to start."""
    ours = Q(kind=KIND) | Q(kind__startswith=f"{KIND}:")
    found = get_object_or_404(Policy.objects.filter(ours), pk=pk)
    try:
        common.remove_policy(by=request.user, policy=found)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    fund = Fund.objects.filter(pk=found.kind.partition(":")[2]).first() if ":" in found.kind else None
    return redirect(_address(fund))


# ── Delegations ──────────────────────────────────────────────────────────────────────────────────────────────────────


@vendor(P.DECIDE_MDF)
def delegations(request: HttpRequest) -> HttpResponse:
    """Who decides in this person's place while they are away; for those who look after the settings, in anybody's."""
    request.section = "mdf"
    user, for_others = request.user, request.user.can(P.EDIT_SETTINGS)
    form = DelegationForm(
        request.POST or None, user=user, people=_people(), for_others=for_others, initial={"starts_on": today()}
    )
    if form.is_valid():
        values = form.cleaned_data
        asked: dict[str, Any] = {name: values[name] for name in ("delegate", "starts_on", "ends_on")}
        try:
            if saved(form, actions.delegate, by=user, person=values.get("person", user), **asked):
                messages.success(
                    request, _("%(name)s decides in that time.") % {"name": values["delegate"].display_name}
                )
                return redirect("mdf:delegations")
        except NotAllowed as error:
            form.add_error(None, str(error))
    rows = Delegation.objects.select_related("person", "delegate").filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=today())
    )
    if not for_others:
        rows = rows.filter(Q(person=user) | Q(delegate=user))
    context = {
        "form": form,
        "rows": [(row, row.person_id == user.pk or for_others) for row in rows.order_by("starts_on", "pk")],
        "today": today(),
        "crumbs": [(_("My approvals"), reverse("mdf:approvals"))],
    }
    return render(request, "mdf/delegations.html", context, status=422 if form.is_bound else 200)


def _people() -> Any:
    """Who may decide anything about MDF."""
    roles = [role for role in Role if P.DECIDE_MDF in ROLES[role]]
    rows = User.objects.filter(is_active=True, groups__name__in=roles).distinct()
    return User.objects.filter(pk__in=rows.order_by().values("pk")).order_by("name", "pk")


@vendor(P.DECIDE_MDF)
@require_POST
def end_delegation(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Delegation, pk=pk)
    try:
        actions.end_delegation(by=request.user, delegation=found)
    except NotAllowed as error:
        raise PermissionDenied from error
    except Closed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Ended."))
    return redirect("mdf:delegations")
