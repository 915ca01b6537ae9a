"""From draft to retired through the API."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.permissions import Role
from tests.api.conftest import problem
from tests.api.test_worked_example import example


@pytest.fixture
def admin(acme, api_for):
    return api_for(acme.users[Role.ADMIN])


def test_a_draft_is_thrown_away_and_a_questionnaire_retired(acme, admin, api_for):
    body = {key: value for key, value in example().items() if key != "key"}
    admin.post("/questionnaires", example(publish=True))
    admin.post("/questionnaires/example/versions", body)
    assert problem(api_for(acme.users[Role.CAM]).delete("/questionnaires/example/draft"), 403)
    assert admin.delete("/questionnaires/example/draft").status_code == 204
    assert problem(admin.delete("/questionnaires/example/draft"), 409)["type"].endswith("no-draft")
    assert [one["number"] for one in admin.get("/questionnaires/example").json()["versions"]] == [1]

    assert problem(api_for(acme.users[Role.CAM]).post("/questionnaires/example/retire"), 403)
    retired = admin.post("/questionnaires/example/retire").json()
    assert (retired["published"], [one["status"] for one in retired["versions"]]) == (None, ["retired"])
    assert problem(admin.post("/questionnaires/example/retire"), 409)["type"].endswith("not-published")
    start = {"partner": acme.partner_a.pk, "questionnaire": "example"}
    assert problem(api_for(acme.users[Role.CAM]).post("/assessments", start), 422)


def test_a_questionnaire_that_was_never_published_goes_with_its_draft(admin):
    admin.post("/questionnaires", example())
    assert admin.delete("/questionnaires/example/draft").status_code == 204
    assert admin.get("/questionnaires/example").status_code == 404


def test_a_file_keeps_the_keys_of_options(acme, admin):
    """Those of the example are made by hand: a file knows labels only."""
    before = admin.post("/questionnaires", example(publish=True)).json()["definition"]
    file = admin.get("/questionnaires/example/versions/1/file", format="xlsx")
    response = admin.client.post(
        "/api/v1/questionnaires/example/file",
        {"file": SimpleUploadedFile("x.xlsx", file.content)},
        headers={"host": admin.host, "authorization": f"Bearer {admin.token}"},
    )
    assert response.status_code == 201
    assert response.json()["definition"] == before
