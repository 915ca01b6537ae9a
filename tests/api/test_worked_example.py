"""The worked example through the API: made, published, started, answered, submitted, read, with exact figures."""

import re
from decimal import Decimal
from fractions import Fraction

import pytest

from accounts.permissions import Role
from tests.api.conftest import problem

OPTIONS = [{"key": f"o{score}", "label": f"Level {score}", "score": score} for score in (0, 25, 50, 80, 100)]


def question(key, weight=1, **more):
    return {
        "key": key, "text": f"How about {key}?", "weight": weight, "required": True, "allow_na": True,
        "options": OPTIONS, "action": f"Do {key}", **more,
    }  # fmt: skip


def example(**more):
    return {
        "key": "example",
        "name": "Example",
        "categories": [
            {
                "key": "A",
                "name": "Category A",
                "weight": 2,
                "topics": [
                    {"key": "a1", "name": "Topic a1", "target": 80, "questions": [question("a1q1"), question("a1q2")]},
                    {"key": "a2", "name": "Topic a2", "weight": "3e0", "target": "80", "questions": [question("a2q1")]},
                ],
            },
            {
                "key": "B",
                "name": "Category B",
                "topics": [
                    {
                        "key": "b1",
                        "name": "Topic b1",
                        "target": 90,
                        "questions": [question("b1q1"), question("b1q2", 2)],
                    }
                ],
            },
        ],
        **more,
    }


INTERNAL = {
    "key": "T",
    "name": "Secret trust",
    "weight": 3,
    "internal": True,
    "topics": [{"key": "t1", "name": "Secret t1", "target": 60, "questions": [question("t1q1")]}],
}
ANSWERS = {
    "a1q1": {"option": "o100"},
    "a1q2": {"options": ["o50"]},
    "a2q1": {"option": "o25"},
    "b1q1": {"na": True},
    "b1q2": {"option": "o80"},
}


@pytest.fixture
def admin(acme, api_for):
    return api_for(acme.users[Role.ADMIN])


@pytest.fixture
def cam(acme, api_for):
    return api_for(acme.users[Role.CAM])


def start(api, partner, answers=ANSWERS):
    made = api.post("/assessments", {"partner": partner.pk, "questionnaire": "example"})
    assert made.status_code == 201, made.content
    given = api.patch(f"/assessments/{made.json()['id']}/answers", {"answers": answers})
    assert given.status_code == 200, given.content
    return made.json()["id"]


def near(text, exact):
    assert re.fullmatch(r"\d+\.\d{6,}", text), text
    assert abs(Decimal(text) - Decimal(exact.numerator) / exact.denominator) < Decimal("1e-9"), (text, exact)


def test_worked_example_exactly(acme, admin, cam):
    made = admin.post("/questionnaires", example())
    assert made.status_code == 201
    assert made.json()["status"] == "draft"
    assert problem(cam.post("/assessments", {"partner": acme.partner_a.pk, "questionnaire": "example"}), 422)
    assert admin.post("/questionnaires/example/publish").json()["status"] == "published"

    pk = start(cam, acme.partner_a)
    assert cam.get(f"/assessments/{pk}").json()["missing"] == []
    submitted = cam.post(f"/assessments/{pk}/submit")
    assert submitted.status_code == 200
    assert submitted.json()["status"] == "submitted"
    assert submitted.json()["overall_display"] == 52

    result = cam.get(f"/assessments/{pk}/result").json()
    near(result["overall"], Fraction(155, 3))
    near(result["overall_shared"], Fraction(155, 3))
    assert (result["overall_display"], result["display"], result["rag"]) == (52, 52, "amber")
    assert (result["overall_shared_display"], result["rag_shared"]) == (52, "amber")
    assert Decimal(result["completeness"]) == 1
    assert (result["done"], result["of"], result["provisional"], result["reason"]) == (5, 5, False, None)
    a, b = result["categories"]
    assert (a["key"], a["weight"], a["internal"], a["display"], a["rag"]) == ("A", "2", False, 38, "red")
    near(a["score"], Fraction(75, 2))
    near(b["score"], Fraction(80))
    assert (b["display"], b["rag"], Decimal(b["completeness"])) == (80, "green", 1)
    topics = {topic["key"]: topic for category in (a, b) for topic in category["topics"]}
    for key, score, gap, share, impact in (
        ("a1", Fraction(75), Fraction(5), Fraction(1, 6), Fraction(5, 6)),
        ("a2", Fraction(25), Fraction(55), Fraction(1, 2), Fraction(55, 2)),
        ("b1", Fraction(80), Fraction(10), Fraction(1, 3), Fraction(10, 3)),
    ):
        near(topics[key]["score"], score)
        near(topics[key]["gap"], gap)
        near(topics[key]["share"], share)
        near(topics[key]["impact"], impact)
        assert Decimal(topics[key]["completeness"]) == 1
        assert topics[key]["reason"] is None
    assert (topics["a2"]["weight"], topics["a2"]["target"], topics["a2"]["rag"]) == ("3", "80", "red")


