"""The roll-ups: how the partners one sees do, together; each page leads down to partners, and comes as a workbook."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from accounts.access import vendor
from accounts.models import User
from accounts.permissions import Permission as P
from prm.common import lists
from scorecards.heatmap import Map
from scorecards.rollups.completion import CompletionPage
from scorecards.rollups.distribution import DistributionPage
from scorecards.rollups.investment import InvestmentPage
from scorecards.rollups.movers import MoversPage
from scorecards.rollups.page import File, Rollup
from scorecards.rollups.times import TimePage


def _page(request: HttpRequest, page: type[Rollup], template: str) -> HttpResponse:
    request.section = "rollups"
    shown = page(request.user, request.GET)
    return render(request, f"scorecards/rollup_{template}.html", {"rollup": shown, "filter": shown.filter})


@vendor(P.SEE_ROLLUPS)
def heat_map(request: HttpRequest) -> HttpResponse:
    """Groups of partners by categories, by the topics of one, or by a second dimension of partners."""
    return _page(request, Map, "heatmap")


@vendor(P.SEE_ROLLUPS)
def distribution(request: HttpRequest) -> HttpResponse:
    """How many partners of each group are on track, to watch, at risk, not assessed."""
    return _page(request, DistributionPage, "grid")


@vendor(P.SEE_ROLLUPS)
def movers(request: HttpRequest) -> HttpResponse:
    """Whose score rose and fell most."""
    return _page(request, MoversPage, "movers")


@vendor(P.SEE_ROLLUPS)
def investment(request: HttpRequest) -> HttpResponse:
    """Topics by what reaching best practice would add."""
    return _page(request, InvestmentPage, "grid")


@vendor(P.SEE_ROLLUPS)
def completion(request: HttpRequest) -> HttpResponse:
    """How far the quarter's assessments are."""
    return _page(request, CompletionPage, "grid")


@vendor(P.SEE_ROLLUPS)
def time(request: HttpRequest) -> HttpResponse:
    """How long assessments take."""
    return _page(request, TimePage, "grid")


# ── Workbooks ────────────────────────────────────────────────────────────────────────────────────────────────────────


@lists.exportable("rollup")
def _heat_map_file(user: User, query: QueryDict) -> File:
    return File(Map(user, query))


@lists.exportable("rollup.distribution")
def _distribution_file(user: User, query: QueryDict) -> File:
    return File(DistributionPage(user, query))


@lists.exportable("rollup.movers")
def _movers_file(user: User, query: QueryDict) -> File:
    return File(MoversPage(user, query))


@lists.exportable("rollup.investment")
def _investment_file(user: User, query: QueryDict) -> File:
    return File(InvestmentPage(user, query))


@lists.exportable("rollup.completion")
def _completion_file(user: User, query: QueryDict) -> File:
    return File(CompletionPage(user, query))


@lists.exportable("rollup.time")
def _time_file(user: User, query: QueryDict) -> File:
    return File(TimePage(user, query))


@vendor(P.SEE_ROLLUPS)
def heat_map_xlsx(request: HttpRequest) -> HttpResponse:
    return lists.export(request, "rollup", "xlsx")


@vendor(P.SEE_ROLLUPS)
def distribution_xlsx(request: HttpRequest) -> HttpResponse:
    return lists.export(request, "rollup.distribution", "xlsx")


@vendor(P.SEE_ROLLUPS)
def movers_xlsx(request: HttpRequest) -> HttpResponse:
    return lists.export(request, "rollup.movers", "xlsx")


@vendor(P.SEE_ROLLUPS)
def investment_xlsx(request: HttpRequest) -> HttpResponse:
    return lists.export(request, "rollup.investment", "xlsx")


@vendor(P.SEE_ROLLUPS)
def completion_xlsx(request: HttpRequest) -> HttpResponse:
    return lists.export(request, "rollup.completion", "xlsx")


@vendor(P.SEE_ROLLUPS)
def time_xlsx(request: HttpRequest) -> HttpResponse:
    return lists.export(request, "rollup.time", "xlsx")
