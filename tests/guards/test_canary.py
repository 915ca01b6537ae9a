"""Every text of every table carries a mark that says whose it is. Nobody ever reads a mark that isn't meant for them."""

import re
from collections.abc import Iterable

import pytest
from django.db.models import F

from accounts import links
from accounts.permissions import Role
from partners.models import Partner
from pipeline.models import MetricValue, TargetMonth
from scorecards.models import Answer, Assessment, AssessmentScore
from tests.guards.crawl import READABLE, Seen, filtered, get, seen, urls, visit
from tests.guards.furnish import BLIND, CONFIDENTIAL, INTERNAL
from tests.guards.house import OTHER_CAM, House, Visitor
from tests.guards.objects import all_arguments
from tests.world import session_of

PARTNER_SIDE = sorted(f"{role}_a" for role in Role if role.is_partner_side)
LESS = ("partner_marketer_a", "partner_seller_a")  # see a part of what the champion sees
LIMITED = ["cam", "chief_west", "distributor"]
OTHERS = ("ACME-B", "GLOBEX")


def read(visited: Iterable[Seen], *forbidden: str) -> list[Seen]:
    """All of them, once none of the forbidden words is in any."""
    found = list(visited)
    for one in found:
        text = one.text()
        for word in forbidden:
            at = text.find(word)
            assert at < 0, f"{one.who} reads {word} at {one.url}: …{text[max(0, at - 80) : at + 80]!r}…"
    return found


@pytest.mark.parametrize(
    "who", [pytest.param(who, marks=pytest.mark.full) if who in LESS else who for who in PARTNER_SIDE]
)
def test_a_partners_people_read_nothing_of_others_and_nothing_internal(house, who):
    in_all_ways = who == "partner_champion_a"  # whose pages the others' are among
    found = [*seen(house, who), *(filtered(house, who) if in_all_ways else [])]
    read(found, *OTHERS, INTERNAL, OTHER_CAM)
    assert any("ACME-A" in one.text() for one in found)
    assert {one.kind.partition(";")[0] for one in found} >= {"text/html", "application/pdf", "application/json"}


@pytest.mark.parametrize("who", LIMITED)
def test_who_sees_some_partners_reads_nothing_of_the_others(house, who):
    kept = [CONFIDENTIAL] if who != "chief_west" else []
    found = read([*seen(house, who), *(filtered(house, who) if who == "cam" else [])], *OTHERS, BLIND, *kept)
    assert any("ACME-A" in one.text() for one in found)


def test_who_sees_all_partners_reads_nothing_of_another_vendor(house):
    found = read(visit(house, "admin", house.people["admin"], house.acme.partner_b), "GLOBEX", BLIND)
    assert any("ACME-B" in one.text() for one in found)
    assert {one.kind.partition(";")[0] for one in found} >= {"text/html", "application/pdf", "text/csv"}


def test_at_another_vendor_nothing_of_ours_is_read(house):
    with house.globex as globex:
        user = globex.users[Role.ADMIN]
        client = Visitor(globex, headers={"host": globex.host})
        client.cookies["sessionid"] = session_of(user)
        for url in (
            "/",
            "/partners/",
            "/actions/",
            "/search?q=ACME",
            "/settings/audit/",
            "/settings/users/",
            "/scorecards/",
        ):
            body = client.get(url).body.decode()
            assert "GLOBEX" in body, url
            assert "ACME-" not in body, url


@pytest.mark.parametrize("number", [0, 1])
def test_the_holder_of_a_link_reads_nothing_of_others_and_nothing_internal(house, number):
    """A draft, and a submitted one whose link is still open."""
    world = house.acme
    user = world.users_a[Role.PARTNER_SELLER]
    own = Assessment.objects.unscoped("guard").filter(partner=world.partner_a, mode="self")
    own = own.exclude(status="superseded").order_by("-status")
    target = list(own)[number]
    link = links.make(user=user, purpose="scorecards.answer", target_id=target.pk, days=1)
    client = house.client()
    assert client.get(f"/l/{links.token(link)}/").status_code == 302
    found = []
    for address in (address for address in READABLE if address.link):
        for kwargs in all_arguments(address, world, world.partner_a):
            if kwargs["pk"] == target.pk:
                url = address.url(**kwargs)
                response = client.get(url)
                if response.status_code == 200:
                    kind = response["Content-Type"]
                    found.append(Seen("the holder of a link", url, 200, kind, response.body))
    assert len(read(found, *OTHERS, INTERNAL, OTHER_CAM)) > 2
    assert any("ACME-A" in one.text() for one in found)


# ── What can't be marked: figures ────────────────────────────────────────────────────────────────────────────────────


def pages(house: House, who: str, asked: list[str]) -> dict[str, str]:
    """What everything says to this person, without what is new at each request."""
    user = house.people[who]
    return {one.url: same_every_time(one.text()) for url in asked for one in get(house, who, user, url)}


def same_every_time(text: str) -> str:
    text = re.sub(r'(csrf-token" content|csrfmiddlewaretoken" value)="[^"]*"', "", text)
    text = re.sub(
        r"\d{1,2}:\d\d(:\d\d(\.\d+)?)?|\d{1,2} [ap]\.m\.|noon|midnight|\d+\s(second|minute)s? ago|just now|datetime=\"[^\"]*\"",
        "",
        text,
    )
    return re.sub(r"/(CreationDate|ModDate|ID)[^\n]*|<dcterms:[^>]*>[^<]*|D:\d{14}", "", text)


@pytest.mark.parametrize("who", ["partner_champion_a"])
def test_what_is_internal_makes_no_difference_to_what_the_partner_sees(house, who):
    partner = house.acme.partner_a
    asked = [url for url in urls(house, who, partner) if not url.startswith("/components/")]  # it tells the time of day
    before = pages(house, who, asked)
    change_what_is_internal(partner)
    after = pages(house, who, asked)
    assert after.keys() == before.keys()
    for url, text in before.items():
        assert after[url] == text, url


def change_what_is_internal(partner: Partner) -> None:
    """All of what the vendor keeps of this partner for itself: scores and answers, notes, actions and touches, metrics."""
    mine = Assessment.objects.unscoped("guard").filter(partner=partner)
    mine.exclude(status="draft").update(overall=F("overall") / 3)
    for assessment in mine.exclude(result=None):
        assessment.result = {
            **assessment.result,
            "overall": "1.000000000000",
            "display": 1,
            "rag": "red",
            "categories": [],
        }
        assessment.save(update_fields=["result"])
    AssessmentScore.objects.unscoped("guard").filter(assessment__partner=partner, internal=True).update(score=99)
    Answer.objects.unscoped("guard").filter(assessment__partner=partner, internal=True).update(
        na=True, options=[], value=""
    )
    Answer.objects.unscoped("guard").filter(assessment__in=mine.filter(mode="cam", status="draft")).delete()
    Partner.objects.unscoped("guard").filter(pk=partner.pk).update(internal_note="another")
    partner.actions.filter(shared=False).delete()
    partner.touches.filter(shared=False).delete()
    partner.placements.update(reason="another")
    TargetMonth.everything.filter(version__partner=partner, version__metric="secret_margin").update(value=7)
    MetricValue.everything.filter(partner=partner, metric__internal=True).update(value=77)
