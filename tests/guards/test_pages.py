"""Every page of everybody: what its HTML keeps to, that its links lead somewhere, that its templates name only what there is."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.guards.crawl import Seen, seen
from tests.guards.house import House, undone
from tests.guards.html import parse, problems_of_page, problems_of_part

PEOPLE = [
    "admin",
    *(pytest.param(who, marks=pytest.mark.full) for who in ("cam", "chief_west")),  # see less than the admin
    "marketing",
    "distributor",
    "without_roles",
    "partner_champion_a",
    pytest.param("partner_seller_a", marks=pytest.mark.full),
]


def wrong_with(one: Seen) -> Iterator[str]:
    root, mismatched = parse(one.body.decode())
    yield from mismatched
    for problem in (problems_of_page if one.is_page else problems_of_part)(root):
        if not (one.url.startswith("/components/") and "link to nowhere" in problem):  # its links are for show
            yield problem


@pytest.mark.parametrize("who", PEOPLE)
def test_pages_are_sound(house, who):
    found = []
    links: dict[str, str] = {}
    for one in seen(house, who):
        if one.kind.startswith("text/html"):
            found += [f"{one.url}: {problem}" for problem in wrong_with(one)]
            links |= dict.fromkeys(hrefs(one), one.url)
    assert not found, "\n".join(found[:40])
    assert not (nowhere := dead(house, who, links)), "\n".join(nowhere)


def hrefs(one: Seen) -> Iterator[str]:
    """Where the links of a page lead, within the site; what a page needs is looked at once, for the admin."""
    root, _problems = parse(one.body.decode())
    for element in root.all("a", *(("link", "use", "script", "img") if one.who == "admin" else ())):
        to = element["href"] or element["src"]
        if to.startswith("?"):
            to = urlsplit(one.url).path + to
        if to.startswith("/"):
            yield to.partition("#")[0]


def dead(house: House, who: str, links: dict[str, str]) -> list[str]:
    """Links that this person sees and that lead nowhere; of those that differ in a number or a value, one is followed."""
    found = []
    kinds = {re.sub(r"\d+|=[^&]*", "", to): (to, seen_at) for to, seen_at in links.items()}
    for to, seen_at in kinds.values():
        with undone():
            status = house.client(house.people[who]).get(to).status_code
        if status >= 400:
            found.append(f"{seen_at} → {to}: {status}")
    return found


ERRORS = {
    "/no/such/page/": 404,
    "/settings/users/": 403,
    "/partners/new/": 403,
    "/l/no-such-link/": 404,
}


@pytest.mark.parametrize(("url", "status"), ERRORS.items())
def test_error_pages_are_sound(house, url, status):
    for user in (house.people["partner_seller_a"], None):
        response = house.client(user).get(url, follow=user is None)
        if user is not None:
            assert response.status_code == status
        one = Seen("", url, response.status_code, response["Content-Type"], response.body)
        assert list(wrong_with(one)) == []


def test_what_breaks_is_said_on_a_sound_page(house, monkeypatch):
    from partners.views import vendor

    def breaks(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(vendor, "partner_listing", breaks)
    client = house.client(house.people["admin"])
    client.raise_request_exception = False
    response = client.get("/partners/")
    assert response.status_code == 500
    assert list(wrong_with(Seen("", "/partners/", 500, response["Content-Type"], response.body))) == []


@pytest.mark.parametrize(
    ("host", "status"), [("nobody.localhost", 404), ("localhost", 200), ("bad host", 404), ("acme.localhost", 302)]
)
def test_pages_of_no_vendor_are_sound(house, host, status):
    response = house.client(host=host).get("/")
    assert response.status_code == status
    one = Seen("", host, status, response["Content-Type"], response.body)
    assert status == 302 or list(wrong_with(one)) == []
