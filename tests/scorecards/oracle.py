"""Figures of roll-ups from raw answers, written down once more without the project's scoring or roll-ups; and crowds to try them on.

Weights and targets are those of the worked example (`conftest.example`).
"""

import datetime as dt
import random
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.permissions import Role
from partners.models import LifeStage, Partner, PartnerType, Region, Tier
from prm.common.vendor import today
from scorecards import actions, contenders, queries
from scorecards.models import Answer, Assessment

QUESTIONS = ("a1q1", "a1q2", "a2q1", "b1q1", "b1q2")
TARGETS = {"a1": 80, "a2": 80, "b1": 90}
WEIGHTS = {"A": (2, {"a1": (1, {"a1q1": 1, "a1q2": 1}), "a2": (3, {"a2q1": 1})}),
           "B": (1, {"b1": (1, {"b1q1": 1, "b1q2": 2})})}  # fmt: skip


def mean(parts):
    parts = [(weight, score) for weight, score in parts if score is not None]
    return sum(w * s for w, s in parts) / sum(Fraction(w) for w, _s in parts) if parts else None


def recomputed(answers):
    """{key: exact score} of "", "A", "B" and the topics, from {question: score or None}."""
    scores = {}
    for category, (_weight, topics) in WEIGHTS.items():
        for topic, (_w, questions) in topics.items():
            scores[topic] = mean([(w, answers.get(q)) for q, w in questions.items()])
        scores[category] = mean([(w, scores[topic]) for topic, (w, _q) in topics.items()])
    scores[""] = mean([(weight, scores[category]) for category, (weight, _t) in WEIGHTS.items()])
    return scores


def half_up(score):
    return max(1, int(score + Fraction(1, 2)))


def plant(partner, version, answers, **fields):
    """A finished assessment, as it stood on a day long past."""
    assessment = Assessment.everything.create(
        partner=partner, questionnaire=version.questionnaire, version=version,
        started_at=fields.pop("started_at", None) or timezone.now(), applicable=list(QUESTIONS), stage_key="accelerate", type_key="reseller", period="2026Q1",
        **fields, result={}, result_shared={},
    )  # fmt: skip
    rows = [
        Answer(
            assessment=assessment,
            question_key=key,
            options=[option] if option else [],
            na=not option,
            at=timezone.now(),
        )
        for key, option in answers.items()
    ]
    Answer.objects.bulk_create(rows)
    actions.freeze(assessment, queries.as_rules(rows))
    assessment.save()


# ── Many partners ────────────────────────────────────────────────────────────────────────────────────────────────────


def make_crowd(acme, version, seed, size):
    """Partners of all kinds with assessments of either side, old and new, agreed, superseded, hidden, begun and asked for."""
    chance, now = random.Random(seed), timezone.now()
    cams = [acme.users[Role.CAM], acme.cam_b, None]
    choices = {
        "region": [*Region.objects.all(), None], "tier": [*Tier.objects.all()[:2], None], "cam": cams,
        "partner_type": list(PartnerType.objects.all()[:2]), "stage": list(LifeStage.objects.all()[:3]),
    }  # fmt: skip
    for number in range(size):
        partner = Partner.objects.create(
            name=f"P{number:02}", **{name: chance.choice(rows) for name, rows in choices.items()}
        )
        for _time in range(chance.randrange(6)):
            days = chance.choice([0, 3, 20, 45, 80, 110, 150, 200, 300, 364, 366, 420, 500, 700])
            finished = now - dt.timedelta(days=days, seconds=chance.randrange(3000))
            options = ["o0", "o25", "o50", "o80", "o100", None]
            plant(
                partner, version, {key: chance.choice(options) for key in QUESTIONS if chance.random() < 0.8},
                started_at=finished - dt.timedelta(days=chance.choice([0, 0, 1, 30])),
                finished_on=today() - dt.timedelta(days=days), finished_at=finished,
                status=chance.choice(["submitted", "submitted", "agreed", "superseded"]),
                mode=chance.choice(["cam", "cam", "self", "joint"]), revealed=chance.random() < 0.5,
                active_seconds=chance.choice([0, 45, 120, 290, 299, 300, 301, 640]),
            )  # fmt: skip
        for mode in ("cam", "self"):
            if chance.random() < 0.3:
                Assessment.everything.create(
                    partner=partner, questionnaire=version.questionnaire, version=version, mode=mode,
                    started_at=now - dt.timedelta(days=chance.choice([0, 30, 150])), stage_key="x", type_key="x",
                    expired_at=now - dt.timedelta(days=1) if chance.random() < 0.3 else None,
                )  # fmt: skip
    contenders.mark_all()
    return acme


