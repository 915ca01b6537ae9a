"""The pages of a plan that both sides have, at each side's addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from accounts.access import for_side, portal, vendor
from accounts.permissions import Permission as P
from planning.signing import PARTNER_LINK, VENDOR_LINK
from planning.views import building, committing, files, plans, signing
from planning.views.sides import PORTAL, VENDOR, Side

View = Callable[..., HttpResponseBase]


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
    Part("plan", "", plans.plan, builds=False),
    Part("step", "steps/<str:key>/", building.step),
    Part("figure", "figures/<str:key>/", plans.figure, builds=False),
    Part("tornado", "sensitivity/", plans.tornado, builds=False),
    Part("pdf", "plan.pdf", files.pdf, builds=False),
    Part("xlsx", "plan.xlsx", files.xlsx, builds=False),
    Part("sign", "sign/", signing.sign, by_link=True),
    Part("discard", "discard/", committing.discard, posts=True),
    Part("share", "share/", committing.share, posts=True, of_vendor=True),
    Part("ask", "ask/", committing.ask, posts=True, of_vendor=True),
)


def _guard(part: Part, side: Side) -> Callable[[View], View]:
    if side is PORTAL:
        return portal(P.PLAN_BUSINESS if part.builds else P.PORTAL, link=PARTNER_LINK if part.by_link else None)
    return vendor(P.EDIT_PLANS if part.builds else P.SEE_SHARED_PLANS, link=VENDOR_LINK if part.by_link else None)


def addresses() -> Iterator[URLPattern]:
    for side, base in ((VENDOR, "plans/"), (PORTAL, "portal/plans/")):
        for part in PARTS:
            if side is VENDOR or not part.of_vendor:
                guarded = _guard(part, side)(for_side(part.page, side, posts=part.posts))
                yield path(f"{base}<int:pk>/{part.address}", guarded, name=f"{side.prefix}{part.name}")
