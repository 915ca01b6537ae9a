"""The nightly snapshot of where everybody stands among peers.

Pages read it and nothing newer, so that a partner who submits again and again within a day learns nothing about its peers.
Assessments that the other side may not see yet count as peers' all the same: only figures over five or more partners leave here.
"""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from django.db import connection, transaction
from django.utils import timezone

from partners.models import Partner
from partners.queries import lock
from prm.common import schedule
from prm.common.vendor import today as vendor_today
from scorecards import scoring
from scorecards.models import Assessment, AssessmentScore, PeerStanding, Questionnaire
from scorecards.peer_field import CATEGORY, OVERALL, UNIT, Field, Place, Placed
from scorecards.peers import Candidate, best_of_each, months_before


@schedule.nightly
def nightly() -> None:
    take()


@transaction.atomic
def take(*, today: dt.date | None = None) -> int:
    """Places the latest assessment of each partner and side among its peers of the last twelve months; returns how many
    have a place. What stood there of these assessments is replaced, or removed where there are fewer than five by now."""
    lock("peers")
    now = timezone.now()
    day = today or vendor_today()
    placed = 0
    for questionnaire in Questionnaire.objects.filter(kind=Questionnaire.Kind.CAPABILITY).order_by("pk"):
        places = dict(_places(questionnaire, day))
        found = [row(pk, place, now) for pk, place in places.items() if place]
        PeerStanding.objects.unscoped("to be replaced").filter(assessment__in=list(places)).delete()
        _write(found)
        placed += len(found)
    return placed


def row(assessment_id: int, placed: Placed, taken_at: dt.datetime) -> PeerStanding:
    """What the snapshot keeps of one assessment's place. Not saved."""
    topics = {key: _figures(place) for key, place in ((OVERALL, placed.overall), *placed.topics.items())}
    _count, percentile, lower, median, upper, _below, _equal = topics[OVERALL]
    return PeerStanding(
        assessment_id=assessment_id, taken_at=taken_at, all_types=placed.all_types, count=placed.overall.count,
        percentile=percentile, lower=lower, median=median, upper=upper, topics=topics,
    )  # fmt: skip


def _write(rows: Sequence[PeerStanding]) -> None:
    """All rows at once, by COPY: to insert them takes as long as all the rest."""
    columns = [field for field in PeerStanding._meta.concrete_fields if not field.primary_key]
    names = ", ".join(str(field.column) for field in columns)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {PeerStanding._meta.db_table} ({names}) FROM STDIN") as copy,
    ):
        for each in rows:
            values = (getattr(each, field.attname) for field in columns)
            copy.write_row([json.dumps(value) if isinstance(value, dict) else value for value in values])


def _figures(place: Place) -> list[int | str]:
    percentile = _percentile(2 * place.below + place.equal, place.count)
    return [place.count, percentile, *map(_quartile, place.quartiles), place.below, place.equal]


# A few figures come again and again: peers' quartiles hardly change with the one family that is left out.
@lru_cache(maxsize=100_000)
def _percentile(halves: int, count: int) -> str:
    return _text(100 * halves, 2 * count)


@lru_cache(maxsize=100_000)
def _quartile(quarters: int) -> str:
    return _text(quarters, 4 * UNIT)


def _text(above: int, below: int) -> str:
    return format(scoring.decimal(Fraction(above, below)), "f")


def _places(questionnaire: Questionnaire, day: dt.date) -> Iterator[tuple[int, Placed | None]]:
    """(assessment, its place) of the latest of each partner and mode within twelve months."""
    candidates = list(_candidates(questionnaire, day))
    own: dict[tuple[int, str], Candidate] = {}
    for candidate in candidates:  # the latest finished first
        own.setdefault((candidate.partner, candidate.mode), candidate)
    best = best_of_each(candidates, day)
    topics = _topics({each.assessment for each in (*own.values(), *best.values())})
    field = Field((replace(each, topics=topics.get(each.assessment, {})) for each in best.values()), day)
    for each in own.values():
        yield each.assessment, field.place(replace(each, topics=topics.get(each.assessment, {})))


def _candidates(questionnaire: Questionnaire, day: dt.date) -> Iterator[Candidate]:
    """Every submitted or agreed assessment of the last twelve months with a shared score, the latest finished first."""
    families, types = _partners()
    rows = (
        Assessment.objects.unscoped("peers are figures over five or more partners")
        .filter(questionnaire=questionnaire, status__in=Assessment.COUNTED, partner__isnull=False)
        .filter(finished_on__range=(months_before(day), day), overall_shared__isnull=False)
        .order_by("-finished_at", "-pk")
        .values_list("pk", "partner_id", "status", "mode", "finished_on", "overall_shared")
    )
    for pk, partner, status, mode, finished, overall in rows.iterator(chunk_size=10_000):
        yield Candidate(
            partner=partner, family=families[partner], partner_type=types[partner],
            agreed=status == Assessment.Status.AGREED, mode=mode, finished=finished, overall=overall, assessment=pk,
        )  # fmt: skip


def _partners() -> tuple[dict[int, int], dict[int, str]]:
    """Of each partner the one at the top of its family, and its type as it is now."""
    rows = list(Partner.objects.unscoped("families and types").values_list("pk", "parent_id", "partner_type__key"))
    parents = {pk: parent for pk, parent, _type in rows}

    def top(pk: int) -> int:
        seen = set()
        while (above := parents[pk]) is not None and pk not in seen:
            seen.add(pk)
            pk = above
        return pk

    return {pk: top(pk) for pk in parents}, {pk: partner_type for pk, _parent, partner_type in rows}


def _topics(assessments: set[int]) -> dict[int, dict[str, Decimal]]:
    """The scores of shared topics by assessment and key, and of shared categories by CATEGORY and key."""
    found: dict[int, dict[str, Decimal]] = defaultdict(dict)
    # As one array: a list of tens of thousands of parameters takes the database longer to read than the rows.
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT assessment_id, CASE level WHEN 'topic' THEN key ELSE %s || key END, score
                FROM {AssessmentScore._meta.db_table}
                WHERE assessment_id = ANY(%s) AND NOT internal""",
            [CATEGORY, list(assessments)],
        )
        while rows := cursor.fetchmany(20_000):
            for assessment, key, score in rows:
                found[assessment][key] = score
    return found
