"""QBRs of the demo: in each state, with files that open, commitments that come back, and a batch that broke off."""

import io
import json

import pytest
from django.test import Client
from django.urls import reverse
from pptx import Presentation

from accounts.models import User
from demo.profiles import ACME
from partners.models import Action
from prm.common.models import AuditEntry
from qbr import frozen, queries
from qbr.content import KEYS
from qbr.models import Attendee, Batch, BatchItem, Commitment, Qbr, Version
from qbr.naming import quarter_of
from tests.demo.conftest import TODAY

FIRST = ACME.showcases[0]


def person(login):
    return User.objects.get(email=login)


@pytest.fixture
def reviews(demo):
    """Of the first showcase, the oldest first."""
    return list(Qbr.everything.filter(partner__name=FIRST.name).order_by("starts_on"))


def test_each_state_is_there_and_nothing_lies_ahead(demo, reviews):
    assert [row.state for row in reviews] == ["shared", "shared", "draft"]
    assert reviews[-1].starts_on <= TODAY <= reviews[-1].ends_on
    assert Qbr.everything.filter(state="built").exists()
    assert Qbr.everything.filter(held_on__gte=TODAY).count() == 0
    for model in (Qbr, Version, Attendee, Commitment, BatchItem):
        for row in model.everything.all():
            row.clean_fields(exclude=["order", "switched", "commentary", "chosen"])
    for row in Version.everything.select_related("qbr"):
        assert row.as_of < TODAY
        assert row.as_of == (row.qbr.held_on or row.as_of)
        assert max(slide["as_of"] for slide in row.content["slides"]) == row.as_of.isoformat()
    lines = AuditEntry.objects.filter(verb__startswith="qbr.")
    assert lines.filter(at__date__gte=TODAY).count() == 0
    assert {"qbr.built", "qbr.held", "qbr.shared"} <= set(
        lines.filter(partner_id=reviews[0].partner_id).values_list("verb", flat=True)
    )


def test_the_last_shared_deck_has_every_slide_there_is(demo, reviews):
    version = Version.everything.filter(qbr=reviews[1]).latest("number")
    assert {slide["key"] for slide in version.content["slides"]} == set(KEYS)


def test_the_files_open_and_say_what_the_version_keeps(demo, reviews):
    for version in Version.everything.all():
        with version.pptx.open("rb") as file:
            deck = Presentation(io.BytesIO(file.read()))
        assert len(deck.slides) >= version.slides == len(frozen.thaw(version.content).slides) > 12
        with version.pdf.open("rb") as file:
            assert file.read(5) == b"%PDF-"


def test_what_was_agreed_became_actions_and_opens_the_next_review(demo, reviews):
    first, second, draft = reviews
    states = set(Commitment.everything.filter(qbr=first).values_list("action__status", flat=True))
    assert states == {"done", "open", "dropped"}
    assert not Commitment.everything.filter(qbr__in=[first, second], action=None).exists()
    assert Commitment.everything.get(qbr=draft).action is None
    assert Action.everything.filter(origin="qbr", closed_at__date__gte=TODAY).count() == 0
    kept = next(
        slide for slide in Version.everything.get(qbr=second).content["slides"] if slide["key"] == "commitments"
    )
    said = json.dumps(kept)
    for row in queries.agreed_before(second.partner, quarter_of(second)):
        assert row.text in said
    assert "Done" in said


def test_the_batch_has_decks_one_that_was_given_up_and_the_rest_stopped(demo):
    batch = Batch.objects.get()
    items = BatchItem.everything.filter(batch=batch)
    assert items.filter(version__isnull=False).count() == 2
    assert set(items.filter(version=None).values_list("job__state", flat=True)) == {"interrupted", "cancelled"}
    assert batch.told_at, "no sweep goes on with it"


def test_each_side_has_something_to_read(demo, reviews):
    cam, champion = person(f"cam@{ACME.domain}"), person(f"champion@{FIRST.domain}")
    for user, pages in (
        (
            cam,
            [
                reverse("qbr:list"),
                reverse("qbr:batch", args=[Batch.objects.get().pk]),
                reverse("qbr:qbr", args=[reviews[-1].pk]),
            ],
        ),
        (champion, [reverse("qbr:portal_list"), reverse("qbr:portal_qbr", args=[reviews[0].pk])]),
    ):
        browser = Client(headers={"host": ACME.host})
        browser.force_login(user)
        for page in pages:
            assert browser.get(page).status_code == 200, page
    assert list(Qbr.objects.visible_to(champion).order_by("starts_on")) == reviews[:2]
    stranger = person(f"champion@{ACME.showcases[1].domain}")
    assert not Qbr.objects.visible_to(stranger).exists()
