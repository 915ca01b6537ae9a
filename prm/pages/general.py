from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission as P
from prm.common import accent, actions
from prm.common.models import VendorSettings
from prm.common.saving import saved
from prm.common.vendor import vendor_settings
from prm.frame import settings_places
from prm.pages.forms import GeneralForm, LogoForm


@vendor(P.SEE_AUDIT)
def home(request: HttpRequest) -> HttpResponse:
    """The first page of the settings that the reader may open."""
    for place in settings_places(request.user):
        return redirect(place.url_name)
    raise Http404


@vendor(P.EDIT_SETTINGS)
def edit(request: HttpRequest) -> HttpResponse:
    """What is true for the whole vendor."""
    form = GeneralForm(request.POST or None, instance=vendor_settings())
    if form.is_valid() and saved(form, actions.update_settings, by=request.user, **form.cleaned_data):
        messages.success(request, _("The settings are saved."))
        return redirect("settings:general")
    return _page(request, form, LogoForm(), 422 if form.is_bound else 200)


@vendor(P.EDIT_SETTINGS)
@require_POST
def logo(request: HttpRequest) -> HttpResponse:
    """Takes a new logo, or with `remove` takes the old one away."""
    if "remove" in request.POST:
        actions.set_logo(by=request.user, content=None)
        return redirect("settings:general")
    form = LogoForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, GeneralForm(instance=vendor_settings()), form, 422)
    actions.set_logo(by=request.user, content=form.cleaned_data["logo"], extension="png")
    messages.success(request, _("The logo is saved."))
    return redirect("settings:general")


def _page(request: HttpRequest, form: GeneralForm, logo_form: LogoForm, status: int) -> HttpResponse:
    context = {"form": form, "logo_form": logo_form, "contrast": _contrast(request.vendor_settings)}
    return render(request, "common/settings_general.html", context, status=status)


def _contrast(settings: VendorSettings) -> dict[str, object]:
    """How readable the accent is on a white page, and whether pages use a darker shade of it for that."""
    ratio = accent.contrast(settings.accent or accent.DEFAULT, accent.WHITE)
    return {"ratio": ratio, "needed": accent.NEEDED, "enough": ratio >= accent.NEEDED}
