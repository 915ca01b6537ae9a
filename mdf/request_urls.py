"""The addresses of requests, claims, approvals and what became of the money."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from accounts.access import for_side, portal, vendor
from accounts.permissions import Permission as P
from mdf.letters import CLAIM, SUBMIT
from mdf.views import claims, deciding, lists, overview, requests, rules, submitting
from mdf.views.sides import PORTAL, VENDOR

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Page:
    """A page that both sides have: `writes` is for those who build marketing plans. `link`: it is opened from a mail in the portal."""

    name: str
    address: str
    view: View
    writes: bool = False
    posts: bool = False
    link: str | None = None


PAGES = (
    Page("submit", "plans/<int:pk>/submit/", submitting.submit, writes=True, link=SUBMIT),
    Page("request", "requests/<int:pk>/", requests.request_page),
    Page("recall", "plans/<int:pk>/recall/", submitting.recall, writes=True, posts=True),
    Page("withdraw", "plans/<int:pk>/withdraw/", submitting.withdraw, writes=True, posts=True),
    Page("claim_line", "lines/<int:pk>/claim/", claims.write, writes=True, link=CLAIM),
    Page("claim", "claims/<int:pk>/", claims.claim_page),
    Page("recall_claim", "claims/<int:pk>/recall/", claims.recall, writes=True, posts=True),
    Page("discard_claim", "claims/<int:pk>/discard/", claims.discard, writes=True, posts=True),
    Page("proof", "proofs/<int:pk>/", claims.proof),
    Page("remove_proof", "proofs/<int:pk>/remove/", claims.remove_proof, writes=True, posts=True),
)


def _of_both() -> Iterator[URLPattern]:
    for side, base in ((VENDOR, "mdf/"), (PORTAL, "portal/mdf/")):
        for page in PAGES:
            if side is PORTAL:
                guard = portal(P.MARKET if page.writes else P.PORTAL, link=page.link)
            else:
                guard = vendor(P.EDIT_MARKETING if page.writes else P.SEE_MDF)
            view = guard(for_side(page.view, side, posts=page.posts))
            yield path(f"{base}{page.address}", view, name=f"{side.prefix}{page.name}")


urlpatterns = [
    *_of_both(),
    path("mdf/", overview.home, name="home"),
    path("mdf/overview.xlsx", overview.overview_xlsx, name="overview_xlsx"),
    path("mdf/approvals/", lists.approvals, name="approvals"),
    path("mdf/requests/", lists.requests, name="requests"),
    path("mdf/requests/export/<str:kind>/", lists.requests_export, name="requests_export"),
    path("mdf/requests/<int:pk>/decide/", deciding.decide, name="decide"),
    path("mdf/requests/<int:pk>/approve/", deciding.approve, name="approve"),
    path("mdf/requests/<int:pk>/return/", deciding.give_back, name="give_back"),
    path("mdf/requests/<int:pk>/close/", vendor(P.DECIDE_MDF)(for_side(requests.close, VENDOR, posts=True)), name="close"),
    path("mdf/claims/", lists.claims, name="claims"),
    path("mdf/claims/export/<str:kind>/", lists.claims_export, name="claims_export"),
    path("mdf/claims/<int:pk>/decide/", deciding.decide_claim, name="decide_claim"),
    path("mdf/claims/<int:pk>/approve/", deciding.approve_claim, name="approve_claim"),
    path("mdf/claims/<int:pk>/return/", deciding.give_back_claim, name="give_back_claim"),
    path("mdf/claims/<int:pk>/pay/", vendor(P.EDIT_FUNDS)(for_side(claims.pay, VENDOR, posts=True)), name="pay"),
    path("mdf/delegations/", rules.delegations, name="delegations"),
    path("mdf/delegations/<int:pk>/end/", rules.end_delegation, name="end_delegation"),
    path("mdf/trail/", overview.money_trail, name="trail"),
    path("mdf/trail/export/<str:kind>/", overview.trail_export, name="trail_export"),
    path("mdf/trail/<int:pk>/", overview.trail_line, name="trail_line"),
    path("portal/mdf/", lists.portal_requests, name="portal_requests"),
    path("portal/mdf/export/<str:kind>/", lists.portal_requests_export, name="portal_requests_export"),
    path("portal/mdf/claims/", lists.portal_claims, name="portal_claims"),
    path("portal/mdf/claims/export/<str:kind>/", lists.portal_claims_export, name="portal_claims_export"),
    path("settings/mdf/", rules.rules, name="rules"),
    path("settings/mdf/<int:pk>/remove/", rules.remove, name="rules_remove"),
]  # fmt: skip
