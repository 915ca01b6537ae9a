"""The nightly snapshot of peers: the definition over what is in the database, and nothing of it for a partner to take apart."""

import datetime as dt
import io
import itertools
import json
import re
from decimal import Decimal

import pytest
from django.utils import timezone
from openpyxl import load_workbook
from pypdf import PdfReader

from accounts import tokens
from accounts.permissions import Role
from prm.common.schedule import run_round
from prm.tenancy.tasks import HEADER
from scorecards import actions, peer_snapshot
from scorecards.models import Assessment, AssessmentScore, PeerStanding
from scorecards.peers import Candidate, peers_of, standing, topic_standings
from scorecards.standing import Peers
from scorecards.summary import Summary
from tests.scorecards.conftest import EXAMPLE, filled
from tests.scorecards.peers_support import peer

# Ties with each other and, at 75, with the topic a1 of the worked example.
OTHERS = [("40", "60"), ("50", "75"), ("50", "75"), ("51.666666666667", "75"), ("60", "90"), ("83.333333333333", "20")]


@pytest.fixture
def cam(acme):
    return acme.users[Role.CAM]


@pytest.fixture
def seller(acme):
    return acme.users_a[Role.PARTNER_SELLER]


@pytest.fixture
def chief(acme):
    return acme.users[Role.CHIEF]


@pytest.fixture
def peers(acme, version):
    return [peer(acme, version, overall, topics={"a1": topic}) for overall, topic in OTHERS]


def stored():
    return {row.assessment_id: row for row in PeerStanding.everything.all()}


def test_figures_are_the_definitions_on_a_table_with_ties(acme, version, cam, peers):
    mine = filled(acme.partner_a, version, cam)  # 51.666…, topics a1 75, a2 25, b1 80
    assert peer_snapshot.take() == 7
    row = stored()[mine.pk]
    # Three below, one equal, of six: (3 + ½) ÷ 6.
    assert (row.count, row.percentile, row.all_types) == (6, Decimal("58.333333333333"), False)
    # 40 50 50 51.67 60 83.33: type 7 at 1.25, 2.5 and 3.75.
    assert (row.lower, row.median, row.upper) == (50, Decimal("50.833333333334"), Decimal("57.916666666667"))
    assert row.topics[""][5:] == [3, 1]
    # 20 60 75 75 75 90
    a1 = ["58.333333333333", "63.750000000000", "75.000000000000", "75.000000000000"]
    assert row.topics["a1"] == [6, *a1, 2, 3]
    assert set(row.topics) == {"", "a1"}  # nobody else has a score in a2 and b1


def test_the_bars_of_categories_carry_the_peers_median(acme, version, cam, seller):
    mine = filled(acme.partner_a, version, seller)
    for score in ("10", "20", "33", "40", "90"):
        other = peer(acme, version, score)
        AssessmentScore.everything.create(
            assessment=other, level="category", key="A", category_key="A", name="A", score=Decimal(score), weight=1
        )
    peer_snapshot.take()
    bars = {bar.label: bar.peers for bar in Summary(seller, mine).bars.bars}
    assert bars == {"Category A": 35, "Category B": None}  # the median 33 to five points; nobody else has a B
    Assessment.everything.filter(pk=mine.pk).update(revealed=True)
    bars = {bar.label: bar.peers for bar in Summary(cam, Assessment.everything.get(pk=mine.pk)).bars.bars}
    assert bars == {"Category A": 33, "Category B": None}


def test_at_four_peers_nothing_and_at_five_something(acme, version, cam, chief):
    mine = filled(acme.partner_a, version, cam)
    for overall, topic in OTHERS[:4]:
        peer(acme, version, overall, topics={"a1": topic})
    peer_snapshot.take()
    assert mine.pk not in stored()
    fifth = peer(acme, version, "10", kind="msp", topics={"a1": "5"})
    peer_snapshot.take()
    assert (stored()[mine.pk].count, stored()[mine.pk].all_types) == (5, True)
    Assessment.everything.filter(pk=fifth.pk).update(status="superseded")
    peer_snapshot.take()
    assert mine.pk not in stored()


