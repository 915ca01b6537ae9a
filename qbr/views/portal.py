"""What was shared with the partner: in the portal, or by the link of the mail without a password."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import portal
from accounts.permissions import Permission as P
from prm.common import lists
from qbr import queries, reading, tables
from qbr.letters import READ_LINK
from qbr.models import Qbr, Side, Version
from qbr.naming import quarter_words
from qbr.views.deck import download
from qbr.views.finding import find


@portal(P.PORTAL)
def qbrs(request: HttpRequest) -> HttpResponse:
    listing = tables.portal_listing(request.user, request.GET)
    return render(request, "qbr/portal_list.html", {"listing": listing, "filter": listing.filter})


@portal(P.PORTAL)
def export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, "portal_qbrs", kind)


@portal(P.PORTAL, link=READ_LINK)
def qbr(request: HttpRequest, pk: int) -> HttpResponse:
    """The shared version slide by slide, its files, and what was agreed."""
    found = find(request, pk)
    version = _shared(request, found)
    people = queries.attendees(request.user, found)
    context = {
        "qbr": found,
        "quarter": quarter_words(found),
        "version": version,
        "slides": reading.pages_of(version),
        "commitments": queries.commitments(request.user, found),
        "ours": ", ".join(row.name for row in people if row.side == Side.PARTNER),
        "theirs": ", ".join(row.name for row in people if row.side == Side.VENDOR),
        "crumbs": [] if hasattr(request, "signed_link") else [(_("QBRs"), reverse("qbr:portal_list"))],
    }
    return render(request, "qbr/portal_qbr.html", context)


@portal(P.PORTAL, link=READ_LINK)
def file(request: HttpRequest, pk: int, ending: str) -> HttpResponseBase:
    return download(_shared(request, find(request, pk)), ending)


def _shared(request: HttpRequest, found: Qbr) -> Version:
    rows = Version.objects.visible_to(request.user).filter(qbr=found, shared=True)
    version: Version = get_object_or_404(rows.select_related("qbr__partner"))
    return version
