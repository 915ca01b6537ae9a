"""The vendor's own lists, among the settings."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission as P
from partners import catalogue
from partners.catalogue import LISTS
from partners.list_forms import ListForm


@vendor(P.EDIT_SETTINGS)
def lists(request: HttpRequest, bound: ListForm | None = None, status: int = 200) -> HttpResponse:
    """Life stages, partner types, tiers, regions and so on: rename, add, reorder, remove."""
    request.section = "settings"
    panels = []
    for name, kept in LISTS.items():
        form = bound if bound and bound.name == name else ListForm(name)
        panels.append({"name": name, "title": kept.title, "text": kept.text, "form": form, "keyed": kept.keyed})
    return render(request, "partners/lists.html", {"panels": panels}, status=status)


@vendor(P.EDIT_SETTINGS)
@require_POST
def save(request: HttpRequest, name: str) -> HttpResponse:
    """Keeps one list as it was typed; a button beside an entry also moves or removes that one."""
    if name not in LISTS:
        raise Http404
    request.section = "settings"
    form = ListForm(name, request.POST)
    try:
        catalogue.save_list(by=request.user, name=name, entries=form.entries())
        if form.removed:
            catalogue.remove(by=request.user, name=name, pk=form.removed)
    except ValidationError as error:
        if not hasattr(error, "error_dict"):  # what can't be removed; the rest is kept
            messages.error(request, error.messages[0])
            return redirect(_address(name))
        form.refuse(error.message_dict)
        return lists(request, bound=form, status=422)
    messages.success(request, _("%(list)s: saved.") % {"list": LISTS[name].title})
    return redirect(_address(name))


def _address(name: str) -> str:
    return f"{reverse('partners:lists')}#{name}"
