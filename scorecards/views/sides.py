"""The pages of one scorecard at each side's addresses: the same pages, for other people."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from accounts.access import for_side, portal, vendor
from accounts.permissions import Permission as P
from scorecards.actions import LINK_PURPOSE
from scorecards.views import given, pages, peers
from scorecards.views.pages import OURS, PORTAL, VENDOR, Side

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Part:
    """`page` takes the request, the side, and what stands in the address. `fills_in`: for those who fill scorecards in, not
    for all who may see them; `posts`: what a form is sent to; `of_partner`: where it is about a partner only."""

    name: str
    address: str
    page: View
    fills_in: bool = False
    posts: bool = False
    of_partner: bool = False


PARTS = (
    Part("summary", "", pages.summary),
    Part("answer", "answer/", pages.answering, fills_in=True),
    Part("save", "answer/<str:question>/", pages.save, fills_in=True, posts=True),
    Part("changes", "changes/", given.changes, fills_in=True),
    Part("confirm", "confirm/", pages.confirm, fills_in=True, posts=True),
    Part("submit", "submit/", pages.submit, fills_in=True, posts=True),
    Part("discard", "discard/", pages.discard, fills_in=True, posts=True),
    Part("plan", "plan/", pages.plan, fills_in=True, posts=True, of_partner=True),
    Part("answers", "answers/", given.answers),
    Part("history", "history/<str:question>/", given.history),
    Part("explain", "explain/<str:level>/<str:key>/", pages.explain),
    Part("peers", "peers/", peers.explain, of_partner=True),
    Part("pdf", "scorecard.pdf", pages.pdf),
    Part("xlsx", "scorecard.xlsx", pages.xlsx),
)


def _guard(part: Part, side: Side) -> Callable[[View], View]:
    """Who may open it. Whoever came by a mailed link reaches the one scorecard it is for, and doesn't throw it away."""
    if side is PORTAL:
        return portal(P.ANSWER_SCORECARDS, link=None if part.name == "discard" else LINK_PURPOSE)
    if side is OURS:
        return vendor(P.SCORE_OURSELVES)
    return vendor(P.RUN_SCORECARDS if part.fills_in else P.SEE_SCORECARDS)


def addresses() -> Iterator[URLPattern]:
    for side, base in ((VENDOR, "scorecards/"), (PORTAL, "portal/scorecards/"), (OURS, "scorecards/own/")):
        for part in PARTS:
            if side is not OURS or not part.of_partner:
                guarded = _guard(part, side)(for_side(part.page, side, posts=part.posts))
                yield path(f"{base}<int:pk>/{part.address}", guarded, name=f"{side.prefix}{part.name}")
