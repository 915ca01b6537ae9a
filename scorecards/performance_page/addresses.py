"""Where the page stands: for the vendor, in the portal, and for who came to it by a mailed link."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from partners.models import Partner


@dataclass(frozen=True)
class Side:
    """The names of its addresses begin with `prefix`; `links_on`: whether its reader gets to other pages of the site."""

    prefix: str
    links_on: bool = True

    @property
    def shared(self) -> bool:
        """Whether only what the partner sees stands on it."""
        return bool(self.prefix)

    def url(self, name: str, partner: Partner, **query: Any) -> str:
        """A page of the scorecard; `query` without what is empty."""
        return _with(reverse(f"scorecards:{self.prefix}{name}", args=[partner.pk]), query)

    def explain(self, partner: Partner, key: str, **query: Any) -> str:
        """The page that explains a figure."""
        return _with(reverse(f"scorecards:{self.prefix}performance_explain", args=[partner.pk, key]), query)


VENDOR = Side("")
PORTAL = Side("portal_")
BY_LINK = Side("portal_", links_on=False)


def _with(address: str, query: dict[str, Any]) -> str:
    given = {key: value.isoformat() if isinstance(value, dt.date) else value for key, value in query.items() if value}
    return f"{address}?{urlencode(given)}" if given else address
