"""Deals, for the vendor's people: all of them, one partner's, one deal."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission as P
from partners import actions as partners
from partners import history, hub
from partners.forms import TouchForm
from partners.models import Partner, Touch
from pipeline.deals import actions, queries, tables
from pipeline.deals.forms import DealForm, MoveForm, SharesForm
from pipeline.models import Deal
from prm.common import lists
from prm.common.merging import blame
from prm.common.vendor import today

TWICE = dt.timedelta(seconds=30)  # the same deal again within this is a second click


@vendor(P.SEE_DEALS)
def deal_list(request: HttpRequest) -> HttpResponse:
    request.section = "deals"
    listing = tables.deal_listing(request.user, request.GET)
    context = {
        "filter": listing.filter,
        "listing": listing,
        "query": request.GET.urlencode(),
        "can_write": request.user.can(P.EDIT_DEALS),
        "can_import": request.user.can(P.IMPORT_DATA),
    }
    return render(request, "pipeline/deals.html", context)


@vendor(P.SEE_DEALS)
def deal_export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, "deals", kind)


@vendor(P.SEE_DEALS)
def partner_deals(request: HttpRequest, pk: int) -> HttpResponse:
    """The deals in which a partner has a share."""
    request.section = "deals"
    partner = hub.find(request, pk)
    listing = tables.partner_deal_listing(request.user, partner, request.GET)
    context = {"filter": listing.filter, "listing": listing, "can_write": request.user.can(P.EDIT_DEALS)}
    return hub.page(request, partner, "deals", "pipeline/partner_deals.html", context)


@vendor(P.EDIT_DEALS)
def deal_create(request: HttpRequest) -> HttpResponse:
    """A new deal, of a partner named in the form."""
    request.section = "deals"
    return _new(request, None)


@vendor(P.EDIT_DEALS)
def deal_add(request: HttpRequest, pk: int) -> HttpResponse:
    """A new deal that a partner leads."""
    request.section = "deals"
    return _new(request, hub.find(request, pk))


def _new(request: HttpRequest, partner: Partner | None) -> HttpResponse:
    data = request.POST or None
    form = DealForm(data, user=request.user, partner=partner)
    shares = SharesForm(data, user=request.user)
    if data is not None and form.is_valid() & shares.is_valid():
        values = form.cleaned_data
        leader = partner or values["partner"]
        fields = {name: value for name, value in values.items() if name != "partner"}
        try:
            deal = actions.add_deal(
                by=request.user, partner=leader, shares=shares.shares(leader), once_in=TWICE, **fields
            )
        except ValidationError as error:
            _blame(form, shares, error)
        else:
            messages.success(request, _("%(name)s was added.") % {"name": deal.name})
            return redirect("pipeline:deal", pk=deal.pk)
    context = {"form": form, "shares": shares, "deal": None}
    status = 422 if data is not None else 200
    if partner is None:
        crumbs = [(_("Deals"), reverse("pipeline:deals"))]
        return render(request, "pipeline/deal_new.html", {**context, "crumbs": crumbs}, status=status)
    return hub.page(request, partner, "deals", "pipeline/deal_form.html", context, status=status)


def _blame(form: DealForm, shares: SharesForm, error: ValidationError) -> None:
    """Each message at its field; what is said of the shares, above them."""
    if hasattr(error, "error_dict") and "shares" in error.error_dict:
        shares.add_error(None, error.error_dict.pop("shares"))
        if not error.error_dict:
            return
    blame(form, error)


def _find(request: HttpRequest, pk: int) -> Deal:
    deal: Deal = get_object_or_404(queries.deals(request.user, today()), pk=pk)
    return deal


def writable(request: HttpRequest, pk: int) -> Deal:
    """The deal, if the person may change it: 404 where it is out of sight, 403 where somebody else's partner leads it."""
    deal = _find(request, pk)
    if not queries.may_write(deal, request.user):
        raise PermissionDenied
    return deal


def _home(request: HttpRequest, deal: Deal) -> Partner:
    """The partner under whose header the deal stands: the one that leads it, else the person's own with a share."""
    seen = [partner.pk for partner, _percent in queries.shares(deal, request.user) if partner is not None]
    return hub.find(request, deal.partner_id if deal.partner_id in seen or not seen else seen[0])


