from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.access import vendor
from accounts.permissions import Permission
from partners.search import search as find


@vendor(Permission.SEE_PARTNERS)
def search(request: HttpRequest) -> HttpResponse:
    """Partners, contacts, users and pages, grouped."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    groups = find(request.user, text) if len(text) > 1 else []
    return render(request, "partners/search.html", {"text": text, "groups": groups})
