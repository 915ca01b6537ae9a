"""Error pages: what happened, what is safe, what to do. The API's callers get a problem document."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from prm.api.problems import for_api


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return for_api(request, 400) or render(request, "400.html", status=400)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "errors/csrf.html", status=403)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return for_api(request, 403) or render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return for_api(request, 404) or render(request, "404.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    return for_api(request, 500) or render(request, "500.html", status=500)
