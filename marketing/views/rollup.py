"""The roll-up of marketing: for who sees marketing; each row leads to its partners."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from accounts.access import vendor
from accounts.models import User
from accounts.permissions import Permission as P
from marketing.rollup.page import RollupPage, RollupPartners
from prm.common import lists
from scorecards.rollups.page import File


@vendor(P.SEE_MARKETING)
def rollup(request: HttpRequest) -> HttpResponse:
    return _page(request, RollupPage(request.user, request.GET))


@vendor(P.SEE_MARKETING)
def rollup_partners(request: HttpRequest) -> HttpResponse:
    return _page(request, RollupPartners(request.user, request.GET))


def _page(request: HttpRequest, page: RollupPage | RollupPartners) -> HttpResponse:
    request.section = "rollups" if request.user.can(P.SEE_ROLLUPS) else "marketing"
    return render(request, page.template, {"rollup": page, "filter": page.filter})


@lists.exportable("marketing.rollup")
def _file(user: User, query: QueryDict) -> File:
    return File(RollupPage(user, query))


@lists.exportable("marketing.rollup_partners")
def _partners_file(user: User, query: QueryDict) -> File:
    return File(RollupPartners(user, query))


@vendor(P.SEE_MARKETING)
def rollup_xlsx(request: HttpRequest) -> HttpResponse:
    return lists.export(request, "marketing.rollup", "xlsx")


@vendor(P.SEE_MARKETING)
def rollup_partners_xlsx(request: HttpRequest) -> HttpResponse:
    return lists.export(request, "marketing.rollup_partners", "xlsx")
