"""End customers: all of them, one partner's; those that nothing is with can be removed."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission as P
from partners import hub
from pipeline import actions, queries
from pipeline.tables import customer_listing
from pipeline.views import pages
from prm.common import lists


@vendor(P.SEE_PERFORMANCE)
def customers(request: HttpRequest) -> HttpResponse:
    return pages.sales_list(request, "customers", customer_listing(request.user, request.GET))


@vendor(P.SEE_PERFORMANCE)
def export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, "customers", kind)


@vendor(P.SEE_PERFORMANCE)
def of_partner(request: HttpRequest, pk: int) -> HttpResponse:
    partner = hub.find(request, pk)
    return pages.partner_list(request, partner, "customers", customer_listing(request.user, request.GET, partner))


@vendor(P.SEE_PERFORMANCE)
def customer(request: HttpRequest, pk: int) -> HttpResponse:
    """One end customer: what is known, and how much is with it."""
    row = get_object_or_404(queries.customers(request.user), pk=pk)
    partner = hub.find(request, row.partner_id)
    return pages.sales_page(request, partner, "customers", "pipeline/customer.html", {"row": row})


@vendor(P.EDIT_SALES_DATA)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(queries.customers(request.user), pk=pk)
    try:
        actions.remove_customer(by=request.user, customer=row)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("pipeline:customer", pk=pk)
    messages.success(request, _("%(name)s was removed.") % {"name": row.name})
    return redirect("pipeline:partner_customers", pk=row.partner_id)
