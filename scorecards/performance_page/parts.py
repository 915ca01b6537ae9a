"""The computed parts of the page, kept while nothing they are made from changes, and for a minute at the very most.

What a person changes on the site shows at once, since it is in the stamp; what is not in it (the names in the vendor's lists, say)
after less than a minute.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from django.db import connection
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from accounts.permissions import Permission
from scorecards.performance_page import chip

if TYPE_CHECKING:
    from scorecards.performance_page.page import Page

NAMES = ("figures", "deals", "points")
KEPT = 50  # seconds

_STAMP = """
WITH sold AS (SELECT count(*) AS n, max(updated_at) AS at FROM pipeline_salesresult WHERE partner_id = %(pk)s),
deals AS (SELECT count(*) AS n, max(d.updated_at) AS at, sum(s.percent) AS shares
          FROM pipeline_dealshare s JOIN pipeline_deal d ON d.id = s.deal_id WHERE s.partner_id = %(pk)s),
targets AS (SELECT count(*) AS n, max(created_at) AS at FROM pipeline_targetversion WHERE partner_id = %(pk)s),
metrics AS (SELECT count(*) AS n, max(created_at) AS at, sum(value) AS total
            FROM pipeline_metricvalue WHERE partner_id = %(pk)s),
certified AS (SELECT count(*) AS n, max(created_at) AS at, max(earned_on) AS earned, max(expires_on) AS expires
              FROM partners_certification WHERE partner_id = %(pk)s),
tasks AS (SELECT count(*) AS n, max(at) AS at FROM partners_taskdone WHERE partner_id = %(pk)s)
SELECT greatest(sold.at, deals.at, targets.at, metrics.at, certified.at, tasks.at),
       sold.n, sold.at, deals.n, deals.at, deals.shares, targets.n, targets.at, metrics.n, metrics.at, metrics.total,
       certified.n, certified.at, certified.earned, certified.expires, tasks.n, tasks.at,
       (SELECT count(*) || ' ' || max(id) FROM partners_touch WHERE partner_id = %(pk)s),
       (SELECT count(*) || ' ' || max(id) || ' ' || max(ends_on) || ' ' || count(ended_at)
        FROM scorecards_tieroverride WHERE partner_id = %(pk)s),
       (SELECT count(*) || ' ' || max(id) FROM common_policy),
       (SELECT count(*) || ' ' || max(id) FROM common_currencyrate)
FROM sold, deals, targets, metrics, certified, tasks"""


@dataclass(frozen=True)
class Parts:
    """Rendered parts by name, and when anything behind them was last recorded (None: nothing was)."""

    html: dict[str, SafeString]
    data_as_of: dt.datetime | None


def parts(page: "Page") -> Parts:
    """Of a family always computed: it has no stamp of its own."""
    if page.family:
        return Parts(_rendered(page), page.card.data_as_of)
    stamp = _stamp(page.partner.pk)
    key = _key(page, stamp)
    html = cache.get(key)
    if html is None:
        html = _rendered(page)
        cache.set(key, html, KEPT)
        if not page.shared and not page.is_past:
            chip.remember(page.partner, page.told)
    return Parts(html, stamp[0])


def _rendered(page: "Page") -> dict[str, SafeString]:
    context = {"page": page, "shared": page.shared}
    return {name: render_to_string(f"scorecards/performance_part_{name}.html", context) for name in NAMES}


def _stamp(partner: int) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(_STAMP, {"pk": partner})
        found: tuple[Any, ...] = cursor.fetchone()
        return found


def _key(page: "Page", stamp: tuple[Any, ...]) -> str:
    """Alike for all who see the same: a side's own people, the vendor's people who see deals and work alike."""
    partner, user = page.partner, page.user
    sees = [user.can(permission) for permission in (Permission.SEE_DEALS, Permission.SEE_WORK)]
    whole = (
        stamp, partner.pk, partner.tier_id, partner.stage_id, partner.sales_reps, partner.name, page.day, page.today,
        page.side, sees, get_language(),
    )  # fmt: skip
    return f"performance:{hashlib.sha256(repr(whole).encode()).hexdigest()}"