@pytest.mark.parametrize("seed", range(3))
def test_the_snapshot_is_the_pure_rule_over_the_whole_table(acme, version, seed):
    """Types with few, families two levels deep, several modes and ages, ties."""
    made, families = [], {}
    kinds = itertools.cycle(["reseller", "reseller", "msp", "isv"][: 2 + seed])
    scores = itertools.cycle(["50", "33.333333333333", "75", "0", "50", "100"])
    top = None
    for number in range(16):
        parent = top if number % 4 == 3 else None
        first = peer(acme, version, next(scores), kind=next(kinds), parent=parent, topics={"a1": next(scores)},
                     days=number * 30, mode="self" if number % 3 else "cam")  # fmt: skip
        families[first.partner_id] = families[parent.pk] if parent else first.partner_id
        top = first.partner
        made.append(first)
        for extra in range(number % 3):
            made.append(
                peer(acme, version, next(scores), partner=first.partner, days=extra * 40 + 1,
                     mode=("joint", "cam")[extra], status=("agreed", "submitted")[extra],
                     topics={"a1": next(scores), "t1": "1"})
            )  # fmt: skip
    peer_snapshot.take()
    today = timezone.localdate()
    candidates = [
        Candidate(
            partner=row.partner_id, family=families[row.partner_id], partner_type=row.partner.partner_type.key,
            agreed=row.status == "agreed", mode=row.mode, finished=row.finished_on, overall=row.overall_shared,
            topics={each.key: each.score for each in row.scores.all() if each.key != "t1"}, assessment=row.pk,
        )
        for row in sorted(made, key=lambda row: (row.finished_at, row.pk), reverse=True)
    ]  # fmt: skip
    found, seen = stored(), set()
    exact = lambda value: round(float(value), 9)  # noqa: E731
    for own in candidates:
        is_old = own.finished < today - dt.timedelta(days=365)
        if (own.partner, own.mode) in seen or is_old:
            assert own.assessment not in found
            continue
        seen.add((own.partner, own.mode))
        peers = peers_of(own.partner, own.family, own.partner_type, candidates, today)
        expected = standing(own.overall, [each.overall for each in peers])
        row = found.get(own.assessment)
        assert (row is None) == (expected is None)
        if row and expected:
            kept = [row.count, *map(exact, (row.percentile, row.lower, row.median, row.upper))]
            wanted = (expected.percentile, expected.lower, expected.median, expected.upper)
            assert kept == [expected.count, *map(exact, wanted)]
            of_topic = topic_standings(own.topics, peers).get("a1")
            assert ("a1" in row.topics) == (of_topic is not None)
            if of_topic:
                assert exact(row.topics["a1"][1]) == exact(of_topic.percentile)
                assert exact(row.topics["a1"][3]) == exact(of_topic.median)


def test_a_night_replaces_and_another_vendor_stays_as_it_is(acme, globex, version, cam, peers):
    mine = filled(acme.partner_a, version, cam)
    peer_snapshot.take()
    first = stored()[mine.pk]
    peer(acme, version, "90", topics={"a1": "75"})
    peer_snapshot.take()
    second = stored()[mine.pk]
    assert (first.count, second.count) == (6, 7)
    assert second.taken_at > first.taken_at
    assert PeerStanding.everything.filter(assessment=mine).count() == 1
    with globex:
        assert not PeerStanding.everything.exists()


def test_an_older_assessment_keeps_the_night_it_was_the_latest_of(acme, version, cam, peers):
    old = peer(acme, version, "70", partner=acme.partner_a, topics={"a1": "70"}, days=40)
    peer_snapshot.take()
    kept = stored()[old.pk]
    new = filled(acme.partner_a, version, cam)
    peer_snapshot.take()
    assert stored()[old.pk].taken_at == kept.taken_at
    assert stored()[new.pk].taken_at > kept.taken_at


def test_the_round_of_the_night_takes_it(acme, version, cam, peers):
    mine = filled(acme.partner_a, version, cam)
    run_round.apply(args=("nightly",), headers={HEADER: "acme"}, throw=True)
    assert mine.pk in stored()


# ── What each side is shown ──────────────────────────────────────────────────────────────────────────────────────────


