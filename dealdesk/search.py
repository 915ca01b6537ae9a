"""What may be about the same customer, found by the database: by index, a little more than matches. `matching` has the last word."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction

from dealdesk import matching
from dealdesk.matching import Company
from prm.common.names import normalised

# A little below the limit: the database computes in single precision.
THRESHOLD = 0.59

# Each part by an index of its own; an "or" of them would read every row.
_REGISTRATIONS = """
    SELECT id FROM dealdesk_registration
     WHERE state IN ('submitted', 'returned', 'approved') AND registrable <> '' AND registrable = %(domain)s
    UNION SELECT id FROM dealdesk_registration
     WHERE state IN ('submitted', 'returned', 'approved') AND name_key %% %(key)s
    UNION SELECT id FROM dealdesk_registration
     WHERE state IN ('submitted', 'returned', 'approved') AND name_key LIKE %(longer)s
    UNION SELECT id FROM dealdesk_registration
     WHERE state IN ('submitted', 'returned', 'approved') AND name_key = ANY(%(shorter)s)
"""
_CUSTOMERS = """
    SELECT id FROM pipeline_customer WHERE %(domain)s <> '' AND domain <> '' AND domain ILIKE ANY(%(hosts)s)
    UNION SELECT id FROM pipeline_customer WHERE name_key %% %(key)s
    UNION SELECT id FROM pipeline_customer WHERE name_key = %(plain)s
    UNION SELECT id FROM pipeline_customer WHERE name_key LIKE %(longer)s
    UNION SELECT id FROM pipeline_customer WHERE name_key = ANY(%(shorter)s)
"""


def registrations_like(company: Company) -> list[int]:
    """Ids of registrations that hold a customer (an approved one also past its end) and may be about this one."""
    return _ids(_REGISTRATIONS, _words(company))


def customers_like(company: Company, name: str) -> list[int]:
    """Ids of partners' customers that may be this one, whose name as typed is `name`. They are kept by their names in the letters
    they were typed in, which the database compares only as a whole where those aren't Latin."""
    hosts = [f"%{host}%" for host in {company.domain, _readable(company.domain)} if host]
    return _ids(_CUSTOMERS, _words(company) | {"plain": normalised(name), "hosts": hosts})


def _words(company: Company) -> dict[str, Any]:
    shorter = matching.starts(company.key)
    return {
        "domain": company.domain,
        "key": company.key,
        "longer": f"{company.key} %" if company.key else "",
        "shorter": shorter,
    }


@transaction.atomic
def _ids(sql: str, values: dict[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.similarity_threshold', %s, true)", [str(THRESHOLD)])
        cursor.execute(sql, values)
        found: Iterable[tuple[int]] = cursor.fetchall()
    return sorted(row[0] for row in found)


def _readable(domain: str) -> str:
    """The domain as people write it, "bücher.de" for "xn--bcher-kva.de"."""
    try:
        return domain.encode("ascii").decode("idna")
    except UnicodeError:
        return domain
