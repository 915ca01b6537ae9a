"""One cell of the matrix: what is there, how good the chance is and why, and what is to be done about it."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accountplans import actions, queries, reasons
from accountplans.forms.plan import TargetForm
from accountplans.models import AccountTarget
from accountplans.tables import amount
from accountplans.views.sides import PORTAL, VENDOR, Side, crumbs, find_customer, find_line, page
from accountplans.whitespace import Cell, State, Whitespace
from accounts.permissions import Permission
from pipeline.models import Customer, ProductLine
from prm.common.merging import blame


def cell(request: HttpRequest, side: Side, pk: int, line: int) -> HttpResponse:
    """The cell's page; a form sent to it marks it a target or rules it out."""
    customer, product = find_customer(request, pk), find_line(line)
    may = queries.may_target(request.user, customer.partner)
    found = Whitespace(request.user, customer.partner, [customer])
    shown = found.cell(customer, product)
    if request.method != "POST":
        form = TargetForm(partner=customer.partner, target=shown.target) if may else None
        return _page(request, side, found, shown, form)
    if not may:
        raise PermissionDenied
    form = TargetForm(request.POST, partner=customer.partner, target=shown.target)
    if form.is_valid() and _saved(request, form, customer, product):
        messages.success(request, _("Saved."))
        return redirect(side.url("cell", pk, line))
    return _page(request, side, found, shown, form, status=422)


def _saved(request: HttpRequest, form: TargetForm, customer: Customer, product: ProductLine) -> bool:
    seen = form.cleaned_data["seen"]
    try:
        actions.set_target(
            by=request.user,
            customer=customer,
            product_line=product,
            seen=seen,
            first=seen is None,
            **form.fields_said(),
        )
    except ValidationError as error:
        blame(form, error)
        return False
    return True


def _page(
    request: HttpRequest, side: Side, found: Whitespace, shown: Cell, form: TargetForm | None, status: int = 200
) -> HttpResponse:
    customer, product, target = shown.customer, shown.line, shown.target
    args = (customer.pk, product.pk)
    names = reasons.Names()
    account = found.accounts.get(customer.pk)
    context = {
        "cell": shown,
        "customer": customer,
        "line": product,
        "target": target,
        "amount": amount(target) if target else None,
        "is_target": target is not None and target.state == AccountTarget.State.TARGET,
        "parts": reasons.parts(shown, account, found.scorer.basis, names, numbers=side is VENDOR),
        "product": reasons.product(shown.score) if shown.score else "",
        "as_of": found.scorer.basis.as_of,
        "lack": reasons.lack(shown.score.lack, product.name) if shown.score else "",
        "form": form,
        "confirm_url": side.url("cell_confirm", *args),
        "clear_url": side.url("cell_clear", *args),
        "register_url": _register_url(request, side, shown),
    }
    way = crumbs(side, customer.partner, customer)
    title = f"{customer.name}: {product.name}"
    return page(
        request, side, customer.partner, "accountplans/cell.html", context, title=title, crumbs=way, status=status
    )


def _register_url(request: HttpRequest, side: Side, shown: Cell) -> str:
    """Where a target becomes a registration; "" where it can't."""
    target = shown.target
    if target is None or shown.state != State.TARGET:
        return ""
    if side is PORTAL and request.user.can(side.plans):
        return f"{reverse('dealdesk:portal_new')}?target={target.pk}"
    if side is not PORTAL and request.user.can(Permission.REGISTER_FOR_PARTNERS):
        return f"{reverse('dealdesk:new', args=[target.customer.partner_id])}?target={target.pk}"
    return ""


def _target(request: HttpRequest, pk: int, line: int) -> AccountTarget:
    customer = find_customer(request, pk)
    rows = queries.targets(request.user)
    found: AccountTarget | None = rows.filter(customer=customer, product_line=line).first()
    if found is None:
        raise Http404
    return found


def confirm(request: HttpRequest, side: Side, pk: int, line: int) -> HttpResponse:
    """It is right as it stands."""
    actions.confirm_target(by=request.user, target=_target(request, pk, line))
    messages.success(request, _("Confirmed."))
    return redirect(side.url("cell", pk, line))


def clear(request: HttpRequest, side: Side, pk: int, line: int) -> HttpResponse:
    """Neither a target nor ruled out any more."""
    actions.clear_target(by=request.user, target=_target(request, pk, line))
    messages.success(request, _("The cell is empty again."))
    return redirect(side.url("cell", pk, line))
