"""One customer of the plan: what is known of it, and what it could buy."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accountplans import actions, queries, reasons
from accountplans.forms.customer import AccountForm, OwnedForm
from accountplans.models import Account
from accountplans.views.sides import Side, crumbs, find_customer, not_shared, page
from accountplans.whitespace import Whitespace
from partners import hub
from partners.actions import Conflict
from partners.models import Partner
from pipeline.models import Customer
from prm.common.countries import COUNTRIES
from prm.common.merging import blame


def account(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """The customer's page: facts, products, and each product line with its state and chance."""
    customer = find_customer(request, pk)
    found = Whitespace(request.user, customer.partner, [customer])
    row = found.row(customer)
    names = reasons.Names()
    owned = found.owned.get(customer.pk, {})
    context = {
        "customer": customer,
        "account": row.account,
        "country": COUNTRIES.get(customer.country, customer.country),
        "cells": [
            (cell, reasons.brief(cell, names), side.url("cell", customer.pk, cell.line.pk)) for cell in row.cells
        ],
        "others": [(names.of(thing), day) for thing, day in owned.items() if thing.kind != "line"],
        "edit_url": side.url("account_edit", customer.pk),
        "remove_url": side.url("account_remove", customer.pk),
    }
    way = crumbs(side, customer.partner)
    return page(request, side, customer.partner, "accountplans/account.html", context, title=customer.name, crumbs=way)


def new(request: HttpRequest, side: Side, pk: int | None = None) -> HttpResponse:
    """A customer by hand."""
    partner = hub.find(request, pk)
    if not queries.may_plan(request.user, partner):
        return not_shared(request, side, partner)
    data = request.POST if request.method == "POST" else None
    form, owned = AccountForm(data), OwnedForm(data)
    if data is not None and form.is_valid() & owned.is_valid():
        try:
            with transaction.atomic():
                made = actions.add_account(by=request.user, partner=partner, **form.cleaned_data)
                has, _gone = owned.outcome()
                actions.set_owned(by=request.user, customer=made, owned=has, gone=frozenset())
        except ValidationError as error:
            blame(form, error)
        else:
            messages.success(request, _("%(name)s is in the plan.") % {"name": made.name})
            return redirect(side.url("account", made.pk))
    title = _("Add a customer")
    return _form(request, side, partner, None, form, owned, title)


def edit(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """What is known of a customer, and what it owns."""
    customer = find_customer(request, pk)
    if not queries.may_plan(request.user, customer.partner):
        return not_shared(request, side, customer.partner)
    found = Whitespace(request.user, customer.partner, [customer])
    data = request.POST if request.method == "POST" else None
    known = found.accounts.get(customer.pk)
    form = AccountForm(data, customer=customer, account=known)
    owned = OwnedForm(data, owned=found.owned.get(customer.pk), sold=found.sold.get(customer.pk, set()))
    if data is not None and form.is_valid() & owned.is_valid():
        changes, seen = form.edits()
        has, gone = owned.outcome()
        try:
            with transaction.atomic():
                actions.update_account(by=request.user, customer=customer, changes=changes, seen=seen)
                actions.set_owned(by=request.user, customer=customer, owned=has, gone=gone)
        except Conflict as conflict:
            _show_conflict(form, find_customer(request, pk), request, conflict)
        except ValidationError as error:
            blame(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect(side.url("account", pk))
    return _form(request, side, customer.partner, customer, form, owned, _("Edit %(name)s") % {"name": customer.name})


def _show_conflict(form: AccountForm, now: Customer, request: HttpRequest, conflict: Conflict) -> None:
    known: Any = queries.accounts(request.user).filter(customer=now).first() or Account()
    current = {name: getattr(now, name) for name in actions.OF_CUSTOMER}
    current |= {name: getattr(known, name) for name in actions.OF_ACCOUNT}
    who = known.updated_by.display_name if known.updated_by else ""
    form.show_conflict(SimpleNamespace(**current), conflict.current, who)


def _form(
    request: HttpRequest,
    side: Side,
    partner: Partner,
    customer: Customer | None,
    form: AccountForm,
    owned: OwnedForm,
    title: str,
) -> HttpResponse:
    back = side.url("account", customer.pk) if customer else side.of_partner("partner", partner)
    context = {"form": form, "owned": owned, "customer": customer, "back": back}
    way = crumbs(side, partner, customer)
    status = 422 if form.is_bound else 200
    return page(
        request, side, partner, "accountplans/account_form.html", context, title=title, crumbs=way, status=status
    )


def remove(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    customer = find_customer(request, pk)
    try:
        actions.remove_account(by=request.user, customer=customer)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect(side.url("account", pk))
    messages.success(request, _("%(name)s was removed.") % {"name": customer.name})
    return redirect(side.of_partner("partner", customer.partner))
