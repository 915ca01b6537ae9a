from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.access import portal
from accounts.permissions import Permission


@portal(Permission.PORTAL)
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "cadence/portal_home.html")
