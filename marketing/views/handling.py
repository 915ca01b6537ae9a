"""What is done to a plan by one button: discarded, shared, begun again for the next quarter."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from marketing import actions
from marketing.actions import Closed, NotAllowed
from marketing.views.sides import TWICE, VENDOR, Side, find


def discard(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    plan = find(request, pk)
    try:
        actions.discard(plan=plan, by=request.user)
    except (Closed, NotAllowed) as refused:
        messages.error(request, str(refused))
        return redirect(side.url("plan", pk))
    messages.success(request, _("“%(title)s” is thrown away.") % {"title": plan.title})
    return redirect(side.url("partner", plan.partner_id) if side is VENDOR else side.url("plans"))


def share(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    plan = find(request, pk)
    try:
        actions.share(plan=plan, by=request.user)
    except (Closed, NotAllowed) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The partner sees it from now on, and can work on it."))
    return redirect(side.url("plan", pk))


def copy(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """A draft for the next quarter with the same activities."""
    plan = find(request, pk)
    try:
        made = actions.start(partner=plan.partner, by=request.user, copy_of=plan, quarters=plan.quarters, once_in=TWICE)
    except (Closed, NotAllowed) as refused:
        messages.error(request, str(refused))
        return redirect(side.url("plan", pk))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(side.url("plan", pk))
    return redirect(side.url("build", made.pk))
