"""Sign-in is required everywhere unless a view says otherwise; each person's language and time zone are used."""

import zoneinfo
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.contrib.auth import middleware as auth_middleware
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django_tenants.utils import get_public_schema_name

from prm.common import once
from prm.common.vendor import remembered, vendor_settings


class LoginRequiredMiddleware(auth_middleware.LoginRequiredMiddleware):
    """Django's own, but not on the public site, which has no users."""

    def process_view(self, request, view_func, view_args, view_kwargs):
        if connection.schema_name == get_public_schema_name():
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(self, request, view_func):
        """A fragment asked for after the session ended must not show the sign-in page in its place: the page goes there."""
        if "HX-Request" not in request.headers:
            return super().handle_no_permission(request, view_func)
        page = urlsplit(request.headers.get("HX-Current-URL", ""))
        back = urlencode({"next": urlunsplit(("", "", page.path or "/", page.query, ""))})
        return HttpResponse(status=204, headers={"HX-Redirect": f"{reverse('account_login')}?{back}"})


class ProfileMiddleware:
    """Activates the signed-in person's language and time zone; the vendor's zone where they chose none."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if connection.schema_name == get_public_schema_name():
            return self.get_response(request)
        request.vendor_settings = vendor_settings()
        user = request.user
        zone = getattr(user, "time_zone", "") or request.vendor_settings.time_zone
        language = getattr(user, "language", "") or translation.get_language_from_request(request)
        with (
            remembered(request.vendor_settings),
            once.in_a_request(),
            timezone.override(zoneinfo.ZoneInfo(zone)),
            translation.override(language),
        ):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", request.LANGUAGE_CODE or "en")
            return response
