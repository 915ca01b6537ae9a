"""Absolute addresses, for mails and exports, where there is no request to build on."""

from django.conf import settings
from django.db import connection
from django_tenants.utils import schema_context

from prm.tenancy.models import Domain


def site_url(host: str, path: str) -> str:
    port = f":{settings.SITE_PORT}" if settings.SITE_PORT else ""
    return f"{settings.SITE_SCHEME}://{host}{port}{path}"


def vendor_url(path: str) -> str:
    """The address of a page of the current vendor."""
    schema = connection.schema_name
    with schema_context("public"):
        domains = Domain.objects.filter(tenant__schema_name=schema).order_by("-is_primary", "id")
        host = domains.values_list("domain", flat=True)[0]
    return site_url(host, path)
