"""The mailed link by which a partner's person registers without signing in: sending it, and the page it opens."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import portal, vendor
from accounts.permissions import Permission as P
from dealdesk import inviting, queries, showing
from dealdesk.forms import InviteForm, RegistrationForm
from dealdesk.letters import LINK_DAYS, REGISTER
from dealdesk.models import Registration
from dealdesk.prefill import start
from dealdesk.refusals import NotAllowed
from dealdesk.views.registering import submitted
from partners import hub
from partners.models import Partner
from prm.common.merging import blame


@vendor(P.REGISTER_FOR_PARTNERS)
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    request.section = "registrations"
    partner = hub.find(request, pk)
    people, contacts = inviting.people(partner), inviting.contacts(partner, request.user)
    form = InviteForm(request.POST or None, people=people, contacts=contacts)
    if form.is_valid():
        try:
            values = form.cleaned_data
            user = inviting.invite(by=request.user, partner=partner, whom=form.whom, message=values["message"])
        except ValidationError as error:
            blame(form, error)
        except NotAllowed as error:
            raise PermissionDenied from error
        else:
            messages.success(request, _("The link is on its way to %(name)s.") % {"name": user.display_name})
            return redirect("dealdesk:registrations_of", pk)
    context = {
        "form": form,
        "days": LINK_DAYS[REGISTER],
        "nobody": not people and not contacts,
        "people_url": reverse("partners:people", args=[pk]),
    }
    status = 422 if form.is_bound else 200
    return hub.page(request, partner, "registrations", "dealdesk/partner_invite.html", context, status)


@portal(P.SELL, link=REGISTER)
def by_link(request: HttpRequest, pk: int) -> HttpResponse:
    """The form, for who came by the link; what was submitted by it stands above, under its reference."""
    request.section = "registrations"
    partner = get_object_or_404(Partner.objects.visible_to(request.user), pk=pk)
    if request.method == "POST":
        form = RegistrationForm(request.POST)
        made = submitted(request, partner, form, Registration.Channel.LINK) if form.is_valid() else None
        if made is not None:
            return redirect(f"{reverse('dealdesk:portal_by_link', args=[pk])}?done={made.reference}")
    else:
        form = RegistrationForm(initial=start(request.user, partner, {}).initial)
    done = (
        queries.registrations(request.user)
        .filter(reference=request.GET.get("done", "").replace("\x00", "")[:12], partner=partner)
        .first()
    )
    context = {
        "form": form,
        "partner": partner,
        "done": done,
        "thanks": showing.thanks(done) if done else "",
        "facts": showing.facts(done) if done else [],
        "expects": showing.expects(partner),
        "again_url": reverse("dealdesk:portal_by_link", args=[pk]),
    }
    return render(request, "dealdesk/by_link.html", context, status=422 if form.is_bound else 200)
