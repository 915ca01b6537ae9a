"""What came of approved activities: the report, and the activities behind its figures."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from accounts.access import vendor
from accounts.models import User
from accounts.permissions import Permission as P
from marketing.returns import tables
from marketing.returns.page import ReturnsPage
from prm.common import lists
from scorecards.rollups.page import File


@vendor(P.SEE_MARKETING)
def returns(request: HttpRequest) -> HttpResponse:
    request.section = "marketing"
    page = ReturnsPage(request.user, request.GET)
    return render(request, page.template, {"page": page, "filter": page.filter})


@lists.exportable("marketing.returns")
def _file(user: User, query: QueryDict) -> File:
    return File(ReturnsPage(user, query))


@vendor(P.SEE_MARKETING)
def returns_xlsx(request: HttpRequest) -> HttpResponse:
    return lists.export(request, "marketing.returns", "xlsx")


@vendor(P.SEE_MARKETING)
def activities(request: HttpRequest) -> HttpResponse:
    """Approved activities, each with forecast and result."""
    request.section = "marketing"
    listing = tables.activity_listing(request.user, request.GET)
    context = {"listing": listing, "filter": listing.filter, "query": request.GET.urlencode()}
    return render(request, "marketing/activities.html", context)


@vendor(P.SEE_MARKETING)
def activities_export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, "marketing_activities", kind)
