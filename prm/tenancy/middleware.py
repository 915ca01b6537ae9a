"""Which vendor a request is for: by host name, remembered in the process for half a minute."""

import time

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import connection, transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import set_urlconf
from django_tenants.utils import get_public_schema_name, remove_www

from prm.tenancy.models import Domain, Vendor

SECONDS = 30.0
_known: dict[str, tuple[float, Vendor]] = {}


def vendor_for(host: str) -> Vendor | None:
    """The vendor of a host name, or None. Never remembers that a host is unknown: that list would have no end."""
    now = time.monotonic()
    hit = _known.get(host)
    if hit and hit[0] > now:
        return hit[1]
    connection.set_schema_to_public()
    domain = Domain.objects.select_related("tenant").filter(domain=host).first()
    if domain is None:
        return None
    _known[host] = (now + SECONDS, domain.tenant)
    return domain.tenant


@receiver([post_save, post_delete], sender=Vendor)
@receiver([post_save, post_delete], sender=Domain)
def _forget(**kwargs: object) -> None:
    transaction.on_commit(_known.clear)


class VendorMiddleware:
    """Sets the connection to the vendor's schema; unknown hosts get 404, vendors not ready a page that says so."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        connection.set_schema_to_public()
        try:
            host = remove_www(request.get_host().split(":")[0]).lower()
        except DisallowedHost:
            return render(request, "errors/unknown_host.html", status=404)
        vendor = vendor_for(host)
        if vendor is None:
            return render(request, "errors/unknown_host.html", status=404)
        request.tenant = vendor
        if vendor.schema_name == get_public_schema_name():
            request.urlconf = settings.PUBLIC_SCHEMA_URLCONF
            set_urlconf(request.urlconf)
            return self.get_response(request)
        if vendor.state != Vendor.State.READY:
            return render(request, "errors/vendor_not_ready.html", {"vendor": vendor}, status=503)
        request.urlconf = settings.ROOT_URLCONF
        set_urlconf(request.urlconf)
        connection.set_tenant(vendor)
        return self.get_response(request)
