from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts import actions
from accounts.access import open_page
from accounts.forms import AcceptForm
from accounts.links import link_in_session

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@open_page
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """The invited person, come in by the mailed link, sets name, password and preferences, and is signed in."""
    link = link_in_session(request, actions.INVITATION)
    if link is None or link.target_id != str(pk):
        return render(request, "accounts/link_dead.html", {"token": ""}, status=404)
    form = AcceptForm(request.POST or None, instance=link.user, vendor=request.vendor_settings)
    if form.is_valid():
        actions.accept_invitation(user=link.user, **form.cleaned_data)
        login(request, link.user, backend=BACKEND)
        return redirect("cadence:portal_home" if link.user.is_partner_side else "cadence:home")
    context = {"form": form, "invited": link.user}
    return render(request, "accounts/accept_invitation.html", context, status=422 if form.is_bound else 200)
