"""The roll-ups: how the partners one sees do, together; each page leads down to partners, and comes as a workbook."""

from collections.abc import Iterator
from functools import partial

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import URLPattern, path

from accounts.access import vendor
from accounts.models import User
from accounts.permissions import Permission as P
from prm.common import lists
from scorecards.heatmap import Map
from scorecards.rollups.completion import CompletionPage
from scorecards.rollups.distribution import DistributionPage
from scorecards.rollups.investment import InvestmentPage
from scorecards.rollups.movers import MoversPage
from scorecards.rollups.objectives import ObjectivesPage
from scorecards.rollups.page import File, Rollup, address_name
from scorecards.rollups.times import TimePage

PAGES: dict[str, type[Rollup]] = {
    page.tab: page for page in (Map, DistributionPage, MoversPage, InvestmentPage, CompletionPage, TimePage)
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


@vendor(P.SEE_ROLLUPS)
def objectives(request: HttpRequest) -> HttpResponse:
    request.section = "rollups"
    shown = ObjectivesPage(request.user, request.GET)
    return render(request, "scorecards/rollup_objectives.html", {"rollup": shown, "filter": shown.filter})


@vendor(P.SEE_ROLLUPS)
def objectives_xlsx(request: HttpRequest) -> HttpResponse:
    return lists.export(request, "rollup.objectives", "xlsx")


@lists.exportable("rollup.objectives")
def _objectives_file(user: User, query: QueryDict) -> File:
    return File(ObjectivesPage(user, query))


for each in PAGES:
    lists.exportable(_list(each))(partial(_file, each))


def addresses() -> Iterator[URLPattern]:
    for tab in PAGES:
        at = "scorecards/roll-up" if tab == "rollup" else f"scorecards/roll-up/{tab}"
        yield path(f"{at}/", page, {"tab": tab}, name=address_name(tab))
        yield path(f"{at}.xlsx", xlsx, {"tab": tab}, name=f"{address_name(tab)}_xlsx")
    yield path("objectives/roll-up/", objectives, name="rollup_objectives")
    yield path("objectives/roll-up.xlsx", objectives_xlsx, name="rollup_objectives_xlsx")