def test_why_there_is_nothing(acme, version, cam, chief, peers):
    draft = actions.start_assessment(partner=acme.partner_a, version=version, mode="cam", by=cam)
    assert Peers(chief, draft).reason == "draft"
    actions.discard(assessment=draft, by=cam)
    peer_snapshot.take()
    mine = filled(acme.partner_a, version, cam)
    assert Peers(chief, mine).reason == "not_taken_yet"
    PeerStanding.everything.all().delete()
    assert Peers(chief, mine).reason == "not_taken_yet"
    Assessment.everything.exclude(pk=mine.pk).filter(partner__in=[p.partner_id for p in peers[:2]]).update(
        status="superseded"
    )
    peer_snapshot.take()
    assert Peers(chief, mine).reason == "not_taken_yet"  # nobody has five peers: a day must have passed
    Assessment.everything.filter(pk=mine.pk).update(finished_at=timezone.now() - dt.timedelta(days=2))
    mine.refresh_from_db()
    assert Peers(chief, mine).reason == "under_five_peers"
    peers[0].refresh_from_db()
    assert Peers(chief, peers[0]).reason == "not_compared"


def test_the_vendor_reads_exact_figures_and_how_they_came_about(acme, version, cam, client_for, peers):
    mine = filled(acme.partner_a, version, cam)
    peer_snapshot.take()
    page = client_for(cam).get(f"/scorecards/{mine.pk}/").content.decode()
    assert "Percentile 58.3" in page
    assert "of 6 peers of the same type" in page
    assert "Their median 50.8, the middle half 50 to 57.9" in re.sub(r"(\d)\.0\b", r"\1", page)
    explained = client_for(cam).get(f"/scorecards/{mine.pk}/peers/").content.decode()
    assert "(3 + 1 ÷ 2) ÷ 6 × 100" in explained
    out = api(client_for, cam, mine)
    assert out["peer_percentile"] == "58.333333333333"
    assert out["peer_lower_quartile"] == "50.000000000000"
    assert (out["peer_count"], out["peer_all_types"], out["peer_reason"]) == (6, False, None)
    topics = {topic["key"]: topic for category in out["categories"] for topic in category["topics"]}
    assert topics["a1"]["peer_median"] == "75.000000000000"
    assert topics["a2"]["peer_median"] is None


def api(client_for, user, assessment):
    _token, plain = tokens.create(user, "peers", ["scorecards:read", "scorecards:write"], 1)
    url = f"/api/v1/assessments/{assessment.pk}/result"
    response = client_for(None).get(url, headers={"Authorization": f"Bearer {plain}"})
    assert response.status_code == 200, response.content
    return json.loads(response.content)


def test_the_partner_reads_bands_and_rounded_quartiles_everywhere(acme, version, seller, client_for, peers):
    mine = filled(acme.partner_a, version, seller)
    peer_snapshot.take()
    out = api(client_for, seller, mine)
    assert (out["peer_percentile"], out["peer_median"]) == ("50–59", "50")
    assert (out["peer_lower_quartile"], out["peer_upper_quartile"], out["peer_count"]) == ("50", "60", 6)
    topics = {topic["key"]: topic for category in out["categories"] for topic in category["topics"]}
    assert (topics["a1"]["peer_percentile"], topics["a1"]["peer_median"]) == ("50–59", "75")
    page = client_for(seller).get(f"/portal/scorecards/{mine.pk}/").content.decode()
    assert "Percentile 50–59" in page
    assert "Their median about 50, the middle half 50 to 60" in page
    assert "Percentile 50–59" in client_for(seller).get("/portal/").content.decode()
    explained = client_for(seller).get(f"/portal/scorecards/{mine.pk}/peers/").content.decode()
    assert "50–59" in explained
    assert "nobody can work out another company" in explained


def test_the_other_partner_and_other_vendor_reach_no_explanation(acme, globex, version, cam, seller, client_for, peers):
    mine = filled(acme.partner_a, version, seller)
    peer_snapshot.take()
    other = acme.users_b[Role.PARTNER_SELLER]
    assert client_for(other).get(f"/portal/scorecards/{mine.pk}/peers/").status_code == 404
    assert client_for(cam).get(f"/scorecards/{mine.pk}/peers/").status_code == 404  # blind
    assert client_for(seller).get(f"/scorecards/{mine.pk}/peers/").status_code == 403


