from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission as P
from prm.common import actions
from prm.common.models import Holiday
from prm.common.saving import saved
from prm.common.vendor import today
from prm.pages.forms import HolidayForm


@vendor(P.EDIT_SETTINGS)
def holidays(request: HttpRequest) -> HttpResponse:
    """The days on which no clock runs, besides Saturdays and Sundays."""
    form = HolidayForm(request.POST or None)
    if form.is_valid() and saved(form, actions.add_holiday, by=request.user, **form.cleaned_data):
        messages.success(request, _("%(name)s is a holiday now.") % {"name": form.cleaned_data["name"]})
        return redirect("settings:calendar")
    day = today(request.vendor_settings)
    context = {
        "form": form,
        "coming": Holiday.objects.filter(on__gte=day),
        "past": Holiday.objects.filter(on__lt=day).order_by("-on")[:50],
    }
    return render(request, "common/settings_calendar.html", context, status=422 if form.is_bound else 200)


@vendor(P.EDIT_SETTINGS)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    actions.remove_holiday(by=request.user, holiday=get_object_or_404(Holiday, pk=pk))
    return redirect("settings:calendar")
