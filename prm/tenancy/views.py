"""The public site: a page that says what this is and, in development, the mails that were sent."""

import datetime as dt
import email
import email.policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from prm.tenancy.addresses import site_url
from prm.tenancy.models import TEMPLATE_SCHEMA, Domain, Vendor


def welcome(request: HttpRequest) -> HttpResponse:
    """In production a bare page; in development the vendors' addresses too."""
    vendors = []
    if settings.MAIL_PAGE:
        domains = Domain.objects.filter(is_primary=True, tenant__state=Vendor.State.READY).select_related("tenant")
        vendors = [
            {"name": d.tenant.name, "url": site_url(d.domain, "/")}
            for d in domains.exclude(tenant__schema_name__in=["public", TEMPLATE_SCHEMA]).order_by("tenant__name")
        ]
    return render(
        request,
        "public/welcome.html",
        {"vendors": vendors, "mail_page": settings.MAIL_PAGE},
    )


def mail_list(request: HttpRequest) -> HttpResponse:
    """Mails written to files instead of being sent, newest first."""
    files = sorted(Path(settings.EMAIL_FILE_PATH).glob("*.log"), key=lambda f: f.stat().st_mtime, reverse=True)[:100]
    return render(request, "public/mail_list.html", {"mails": [_read(file) for file in files]})


def mail_detail(request: HttpRequest, name: str) -> HttpResponse:
    file = Path(settings.EMAIL_FILE_PATH) / Path(name).name
    if file.suffix != ".log" or not file.is_file():
        raise Http404
    mail = _read(file)
    facts = [(_("To"), mail["to"]), (_("From"), mail["from"])]
    crumbs = [(_("Mails"), reverse("mail_list"))]
    return render(request, "public/mail_detail.html", {"mail": mail, "facts": facts, "crumbs": crumbs})


def _read(file: Path) -> dict[str, Any]:
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    return {
        "name": file.name,
        "at": dt.datetime.fromtimestamp(file.stat().st_mtime, dt.UTC),
        "subject": str(message["subject"]),
        "to": str(message["to"]),
        "from": str(message["from"]),
        "text": body.get_content() if body is not None else "",
    }
