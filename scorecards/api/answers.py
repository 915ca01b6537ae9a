"""Answers of an assessment: one by one, many at once, and those of last time confirmed."""

from decimal import Decimal
from typing import Any

from django.db import transaction
from ninja import Router
from pydantic import Field, model_validator

from prm.api.auth import Request
from prm.api.problems import Problem, invalid
from prm.api.schemas import In, Key, Out, Page, instant
from scorecards import actions, answer_history, queries
from scorecards.actions import Given
from scorecards.api.common import READS, WRITES, find, find_own, refusing
from scorecards.models import Answer

router = Router(tags=["Assessments"])


class AnswerIn(In):
    """One of: `options` (keys; `option` for a single one), `value` (number or text), `na`; none of them takes the answer back.

    `comment` and `evidence_url` stay as they are where they aren't sent.
    """

    option: str | None = Field(None, max_length=200)
    options: list[str] = Field([], max_length=20)
    value: str | int | Decimal = ""
    na: bool = False
    comment: str | None = None
    evidence_url: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "AnswerIn":
        if self.option is not None and self.options:
            raise ValueError("give `option` or `options`, not both")
        return self

    def given(self) -> Given:
        options = tuple(self.options) if self.option is None else (self.option,)
        return Given(options, str(self.value), self.na, self.comment, self.evidence_url)


class Answers(In):
    """By question key. All are kept, or none where one does not fit."""

    answers: dict[Key, AnswerIn] = Field(max_length=500)


class AnswerOut(Out):
    """`prefilled`: carried over from last time and not changed since; `at` and `by` say when and by whom it was chosen."""

    question: str
    options: list[str]
    value: str
    na: bool
    comment: str
    evidence_url: str
    confirmed: bool
    prefilled: bool
    by: int | None
    by_name: str | None
    at: str


class State(Out):
    options: list[str]
    value: str
    na: bool
    comment: str
    evidence_url: str


class ChangeOut(Out):
    """What an answer was before (null: nothing) and became; `side` is vendor or partner."""

    before: State | None
    after: State
    by: int | None
    by_name: str | None
    side: str | None
    at: str


class Confirmation(In):
    """What to confirm: all, a topic, or these questions."""

    all: bool = False
    topic: Key | None = None
    questions: list[Key] = Field([], max_length=500)


class Confirmed(Out):
    confirmed: int


def answer_out(answer: Answer) -> dict[str, Any]:
    return {
        "question": answer.question_key,
        **{
            name: getattr(answer, name)
            for name in ("options", "value", "na", "comment", "evidence_url", "confirmed", "prefilled")
        },
        "by": answer.by_id,
        "by_name": answer.by.display_name if answer.by else None,
        "at": instant(answer.at),
    }


def _all(request: Request, assessment_id: int) -> dict[str, Any]:
    """The answers in the order of the questions."""
    assessment = find(request, assessment_id)
    stored = queries.answers_of(request.user, assessment)
    questions = queries.content_for(request.user, assessment).questions()
    return {"items": [answer_out(stored[each.key]) for each in questions if each.key in stored], "next": None}


@router.get("/assessments/{int:assessment_id}/answers", response=Page[AnswerOut], auth=READS)
def list_answers(request: Request, assessment_id: int) -> Any:
    """The answers given so far."""
    return _all(request, assessment_id)


@router.put("/assessments/{int:assessment_id}/answers/{question_key}", response=AnswerOut, auth=WRITES)
def put_answer(request: Request, assessment_id: int, question_key: str, body: AnswerIn) -> Any:
    """Keeps one answer, confirmed. Sent again it changes nothing; 409 once the assessment is submitted."""
    assessment = find_own(request, assessment_id)
    if question_key not in assessment.applicable:
        raise Problem(404)
    with refusing():
        answer = actions.save_answer(
            assessment=assessment, question_key=question_key, given=body.given(), by=request.user
        )
    return answer_out(answer)


@router.patch("/assessments/{int:assessment_id}/answers", response=Page[AnswerOut], auth=WRITES)
def patch_answers(request: Request, assessment_id: int, body: Answers) -> Any:
    """Keeps many answers at once, all or none; gives all there are."""
    assessment = find_own(request, assessment_id)
    errors: list[Any] = []
    with transaction.atomic():
        for key, answer in body.answers.items():
            try:
                with refusing(f"answers.{key}"):
                    actions.save_answer(assessment=assessment, question_key=key, given=answer.given(), by=request.user)
            except Problem as problem:
                if problem.status != 422:
                    raise
                errors += problem.errors
        if errors:
            raise invalid(errors)
    return _all(request, assessment_id)


@router.get("/assessments/{int:assessment_id}/answers/{question_key}/history", response=Page[ChangeOut], auth=READS)
def list_changes(request: Request, assessment_id: int, question_key: str) -> Any:
    """What became of the answer to one question, the latest change first."""
    assessment = find(request, assessment_id)
    question = queries.question(request.user, assessment, question_key)
    if question is None:
        raise Problem(404)
    rows = answer_history.history(question, queries.changes(request.user, assessment, question_key))
    items = [
        {
            "before": entry.change.before,
            "after": entry.change.after,
            "by": entry.change.by_id,
            "by_name": entry.who or None,
            "side": entry.side or None,
            "at": instant(entry.change.at),
        }
        for entry in rows
    ]
    return {"items": items, "next": None}


@router.post("/assessments/{int:assessment_id}/confirm", response=Confirmed, auth=WRITES)
def confirm_answers(request: Request, assessment_id: int, body: Confirmation) -> Any:
    """Confirms answers carried over from last time as they are."""
    assessment = find_own(request, assessment_id)
    questions = assessment.applicable if body.all else body.questions
    with refusing():
        count = actions.confirm(assessment=assessment, by=request.user, topic=body.topic, questions=questions)
    return {"confirmed": count}
