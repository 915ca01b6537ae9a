from itertools import groupby

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission as P
from prm.common import actions
from prm.common.models import CurrencyRate
from prm.common.saving import saved
from prm.common.vendor import today
from prm.pages.forms import RateForm


@vendor(P.EDIT_SETTINGS)
def rates(request: HttpRequest) -> HttpResponse:
    """The dated rates, newest first by currency, with the one in force today marked."""
    settings = request.vendor_settings
    form = RateForm(request.POST or None, reporting=settings.reporting_currency, initial={"on": today(settings)})
    if form.is_valid() and saved(form, actions.add_rate, by=request.user, **form.cleaned_data):
        messages.success(request, _("The rate of %(currency)s is saved.") % {"currency": form.cleaned_data["currency"]})
        return redirect("settings:currencies")
    day = today(settings)
    currencies = []
    for code, rows in groupby(CurrencyRate.objects.all(), key=lambda row: row.currency):
        dated = list(rows)
        in_force = next((row.pk for row in dated if row.on <= day), None)
        currencies.append({"code": code, "rates": dated, "in_force": in_force})
    context = {"form": form, "currencies": currencies, "reporting": settings.reporting_currency}
    return render(request, "common/settings_currencies.html", context, status=422 if form.is_bound else 200)


@vendor(P.EDIT_SETTINGS)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    actions.remove_rate(by=request.user, rate=get_object_or_404(CurrencyRate, pk=pk))
    return redirect("settings:currencies")