def test_proposed_plan_becomes_actions(acme, admin, cam):
    admin.post("/questionnaires", example(publish=True))
    pk = start(cam, acme.partner_a)
    proposed = cam.get(f"/assessments/{pk}/plan").json()["items"]
    assert [topic["key"] for topic in proposed] == ["a2", "b1", "a1"]
    assert proposed[0]["actions"][0]["title"] == "Do a2q1"
    near(proposed[0]["actions"][0]["lift"], Fraction(55))
    owner = acme.users_a[Role.PARTNER_EXECUTIVE].pk
    items = [{"question": "a2q1", "owner": owner, "due_on": "2027-03-31"}, {"question": "b1q2", "title": "Hire"}]
    made = cam.post(f"/assessments/{pk}/plan", {"items": items})
    assert made.status_code == 201, made.content
    first, second = made.json()["items"]
    assert (first["title"], first["owner"], first["due_on"]) == ("Do a2q1", owner, "2027-03-31")
    assert (first["origin"], first["origin_key"], first["expected_lift"]) == ("topic", "a2", "55.0")
    assert second["title"] == "Hire"
    assert cam.post(f"/assessments/{pk}/plan", {"items": items}).json()["items"] == []
    assert [one["id"] for one in cam.get("/actions", partner=acme.partner_a.pk).json()["items"]] == [
        first["id"],
        second["id"],
    ]
    nobody = {"items": [{"question": "a1q2", "owner": acme.users_b[Role.PARTNER_SELLER].pk}]}
    assert problem(cam.post(f"/assessments/{pk}/plan", nobody), 422)["errors"][0]["field"] == "items.0.owner"


def test_partner_side_sees_no_internal_category_and_no_overall(acme, admin, cam, api_for):
    body = example(publish=True)
    body["categories"].append(INTERNAL)
    admin.post("/questionnaires", body)
    portal = api_for(acme.users_a[Role.PARTNER_CHAMPION])
    mine, theirs = start(portal, acme.partner_a), start(cam, acme.partner_a, {**ANSWERS, "t1q1": {"option": "o0"}})
    assert portal.get(f"/assessments/{theirs}").status_code == 404
    assert cam.get(f"/assessments/{mine}/result").status_code == 404
    assert problem(portal.put(f"/assessments/{mine}/answers/t1q1", {"option": "o0"}), 422)
    assert portal.post(f"/assessments/{mine}/submit").status_code == 200
    assert cam.post(f"/assessments/{theirs}/submit").status_code == 200

    full, shared = cam.get(f"/assessments/{theirs}/result").json(), portal.get(f"/assessments/{theirs}/result").json()
    assert [category["key"] for category in full["categories"]] == ["A", "B", "T"]
    near(full["overall"], Fraction(155, 6))
    near(full["overall_shared"], Fraction(155, 3))
    near(full["categories"][0]["topics"][1]["impact"], Fraction(55, 4))
    near(full["categories"][0]["topics"][1]["impact_shared"], Fraction(55, 2))
    assert [category["key"] for category in shared["categories"]] == ["A", "B"]
    assert not {"overall", "overall_display", "display", "rag", "completeness_shared"} & set(shared)
    near(shared["categories"][0]["topics"][1]["impact"], Fraction(55, 2))
    assert "impact_shared" not in shared["categories"][0]["topics"][1]
    seen = [
        portal.get(f"/assessments/{theirs}{page}").content.decode() for page in ("", "/answers", "/result", "/plan")
    ] + [
        portal.get(f"/questionnaires/example{page}").content.decode() for page in ("", "/versions/1", "/versions/1/file?format=yaml")
    ]  # fmt: skip
    for text in seen:
        assert "Secret" not in text
        assert "t1q1" not in text
    details = portal.get(f"/assessments/{theirs}").json()
    assert not {"overall", "done", "of", "active_seconds"} & set(details)


