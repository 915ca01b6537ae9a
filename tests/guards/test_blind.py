"""Blind until both are in: until then one side's scorecard makes no difference to anything the other side can open.

The words of it carry a mark, and its answers are the best there are, so that every score of it would show.
"""

import re
from collections.abc import Iterable

import pytest

from accounts.models import User
from accounts.permissions import Role
from partners.models import Partner
from scorecards import actions, queries
from scorecards.actions import Given
from scorecards.definition import QuestionType
from scorecards.models import Assessment
from tests.guards.crawl import Seen, visit
from tests.guards.test_canary import read, same_every_time

MARK, NUMBER = "UNSEEN", "987654321"
# That the other side has begun or handed in may be known, and nothing more.
STATUS = re.compile(
    r"Being filled in[^<\n]*|Submitted, waits for yours|Submitted\. You see it once[^<\n]*|Your vendor has submitted[^<\n]*"
)


@pytest.mark.parametrize(
    ("side", "reader"),
    [("cam", "partner_champion_a"), *(pytest.param("self", who, marks=pytest.mark.full) for who in ("cam", "chief"))],
    ids=lambda value: value,
)
def test_a_blind_scorecard_makes_no_difference_to_what_the_other_side_sees(house, side, reader):
    world = house.acme
    partner = world.partner_a
    mine = Assessment.everything.filter(partner=partner)
    mine.filter(status="draft").delete()
    mine.update(period="2020Q1")  # what is there was of another quarter: both sides saw it
    author = world.users[Role.CAM] if side == "cam" else world.users_a[Role.PARTNER_SELLER]
    before = figures(visit(house, reader, house.people[reader], partner))
    blind = marked(partner, author)
    actions.submit(assessment=blind, by=author)
    blind.refresh_from_db()
    assert not blind.revealed
    seen = read(visit(house, reader, house.people[reader], partner), MARK, NUMBER)
    assert len(seen) > 20
    after = figures(seen)
    different = {url: (found, after.get(url)) for url, found in before.items() if after.get(url) != found}
    assert not different


def marked(partner: Partner, by: User) -> Assessment:
    """A side's draft with the best answers, whose words carry the mark."""
    version = queries.published()[0]
    mode = queries.own_mode(by)
    assessment = actions.start_assessment(partner=partner, version=version, mode=mode, by=by)
    for question in version.content.questions(internal=mode == "cam"):
        if question.key not in assessment.applicable:
            continue
        given = Given(value=NUMBER if question.type is QuestionType.NUMBER else MARK, comment=f"{MARK} comment")
        if question.type.has_options:
            best = max(question.options, key=lambda option: option.score or 0)
            given = Given((best.key,), comment=f"{MARK} comment", evidence_url=f"https://example.com/{MARK}")
        actions.save_answer(assessment=assessment, question_key=question.key, given=given, by=by)
    return assessment


def figures(seen: Iterable[Seen]) -> dict[str, list[str]]:
    """The figures on each page and in each file, but for who did what when, which is no secret."""
    return {
        one.url: re.findall(r"\d+(?:[.,]\d+)*", re.sub(r"<[^>]*>", " ", STATUS.sub("", same_every_time(one.text()))))
        for one in seen
        if "/history" not in one.url and not one.url.startswith(("/jobs", "/settings"))
    }
