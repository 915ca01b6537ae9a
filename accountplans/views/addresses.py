"""The pages of account plans that both sides have, at each side's addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from accountplans.views import cell, customer, customer_file, plan
from accountplans.views.sides import PORTAL, VENDOR, Side
from accounts.access import for_side, portal, vendor

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Part:
    """`of`: what the page is about, "" for the partner, else what stands in the address. `writes`: for those who plan, not for all
    who see; `posts`: what a form is sent to; `only`: one side has it."""

    name: str
    of: str
    address: str
    page: View
    writes: bool = False
    posts: bool = False
    only: Side | None = None


CUSTOMER = "customers/<int:pk>/"
LINE = f"{CUSTOMER}lines/<int:line>/"
FILE = "export/<str:kind>/"
PARTS = (
    Part("partner", "", "", plan.matrix),
    Part("opportunities", "", "opportunities/", plan.opportunities),
    Part("targets_of", "", "targets/", plan.targets),
    Part("account_new", "", "new/", customer.new, writes=True),
    Part("take_in", "", "import/", customer_file.take_in, writes=True),
    Part("review", "", "review/", plan.review, writes=True, posts=True),
    Part("share", "", "share/", plan.share, writes=True, posts=True, only=PORTAL),
    Part("account", CUSTOMER, "", customer.account),
    Part("account_edit", CUSTOMER, "edit/", customer.edit, writes=True),
    Part("account_remove", CUSTOMER, "remove/", customer.remove, writes=True, posts=True),
    Part("cell", LINE, "", cell.cell),
    Part("cell_confirm", LINE, "confirm/", cell.confirm, writes=True, posts=True),
    Part("cell_clear", LINE, "clear/", cell.clear, writes=True, posts=True),
    Part("opportunities_export", f"opportunities/{FILE}", "", plan.opportunities_export),
    Part("targets_export", f"targets/{FILE}", "", plan.targets_export),
)


def addresses() -> Iterator[URLPattern]:
    for side, guard, base in ((VENDOR, vendor, "accounts/"), (PORTAL, portal, "portal/accounts/")):
        for part in PARTS:
            if part.only in (None, side):
                guarded = guard(side.plans if part.writes else side.sees)(for_side(part.page, side, posts=part.posts))
                start = base if part.of or side is PORTAL else "partners/<int:pk>/accounts/"
                yield path(f"{start}{part.of}{part.address}", guarded, name=f"{side.prefix}{part.name}")
