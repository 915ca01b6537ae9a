"""What the vendor's people do with a lead: give it out, keep it, work on it, close it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission as P
from leads import actions, queries
from leads.forms import ClosedForm, DirectForm, NoteForm, OfferForm, ReasonForm
from leads.models import Lead
from leads.refusals import Refused
from leads.views.vendor import find, page, refuse_strangers
from prm.common.merging import blame

Action = Callable[..., Any]


def _done(
    request: HttpRequest, lead: Lead, name: str, form: Form | None, act: Action, said: Callable[[], str]
) -> HttpResponse:
    """Carries it out and goes back to the lead; a refused form stands there as `name`, and a lead that is no longer in a state
    for it is shown as it is, with the reason. `act` gets what the form holds."""
    if form is not None and not form.is_valid():
        return page(request, lead, **{name: form})
    try:
        act(**(form.cleaned_data if form else {}))
    except ValidationError as error:
        if form is None:
            messages.error(request, " ".join(error.messages))
            return redirect(lead)
        blame(form, error)
        return page(request, find(request, lead.pk), **{name: form})
    except Refused as refused:
        messages.warning(request, str(refused))
        return redirect(lead)
    messages.success(request, said())
    in_sight = Lead.objects.visible_to(request.user).filter(pk=lead.pk).exists()  # it may have been given away
    return redirect(lead) if in_sight else redirect("leads:list")


@vendor(P.EDIT_LEADS)
@require_POST
def distribute(request: HttpRequest, pk: int) -> HttpResponse:
    """The rules give it out now."""
    lead = find(request, pk)
    found: list[Any] = []

    def said() -> str:
        if chosen := found[0].partner:
            return _("Offered to %(partner)s.") % {"partner": chosen.name}
        now = queries.leads(request.user).filter(pk=pk).first()
        if now is not None and now.person_direct is not None:
            return _("Kept direct: %(person)s works on it.") % {"person": now.person_direct.display_name}
        return _("The rules found nobody to offer it to.")

    def act() -> None:
        found.append(actions.distribute(by=request.user, lead=lead))

    return _done(request, lead, "", None, act, said)


@vendor(P.EDIT_LEADS)
@require_POST
def offer(request: HttpRequest, pk: int) -> HttpResponse:
    lead, form = find(request, pk), OfferForm(request.POST, user=request.user, auto_id="offer_%s")

    def act(partner: Any) -> None:
        actions.offer(by=request.user, lead=lead, partner=partner)

    return _done(
        request, lead, "offer_form", form, act, lambda: _("Offered to %(partner)s.") % {"partner": form.cleaned_data["partner"].name}
    )  # fmt: skip


@vendor(P.EDIT_LEADS)
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    lead, form = find(request, pk), ReasonForm(request.POST, auto_id="withdraw_%s")

    def act(reason: str) -> None:
        actions.withdraw(by=request.user, lead=lead, reason=reason)

    return _done(
        request, lead, "withdraw_form", form, act, lambda: _("The offer is withdrawn; the lead is in the queue.")
    )


@vendor(P.EDIT_LEADS)
@require_POST
def keep_direct(request: HttpRequest, pk: int) -> HttpResponse:
    """A person of the vendor takes it: from the queue, or from a colleague."""
    lead = find(request, pk)
    form = DirectForm(request.POST, user=request.user, lead=lead, auto_id="direct_%s")

    def act(person: Any, reason: str = "") -> None:
        actions.keep_direct(by=request.user, lead=lead, person=person, reason=reason)

    return _done(
        request, lead, "direct_form", form, act, lambda: _("%(person)s works on it.") % {"person": form.cleaned_data["person"]}
    )  # fmt: skip


@vendor(P.EDIT_LEADS)
@require_POST
def put_back(request: HttpRequest, pk: int) -> HttpResponse:
    """From whoever holds it into the queue, for a person to decide."""
    return _taken_back(request, pk, actions.put_back, _("The lead is in the queue."))


@vendor(P.EDIT_LEADS)
@require_POST
def pull_back(request: HttpRequest, pk: int) -> HttpResponse:
    """From a partner, to be given out anew by the rules."""
    return _taken_back(request, pk, actions.pull_back, _("Taken back; the rules give it out anew."))


def _taken_back(request: HttpRequest, pk: int, action: Action, said: str) -> HttpResponse:
    lead, form = find(request, pk), ReasonForm(request.POST, auto_id="back_%s")

    def act(reason: str) -> None:
        action(by=request.user, lead=lead, reason=reason)

    return _done(request, lead, "put_back_form", form, act, lambda: said)


@vendor(P.SEE_LEADS)
@require_POST
def contacted(request: HttpRequest, pk: int) -> HttpResponse:
    return _worked(request, pk, actions.contacted, _("Contacted."))


@vendor(P.SEE_LEADS)
@require_POST
def qualified(request: HttpRequest, pk: int) -> HttpResponse:
    return _worked(request, pk, actions.qualified, _("Qualified."))


def _worked(request: HttpRequest, pk: int, action: Action, said: str) -> HttpResponse:
    lead = find(request, pk)
    refuse_strangers(request, lead)
    form = NoteForm(request.POST, auto_id="note_%s")

    def act(note: str) -> None:
        action(by=request.user, lead=lead, note=note)

    return _done(request, lead, "note_form", form, act, lambda: said)


@vendor(P.SEE_LEADS)
@require_POST
def disqualified(request: HttpRequest, pk: int) -> HttpResponse:
    lead = find(request, pk)
    refuse_strangers(request, lead)
    form = ReasonForm(request.POST, auto_id="disqualify_%s")

    def act(reason: str) -> None:
        actions.disqualified(by=request.user, lead=lead, reason=reason)

    return _done(request, lead, "disqualify_form", form, act, lambda: _("Disqualified."))


@vendor(P.SEE_LEADS)
@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    lead = find(request, pk)
    refuse_strangers(request, lead)

    def act() -> None:
        actions.reopen(by=request.user, lead=lead)

    return _done(request, lead, "", None, act, lambda: _("The lead is open again."))


@vendor(P.SEE_LEADS)
@require_POST
def convert(request: HttpRequest, pk: int) -> HttpResponse:
    """A direct lead became a sale of the vendor's own."""
    lead = find(request, pk)
    refuse_strangers(request, lead)

    def act() -> None:
        actions.convert(by=request.user, lead=lead)

    return _done(request, lead, "", None, act, lambda: _("Converted. Say here what came of it."))


@vendor(P.SEE_LEADS)
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """The vendor's own sale was won or lost."""
    lead = find(request, pk)
    refuse_strangers(request, lead)
    form = ClosedForm(request.POST, auto_id="closed_%s")

    def act(won: bool, on: Any, reason: str) -> None:
        actions.close_direct(by=request.user, lead=lead, won=won, on=on, reason=reason)

    return _done(request, lead, "closed_form", form, act, lambda: _("Kept."))
