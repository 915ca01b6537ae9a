from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.access import anyone_signed_in


@anyone_signed_in
def home(request: HttpRequest) -> HttpResponse:
    if request.user.is_partner_side:
        return redirect("cadence:portal_home")
    return render(request, "cadence/home.html")
