"""Actuals in SQL: what was sold by partner and day, in the reporting currency; from sales results or from won deals.

An amount in another currency is converted at the rate of its day. What has no rate by then keeps its own currency, so that
a sum can name it instead of leaving it out unsaid.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from pipeline.policies import Origin

_RESULTS = """SELECT r.partner_id, r."on" AS day, r.amount, r.currency FROM pipeline_salesresult r
    WHERE {where} AND r.currency {same}"""
_WON = """SELECT h.partner_id, d.closed_on AS day, d.amount * h.percent / 100 AS amount, d.currency
    FROM pipeline_deal d JOIN pipeline_dealstage t ON t.id = d.stage_id AND t.outcome = 'won'
    JOIN pipeline_dealshare h ON h.deal_id = d.id WHERE d.closed_on IS NOT NULL AND {where} AND d.currency {same}"""


@dataclass(frozen=True)
class Statement:
    """A statement and its parameters."""

    text: str
    params: tuple[Any, ...] = ()


def rows(
    origin: Origin,
    reporting: str,
    *,
    partner_ids: list[int] | None = None,
    first: dt.date | None = None,
    last: dt.date | None = None,
    of: str | None = None,
    other_only: bool = False,
) -> Statement:
    """(partner_id, day, amount, currency) of these partners and days; None: of all. Exact, a row a result or share of a deal.

    `of`: a statement that gives the partners. `other_only`: leave out what needs no conversion.
    """
    source = _RESULTS if origin is Origin.RESULTS else _WON
    partner, day = ("r.partner_id", 'r."on"') if origin is Origin.RESULTS else ("h.partner_id", "d.closed_on")
    terms: list[tuple[str, Any]] = []
    if partner_ids is not None:
        terms.append((f"{partner} = ANY(%s)", partner_ids))
    if first is not None:
        terms.append((f"{day} >= %s", first))
    if last is not None:
        terms.append((f"{day} <= %s", last))
    where = (
        " AND ".join([*(text for text, _value in terms), *([f"{partner} = ANY(ARRAY({of}))"] if of else [])]) or "true"
    )
    values = tuple(value for _text, value in terms)
    own, other = (source.format(where=where, same=same) for same in ("= %s", "<> %s"))
    converted = Statement(
        f"""SELECT a.partner_id, a.day, coalesce(a.amount * x.rate, a.amount) AS amount,
            CASE WHEN x.rate IS NULL THEN a.currency ELSE %s END AS currency
        FROM ({other}) a LEFT JOIN LATERAL ({rate("a.currency", "a.day")}) x ON true""",
        (reporting, *values, reporting),
    )
    if other_only:
        return converted
    return Statement(f"{own} UNION ALL {converted.text}", (*values, reporting, *converted.params))


def rate(currency: str, day: str) -> str:
    """The latest rate on or before a day, in SQL; these are the names of columns."""
    return f"""SELECT c.rate FROM common_currencyrate c WHERE c.currency = {currency} AND c."on" <= {day}
        ORDER BY c."on" DESC LIMIT 1"""
