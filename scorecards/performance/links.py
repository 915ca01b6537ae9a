"""Where the records behind a figure are listed, for each side; None where that side has no such list."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import User
from accounts.permissions import Permission as P
from partners.models import Partner
from prm.common.vendor import fiscal_calendar

FIGURE, METRIC = "figure:", "metric:"
# Kinds of deals by the fields of the deals' filter; {first} and {last} are the days asked for.
DEALS: dict[str, dict[str, str]] = {
    "pipeline": {"close_from": "{first}", "close_to": "{last}"},
    "overdue": {"look": "overdue"},
    "won": {"state": "won", "closed_from": "{first}", "closed_to": "{last}"},
    "lost": {"state": "lost", "closed_from": "{first}", "closed_to": "{last}"},
    "closed": {"state": "won,lost", "closed_from": "{first}", "closed_to": "{last}"},
    "won_partner_led": {"state": "won", "led": "partner", "closed_from": "{first}", "closed_to": "{last}"},
    "renewals": {"state": "open,won,lost", "kind": "renewal", "close_from": "{first}", "close_to": "{last}"},
}


class Links:
    """The links of one partner's figures. `day` and `family` stay in the addresses of figures; None is today."""

    def __init__(self, user: User, partner: Partner, day: dt.date | None = None, *, family: bool = False) -> None:
        self.user, self.partner = user, partner
        self.portal = user.is_partner_side
        self.query: dict[str, str] = {}
        self.pages: dict[str, str] = {}
        if day:
            self.query["on"] = day.isoformat()
        if family:
            self.query["family"] = "1"

    def __call__(self, what: str, first: dt.date | None = None, last: dt.date | None = None) -> str | None:
        if what.startswith(FIGURE):
            return self.figure(what.removeprefix(FIGURE))
        if what in DEALS:
            return self._deals(DEALS[what], {"first": first, "last": last})
        return None if self.portal else self._of_vendor(what, first, last)

    def figure(self, key: str) -> str:
        """The page that explains a figure."""
        name = "portal_performance_explain" if self.portal else "performance_explain"
        return _with(reverse(f"scorecards:{name}", args=[self.partner.pk, key]), self.query)

    def _deals(self, fields: dict[str, str], days: dict[str, dt.date | None]) -> str | None:
        if not (self.portal or self.user.can(P.SEE_DEALS)):
            return None
        query: dict[str, Any] = {}
        for name, value in fields.items():
            day = days.get(value.strip("{}"))
            if not value.startswith("{"):
                query[name] = value.split(",")
            elif day:
                query[name] = day.isoformat()
        address = reverse("pipeline:portal_deals") if self.portal else self._page("pipeline:partner_deals")
        return _with(address, query)

    def _of_vendor(self, what: str, first: dt.date | None, last: dt.date | None) -> str | None:
        days = {"since": first, "until": last}
        if what == "results":
            return self._list("pipeline:partner_results", **days)
        if what == "targets":
            year = fiscal_calendar().year_of(first).key if first else None
            return self._list("pipeline:partner_targets", year=year)
        if what.startswith(METRIC):
            return self._list("pipeline:partner_values", metric=what.removeprefix(METRIC), **days)
        if what == "contacts" or (what == "touches" and self.user.can(P.SEE_WORK)):
            return self._page("partners:people")
        return self._page("partners:hub") if what == "partner" else None

    def _list(self, name: str, **asked: dt.date | str | None) -> str:
        query = {
            key: value.isoformat() if isinstance(value, dt.date) else value for key, value in asked.items() if value
        }
        return _with(self._page(name), query)

    def _page(self, name: str) -> str:
        if name not in self.pages:  # a page of figures links to the same few places hundreds of times
            self.pages[name] = reverse(name, args=[self.partner.pk])
        return self.pages[name]


def _with(address: str, query: dict[str, Any]) -> str:
    return f"{address}?{urlencode(query, doseq=True)}" if query else address
