"""A page costs the same number of queries with one row of everything as with three."""

import re
from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.guards.crawl import urls
from tests.guards.furnish import furnish
from tests.guards.house import House, undone
from tests.world import make_partner, make_team

PEOPLE = ["admin", "partner_champion_a", pytest.param("cam", marks=pytest.mark.full)]


def costs(house: House, who: str, asked: list[str], *, warm: bool = True) -> dict[str, list[str]]:
    """The queries each page, file and answer of the API asks for: `warm`, the second time it is opened."""
    found = {}
    for url in asked:
        with undone():
            client = house.client(house.people[who])
            if warm:
                client.get(url)
            with CaptureQueriesContext(connection) as queries:
                status = client.get(url).status_code
            if status == 200:
                found[url] = [query["sql"] for query in queries if not _of_the_host(query["sql"])]
    return found


def _of_the_host(query: str) -> bool:
    """Which vendor a host is for is asked anew every half minute."""
    return query.startswith("SET search_path") or "tenancy_domain" in query


def add_rows(house: House) -> None:
    """Two more of everything: for partner A, and two more partners of the same CAM with all that belongs to them."""
    world = house.acme
    for number in (1, 2):
        furnish(world, world.partner_a, world.users_a)
        more = {"region": world.partner_a.region, "cam": world.partner_a.cam, "distributor": house.distributor}
        partner = make_partner(world, f"X{number}", name="Contoso", **more)
        furnish(world, partner, make_team(world, partner, f"X{number}"))


@pytest.mark.long
@pytest.mark.parametrize("who", PEOPLE)
def test_more_rows_cost_no_more_queries(house, who):
    # Of addresses that differ in the row they are about, one; a paper is of one thing, however many there are.
    kinds = {re.sub(r"\d+", "1", url): url for url in sorted(urls(house, who, house.acme.partner_a), reverse=True)}
    before = costs(house, who, [url for url in kinds.values() if not url.endswith(".pdf")])
    assert len(before) > 10
    add_rows(house)
    after = costs(house, who, list(before), warm=False)
    # Dearer may be what isn't kept yet, or was kept for a minute that is over: only what is so twice counts.
    after |= costs(house, who, [url for url, asked in after.items() if len(asked) > len(before[url])])
    dearer = [
        f"{url}: {len(before[url])} → {len(asked)}, more of {_more(before[url], asked)}"
        for url, asked in after.items()
        if len(asked) > len(before[url])
    ]
    assert not dearer, "\n".join(dearer[:40])


def _more(before: list[str], after: list[str]) -> dict[str, int]:
    """The kinds of queries that are asked more often."""
    return dict(Counter(map(_kind, after)) - Counter(map(_kind, before)))


def _kind(query: str) -> str:
    return f"{query[:60]}… {query.partition(' FROM ')[2][:200]}"
