"""Scorecards over the quarters: what the CAM and the partner answered, scored by the rules themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from demo import course
from demo.course import Choice
from demo.world import Cam, Member, World
from prm.common.fiscal import FiscalQuarter
from prm.common.rag import DEFAULT_THRESHOLDS
from scorecards import answers as rules
from scorecards import queries, scoring
from scorecards.actions import score_rows
from scorecards.definition import Question, applicable_keys
from scorecards.models import Answer, AnswerChange, Assessment, QuestionnaireVersion
from scorecards.proposal import ProposedTopic, propose
from scorecards.result_json import as_json

COMMENTS = (
    "Two of the five people have left since.",
    "They showed us the last three offers.",
    "Agreed to look at this again after the summer.",
    "Better than what we see in the CRM.",
    "Depends on one person.",
    "New team lead starts next month.",
)
SELF_CARE = 0.9  # share of the questions that may be left out which partners answer all the same


@dataclass(frozen=True)
class Finished:
    """A submitted assessment of the vendor's side, when and by whom, and the plan it proposes."""

    assessment: Assessment
    at: dt.datetime
    by: User
    plan: list[ProposedTopic]


class Book:
    """The scorecards of one partner, made quarter by quarter; the rows are in the world's batch."""

    def __init__(self, world: World, member: Member) -> None:
        self.world, self.member = world, member
        self.sheets: dict[tuple[int, str], list[Answer]] = {}  # what each side last submitted, to carry over
        self.made: dict[tuple[int, str], list[Assessment]] = {}  # by questionnaire and period
        self.about: User | None = None  # the CAM that what is submitted next is about

    def quarter(self, number: int, quarter: FiscalQuarter) -> list[Finished]:
        """The work of one quarter; returns what the CAM submitted."""
        random, member = self.world.random, self.member
        # Scorecards take time to become a habit.
        share = (0.65 + 0.35 * (number + 1) / self.world.profile.quarters) * self.world.profile.coverage
        finished = []
        day = self.world.day_between(quarter.start, quarter.end)
        if (cam := self._cam(day)) and random.random() < cam.diligence * share:
            recruit = member.stage(day) == "recruit"
            for kind in ["recruit"] if recruit else ["capability"]:
                finished.append(self.submit(kind, Assessment.Mode.CAM, cam.user, day, number, cam.diligence))
        day = self.world.day_between(quarter.start, quarter.end)
        if self.may_answer(day) and random.random() < member.course.keen * share:
            self.submit("capability", Assessment.Mode.SELF, random.choice(member.users), day, number, SELF_CARE)
        return finished

    def _cam(self, day: dt.date) -> Cam | None:
        """Who looked after the partner on that day; nobody works with a lapsed one."""
        placement = self.member.placement(day)
        if day > self.world.yesterday or placement is None or placement.cam is None or placement.stage.is_lapsed:
            return None
        return next(cam for cam in self.world.cams if cam.user == placement.cam)

    def may_answer(self, day: dt.date) -> bool:
        """Whether the partner may score itself on that day."""
        has_people = bool(self.member.users) and day <= self.world.yesterday
        return has_people and self.member.stage(day) not in ("", "recruit", "lapsed")

    def submit(self, kind: str, mode: str, by: User, day: dt.date, number: int, care: float) -> Finished:
        world = self.world
        version = world.versions[kind]
        at = world.moment(day)
        assessment = self._start(version, mode, by, at)
        rows = list(self._answer(assessment, number, day, care))
        given = queries.as_rules(rows)
        limits = DEFAULT_THRESHOLDS["recruit" if kind == "recruit" else "capability"]
        result = scoring.result(version.content, given, assessment.applicable, limits)
        assessment.result = as_json(result, shared=False)
        assessment.result_shared = as_json(result, shared=True)
        exact, shared = result.overall.exact, result.overall_shared.exact
        assessment.overall = None if exact is None else scoring.decimal(exact)
        assessment.overall_shared = None if shared is None else scoring.decimal(shared)
        questions = self._questions(version, assessment.applicable, mode)
        assessment.of = len(questions)
        assessment.done = sum(1 for question in questions if rules.is_done(given.get(question.key)))
        assessment.status = Assessment.Status.SUBMITTED
        assessment.finished_by, assessment.finished_at, assessment.finished_on = by, at, day
        assessment.period = world.calendar.quarter_of(day).key
        world.batch.add(*rows, *score_rows(assessment, result))
        world.batch.log(
            at, by, "assessment.submitted", assessment, {"status": ["draft", "submitted"]},
            in_history=kind != "satisfaction",
        )  # fmt: skip
        self.sheets[version.pk, mode] = rows
        self._reveal(assessment)
        asked = frozenset(assessment.applicable)
        return Finished(assessment, at, by, propose(version.content, result, given, asked, shared=False))

    def _start(self, version: QuestionnaireVersion, mode: str, by: User, until: dt.datetime) -> Assessment:
        """A draft on which somebody works until then."""
        world, random, partner = self.world, self.world.random, self.member.partner
        seconds = random.randint(110, 290) if (version.pk, mode) in self.sheets else random.randint(420, 900)
        day = until.date()
        stage, kind = (self.member.stage(day), partner.partner_type.key) if partner else ("", "")
        assessment = Assessment(
            partner=partner,
            about=self.about,
            questionnaire=version.questionnaire,
            version=version,
            mode=mode,
            stage_key=stage,
            type_key=kind,
            applicable=sorted(applicable_keys(version.content, stage, kind)),
            started_by=by,
            started_at=until - dt.timedelta(seconds=round(seconds * random.uniform(1, 1.6))),
            last_active_at=until,
            active_seconds=seconds,
        )
        world.batch.add(assessment)
        in_history = version.questionnaire.kind != "satisfaction"
        world.batch.log(assessment.started_at, by, "assessment.started", assessment, in_history=in_history)
        return assessment

    def _reveal(self, assessment: Assessment) -> None:
        """Both sides see each other's once both of the period are in."""
        rows = self.made.setdefault((assessment.questionnaire_id, assessment.period), [])
        rows.append(assessment)
        if len({row.mode for row in rows}) == 2:
            for row in rows:
                row.revealed = True

    @staticmethod
    def _questions(version: QuestionnaireVersion, asked: Collection[str], mode: str) -> list[Question]:
        keys = frozenset(asked)
        internal = mode != Assessment.Mode.SELF or version.questionnaire.kind in ("program", "cam")
        return [question for question in version.content.questions(internal=internal) if question.key in keys]

    def _answer(self, assessment: Assessment, number: int, day: dt.date, care: float) -> Iterator[Answer]:
        """The answers, each near the partner's level in its topic; what was answered before is carried over."""
        version, mode, random = assessment.version, assessment.mode, self.world.random
        before = {row.question_key: row for row in self.sheets.get((version.pk, mode), [])}
        extra = self.member.course.optimism if mode == Assessment.Mode.SELF else 0
        topics = self.world.topics[version.pk]
        questions = self._questions(version, assessment.applicable, mode)
        step = dt.timedelta(seconds=assessment.active_seconds / (len(questions) + 1))
        for place, question in enumerate(questions, 1):
            if not question.options:  # in words: what people write is for people to make up
                continue
            topic, internal = topics[question.key]
            old = before.get(question.key)
            skipped = not question.required and random.random() > care
            if old is None and skipped:
                continue
            level = self.member.course.at(topic, number, day) + extra
            known = Choice(tuple(old.options), old.na) if old else None
            choice = known if skipped and known else course.choose(random, question, level, known)
            at = assessment.started_at + step * place
            row = Answer(
                assessment=assessment,
                question_key=question.key,
                options=list(choice.options),
                na=choice.na,
                comment=old.comment if old else random.choice(COMMENTS) if random.random() < 0.04 else "",
                evidence_url=old.evidence_url if old else "",
                confirmed=not skipped,
                prefilled=choice == known,
                internal=internal,
                by=old.by if old and choice == known else assessment.started_by,
                at=old.at if old and choice == known else at,
            )
            if choice != known:
                self._note_change(assessment, old, row, at)
            yield row

    def _note_change(self, assessment: Assessment, old: Answer | None, new: Answer, at: dt.datetime) -> None:
        self.world.batch.add(
            AnswerChange(
                assessment=assessment,
                question_key=new.question_key,
                before=_state(old) if old else None,
                after=_state(new),
                by=new.by,
                at=at,
                internal=new.internal,
            )
        )


def _state(row: Answer) -> Mapping[str, Any]:
    return {name: getattr(row, name) for name in ("options", "value", "na", "comment", "evidence_url")}
