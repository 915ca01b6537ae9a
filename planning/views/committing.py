"""The last step of a plan: the scenario, who signs, who sees it; and throwing it away."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from planning.actions import drafting, signing
from planning.forms.signers import AskForm
from planning.forms.steps import BY_KEY
from planning.labels import SCENARIOS
from planning.models import BusinessPlan
from planning.refusals import Closed, NotAllowed, NotReady
from planning.signature_state import states
from planning.views import building
from planning.views.sides import VENDOR, Side, find


def context(request: HttpRequest, side: Side, plan: BusinessPlan, form: AskForm | None = None) -> dict[str, Any]:
    """What the last step shows beside its form."""
    return {
        "choices": SCENARIOS.items(),
        "reasons": signing.reasons_against(plan),
        "ask": form or (AskForm(plan, request.user) if side is VENDOR else None),
        "signers": states(plan),
        "mine": next((one for one in states(plan) if one.user_id == request.user.pk and not one.signature), None),
        "sign_url": side.url("sign", plan.pk),
        "may_discard": side is VENDOR or plan.created_by is None or plan.created_by.is_partner_side,
    }


def ask(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """Asks one person of each side to sign, the scenario that was chosen with it; nobody where that can't be saved."""
    plan = find(request, pk)
    form, refused = AskForm(plan, request.user, request.POST), None
    try:
        refused = building.keep(request, plan, BY_KEY["commit"])
        plan = find(request, pk)
        if refused is None and form.is_valid():
            signing.ask(plan=plan, by=request.user, vendor_signer=form.vendor_user, partner_signer=form.partner_person)
            messages.success(request, _("Both are asked to sign; each gets a mail with a link of their own."))
            return redirect(side.url("step", pk, "commit"))
    except ValidationError as error:
        for name, texts in error.message_dict.items():
            form.add_error(name if name in form.fields else None, texts)
    except NotReady as error:
        for reason in error.reasons:
            form.add_error(None, reason)
    except (Closed, NotAllowed) as error:
        messages.info(request, str(error))
        return redirect(side.url("plan", pk))
    return building.page(request, side, plan, BY_KEY["commit"], refused, 422, ask=form)


def share(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """Shows the plan to the partner or its distributor, or no longer."""
    plan = find(request, pk)
    asked = {name: request.POST[name] == "1" for name in ("with_partner", "with_distributor") if name in request.POST}
    try:
        drafting.share(plan=plan, by=request.user, **asked)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except (Closed, NotAllowed) as error:
        messages.info(request, str(error))
    else:
        messages.success(request, _("Saved."))
    return redirect(side.url("plan", pk) if plan.is_fixed else side.url("step", pk, "commit"))


def discard(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    plan = find(request, pk)
    try:
        drafting.discard(plan=plan, by=request.user)
    except (Closed, NotAllowed) as error:
        messages.error(request, str(error))
        return redirect(side.url("plan", pk))
    messages.success(request, _("The draft is discarded."))
    return redirect(reverse("planning:partner", args=[plan.partner_id]) if side is VENDOR else side.url("home"))
