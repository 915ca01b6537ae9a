"""Registering a deal: the form, what is kept of it while it is typed, and submitting it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from dealdesk import actions, prefill, queries, showing
from dealdesk.forms import RegistrationForm, initial_of
from dealdesk.models import Registration
from dealdesk.refusals import Changed, Closed, NotAllowed
from dealdesk.views.sides import Side, find
from marketing import sourcing
from marketing.models import Activity
from partners import hub
from partners.models import Partner
from prm.common.merging import blame

TWICE = dt.timedelta(seconds=30)  # the same again within this is a second click
MOST_ACTIVITIES = 50  # offered as a source, the newest


def new(request: HttpRequest, side: Side, pk: int | None = None) -> HttpResponse:
    """A new one: empty, or filled in with what is known of ?lead=, ?target= or ?customer=."""
    partner = hub.find(request, pk)
    if request.method == "POST":
        return _sent(request, side, partner)
    start = prefill.start(request.user, partner, request.GET.dict())
    return _page(
        request,
        side,
        partner,
        RegistrationForm(initial=start.initial, activities=_activities(request, partner)),
        said=start.said,
    )


def edit(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """A draft, or one that was returned."""
    registration = find(request, pk)
    if request.method == "POST":
        return _sent(request, side, registration.partner, registration)
    if not registration.is_editable:
        return redirect(side.url("registration", pk))
    form = RegistrationForm(initial=initial_of(registration), activities=_activities(request, registration.partner))
    return _page(request, side, registration.partner, form, registration)


def _activities(request: HttpRequest, partner: Partner) -> list[Activity]:
    """What the person may say that the deal came from."""
    return list(sourcing.offered(request.user, [partner.pk])[:MOST_ACTIVITIES])


def save(request: HttpRequest, side: Side, pk: int | None = None) -> HttpResponse:
    """Keeps what is typed so far; what can't be read yet is named, the rest is kept."""
    partner = hub.find(request, pk)
    form = RegistrationForm(request.POST, draft=True, activities=_activities(request, partner))
    if form.is_untouched:
        return HttpResponse(status=204)
    form.is_valid()
    wrong = [str(form[name].label) for name in form.errors if name in form.fields]
    kept, refused = None, ""
    try:
        kept = _kept(request, partner, form, _draft_of(request, partner, form))
    except ValidationError as error:
        wrong += [str(form[name].label) for name in getattr(error, "error_dict", {}) if name in form.fields]
        refused = "" if wrong else error.messages[0]
    except (Changed, Closed, NotAllowed) as error:
        refused = str(error)
    context = {"kept": kept, "wrong": ", ".join(wrong), "refused": refused, "now": timezone.now()}
    return render(request, "dealdesk/saved.html", context)


def _sent(request: HttpRequest, side: Side, partner: Partner, registration: Registration | None = None) -> HttpResponse:
    """Submits it, or keeps it as a draft; what is refused comes back as it was typed."""
    keep = request.POST.get("go") == "keep"
    form = RegistrationForm(request.POST, draft=keep, activities=_activities(request, partner))
    valid = form.is_valid()
    registration = registration or _draft_of(request, partner, form)
    if valid:
        try:
            with transaction.atomic():
                kept = _kept(request, partner, form, registration)
                if not keep:
                    kept = actions.submit(by=request.user, registration=kept)
        except ValidationError as error:
            blame(form, error)
        except Changed as error:
            form.add_error(None, str(error))
        except (Closed, NotAllowed) as error:
            messages.info(request, str(error))
            return redirect(side.url("registration", registration.pk) if registration else side.url("registrations"))
        else:
            messages.success(request, _("Kept as a draft.") if keep else showing.thanks(kept))
            return redirect(side.url("registration", kept.pk))
    return _page(request, side, partner, form, registration, status=422)


def _kept(
    request: HttpRequest, partner: Partner, form: RegistrationForm, registration: Registration | None, channel: str = ""
) -> Registration:
    values = form.cleaned_data
    start = prefill.start(request.user, partner, {name: str(values.get(name) or "") for name in ("lead", "target")})
    made_of: dict[str, Any] = (
        {"lead": start.lead, "target": start.target, "once_in": TWICE} if registration is None else {}
    )
    return actions.save_draft(
        by=request.user, partner=partner, registration=registration, values=form.values,
        revision=values.get("revision") if registration else None, channel=channel or Registration.Channel.PAGE, **made_of,
    )  # fmt: skip


def submitted(request: HttpRequest, partner: Partner, form: RegistrationForm, channel: str) -> Registration | None:
    """What the valid form holds, submitted at once; None where it is refused, which the form then says."""
    try:
        with transaction.atomic():
            kept = _kept(request, partner, form, None, channel)
            return actions.submit(by=request.user, registration=kept)
    except ValidationError as error:
        blame(form, error)
    except (Closed, NotAllowed) as error:
        form.add_error(None, str(error))
    return None


def _draft_of(request: HttpRequest, partner: Partner, form: RegistrationForm) -> Registration | None:
    """The draft that was kept while this form was filled in."""
    pk = form.cleaned_data.get("draft") if hasattr(form, "cleaned_data") else None
    return queries.registrations(request.user).filter(partner=partner, pk=pk).first() if pk else None


def _page(
    request: HttpRequest, side: Side, partner: Partner, form: RegistrationForm, registration: Registration | None = None,
    status: int = 200, **more: Any,
) -> HttpResponse:  # fmt: skip
    title = _("Edit registration") if registration else _("Register a deal")
    context = {
        "title": title,
        "form": form,
        "registration": registration,
        "save_url": side.of_partner("save", partner),
        "back_url": side.url("registration", registration.pk) if registration else side.home(partner),
        "expects": showing.expects(partner),
        "said": "",
        "may_keep": registration is None or registration.state == Registration.State.DRAFT,
        **more,
    }  # fmt: skip
    return side.page(request, partner, "form", context, status)
