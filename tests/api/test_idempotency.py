"""A POST sent twice with one key is done once."""

import datetime as dt

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from accounts import tokens
from accounts.models import IdempotencyKey
from accounts.permissions import Role
from accounts.tokens import Scope
from partners.models import Touch
from tests.api.conftest import Api, problem
from tests.together import at_once


@pytest.fixture
def cam(acme, api_for):
    return api_for(acme.users[Role.CAM])


@pytest.fixture
def log(acme):
    return f"/partners/{acme.partner_a.pk}/touches"


def count():
    return Touch.objects.unscoped("test").count()


def test_same_key_and_body_give_the_same_answer_once_done(acme, cam, log):
    first = cam.post(log, {"note": "Called", "minutes": 5}, key="k1")
    again = cam.post(log, '{"minutes" : 5,   "note": "Called"}', key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again["Idempotent-Replay"] == "true"
    assert "Idempotent-Replay" not in first
    assert count() == 1


def test_a_key_serves_one_request_of_one_user(acme, cam, log, api_for):
    cam.post(log, {"note": "Called"}, key="k1")
    for response in (
        cam.post(log, {"note": "Called again"}, key="k1"),
        cam.post(f"/partners/{acme.partner_a.pk}/actions", {"title": "Called"}, key="k1"),
    ):
        assert problem(response, 422)["type"].endswith("idempotency-key-reused")
    assert api_for(acme.users[Role.ADMIN]).post(log, {"note": "Called"}, key="k1").status_code == 201
    assert cam.post(log, {"note": "Called"}).status_code == 201
    assert count() == 3


def test_what_failed_is_done_anew(acme, cam, log):
    problem(cam.post(log, {"minutes": -1}, key="k1"), 422)
    assert cam.post(log, {"minutes": 1}, key="k1").status_code == 201
    assert count() == 1


def test_keys_have_1_to_200_characters(acme, cam, log):
    problem(cam.call("post", log, {}, idempotency_key=""), 400)
    problem(cam.post(log, {}, key="k" * 201), 400)
    assert cam.post(log, {}, key="k" * 200).status_code == 201


def test_a_files_upload_is_the_same_whatever_its_boundary(acme, version, api_for):
    admin = api_for(acme.users[Role.ADMIN])
    yaml = admin.get("/questionnaires/example/versions/1/file", format="yaml").content
    answers = [
        admin.client.post(
            "/api/v1/questionnaires/copy/file", {"file": SimpleUploadedFile("q.yaml", content)},
            headers={"host": admin.host, "authorization": f"Bearer {admin.token}", "idempotency-key": "k"},
        )
        for content in (yaml, yaml, yaml + b"\n")
    ]  # fmt: skip
    assert [answer.status_code for answer in answers] == [201, 201, 422]
    assert answers[0].json() == answers[1].json()


def test_a_new_tokens_text_is_not_kept(acme, cam):
    body = {"email": acme.users[Role.CAM].email, "password": "correct horse battery"}
    assert cam.post("/tokens", body, key="k").status_code == 201
    assert not IdempotencyKey.objects.exists()


def test_answers_are_forgotten_after_a_week(acme, cam, log):
    cam.post(log, {}, key="old")
    IdempotencyKey.objects.update(created_at=timezone.now() - dt.timedelta(days=8))
    cam.post(log, {}, key="new")
    tokens.forget_answers()
    assert [kept.key for kept in IdempotencyKey.objects.all()] == ["new"]


@pytest.fixture
def caller(committed) -> Api:
    """The calls of a CAM, where each request commits on a connection of its own."""
    _row, plain = tokens.create(committed.users[Role.CAM], "Test", list(Scope), 1)
    caller = Api(plain, committed.host)
    caller.log = f"/partners/{committed.partner_a.pk}/touches"
    caller.user = committed.users[Role.CAM]
    return caller


def test_requests_at_the_same_moment_make_one_thing(committed, caller):
    def send():
        each = Api(caller.token, committed.host)
        return each.post(caller.log, {"note": "Once"}, key="k").status_code

    statuses = at_once(committed, *[send] * 8)
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert count() == 1


def test_a_second_request_while_the_first_is_under_way(caller):
    name = f"acme.idempotency.{caller.user.pk}.k"
    with psycopg.connect(
        host=connection.settings_dict["HOST"], port=connection.settings_dict["PORT"], user=connection.settings_dict["USER"],
        password=connection.settings_dict["PASSWORD"], dbname=connection.settings_dict["NAME"],
    ) as first:  # fmt: skip
        first.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        assert problem(caller.post(caller.log, {}, key="k"), 409)["type"].endswith("idempotency-in-flight")
        assert caller.post(caller.log, {}, key="other").status_code == 201
    assert caller.post(caller.log, {}, key="k").status_code == 201
