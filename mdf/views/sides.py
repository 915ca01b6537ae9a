"""The pages of requests and claims that both sides have: the same pages, at each side's addresses, for other people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from marketing.models import MarketingPlan
from mdf.models import Claim, Line, Request

SECTION = "mdf"


@dataclass(frozen=True)
class Side:
    """Which of the two sites: the names of its addresses begin with `prefix`."""

    prefix: str

    @property
    def is_vendor(self) -> bool:
        return not self.prefix

    def url(self, name: str, *args: object) -> str:
        return reverse(f"mdf:{self.prefix}{name}", args=args)

    def plan_url(self, plan: MarketingPlan) -> str:
        return reverse(f"marketing:{self.prefix}plan", args=[plan.pk])

    def page(self, request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
        """A page with the lists above it; who came by a mailed link sees this one page only."""
        by_link = hasattr(request, "signed_link")
        context = {"side": self, "by_link": by_link, **context}
        if by_link:
            context["crumbs"] = []
        return render(request, f"mdf/{template}.html", context, status=status)

    def crumbs(self, *more: tuple[str, str], claims: bool = False) -> list[tuple[str, str]]:
        first = (_("Claims"), self.url("claims")) if claims else (_("Requests"), self.url("requests"))
        return [first, *more]


VENDOR = Side("")
PORTAL = Side("portal_")


def find_request(request: HttpRequest, pk: int) -> Request:
    """The request, if this person may see it; else 404, as for one that isn't there."""
    rows: QuerySet[Request] = Request.objects.visible_to(request.user)
    rows = rows.select_related("partner", "plan", "fund", "account__fund", "submitted_by", "decided_by")
    found: Request = get_object_or_404(rows, pk=pk)
    return found


def find_claim(request: HttpRequest, pk: int) -> Claim:
    rows: QuerySet[Claim] = Claim.objects.visible_to(request.user)
    rows = rows.select_related(
        "partner", "request__plan", "request__fund", "line__activity__tactic", "line__request", "submitted_by"
    )
    found: Claim = get_object_or_404(rows, pk=pk)
    return found


def find_line(request: HttpRequest, pk: int) -> Line:
    rows: QuerySet[Line] = Line.objects.visible_to(request.user)
    found: Line = get_object_or_404(
        rows.select_related("request__partner", "request__plan", "request__fund", "activity__tactic"), pk=pk
    )
    return found
