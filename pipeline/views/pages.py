"""What the pages of sales data share."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.permissions import Permission as P
from partners import hub
from partners.models import Partner
from pipeline.places import PLACES, tabs
from prm.common.lists import Listing
from prm.common.merging import MergingMixin


def sales_list(request: HttpRequest, name: str, listing: Listing, **more: Any) -> HttpResponse:
    """A list of sales data of all partners the person sees."""
    request.section = "sales"
    context = {
        "place": PLACES[name],
        "tabs": tabs(name),
        "listing": listing,
        "filter": listing.filter,
        "clear": reverse(f"pipeline:{name}"),
        "page_name": f"pipeline:{name}",
        "export_name": f"pipeline:{name}_export",
        "can_import": request.user.can(P.IMPORT_DATA),
        "can_edit": request.user.can(P.EDIT_SALES_DATA),
    }
    return render(request, "pipeline/list.html", {**context, **more})


def partner_list(request: HttpRequest, partner: Partner, name: str, listing: Listing, add: str = "") -> HttpResponse:
    """A list of sales data of one partner; `add`: the address of the page that adds to it."""
    query = request.GET.copy()
    query["partner"] = str(partner.pk)
    context = {
        "place": PLACES[name],
        "listing": listing,
        "filter": listing.filter,
        "clear": request.path,
        "export_name": f"pipeline:{name}_export",
        "export_query": query.urlencode(),
        "add_url": add,
    }
    return sales_page(request, partner, name, "pipeline/partner_list.html", context)


def sales_page(
    request: HttpRequest, partner: Partner, name: str, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """A page under the partner's tab of sales data, with the list `name` current."""
    shared = {"sales_tabs": tabs(name, partner), "can_sell": request.user.can(P.EDIT_SALES_DATA)}
    return hub.page(request, partner, "sales", template, {**shared, **context}, status=status)


def say_saved(request: HttpRequest, form: MergingMixin, now: object) -> None:
    """That it is saved, and what somebody else changed meanwhile."""
    if others := form.changed_meanwhile(now):
        text = _("Saved. While you were editing, somebody else changed: %(fields)s. Both are kept.")
        messages.info(request, text % {"fields": ", ".join(others)})
    else:
        messages.success(request, _("Saved."))
