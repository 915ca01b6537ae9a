"""What htmx swaps in is what the whole page would show at that place."""

import re

import pytest

from tests.guards.addresses import addresses
from tests.guards.crawl import READABLE, Seen, get, seen
from tests.guards.house import House, undone
from tests.guards.html import Element, ids, parse
from tests.guards.objects import arguments

BY_NAME = {address.name: address for address in addresses()}
PEOPLE = ["admin", "partner_champion_a", pytest.param("cam", marks=pytest.mark.full)]
HTMX = {"HX-Request": "true"}
# A POST that answers with a fragment, and the page it is part of.
PAGE_OF = {
    f"scorecards:{side}{name}": f"scorecards:{side}answer" for side in ("", "portal_") for name in ("save", "confirm")
}
# Compared where its form is filled in: tests/marketing/test_builder.py.
ELSEWHERE = {f"marketing:{side}activity" for side in ("", "portal_")}
# What differs because it is said of the moment.
MOMENT = {"saved"}


def plain(element: Element) -> object:
    for token in element.all("input"):
        if token["name"] == "csrfmiddlewaretoken":
            token.attributes.pop("value", None)
    for link in element.all("a"):
        if "data-go" in link:
            link.attributes.pop("aria-current", None)  # which topic is in view only the script knows
    text = repr(element.plain())
    return re.sub(r"\d+\W(second|minute)s? ago|\d\d:\d\d(:\d\d)?|just now", "", text)


def differences(fragment: str, page: str) -> list[str]:
    part, whole = ids(parse(fragment)[0]), ids(parse(page)[0])
    found = [f"{name} is not on the page" for name in part if name not in whole]
    return found + [
        f"{name}: {plain(part[name])} ≠ {plain(whole[name])}"
        for name in part
        if name in whole and name not in MOMENT and plain(part[name]) != plain(whole[name])
    ]


def is_fragment(one: Seen) -> bool:
    return one.kind.startswith("text/html") and bool(one.body.strip()) and not one.is_page


@pytest.mark.parametrize("who", PEOPLE)
def test_fragments_are_parts_of_their_page(house, who):
    user = house.people[who]
    found = []
    for page in (one for one in seen(house, who) if one.is_page):
        for fragment in get(house, who, user, page.url, headers=HTMX):
            if is_fragment(fragment):
                found += [f"{page.url}: {line}" for line in differences(fragment.body.decode(), page.body.decode())]
    assert not found, "\n".join(found[:40])


@pytest.mark.parametrize("name", PAGE_OF)
def test_what_follows_a_change_is_what_the_page_then_shows(house, name):
    who = "partner_champion_a" if "portal" in name else "cam"
    address, page = BY_NAME[name], BY_NAME[PAGE_OF[name]]
    client = house.client(house.people[who])
    kwargs = arguments(address, house.acme, house.acme.partner_a)
    url = page.url(pk=kwargs["pk"])
    form = next(parse(client.get(url).body.decode())[0].all("section"))
    topic = form["data-topic"]
    names = {field["name"]: field["value"] for field in form.all("input") if field["type"] == "radio"}
    response = client.post(address.url(**kwargs), {**names, "topic": topic}, headers=HTMX)
    assert response.status_code == 200
    assert b"<html" not in response.body
    assert differences(response.body.decode(), client.get(url).body.decode()) == []


def test_every_post_that_answers_with_a_fragment_is_compared(house):
    """Only what is sent as htmx sends it, with nothing in it, to find those that answer with a part of a page."""
    found = {name for who in ("cam", "partner_champion_a") for name in _answering_with_fragments(house, who)}
    assert found - set(PAGE_OF) - ELSEWHERE == set()


def _answering_with_fragments(house: House, who: str) -> list[str]:
    found = []
    compared = {one.url for one in seen(house, who) if one.status == 200}
    for address in READABLE:
        if who not in house.allowed(address) or address.name == "account_logout":
            continue
        url = address.url(**arguments(address, house.acme, house.acme.partner_a))
        if url in compared:
            continue
        with undone():
            response = house.client(house.people[who]).post(url, headers=HTMX)
        kind = response.headers.get("Content-Type", "")
        one = Seen(who, address.name, response.status_code, kind, response.body)
        if response.status_code in (200, 422) and is_fragment(one):
            found.append(address.name)
    return found
