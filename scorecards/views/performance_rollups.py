"""The roll-ups of performance; each figure leads to the ranking of exactly its partners, and each page comes as a workbook."""

from collections.abc import Iterator
from functools import partial

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import URLPattern, path

from accounts.access import vendor
from accounts.models import User
from accounts.permissions import Permission as P
from prm.common import lists
from scorecards.performance_rollups.concentration import ConcentrationPage
from scorecards.performance_rollups.movers import MoversPage
from scorecards.performance_rollups.overview import OverviewPage
from scorecards.performance_rollups.page import PerformancePage, address_name
from scorecards.performance_rollups.ranking import RankingPage
from scorecards.performance_rollups.trend import TrendPage
from scorecards.rollups.page import File

PAGES: dict[str, type[PerformancePage]] = {
    page.tab: page for page in (OverviewPage, TrendPage, ConcentrationPage, MoversPage, RankingPage)
}


@vendor(P.SEE_ROLLUPS)
def page(request: HttpRequest, tab: str) -> HttpResponse:
    request.section = "rollups"
    shown = PAGES[tab](request.user, request.GET)
    return render(request, shown.template, {"rollup": shown, "filter": shown.filter})


@vendor(P.SEE_ROLLUPS)
def xlsx(request: HttpRequest, tab: str) -> HttpResponse:
    return lists.export(request, _list(tab), "xlsx")


def _list(tab: str) -> str:
    return address_name(tab).replace("_", ".")


def _file(tab: str, user: User, query: QueryDict) -> File:
    return File(PAGES[tab](user, query))


for each in PAGES:
    lists.exportable(_list(each))(partial(_file, each))


def addresses() -> Iterator[URLPattern]:
    for tab in PAGES:
        at = "performance/roll-up" if tab == "overview" else f"performance/roll-up/{tab}"
        yield path(f"{at}/", page, {"tab": tab}, name=address_name(tab))
        yield path(f"{at}.xlsx", xlsx, {"tab": tab}, name=f"{address_name(tab)}_xlsx")