# ── A partner that tries ─────────────────────────────────────────────────────────────────────────────────────────────

# Peers' scores that no answer of the partner's own gives.
SECRETS = ["41.123456789012", "47.234567890123", "53.345678901234", "58.456789012345", "61.567890123456"]


def read(client_for, user, assessment):
    """All that the partner's side gets to read of an assessment: (text about peers, everything)."""
    client = client_for(user)
    texts = [client.get(f"/portal/scorecards/{assessment.pk}/{page}").content.decode() for page in ("", "peers/")]
    texts += [client.get(url).content.decode() for url in ("/portal/", "/portal/scorecards/")]
    out = api(client_for, user, assessment)
    texts.append(json.dumps(out))
    book = load_workbook(io.BytesIO(client.get(f"/portal/scorecards/{assessment.pk}/scorecard.xlsx").content))
    texts.append("\n".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row))
    texts.append(pdf_text(client.get(f"/portal/scorecards/{assessment.pk}/scorecard.pdf")))
    figures = {key: value for key, value in out.items() if key.startswith("peer")}
    figures["topics"] = [
        (topic["key"], topic["peer_percentile"], topic["peer_median"])
        for category in out["categories"]
        for topic in category["topics"]
    ]
    # Moments and places in drawings are figures of another kind, and may look like one.
    drawn = r'\b(d|x|y|x1|x2|y1|y2|cx|cy|width|height|viewBox|points|transform)="[^"]*"|\d\d:\d\d:\d\d\.\d+'
    return figures, re.sub(drawn, "", "\n".join(texts))


def pdf_text(response):
    assert response["Content-Type"] == "application/pdf"
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(response.content)).pages)


def exact_figures():
    """Every exact figure about peers there is, as people could read it: 12 places, and one or two."""
    found = set()
    for row in PeerStanding.everything.all():
        for _count, *texts in (values[:5] for values in row.topics.values()):
            for value in map(Decimal, texts):
                if value % 5:
                    found |= {f"{value:.12f}", f"{value:.9f}", f"{value:.2f}", f"{value:.1f}"}
    return found | {each for score in SECRETS for each in (score, score[:7], f"{Decimal(score):.1f}")}


@pytest.mark.pdf
def test_resubmitting_at_will_tells_a_partner_no_peers_score(acme, version, seller, client_for):
    for secret in SECRETS:
        peer(acme, version, secret, topics={"a1": secret, "a2": secret, "b1": secret})
    tries = [
        EXAMPLE | {"a1q1": first, "a2q1": second, "b1q2": third}
        for first, second, third in (("o0", "o0", "o0"), ("o50", "o50", "o50"), ("o80", "o25", "o80"), ("o100",) * 3)
    ]
    first = filled(acme.partner_a, version, seller, tries[0])
    peer_snapshot.take()
    after_first_night, _texts = read(client_for, seller, first)
    assert after_first_night["peer_percentile"] == "0–9"
    for answers in tries:  # before the next night: nothing new, whatever is answered
        mine = filled(acme.partner_a, version, seller, answers)
        figures, texts = read(client_for, seller, mine)
        assert figures["peer_reason"] == "not_taken_yet"
        assert all(value is None for key, value in figures.items() if key not in ("peer_reason", "topics"))
        assert all(topic[1:] == (None, None) for topic in figures["topics"])
        assert "From tomorrow on" in texts
        assert read(client_for, seller, first)[0] == after_first_night
    nights = []
    for answers in tries:  # night after night: bands and steps of five, never a figure of the snapshot itself
        mine = filled(acme.partner_a, version, seller, answers)
        peer_snapshot.take()
        figures, texts = read(client_for, seller, mine)
        assert re.fullmatch(r"\d0–(\d9|100)|0–9", figures["peer_percentile"])
        quartiles = ("peer_lower_quartile", "peer_median", "peer_upper_quartile")
        assert all(int(figures[name]) % 5 == 0 for name in quartiles)
        assert not [exact for exact in exact_figures() if exact in texts]
        nights.append(tuple(figures[name] for name in quartiles))
    assert len(set(nights)) == 1  # the peers did not move, so neither did what is said of them