def test_missing_scores_say_why(acme, admin, cam):
    body = example(publish=True)
    del body["categories"][1]["topics"][0]["target"]
    admin.post("/questionnaires", body)
    pk = start(cam, acme.partner_a, {"b1q2": {"option": "o0"}})
    result = cam.get(f"/assessments/{pk}/result").json()
    a, b = result["categories"]
    assert (a["score"], a["display"], a["rag"], a["reason"]) == (None, None, None, "not_assessed")
    assert (a["topics"][0]["impact"], a["topics"][0]["reason"]) == (None, "not_assessed")
    assert (b["display"], b["rag"]) == (1, "red")
    near(b["score"], Fraction(0))
    assert (b["topics"][0]["gap"], b["topics"][0]["impact"], b["topics"][0]["reason"]) == (None, None, "no_target")
    refused = problem(cam.post(f"/assessments/{pk}/submit"), 422)
    assert refused["type"].endswith("incomplete")
    assert [error["field"] for error in refused["errors"]] == ["a1q1", "a1q2", "a2q1", "b1q1"]


def test_prefilled_answers_are_confirmed_and_submitted_ones_are_closed(acme, admin, cam):
    admin.post("/questionnaires", example(publish=True))
    first = start(cam, acme.partner_a)
    cam.post(f"/assessments/{first}/submit")
    closed = problem(cam.put(f"/assessments/{first}/answers/a1q1", {"option": "o0"}), 409)
    assert closed["type"].endswith("closed")
    problem(cam.post(f"/assessments/{first}/submit"), 409)
    problem(cam.delete(f"/assessments/{first}"), 409)

    again = cam.post("/assessments", {"partner": acme.partner_a.pk, "questionnaire": "example", "mode": "cam"})
    assert again.status_code == 201
    pk = again.json()["id"]
    assert cam.post("/assessments", {"partner": acme.partner_a.pk, "questionnaire": "example"}).status_code == 200
    answers = cam.get(f"/assessments/{pk}/answers").json()["items"]
    assert [(one["question"], one["prefilled"], one["confirmed"]) for one in answers] == [
        (key, True, False) for key in ANSWERS
    ]
    assert cam.get(f"/assessments/{pk}/result").json()["provisional"] is True
    assert cam.post(f"/assessments/{pk}/confirm", {"topic": "a1"}).json() == {"confirmed": 2}
    assert cam.post(f"/assessments/{pk}/confirm", {"questions": ["a2q1"]}).json() == {"confirmed": 1}
    assert cam.post(f"/assessments/{pk}/confirm", {"all": True}).json() == {"confirmed": 2}
    assert cam.delete(f"/assessments/{pk}").status_code == 204
    assert cam.get(f"/assessments/{pk}").status_code == 404


def test_bulk_answers_are_kept_all_or_none(acme, admin, cam):
    admin.post("/questionnaires", example(publish=True))
    pk = cam.post("/assessments", {"partner": acme.partner_a.pk, "questionnaire": "example"}).json()["id"]
    body = {"answers": {"a1q1": {"option": "o100"}, "a1q2": {"option": "none"}, "zzz": {"na": True}}}
    refused = problem(cam.patch(f"/assessments/{pk}/answers", body), 422)
    assert {error["field"] for error in refused["errors"]} == {"answers.a1q2.options", "answers.zzz.options"}
    assert cam.get(f"/assessments/{pk}/answers").json()["items"] == []
    problem(cam.put(f"/assessments/{pk}/answers/zzz", {"na": True}), 404)
    kept = cam.put(f"/assessments/{pk}/answers/a1q1", {"option": "o100", "comment": "Seen — ünïcode 🎯"}).json()
    assert (kept["options"], kept["comment"], kept["confirmed"]) == (["o100"], "Seen — ünïcode 🎯", True)


