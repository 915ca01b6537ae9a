"""A partner's contacts, and touches with them."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission, Role
from partners import actions, history, hub
from partners.forms import ContactForm, TouchForm
from partners.models import Contact, Membership, Touch
from partners.views.vendor import overview
from prm.common.merging import blame


@vendor(Permission.SEE_PARTNERS)
def people(request: HttpRequest, pk: int) -> HttpResponse:
    partner = hub.find(request, pk)
    members = (
        Membership.objects.visible_to(request.user)
        .filter(partner=partner)
        .select_related("user")
        .prefetch_related("user__groups")
    )
    members = members.order_by("user__name", "id")
    context = {
        "contacts": partner.contacts.all(),
        "members": [
            (member.user, ", ".join(str(Role(group.name).label) for group in member.user.groups.all()))
            for member in members
        ],
    }
    return hub.page(request, partner, "people", "partners/people.html", context)


@vendor(Permission.EDIT_PARTNERS)
def contact_add(request: HttpRequest, pk: int) -> HttpResponse:
    partner = hub.find(request, pk)
    form = ContactForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_contact(by=request.user, partner=partner, **form.cleaned_data)
        except ValidationError as error:
            blame(form, error)
        else:
            return redirect("partners:people", pk=pk)
    return hub.page(
        request,
        partner,
        "people",
        "partners/contact.html",
        {"form": form, "contact": None},
        status=422 if form.is_bound else 200,
    )


@vendor(Permission.EDIT_PARTNERS)
def contact_edit(request: HttpRequest, pk: int) -> HttpResponse:
    contact = get_object_or_404(Contact.objects.visible_to(request.user), pk=pk)
    form = ContactForm(request.POST or None, instance=contact)
    if request.method == "POST" and form.is_valid():
        changes, seen = form.edits()
        now = Contact.objects.visible_to(request.user).get(pk=pk)
        try:
            actions.update_contact(by=request.user, contact=contact, changes=changes, seen=seen)
        except actions.Conflict as conflict:
            form.show_conflict(now, conflict.current, history.last_editor(now, set(conflict.current)))
        except ValidationError as error:
            blame(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("partners:people", pk=contact.partner_id)
    partner = hub.find(request, contact.partner_id)
    return hub.page(
        request,
        partner,
        "people",
        "partners/contact.html",
        {"form": form, "contact": contact},
        status=422 if form.is_bound else 200,
    )


@vendor(Permission.EDIT_PARTNERS)
@require_POST
def contact_remove(request: HttpRequest, pk: int) -> HttpResponse:
    contact = get_object_or_404(Contact.objects.visible_to(request.user), pk=pk)
    actions.remove_contact(by=request.user, contact=contact)
    messages.success(request, _("%(name)s was removed.") % {"name": contact.name})
    return redirect("partners:people", pk=contact.partner_id)


@vendor(Permission.EDIT_PARTNERS)
@require_POST
def touch_add(request: HttpRequest, pk: int) -> HttpResponse:
    partner = hub.find(request, pk)
    form = TouchForm(request.POST)
    if form.is_valid():
        try:
            actions.add_touch(by=request.user, partner=partner, **form.cleaned_data)
        except ValidationError as error:
            blame(form, error)
        else:
            messages.success(request, _("Noted."))
            back = request.GET.get("next", "")
            if url_has_allowed_host_and_scheme(back, allowed_hosts=None):
                return redirect(back)
            return redirect("partners:hub", pk=pk)
    return hub.page(
        request, partner, "overview", "partners/overview.html", overview(request, partner, form), status=422
    )


@vendor(Permission.EDIT_PARTNERS)
@require_POST
def touch_remove(request: HttpRequest, pk: int) -> HttpResponse:
    touch = get_object_or_404(Touch.objects.visible_to(request.user), pk=pk)
    actions.remove_touch(by=request.user, touch=touch)
    messages.success(request, _("Removed."))
    return redirect("partners:hub", pk=touch.partner_id)
