import re

import pytest
from django.utils import timezone

from accounts import links
from accounts.models import SignedLink
from accounts.permissions import Role
from prm.common.models import OutgoingMail
from scorecards import actions
from scorecards.models import Assessment
from tests.scorecards.conftest import EXAMPLE, filled
from tests.scorecards.test_pages import text


@pytest.fixture
def cam(acme):
    return acme.users[Role.CAM]


@pytest.fixture
def seller(acme):
    return acme.users_a[Role.PARTNER_SELLER]


@pytest.fixture
def asked(acme, internal_version, cam, seller):
    return actions.invite_partner_to_self_score(partner=acme.partner_a, version=internal_version, user=seller, by=cam)


@pytest.fixture
def mailed(asked):
    """The address in the mail, without its host."""
    return re.search(r"http://acme\.localhost(?::\d+)?(/\S+)", OutgoingMail.objects.get().text)[1]


def test_the_mailed_link_leads_to_the_questions_without_a_password(asked, mailed, client_for):
    visitor = client_for()
    answering = visitor.get(mailed)["Location"]
    assert answering == f"/portal/scorecards/{asked.pk}/answer/"
    page = visitor.get(answering)
    assert "How about a1q1?" in text(page)
    assert "Secret" not in page.content.decode()
    for key, option in EXAMPLE.items():
        value = "na" if option is None else f"o:{option}"
        assert visitor.post(f"{answering}{key}/", {f"a-{key}": value}).status_code == 200
    assert visitor.post(f"/portal/scorecards/{asked.pk}/submit/").status_code == 302
    result = visitor.get(f"/portal/scorecards/{asked.pk}/")
    assert re.search(r" 52 ", text(result))
    assert "Secret" not in result.content.decode()
    asked.refresh_from_db()
    assert asked.status == "submitted"


def test_the_link_is_for_one_purpose_and_one_scorecard(acme, asked, mailed, client_for, internal_version):
    visitor = client_for()
    visitor.get(mailed)
    for elsewhere in ("/portal/", "/portal/scorecards/", "/", f"/scorecards/{asked.pk}/"):
        assert visitor.get(elsewhere).status_code in (302, 403, 404), elsewhere
    other = actions.start_assessment(
        partner=acme.partner_b, version=internal_version, mode="self", by=acme.users_b[Role.PARTNER_SELLER]
    )
    assert visitor.get(f"/portal/scorecards/{other.pk}/answer/").status_code == 404


def test_the_link_is_nothing_at_another_vendor(asked, mailed, client_for):
    assert client_for(None, host="globex.localhost").get(mailed).status_code in (404, 410)


def test_an_expired_or_forged_link_opens_nothing(asked, mailed, client_for):
    assert client_for().get(mailed[:-4] + "xxx/").status_code in (404, 410)
    SignedLink.objects.update(expires_at=timezone.now())
    visitor = client_for()
    assert visitor.get(mailed).status_code in (404, 410)
    assert visitor.get(f"/portal/scorecards/{asked.pk}/answer/").status_code in (302, 404)


def test_discarding_ends_the_link(asked, mailed, seller, client_for):
    actions.discard(assessment=asked, by=seller)
    assert client_for().get(mailed).status_code in (404, 410)
    assert not SignedLink.objects.filter(closed_at=None).exists()
    assert links.by_token("nonsense") is None


def test_the_partner_never_sees_internal_figures(acme, internal_version, cam, seller, client_for):
    filled(acme.partner_a, internal_version, seller)
    theirs = filled(acme.partner_a, internal_version, cam, EXAMPLE | {"t1q1": "o100"})
    assert theirs.revealed
    portal = client_for(seller)
    for page in ("", "scorecard.xlsx", "explain/overall/-/", "explain/impact/a2/"):
        response = portal.get(f"/portal/scorecards/{theirs.pk}/{page}")
        assert response.status_code == 200
        assert b"Secret" not in response.content
    assert "55 × (3 ÷ 4) × (2 ÷ 3) = 27.5" in text(portal.get(f"/portal/scorecards/{theirs.pk}/explain/impact/a2/"))
    for page in ("explain/category/T/", "explain/topic/t1/", "explain/gap/t1/"):
        assert portal.get(f"/portal/scorecards/{theirs.pk}/{page}").status_code == 404


def test_blind_pages_show_neither_side_the_others(acme, internal_version, cam, seller, client_for):
    theirs = filled(acme.partner_a, internal_version, cam, EXAMPLE | {"t1q1": "o100"})
    portal, vendor = client_for(seller), client_for(cam)
    for page in ("", "answer/", "scorecard.xlsx", "scorecard.pdf", "explain/overall/-/"):
        assert portal.get(f"/portal/scorecards/{theirs.pk}/{page}").status_code == 404
    assert " 52 " not in text(portal.get("/portal/scorecards/"))
    mine = actions.start_assessment(partner=acme.partner_a, version=internal_version, mode="self", by=seller)
    for page in ("", "answer/", "scorecard.xlsx", "explain/overall/-/"):
        assert vendor.get(f"/scorecards/{mine.pk}/{page}").status_code == 404
    assert "Being filled in" in text(vendor.get(f"/partners/{acme.partner_a.pk}/scorecards/"))


def test_the_partner_starts_its_own_and_plans_its_actions(acme, internal_version, seller, client_for):
    portal = client_for(seller)
    started = portal.post("/portal/scorecards/start/", {"version": internal_version.pk})
    assessment = Assessment.everything.get()
    assert started["Location"] == f"/portal/scorecards/{assessment.pk}/answer/"
    for key, option in EXAMPLE.items():
        portal.post(
            f"/portal/scorecards/{assessment.pk}/answer/{key}/", {f"a-{key}": f"o:{option}" if option else "na"}
        )
    portal.post(f"/portal/scorecards/{assessment.pk}/submit/")
    response = portal.post(f"/portal/scorecards/{assessment.pk}/plan/", {"take-a2q1": "on", "title-a2q1": "Hire one"})
    assert response.status_code == 302
    assert "Hire one" in text(portal.get("/portal/actions/"))
