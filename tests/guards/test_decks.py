"""Nothing internal, of another partner or of another vendor is in any deck that is built for a partner, wherever one looks: slides, notes,
alt texts, charts and their workbooks, properties, PDF, preview. A vendor copy is another thing, and its builder's alone.

The decks are real ones of the furnished house, in which every text of every row says whose it is.
"""

import json
from collections.abc import Iterable, Mapping

import pytest

from accounts.permissions import Role
from leads.models import Lead
from partners.models import Partner
from pipeline.models import Deal, MetricValue, SalesResult, TargetMonth
from prm.common.fiscal import FiscalQuarter
from prm.common.vendor import today
from prm.documents.slides_view import View
from qbr import actions, candidates, reading
from qbr.actions.drafting import quarters
from qbr.content import KEYS
from qbr.frozen import freeze
from qbr.models import Qbr, Version
from scorecards import actions as scorecards
from scorecards.models import Assessment, AssessmentScore
from tests.guards.crawl import get
from tests.guards.decks import built, review, shown, told
from tests.guards.furnish import BLIND, CONFIDENTIAL, INTERNAL
from tests.guards.house import OTHER_CAM, House, undone
from tests.guards.test_blind import MARK, marked
from tests.guards.test_canary import OTHERS, change_what_is_internal, read
from tests.qbr.making import people

FOREIGN = (*OTHERS, INTERNAL, BLIND, CONFIDENTIAL, OTHER_CAM)
# This quarter, and the one before, which nobody has reviewed before and in which nothing was marketed: back from now, and what has no slide.
WHICH: dict[str, tuple[int, set[str]]] = {"running": (0, set()), "over": (1, {"commitments", "leads", "marketing"})}


def nothing_of(words: Iterable[str], said: Mapping[str, str]) -> None:
    for place, text in said.items():
        for word in words:
            at = text.find(word)
            assert at < 0, f"{word} in {place}: …{text[max(0, at - 200) : at + 100]!r}…"


def quarter(name: str) -> FiscalQuarter:
    return quarters()[WHICH[name][0]]


def choose_what_isnt_theirs(qbr: Qbr, house: House) -> None:
    """As somebody might by hand: the deals and actions of others, and what is internal, are none to choose among."""
    partners = [house.acme.partner_a, house.acme.partner_b]
    chosen = {
        "deals": list(Deal.everything.filter(partner__in=partners).values_list("pk", flat=True)[:50]),
        "actions": [pk for each in partners for pk in each.actions.values_list("pk", flat=True)][:50],
    }
    actions.change(qbr=qbr, by=house.people["cam"], chosen=chosen)
    qbr.refresh_from_db()


@pytest.mark.parametrize("which", WHICH)
def test_a_deck_for_the_partner_holds_nothing_that_is_not_for_the_partner(house, which):
    cam, admin = house.people["cam"], house.people["admin"]
    qbr = review(house.acme.partner_a, quarter(which), cam)
    choose_what_isnt_theirs(qbr, house)
    version = built(qbr, cam)
    said = told(version)
    nothing_of(FOREIGN, said)
    for place in ("slides", "notes", "workbooks", "alt", "properties", "PDF", "preview", "kept"):
        assert "ACME-A" in said[place], f"nothing was read of {place}"
    # Whoever builds, the eyes are the partner's.
    other = freeze(reading.deck(qbr, admin, kind="partner")[0])
    assert other == version.content
    # Nothing was passed over for want of data.
    assert set(KEYS) - {slide["key"] for slide in version.content["slides"]} == WHICH[which][1]


def test_the_draft_previews_offers_and_tells_by_the_api_no_more(house):
    cam = house.people["cam"]
    qbr = review(house.acme.partner_a, quarter("running"), cam)
    draft = reading.draft(qbr, cam)
    views: list[View] = [view for line in draft.lines for view in reading.previews(qbr, draft, line)]
    offered = [group for key in KEYS for group in candidates.of_slide(qbr, key, cam)]
    (api,) = get(house, "cam", cam, f"/api/v1/qbrs/{qbr.pk}/slides")
    said = {"preview": shown(views), "choices": repr(offered), "API": api.text()}
    nothing_of(FOREIGN, said)
    assert {group.kind for group in offered} == {"wins", "concerns", "deals", "actions"}
    for place, text in said.items():
        assert "ACME-A" in text, place


def test_at_another_vendor_the_same_ids_give_another_deck(house):
    """Rows of both vendors have the same numbers: whoever mistakes one for the other shows it here."""
    ours = built(review(house.acme.partner_a, quarter("over"), house.people["cam"]), house.people["cam"])
    with house.globex as globex:
        cam = globex.users[Role.CAM]
        theirs = built(review(globex.partner_a, quarter("over"), cam), cam)
        said = told(theirs)
        assert (theirs.qbr.pk, theirs.qbr.partner_id, cam.pk) == (ours.qbr.pk, ours.qbr.partner_id, ours.built_by_id)
    nothing_of(("ACME-", "GLOBEX-B", INTERNAL, BLIND, CONFIDENTIAL), said)
    assert all("GLOBEX-A" in said[place] for place in ("slides", "notes", "workbooks", "PDF", "preview"))


