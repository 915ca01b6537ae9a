"""One registration: what it is, how long it is protected, what happened; and what may be done with it at this moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from dealdesk import actions, queries, showing
from dealdesk.forms import ProofForm, ReasonForm, ReleaseForm
from dealdesk.models import Registration, Step
from dealdesk.policy import policy_on
from dealdesk.refusals import Closed, NotAllowed
from dealdesk.views.sides import PORTAL, VENDOR, Side, find
from prm.common.merging import blame
from prm.common.vendor import today

State = Registration.State
# By state, what who registers may do; of it those who decide withdraw, release and renew, too.
OPEN_TO = {
    State.DRAFT: {"edit", "discard"},
    State.SUBMITTED: {"withdraw"},
    State.RETURNED: {"edit", "withdraw"},
    State.APPROVED: {"withdraw", "release", "renew", "proof"},
}


ADDRESSES = ("edit", "discard", "withdraw", "release", "renew", "proof")


def registration(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    return page(request, side, find(request, pk))


def page(request: HttpRequest, side: Side, found: Registration, **refused: forms.Form) -> HttpResponse:
    """The page; `refused` forms stand in it as they were typed."""
    user, policy = request.user, policy_on(today())
    steps = list(queries.steps(found, user))
    may, may_protect = queries.may_register(user, found.partner), queries.may_protect(user, found)
    there: set[str] = OPEN_TO.get(State(found.state), set())
    open_to = there if may else set()
    if queries.may_decide(user, found):
        open_to = open_to | (there & {"withdraw", "release"})
    if may_protect:
        open_to = open_to | (there & {"renew"})
    context: dict[str, Any] = {
        "registration": found,
        "name": found.customer_name or found.reference,
        "urls": {name: side.url(name, found.pk) for name in (*ADDRESSES, *(("accept_proof",) if side is VENDOR else ()))},
        "facts": showing.facts(found),
        "where": showing.where(found),
        "clock": showing.clock(found, policy),
        "deal_url": showing.deal_url(found, user),
        "timeline": showing.timeline(steps),
        "overrides": [step for step in steps if step.is_override],
        "may_exist": showing.may_exist(found) if side is PORTAL else "",
        "family": queries.of_own_family(found) if found.state != State.DRAFT and side is PORTAL else [],
        "can": open_to,
        "may_decide": side is VENDOR and found.state == State.SUBMITTED and queries.may_decide(user, found),
        "proofs": [step for step in steps if step.kind == Step.Kind.PROOF_OFFERED] if side is VENDOR and may_protect and found.state == State.APPROVED else [],
        "why_not_renewed": actions.why_not_renewed(found) if "renew" in open_to else "",
        "withdraw_form": ReasonForm(auto_id="withdraw_%s"),
        "release_form": ReleaseForm(auto_id="release_%s"),
        "proof_form": ProofForm(auto_id="proof_%s"),
        "accept_form": ReasonForm(auto_id="accept_%s"),
        **refused,
    }  # fmt: skip
    return side.page(request, found.partner, "registration", context, 422 if refused else 200)


def _done(
    request: HttpRequest, side: Side, pk: int, do: Callable[[Registration], object], said: str,
    name: str = "", form: forms.Form | None = None,
) -> HttpResponse:  # fmt: skip
    """Does it, and says so; what is refused stands in the page."""
    found = find(request, pk)
    if form is None or form.is_valid():
        try:
            do(found)
        except ValidationError as error:
            if form is None:
                messages.error(request, error.messages[0])
                return redirect(side.url("registration", pk))
            blame(form, error)
        except NotAllowed as error:
            raise PermissionDenied from error
        except Closed as error:
            messages.error(request, str(error))
            return redirect(side.url("registration", pk))
        else:
            messages.success(request, said)
            return redirect(side.url("registration", pk))
    assert form is not None
    return page(request, side, find(request, pk), **{name: form})


def discard(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    found = find(request, pk)
    try:
        actions.discard(by=request.user, registration=found)
    except NotAllowed as error:
        raise PermissionDenied from error
    except Closed as error:
        messages.error(request, str(error))
        return redirect(side.url("registration", pk))
    messages.success(request, _("The draft is gone."))
    return redirect(side.home(found.partner))


def withdraw(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    form = ReasonForm(request.POST, auto_id="withdraw_%s")
    return _done(
        request, side, pk,
        lambda found: actions.withdraw(by=request.user, registration=found, reason=form.cleaned_data["reason"]),
        _("Withdrawn."), "withdraw_form", form,
    )  # fmt: skip


def release(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    form = ReleaseForm(request.POST, auto_id="release_%s")
    return _done(
        request, side, pk,
        lambda found: actions.release(by=request.user, registration=found, reason=form.cleaned_data["reason"]),
        _("Released: the deal is open to others."), "release_form", form,
    )  # fmt: skip


def proof(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    form = ProofForm(request.POST, auto_id="proof_%s")
    return _done(
        request, side, pk,
        lambda found: actions.offer_proof(by=request.user, registration=found, text=form.cleaned_data["text"]),
        _("Thank you. Your CAM looks at it."), "proof_form", form,
    )  # fmt: skip


def accept_proof(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    form = ReasonForm(request.POST, auto_id="accept_%s")
    return _done(
        request, side, pk,
        lambda found: actions.accept_proof(by=request.user, registration=found, reason=form.cleaned_data["reason"]),
        _("Accepted as progress."), "accept_form", form,
    )  # fmt: skip


def renew(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """Asked first, since who comes by a mailed link must not renew by opening it."""
    found = find(request, pk)
    if not queries.may_protect(request.user, found):
        if request.method == "POST":
            raise PermissionDenied
        return redirect(side.url("registration", pk))
    policy = policy_on(today())
    if request.method == "POST":
        try:
            renewed = actions.renew(by=request.user, registration=found)
        except NotAllowed as error:
            raise PermissionDenied from error
        except Closed as error:
            messages.error(request, str(error))
        else:
            until = showing.clock(renewed, policy)
            messages.success(request, _("Protected until %(day)s.") % {"day": until.day if until else ""})
        by_link = hasattr(request, "signed_link")
        return redirect(side.url("renew" if by_link else "registration", pk))
    context = {
        "registration": found,
        "facts": showing.facts(found),
        "clock": showing.clock(found, policy),
        "days": policy.protection_days,
        "why_not_renewed": actions.why_not_renewed(found),
    }
    return side.page(request, found.partner, "renew", context)
