"""Ninety questions: out and in again by XLSX and YAML, answered by API, and scored as computed here by hand.

The computation below stands on the definition written here and on nothing of the project.
"""

from fractions import Fraction

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.permissions import Role
from tests.api.conftest import problem
from tests.api.test_worked_example import near

LEVELS = [("None", 0), ("Some", 25), ("Most", 50), ("All", 100)]
CHOICES = [("Sales", 40), ("Presales", 30), ("Delivery", 50), ("None of these", 0)]
CHOSEN = [["sales"], ["sales", "presales"], ["sales", "presales", "delivery"], ["none-of-these"]]
POINTS = [40, 70, 100, 0]  # the third is 120, and 100 at most


def question(topic: int, place: int) -> dict:
    """0–2 and 4 choose one of four levels, 3 any; 4 may be n/a; 5 is asked under a condition."""
    condition = [
        {"life_stages": ["recruit"]},
        {"life_stages": ["accelerate", "mature"]},
        {"partner_types": ["msp"]},
    ][topic % 3]
    return {
        "key": f"t{topic}q{place}",
        "text": f"Question {place} of topic {topic}?",
        "type": "multi" if place == 3 else "graduated",
        "weight": ["1", "2", "0.5", "1.25"][(topic + place) % 4],
        "required": place != 2,
        "allow_na": place == 4,
        "help": f"Help {topic}.{place}\nand more" if place == 1 else "",
        "best_practice": f"Best {topic}.{place}",
        "action": f"Do {topic}.{place}",
        "options": [
            {"label": label, "score": score, "description": f"{label}, that is {score}" if place == 0 else ""}
            for label, score in (CHOICES if place == 3 else LEVELS)
        ],
        **(condition if place == 5 else {}),
    }


def topic(number: int) -> dict:
    return {
        "key": f"t{number}",
        "name": f"Topic {number}",
        "weight": ["1", "3", "1.5"][number % 3],
        "target": ["80", "65.5", None][number % 3],
        "questions": [question(number, place) for place in range(6)],
    }


def definition() -> dict:
    """Five categories of three topics of six questions; the last is internal."""
    return {
        "name": "Ninety questions",
        "kind": "capability",
        "categories": [
            {
                "key": f"c{number}",
                "name": f"Category {number}",
                "weight": ["2", "1", "0.75", "1", "4"][number],
                "internal": number == 4,
                "topics": [topic(3 * number + each) for each in range(3)],
            }
            for number in range(5)
        ],
    }


def asked(number: int, place: int) -> bool:
    """Of a reseller at the stage accelerate."""
    return place != 5 or number % 3 == 1


def given(number: int, place: int) -> tuple[dict, int | None]:
    """The answer as it is sent, and its points; None for n/a."""
    if place == 4 and number % 2 == 0:
        return {"na": True}, None
    if place == 3:
        return {"options": CHOSEN[number % 4]}, POINTS[number % 4]
    level = (number * 7 + place * 3) % 4
    return {"option": LEVELS[level][0].lower()}, LEVELS[level][1]


def mean(pairs: list[tuple[Fraction, Fraction]]) -> Fraction:
    """Of (weight, score)."""
    return sum((weight * score for weight, score in pairs), Fraction()) / sum(weight for weight, _score in pairs)


def by_hand() -> tuple[dict[str, Fraction], dict[str, Fraction], Fraction, Fraction]:
    """Scores of topics and of categories, the overall, and the overall without the internal category."""
    topics, categories = {}, {}
    for category in definition()["categories"]:
        of_category = []
        for each in category["topics"]:
            number = int(each["key"][1:])
            answered = []
            for place, one in enumerate(each["questions"]):
                points = given(number, place)[1]
                if asked(number, place) and points is not None:
                    answered.append((Fraction(one["weight"]), Fraction(points)))
            topics[each["key"]] = mean(answered)
            of_category.append((Fraction(each["weight"]), topics[each["key"]]))
        categories[category["key"]] = mean(of_category)
    weights = [(Fraction(one["weight"]), categories[one["key"]]) for one in definition()["categories"]]
    return topics, categories, mean(weights), mean(weights[:4])


@pytest.fixture
def admin(acme, api_for):
    return api_for(acme.users[Role.OPERATIONS])


def test_the_definition_is_the_one_asked_for():
    topics = [each for category in definition()["categories"] for each in category["topics"]]
    questions = [one for each in topics for one in each["questions"]]
    assert (len(topics), {len(each["questions"]) for each in topics}, len(questions)) == (15, {6}, 90)
    assert {tuple(option["score"] for option in one["options"]) for one in questions if one["type"] == "graduated"} == {
        (0, 25, 50, 100)
    }


@pytest.mark.parametrize("format", ["xlsx", "yaml"])
def test_ninety_questions_go_out_come_back_unchanged_and_score_as_by_hand(acme, admin, api_for, format):
    first = admin.post("/questionnaires", {**definition(), "key": "ninety", "publish": True})
    assert first.status_code == 201, first.content
    file = admin.get("/questionnaires/ninety/versions/1/file", format=format)
    assert file.status_code == 200
    back = admin.client.post(
        "/api/v1/questionnaires/again/file",
        {"file": SimpleUploadedFile(f"ninety.{format}", file.content), "publish": "true"},
        headers={"host": admin.host, "authorization": f"Bearer {admin.token}"},
    )
    assert back.status_code == 201, back.content
    assert back.json()["definition"] == first.json()["definition"]
    again = admin.get("/questionnaires/again/versions/1/file", format=format)
    if format == "yaml":
        assert again.content == file.content

    cam = api_for(acme.users[Role.CAM])
    made = cam.post("/assessments", {"partner": acme.partner_a.pk, "questionnaire": "again"})
    assert made.status_code == 201, made.content
    expected = [f"t{number}q{place}" for number in range(15) for place in range(6) if asked(number, place)]
    assert made.json()["applicable"] == expected
    pk = made.json()["id"]
    answers = {key: given(*map(int, key[1:].split("q")))[0] for key in expected}
    assert cam.patch(f"/assessments/{pk}/answers", {"answers": answers}).status_code == 200
    assert cam.post(f"/assessments/{pk}/submit").status_code == 200

    result = cam.get(f"/assessments/{pk}/result").json()
    topics, categories, overall, shared = by_hand()
    near(result["overall"], overall)
    near(result["overall_shared"], shared)
    assert overall != shared
    weights = {category["key"]: Fraction(category["weight"]) for category in definition()["categories"]}
    for category in result["categories"]:
        near(category["score"], categories[category["key"]])
        of_topics = {each["key"]: Fraction(each["weight"]) for each in category["topics"]}
        for each in category["topics"]:
            score, share = topics[each["key"]], Fraction(of_topics[each["key"]], sum(of_topics.values()))
            share *= weights[category["key"]] / sum(weights.values())
            near(each["score"], score)
            if each["target"] is None:
                assert each["impact"] is None
            else:
                near(each["impact"], max(Fraction(), Fraction(each["target"]) - score) * share)
    assert len(topics) == 15


def test_a_weight_of_nothing_is_refused_wherever_it_stands(admin):
    body = {**definition(), "key": "ninety"}
    body["categories"][1]["weight"] = "0"
    body["categories"][2]["topics"][1]["weight"] = "-1"
    body["categories"][3]["topics"][2]["questions"][5]["weight"] = "0"
    refused = problem(admin.post("/questionnaires", body), 422)
    assert [error["field"] for error in refused["errors"]] == [
        "categories.1.weight",
        "categories.2.topics.1.weight",
        "categories.3.topics.2.questions.5.weight",
    ]
