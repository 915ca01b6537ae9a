"""Deciding: the registration beside what else there is for the same customer, and approve, return or reject with the reason.

Also by a mailed link: opening it decides nothing, since mail scanners open links; the form on the page does.
"""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import vendor
from accounts.permissions import Permission as P
from dealdesk import actions, queries, showing
from dealdesk.forms import DecisionForm
from dealdesk.letters import DECIDE
from dealdesk.models import Registration
from dealdesk.policy import policy_on
from dealdesk.refusals import Closed, InConflict, NotAllowed
from dealdesk.views.sides import find
from prm.common.merging import blame
from prm.common.vendor import today

State = Registration.State


@vendor(P.DECIDE_REGISTRATIONS, link=DECIDE)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    request.section = "registrations"
    found, share = find(request, pk), policy_on(today()).second_share
    if found.state != State.SUBMITTED:
        return _page(request, found, None)
    if not queries.may_decide(request.user, found):
        return _page(request, found, None, has_stake=True)
    form = DecisionForm(request.POST or None, registration=found, user=request.user, share=share)
    if request.method == "POST" and form.is_valid():
        try:
            said = _decided(request, found, form)
        except InConflict as error:
            form.add_error("override" if "override" in form.fields else None, str(error))
        except ValidationError as error:
            blame(form, error)
        except NotAllowed as error:
            raise PermissionDenied from error
        except Closed as error:
            messages.error(request, str(error))
            return redirect("dealdesk:decide", pk)
        else:
            messages.success(request, said)
            return redirect("dealdesk:decide" if hasattr(request, "signed_link") else "dealdesk:registration", pk)
    return _page(request, found, form, 422 if form.is_bound else 200)


def _decided(request: HttpRequest, found: Registration, form: DecisionForm) -> str:
    values, name = form.cleaned_data, {"name": str(found)}
    if values["decision"] == DecisionForm.RETURN:
        actions.give_back(by=request.user, registration=found, reason=values["reason"])
        return _("%(name)s is returned.") % name
    if values["decision"] == DecisionForm.REJECT:
        actions.reject(by=request.user, registration=found, reason=values["reason"])
        return _("%(name)s is rejected.") % name
    second = values.get("second_partner")
    actions.approve(
        by=request.user, registration=found, reason=values["reason"], override=bool(values.get("override")),
        deal=values.get("deal"), second_partner=second, second_share=values.get("second_share") if second else None,
    )  # fmt: skip
    return _("%(name)s is approved.") % name


def _page(
    request: HttpRequest, found: Registration, form: DecisionForm | None, status: int = 200, *, has_stake: bool = False
) -> HttpResponse:
    by_link = hasattr(request, "signed_link")
    crumbs = [(_("Registrations"), reverse("dealdesk:registrations")), (found.reference, found.get_absolute_url())]
    context = {
        "registration": found,
        "partner": found.partner,
        "facts": showing.facts(found),
        "where": showing.where(found),
        "lines": showing.lines(found),
        "form": form,
        "override": form["override"] if form and "override" in form.fields else None,
        "has_stake": has_stake,
        "candidates": queries.candidates(found, request.user) if form else [],
        "steps": showing.timeline(queries.steps(found, request.user)),
        "crumbs": [] if by_link else crumbs,
    }
    return render(request, "dealdesk/decide.html", context, status=status)
