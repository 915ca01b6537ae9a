"""The roll-up of commitment; each figure leads to the list of exactly its partners."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from accounts.access import vendor
from accounts.models import User
from accounts.permissions import Permission as P
from planning.rollups.page import CommitmentPage
from planning.rollups.partners import CommitmentPartners
from prm.common import lists
from scorecards.rollups.page import File


@vendor(P.SEE_ROLLUPS)
def commitment(request: HttpRequest) -> HttpResponse:
    request.section = "rollups"
    page = CommitmentPage(request.user, request.GET)
    return render(request, page.template, {"rollup": page, "filter": page.filter})


@lists.exportable("planning.commitment")
def _file(user: User, query: QueryDict) -> File:
    return File(CommitmentPage(user, query))


@vendor(P.SEE_ROLLUPS)
def commitment_xlsx(request: HttpRequest) -> HttpResponse:
    return lists.export(request, "planning.commitment", "xlsx")


@vendor(P.SEE_ROLLUPS)
def partners(request: HttpRequest) -> HttpResponse:
    request.section = "rollups"
    page = CommitmentPartners(request.user, request.GET)
    context = {"rollup": page, "filter": page.filter, "listing": page.listing, "query": request.GET.urlencode()}
    return render(request, page.template, context)


@vendor(P.SEE_ROLLUPS)
def partners_export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, "planning.commitment_partners", kind)