def _page(request: HttpRequest, deal: Deal, **forms: Any) -> HttpResponse:
    """The deal's page; `forms` that were refused stand in it as they were typed."""
    request.section = "deals"
    home = _home(request, deal)
    may_write = queries.may_write(deal, request.user)
    touches = Touch.objects.visible_to(request.user).filter(partner=home, purpose=Touch.Purpose.DEAL)
    context = {
        "deal": deal,
        "amount": tables.amount(deal),
        "weighted": tables.weighted(deal),
        "parts": tables.parts(deal, queries.shares(deal, request.user)),
        "stays": queries.stays(queries.way(deal, request.user), today()),
        "can_write": may_write,
        "sees_marketing": request.user.can(P.SEE_MARKETING),
        "move_form": MoveForm(deal=deal, to=request.GET.get("to", "")) if may_write else None,
        "touch_form": TouchForm(initial={"purpose": Touch.Purpose.DEAL}) if request.user.can(P.EDIT_PARTNERS) else None,
        "touches": touches.select_related("created_by")[:5] if request.user.can(P.SEE_WORK) else [],
        **forms,
    }
    return hub.page(request, home, "deals", "pipeline/deal.html", context, status=422 if forms else 200)


@vendor(P.SEE_DEALS)
def deal(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _find(request, pk))


@vendor(P.EDIT_DEALS)
def deal_edit(request: HttpRequest, pk: int) -> HttpResponse:
    request.section = "deals"
    found, data = writable(request, pk), request.POST or None
    form, shares = DealForm(data, instance=found, user=request.user), SharesForm(data, user=request.user, deal=found)
    if data is not None and form.is_valid() & shares.is_valid():
        now = _find(request, pk)
        changes, seen = form.edits()
        try:
            actions.update_deal(
                by=request.user,
                deal=now,
                changes=changes,
                seen=seen,
                shares=shares.shares(now.partner) if shares.has_changed() else None,
                seen_shares=shares.was_seen,
            )
        except actions.Conflict as conflict:
            _show_conflict(form, shares, now, conflict)
        except ValidationError as error:
            _blame(form, shares, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("pipeline:deal", pk=pk)
    context = {"form": form, "shares": shares, "deal": _find(request, pk)}
    return hub.page(
        request,
        _home(request, found),
        "deals",
        "pipeline/deal_form.html",
        context,
        status=422 if data is not None else 200,
    )


def _show_conflict(form: DealForm, shares: SharesForm, now: Deal, conflict: actions.Conflict) -> None:
    who = history.last_editor(now, set(conflict.current))
    if "shares" in conflict.current:
        message = _("%(who)s changed the shares while you were editing. Look at the deal before you change them.")
        shares.add_error(None, message % {"who": who or _("Somebody")})
    else:
        form.show_conflict(now, conflict.current, who)


@vendor(P.EDIT_DEALS)
@require_POST
def deal_move(request: HttpRequest, pk: int) -> HttpResponse:
    found = writable(request, pk)
    form = MoveForm(request.POST, deal=found)
    if form.is_valid():
        values = form.cleaned_data
        try:
            actions.move_deal(
                by=request.user,
                deal=found,
                to=values["stage"],
                on=values["on"],
                lost_reason=values["lost_reason"],
                seen=values["seen"],
            )
        except actions.Conflict as conflict:
            who = history.last_editor(found, {"stage"}) or _("Somebody")
            message = _("%(who)s moved this deal to “%(stage)s” meanwhile. Look at it before you move it on.")
            form = MoveForm(deal=_find(request, pk))
            messages.error(request, message % {"who": who, "stage": conflict.current["stage"]})
        except ValidationError as error:
            blame(form, error)
        else:
            messages.success(request, _("Stage: %(stage)s.") % {"stage": values["stage"]})
            return redirect("pipeline:deal", pk=pk)
    return _page(request, _find(request, pk), move_form=form)


@vendor(P.EDIT_DEALS)
@require_POST
def deal_remove(request: HttpRequest, pk: int) -> HttpResponse:
    found = writable(request, pk)
    actions.remove_deal(by=request.user, deal=found)
    messages.success(request, _("%(name)s was removed.") % {"name": found.name})
    return redirect("pipeline:partner_deals", pk=found.partner_id)


@vendor(P.SEE_DEALS)
@require_POST
def deal_touch(request: HttpRequest, pk: int) -> HttpResponse:
    """A touch with the deal's partner, noted from the deal's page."""
    found = _find(request, pk)
    if not request.user.can(P.EDIT_PARTNERS):
        raise PermissionDenied
    form = TouchForm(request.POST)
    if form.is_valid():
        try:
            partners.add_touch(by=request.user, partner=_home(request, found), **form.cleaned_data)
        except ValidationError as error:
            blame(form, error)
        else:
            messages.success(request, _("Noted."))
            return redirect("pipeline:deal", pk=pk)
    return _page(request, found, touch_form=form)