def test_what_the_partner_reads_of_a_shared_review_is_that_deck(house):
    """Through the portal and the API, as each of its people."""
    cam, champion = house.people["cam"], house.people["partner_champion_a"]
    qbr = review(house.acme.partner_a, quarter("running"), cam)
    built(qbr, cam)
    built(qbr, cam, kind="vendor")
    actions.hold(qbr=qbr, by=cam, held_on=today(), people=people(cam))
    version = actions.share(qbr=qbr, by=cam)
    portal, api = f"/portal/qbr/{qbr.pk}/", "/api/v1/qbrs"
    asked = [
        "/portal/qbr/", portal, f"{portal}pptx/", f"{portal}pdf/", api, f"{api}/{qbr.pk}", f"{api}/{qbr.pk}/commitments",
        *(f"{api}/versions/{version.pk}/{ending}" for ending in ("pptx", "pdf")),
    ]  # fmt: skip
    for who in ("partner_champion_a", "partner_seller_a"):
        found = read((one for url in asked for one in get(house, who, house.people[who], url)), *FOREIGN)
        assert [one.url for one in found] == asked, who
    (details,) = get(house, "partner_champion_a", champion, f"{api}/{qbr.pk}")
    assert [each["kind"] for each in json.loads(details.body)["versions"]] == ["partner"]
    assert not {"chosen", "commentary", "switched", "build"} & json.loads(details.body).keys()


# ── The vendor copy ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_vendor_copy_holds_what_its_builder_sees_and_says_so(house):
    """So what is looked for above is there to be found, in each of those places."""
    cam = house.people["cam"]
    said = told(built(review(house.acme.partner_a, quarter("running"), cam), cam, kind="vendor"))
    for place in ("slides", "notes", "workbooks", "alt", "PDF", "preview", "kept"):
        assert INTERNAL in said[place], place
    nothing_of((*OTHERS, BLIND, CONFIDENTIAL), said)
    assert "not for the partner" in said["slides"]


def test_a_vendor_copy_is_nobody_elses(house):
    cam = house.people["cam"]
    copy = built(review(house.acme.partner_a, quarter("running"), cam), cam, kind="vendor")
    addresses = [
        f"/qbr/versions/{copy.pk}/",
        *(f"/qbr/versions/{copy.pk}/{ending}/" for ending in ("pptx", "pdf")),
        *(f"/api/v1/qbrs/versions/{copy.pk}/{ending}" for ending in ("pptx", "pdf")),
    ]
    for who, user in house.people.items():
        for url in addresses:
            with undone():
                status = house.client(user).get(url).status_code
            expected = {200} if who == "cam" else {403, 404} if user.is_active else {302, 401}
            assert status in expected, f"{who} {url}: {status}"
    deck, details = f"/qbr/{copy.qbr_id}/deck/", f"/api/v1/qbrs/{copy.qbr_id}"
    for who in ("admin", "operations", "chief"):
        (page,) = get(house, who, house.people[who], deck)
        assert f"/qbr/versions/{copy.pk}/" not in page.text(), who
        (one,) = get(house, who, house.people[who], details)
        assert copy.pk not in [each["id"] for each in json.loads(one.body)["versions"]], who
    (mine,) = get(house, "cam", cam, deck)
    assert f"/qbr/versions/{copy.pk}/" in mine.text()
    assert not Version.objects.visible_to(house.people["partner_champion_a"]).filter(pk=copy.pk).exists()


# ── What can't be marked: figures ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("which", WHICH)
def test_what_is_internal_or_anothers_makes_no_difference_to_a_deck(house, which):
    cam = house.people["cam"]
    qbr = review(house.acme.partner_a, quarter(which), cam)
    before = freeze(reading.deck(qbr, cam, kind="partner")[0])
    copy = freeze(reading.deck(qbr, cam, kind="vendor")[0])
    change_what_is_internal(house.acme.partner_a)
    change_what_is_anothers(house.acme.partner_b)
    after = freeze(reading.deck(qbr, cam, kind="partner")[0])
    for one, other in zip(before["slides"], after["slides"], strict=True):
        assert other == one, one["key"]
    assert freeze(reading.deck(qbr, cam, kind="vendor")[0]) != copy


@pytest.mark.parametrize("side", ["cam", "self"])
def test_a_scorecard_that_one_side_alone_may_see_yet_makes_no_difference_to_a_deck(house, side):
    """Whichever side's it is: the deck is for both. Nor does it to a vendor copy, where it is the partner's."""
    cam, partner = house.people["cam"], house.acme.partner_a
    mine = Assessment.everything.filter(partner=partner)
    mine.filter(status="draft").delete()
    mine.update(period="2020Q1")  # what is there was of another quarter: both sides saw it
    qbr = review(partner, quarter("running"), cam)
    kinds = ["partner"] if side == "cam" else ["partner", "vendor"]
    before = [freeze(reading.deck(qbr, cam, kind=kind)[0]) for kind in kinds]
    author = cam if side == "cam" else house.people["partner_seller_a"]
    blind = marked(partner, author)
    scorecards.submit(assessment=blind, by=author)
    blind.refresh_from_db()
    assert not blind.revealed
    after = [freeze(reading.deck(qbr, cam, kind=kind)[0]) for kind in kinds]
    assert MARK not in json.dumps(after)
    assert after == before


def change_what_is_anothers(partner: Partner) -> None:
    """What another partner sold, has open and is given, and how it scored."""
    SalesResult.everything.filter(partner=partner).update(amount=77_777)
    Deal.everything.filter(partner=partner).update(amount=77_777)
    TargetMonth.everything.filter(version__partner=partner).update(value=77_777)
    MetricValue.everything.filter(partner=partner).update(value=77_777)
    AssessmentScore.everything.filter(assessment__partner=partner).update(score=77)
    Lead.everything.filter(partner=partner).update(grade="D")
    partner.contacts.update(name="Somebody else")