# ── From the tables ──────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Raw:
    """One assessment as it stands in the tables, with its scores recomputed."""

    id: int
    partner: int
    status: str
    mode: str
    revealed: bool
    started: Any
    at: Any
    on: Any
    seconds: int
    expired: Any
    scores: dict[str, Fraction | None]

    @property
    def seen(self):
        """Whether the vendor's side sees it."""
        return self.mode != "self" or self.revealed

    @property
    def counts(self):
        return self.status in ("submitted", "agreed") and self.seen


def assessments():
    with connection.cursor() as cursor:
        cursor.execute("SELECT assessment_id, question_key, options->>0, na FROM scorecards_answer")
        answers = defaultdict(dict)
        for assessment, question, option, na in cursor.fetchall():
            answers[assessment][question] = None if na or not option else Fraction(int(option[1:]))
        cursor.execute(
            """SELECT id, partner_id, status, mode, revealed, started_at, finished_at, finished_on, active_seconds, expired_at
            FROM scorecards_assessment WHERE partner_id IS NOT NULL"""
        )
        return [Raw(*row, recomputed(answers[row[0]])) for row in cursor.fetchall()]


def groups(column, only=None):
    """{partner: its group} by a column of the partners' table."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, {column} FROM partners_partner")
        return {pk: group for pk, group in cursor.fetchall() if only is None or pk in only}


def year_before(day):
    return day.replace(year=day.year - 1) if (day.month, day.day) != (2, 29) else day.replace(year=day.year - 1, day=28)


def best(rows, last):
    """{partner: its assessment that counts on a day}: agreed before submitted, then the latest finished."""
    found = {}
    for row in rows:
        if row.counts and year_before(last) <= row.on <= last:
            rank = (row.status == "agreed", row.at, row.id)
            if row.partner not in found or rank > found[row.partner][0]:
                found[row.partner] = (rank, row)
    return {partner: row for partner, (_rank, row) in found.items()}


def quarter(back=0):
    """First and last day of a calendar quarter; the last is today where it runs."""
    first = today().replace(day=1)
    first = first.replace(month=(first.month - 1) // 3 * 3 + 1)
    for _one in range(back):
        first = (first - dt.timedelta(days=1)).replace(day=1)
        first = first.replace(month=(first.month - 1) // 3 * 3 + 1)
    after = (first + dt.timedelta(days=95)).replace(day=1)
    return first, min(after - dt.timedelta(days=1), today())


def colour(score):
    if score is None:
        return "none"
    shown = half_up(score)
    return "green" if shown >= 80 else "amber" if shown >= 50 else "red"


def gains(row):
    """{topic: (gap, impact)} of one assessment, of the topics below target."""
    found = {}
    weights = {c: w for c, (w, _topics) in WEIGHTS.items() if row.scores[c] is not None}
    for weight, topics in WEIGHTS.values():
        own = {t: w for t, (w, _q) in topics.items() if row.scores[t] is not None}
        for topic, own_weight in own.items():
            gap = TARGETS[topic] - row.scores[topic]
            if gap > 0:
                share = Fraction(own_weight, sum(own.values())) * Fraction(weight, sum(weights.values()))
                found[topic] = (gap, gap * share)
    return found


def quantile(values, at):
    """On the straight line between the two values that stand beside the place asked for."""
    values = sorted(map(Fraction, values))
    place = at * (len(values) - 1)
    low = int(place)
    return values[low] + (place - low) * (values[min(low + 1, len(values) - 1)] - values[low])
