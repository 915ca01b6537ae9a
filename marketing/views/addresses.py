"""The pages of marketing plans that both sides have, at each side's addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from accounts.access import for_side, portal, vendor
from marketing.reminding import PARTNER_LINK, VENDOR_LINK
from marketing.views import building, closing, files, handling, plans
from marketing.views.sides import PORTAL, VENDOR, Side

View = Callable[..., HttpResponseBase]
PLAN, ACTIVITY = "plans/<int:pk>/", "activities/<int:pk>/"


@dataclass(frozen=True)
class Part:
    """`builds`: for those who work on plans, not for all who see them; `posts`: what a form is sent to; `of_vendor`: there is
    no such page for partners; `by_link`: who came by a mailed link may open it."""

    name: str
    address: str
    page: View
    builds: bool = True
    posts: bool = False
    of_vendor: bool = False
    by_link: bool = False


PARTS = (
    Part("plan", PLAN, plans.plan, builds=False),
    Part("build", f"{PLAN}build/", building.build),
    Part("add", f"{PLAN}activities/", building.add, posts=True),
    Part("activity", ACTIVITY, building.activity),
    Part("figure", f"{PLAN}figures/<str:key>/", plans.figure, builds=False),
    Part("activity_figure", f"{ACTIVITY}figures/<str:key>/", plans.activity_figure, builds=False),
    Part("pdf", f"{PLAN}plan.pdf", files.pdf, builds=False),
    Part("xlsx", f"{PLAN}plan.xlsx", files.xlsx, builds=False),
    Part("discard", f"{PLAN}discard/", handling.discard, posts=True),
    Part("share", f"{PLAN}share/", handling.share, posts=True, of_vendor=True),
    Part("copy", f"{PLAN}copy/", handling.copy, posts=True),
    Part("results", f"{ACTIVITY}results/", closing.results, builds=False, by_link=True),
)


def _guard(part: Part, side: Side) -> Callable[[View], View]:
    if side is PORTAL:
        return portal(side.builds if part.builds else side.sees, link=PARTNER_LINK if part.by_link else None)
    return vendor(side.builds if part.builds else side.sees, link=VENDOR_LINK if part.by_link else None)


def addresses() -> Iterator[URLPattern]:
    for side, base in ((VENDOR, "marketing/"), (PORTAL, "portal/marketing/")):
        for part in PARTS:
            if side is VENDOR or not part.of_vendor:
                guarded = _guard(part, side)(for_side(part.page, side, posts=part.posts))
                yield path(f"{base}{part.address}", guarded, name=f"{side.prefix}{part.name}")
