"""A questionnaire as the JSON document its version keeps. Pure; what goes in comes out equal."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from scorecards.definition import Category, Kind, Option, Question, Questionnaire, QuestionType, Topic


def to_json(questionnaire: Questionnaire) -> dict[str, Any]:
    """Decimals as strings, sets as sorted lists, so that equal questionnaires give equal documents."""
    return {
        "name": questionnaire.name,
        "kind": questionnaire.kind.value,
        "categories": [
            {
                "key": category.key,
                "name": category.name,
                "weight": str(category.weight),
                "internal": category.internal,
                "topics": [_topic_json(topic) for topic in category.topics],
            }
            for category in questionnaire.categories
        ],
    }


def _topic_json(topic: Topic) -> dict[str, Any]:
    return {
        "key": topic.key,
        "name": topic.name,
        "weight": str(topic.weight),
        "target": None if topic.target is None else str(topic.target),
        "questions": [_question_json(question) for question in topic.questions],
    }


def _question_json(question: Question) -> dict[str, Any]:
    return {
        "key": question.key,
        "type": question.type.value,
        "text": question.text,
        "weight": str(question.weight),
        "required": question.required,
        "allow_na": question.allow_na,
        "life_stages": sorted(question.life_stages),
        "partner_types": sorted(question.partner_types),
        "help": question.help,
        "best_practice": question.best_practice,
        "action": question.action,
        "options": [
            {
                "key": option.key,
                "label": option.label,
                "score": str(option.score),
                "description": option.description,
            }
            for option in question.options
        ],
    }


def from_json(data: Mapping[str, Any]) -> Questionnaire:
    """The questionnaire that `to_json` wrote."""
    return Questionnaire(
        name=data["name"],
        kind=Kind(data["kind"]),
        categories=tuple(
            Category(
                key=category["key"],
                name=category["name"],
                weight=Decimal(category["weight"]),
                internal=category["internal"],
                topics=tuple(_topic(topic) for topic in category["topics"]),
            )
            for category in data["categories"]
        ),
    )


def _topic(data: Mapping[str, Any]) -> Topic:
    return Topic(
        key=data["key"],
        name=data["name"],
        weight=Decimal(data["weight"]),
        target=None if data["target"] is None else Decimal(data["target"]),
        questions=tuple(_question(question) for question in data["questions"]),
    )


def _question(data: Mapping[str, Any]) -> Question:
    return Question(
        key=data["key"],
        type=QuestionType(data["type"]),
        text=data["text"],
        weight=Decimal(data["weight"]),
        required=data["required"],
        allow_na=data["allow_na"],
        life_stages=frozenset(data["life_stages"]),
        partner_types=frozenset(data["partner_types"]),
        help=data["help"],
        best_practice=data["best_practice"],
        action=data["action"],
        options=tuple(
            Option(
                key=option["key"],
                label=option["label"],
                score=Decimal(option["score"]),
                description=option["description"],
            )
            for option in data["options"]
        ),
    )
