"""A page costs the same number of queries with one row of everything as with three."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.guards.crawl import LEAVES, READABLE
from tests.guards.furnish import furnish
from tests.guards.house import House, undone
from tests.guards.objects import all_arguments
from tests.world import make_partner, make_team

PEOPLE = ["admin", "cam", "partner_champion_a"]


def costs(house: House, who: str, urls: list[str]) -> dict[str, list[str]]:
    """The queries each page and file asks for, the second time it is opened."""
    found = {}
    for url in urls:
        with undone():
            client = house.client(house.people[who])
            if client.get(url).status_code == 200:
                with CaptureQueriesContext(connection) as queries:
                    client.get(url)
                found[url] = [query["sql"] for query in queries]
    return found


def urls_of(house: House, who: str) -> list[str]:
    return [
        address.url(**kwargs)
        for address in READABLE
        if address.name not in LEAVES and who in house.allowed(address)
        for kwargs in all_arguments(address, house.acme, house.acme.partner_a)
    ]


def add_rows(house: House) -> None:
    """Two more of everything: for partner A, and two more partners of the same CAM with all that belongs to them."""
    world = house.acme
    for number in (1, 2):
        furnish(world, world.partner_a, world.users_a)
        more = {"region": world.partner_a.region, "cam": world.partner_a.cam, "distributor": house.distributor}
        partner = make_partner(world, f"X{number}", name="Contoso", **more)
        furnish(world, partner, make_team(world, partner, f"X{number}"))


@pytest.mark.parametrize("who", PEOPLE)
def test_more_rows_cost_no_more_queries(house, who):
    urls = urls_of(house, who)
    before = costs(house, who, urls)
    assert len(before) > 10
    add_rows(house)
    after = costs(house, who, list(before))
    dearer = [
        f"{url}: {len(before[url])} → {len(asked)}, e.g. {_repeated(asked)}"
        for url, asked in after.items()
        if len(asked) > len(before[url])
    ]
    assert dearer == []


def _repeated(queries: list[str]) -> str:
    """The kind of query that is asked most often."""
    kinds = [query.split(" WHERE ")[0][:200] for query in queries]
    most = max(set(kinds), key=kinds.count)
    return f"{kinds.count(most)} × {most}"
