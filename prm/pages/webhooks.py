"""Webhooks: which systems are told of what happens here, and how each message went."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission as P
from prm.common.saving import saved
from prm.common.templatetags.numbers import format_number
from prm.common.vendor import today
from prm.pages import webhook_tables as tables
from prm.pages.webhook_forms import EndpointForm, SinceForm
from prm.webhooks import actions, news, queries
from prm.webhooks.models import Delivery, Endpoint

SECRET = "webhook_secret"  # in the session, until it has been shown


@vendor(P.EDIT_SETTINGS)
def endpoints(request: HttpRequest) -> HttpResponse:
    rows = [(row, queries.look(row)) for row in queries.endpoints()]
    kinds = [(kind, queries.readable(news.body(kind.key, kind.example))) for kind in news.kinds()]
    return render(request, "common/webhooks.html", {"rows": rows, "kinds": kinds})


@vendor(P.EDIT_SETTINGS)
def add(request: HttpRequest) -> HttpResponse:
    form = EndpointForm(request.POST or None, initial={"contact": request.user.email})
    if form.is_valid():
        made: list[Endpoint] = []
        if saved(
            form, lambda **values: made.append(actions.add_endpoint(**values)), by=request.user, **form.cleaned_data
        ):
            request.session[SECRET] = [made[0].pk, made[0].secret]
            return redirect("settings:webhook", pk=made[0].pk)
    return _form(request, form, _("Add a webhook"), _crumbs())


@vendor(P.EDIT_SETTINGS)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = _find(pk)
    kept = {name: getattr(found, name) for name in ("name", "url", "kinds", "contact")}
    form = EndpointForm(request.POST or None, initial=kept)
    if form.is_valid() and saved(form, actions.update_endpoint, by=request.user, endpoint=found, **form.cleaned_data):
        messages.success(request, _("Saved."))
        return redirect("settings:webhook", pk=pk)
    return _form(request, form, _("Change “%(name)s”") % {"name": found.name}, _crumbs(found), found)


@vendor(P.EDIT_SETTINGS)
def endpoint(request: HttpRequest, pk: int) -> HttpResponse:
    """An endpoint with its log; right after it was made, or its secret changed, with the secret."""
    return _page(request, _find(pk), SinceForm(initial={"since": _week_ago(request)}))


@vendor(P.EDIT_SETTINGS)
@require_POST
def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    request.session[SECRET] = [pk, actions.rotate_secret(by=request.user, endpoint=_find(pk))]
    return redirect("settings:webhook", pk=pk)


@vendor(P.EDIT_SETTINGS)
@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """On with `on`, off without."""
    on = "on" in request.POST
    actions.switch(by=request.user, endpoint=_find(pk), on=on)
    messages.success(request, _("It is on: what happens from now on is sent.") if on else _("It is off."))
    return redirect("settings:webhook", pk=pk)


@vendor(P.EDIT_SETTINGS)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    found = _find(pk)
    actions.remove_endpoint(by=request.user, endpoint=found)
    messages.success(request, _("%(name)s was removed.") % {"name": found.name})
    return redirect("settings:webhooks")


@vendor(P.EDIT_SETTINGS)
@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        sent = actions.send_test(by=request.user, endpoint=_find(pk))
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("settings:webhook", pk=pk)
    return redirect("settings:webhook_delivery", pk=sent.pk)


@vendor(P.EDIT_SETTINGS)
@require_POST
def replay_failed(request: HttpRequest, pk: int) -> HttpResponse:
    found, form = _find(pk), SinceForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form)
    try:
        count = actions.replay_failed(by=request.user, endpoint=found, since=form.moment())
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        said = ngettext("%(n)s message is sent once more.", "%(n)s messages are sent once more.", count)
        messages.success(request, said % {"n": format_number(count)})
    return redirect("settings:webhook", pk=pk)


@vendor(P.EDIT_SETTINGS)
def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """One message: what was sent, and each attempt."""
    request.section = "settings"
    found = _delivery(pk)
    context = {
        "crumbs": _crumbs(found.endpoint),
        "delivery": found,
        "kind": news.label(found.kind),
        "body": queries.readable(found.body),
        "tries": found.tries.all(),
    }
    return render(request, "common/webhook_delivery.html", context)


@vendor(P.EDIT_SETTINGS)
@require_POST
def replay(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        actions.replay(by=request.user, delivery=_delivery(pk))
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("settings:webhook_delivery", pk=pk)


def _find(pk: int) -> Endpoint:
    return get_object_or_404(queries.endpoints(), pk=pk)


def _delivery(pk: int) -> Delivery:
    return get_object_or_404(queries.deliveries(), pk=pk)


def _crumbs(endpoint: Endpoint | None = None) -> list[tuple[str, str]]:
    crumbs = [(_("Webhooks"), reverse("settings:webhooks"))]
    return crumbs if endpoint is None else [*crumbs, (endpoint.name, reverse("settings:webhook", args=[endpoint.pk]))]


def _week_ago(request: HttpRequest) -> dt.date:
    return today(request.vendor_settings) - dt.timedelta(days=7)


def _form(
    request: HttpRequest, form: EndpointForm, title: str, crumbs: list[tuple[str, str]], found: Endpoint | None = None
) -> HttpResponse:
    context = {"form": form, "title": title, "crumbs": crumbs, "endpoint": found}
    return render(request, "common/webhook_form.html", context, status=422 if form.is_bound else 200)


def _page(request: HttpRequest, found: Endpoint, since: SinceForm) -> HttpResponse:
    listing = tables.listing(found, request.GET)
    secret = ""
    if request.session.get(SECRET, [None])[0] == found.pk:
        secret = request.session.pop(SECRET)[1]
    context: dict[str, Any] = {
        "crumbs": _crumbs(),
        "endpoint": found,
        "look": queries.look(found),
        "kinds": [(key, news.label(key)) for key in found.kinds],
        "secret": secret,
        "overlaps": found.old_secret_until is not None and found.old_secret_until > timezone.now(),
        "since": since,
        "listing": listing,
        "filter": listing.filter,
    }
    return render(request, "common/webhook.html", context, status=422 if since.is_bound else 200)