def test_versions_never_change_once_published(acme, admin, cam):
    admin.post("/questionnaires", example(publish=True))
    pk = start(cam, acme.partner_a)
    problem(admin.post("/questionnaires", example()), 422)
    problem(admin.post("/questionnaires/example/publish"), 409)
    body = {key: value for key, value in example().items() if key != "key"}
    body["categories"][0]["weight"] = 5
    draft = admin.post("/questionnaires/example/versions", body).json()
    assert (draft["number"], draft["status"], draft["definition"]["categories"][0]["weight"]) == (2, "draft", "5")
    assert cam.get("/questionnaires/example/versions/2").status_code == 404
    assert admin.post("/questionnaires/example/publish").json()["number"] == 2
    listed = cam.get("/questionnaires/example").json()
    assert listed["published"] == 2
    assert [(one["number"], one["status"]) for one in listed["versions"]] == [(2, "published"), (1, "retired")]
    assert cam.get(f"/assessments/{pk}").json()["version"] == 1
    near(cam.get(f"/assessments/{pk}/result").json()["overall"], Fraction(155, 3))


def test_definition_goes_out_and_in_again_unchanged(acme, admin):
    first = admin.post("/questionnaires", example(publish=True)).json()["definition"]
    again = admin.post("/questionnaires/example/versions", first)
    assert again.status_code == 201
    assert again.json()["definition"] == first


@pytest.mark.parametrize("format", ["yaml", "xlsx"])
def test_questionnaire_files_round_trip(acme, admin, format):
    made = admin.post("/questionnaires", example(publish=True)).json()["definition"]
    file = admin.get("/questionnaires/example/versions/1/file", format=format)
    assert file.status_code == 200
    from django.core.files.uploadedfile import SimpleUploadedFile

    response = admin.client.post(
        "/api/v1/questionnaires/copy/file", {"file": SimpleUploadedFile("q", file.content), "publish": "true"},
        headers={"host": admin.host, "authorization": f"Bearer {admin.token}"},
    )  # fmt: skip
    assert response.status_code == 201, response.content
    copied = response.json()
    assert copied["status"] == "published"
    for one, other in zip(copied["definition"]["categories"], made["categories"], strict=True):
        assert (one["key"], one["weight"], len(one["topics"])) == (other["key"], other["weight"], len(other["topics"]))


def test_what_breaks_the_rules_is_named_by_its_place(acme, admin):
    body = example()
    body["categories"][0]["weight"] = 0
    body["categories"][0]["topics"][0]["target"] = 101
    body["categories"][1]["topics"][0]["questions"][0]["options"] = OPTIONS[:1]
    body["categories"][1]["topics"][0]["questions"][1]["key"] = "a1q1"
    refused = problem(admin.post("/questionnaires", body), 422)
    assert {error["pointer"] for error in refused["errors"]} == {
        "/categories/0/weight",
        "/categories/0/topics/0/target",
        "/categories/1/topics/0/questions/0/options",
        "/categories/1/topics/0/questions/1/key",
    }
    body = example()
    body["categories"][0]["topics"][0]["questions"][0]["life_stages"] = ["accelerate", "nowhere"]
    refused = problem(admin.post("/questionnaires", body), 422)
    assert refused["errors"][0]["pointer"] == "/categories/0/topics/0/questions/0/life_stages/1"


def test_conditions_decide_what_is_asked(acme, admin, cam):
    body = example(publish=True)
    body["categories"][0]["topics"][0]["questions"][1]["life_stages"] = ["recruit"]
    body["categories"][0]["topics"][1]["questions"][0]["partner_types"] = ["reseller"]
    admin.post("/questionnaires", body)
    made = cam.post("/assessments", {"partner": acme.partner_a.pk, "questionnaire": "example"}).json()
    assert made["applicable"] == ["a1q1", "a2q1", "b1q1", "b1q2"]
