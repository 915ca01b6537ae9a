"""A published version can't be changed, whatever is tried; and what was answered with it keeps its figures to the digit."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import ProtectedError
from django.urls import NoReverseMatch, reverse

from accounts.permissions import Role
from accounts.tokens import Scope, create
from scorecards import actions, catalogue, drafts, editing
from scorecards import questionnaire_files as files
from scorecards.definition_json import to_json
from scorecards.editing import Level
from scorecards.models import Answer, Assessment, AssessmentScore, PublishedVersionIsFixed, QuestionnaireVersion
from tests.scorecards.conftest import example, filled


def everything_answered():
    """All that is kept of answers and results, and the versions they were given with."""
    models = (Assessment, Answer, AssessmentScore)
    kept = {model.__name__: list(model.everything.order_by("pk").values()) for model in models}
    kept["versions"] = list(QuestionnaireVersion.objects.filter(number=1).order_by("pk").values("number", "definition"))
    return json.dumps(kept, default=str, sort_keys=True)


def other():
    """The example with other weights, scores, targets, keys and an internal category."""
    content = example(internal=True)
    topic = editing.find(content, Level.TOPIC, "a1")
    content = editing.put(content, Level.TOPIC, "a1", replace(topic, weight=Decimal(9), target=Decimal(1)))
    return editing.step(editing.remove(content, Level.QUESTION, "a1q2"), Level.CATEGORY, "A", up=False)


@pytest.fixture
def answered(acme):
    """A published questionnaire, and the vendor's submitted and the partner's begun assessment with it."""
    version = actions.publish(by=None, key="fixed", content=example())
    filled(acme.partner_a, version, acme.users[Role.CAM])
    begun = actions.start_assessment(
        partner=acme.partner_a, version=version, mode="self", by=acme.users_a[Role.PARTNER_CHAMPION]
    )
    given = actions.Given(options=("o50",))
    actions.save_answer(assessment=begun, question_key="a1q1", given=given, by=acme.users_a[Role.PARTNER_CHAMPION])
    return version


@pytest.fixture(autouse=True)
def stays(answered):
    """Whatever a test does: what was answered is as before it."""
    before = everything_answered()
    yield
    assert everything_answered() == before


def fresh(version):
    return QuestionnaireVersion.objects.get(pk=version.pk)


CHANGES = {
    "save": lambda v: _saved(fresh(v), definition=to_json(other())),
    "save of one field": lambda v: _saved(fresh(v), update_fields=["definition"], definition=to_json(other())),
    "another number": lambda v: _saved(fresh(v), number=7),
    "back to a draft": lambda v: _saved(fresh(v), status="draft", published_at=None),
    "update": lambda v: QuestionnaireVersion.objects.filter(pk=v.pk).update(definition=to_json(other())),
    "update back to a draft": lambda v: QuestionnaireVersion.objects.filter(pk=v.pk).update(status="draft", published_at=None),
    "update through its questionnaire": lambda v: v.questionnaire.versions.update(definition={}),
    "bulk update": lambda v: QuestionnaireVersion.objects.bulk_update([_changed(v)], ["definition"]),
    "bulk update through its questionnaire": lambda v: v.questionnaire.versions.bulk_update([_changed(v)], ["definition"]),
    "bulk update back to a draft": lambda v: QuestionnaireVersion.objects.bulk_update([_drafted(v)], ["status"]),
    "bulk create over it": lambda v: QuestionnaireVersion.objects.bulk_create(
        [_changed(v)], update_conflicts=True, unique_fields=["id"], update_fields=["definition"]
    ),
    "update or create": lambda v: QuestionnaireVersion.objects.update_or_create(pk=v.pk, defaults={"definition": {}}),
    "delete": lambda v: fresh(v).delete(),
    "delete of many": lambda v: QuestionnaireVersion.objects.filter(pk=v.pk).delete(),
}  # fmt: skip


def _saved(version, update_fields=None, **changes):
    for name, value in changes.items():
        setattr(version, name, value)
    version.save(update_fields=update_fields)


def _changed(version):
    version = fresh(version)
    version.definition = to_json(other())
    return version


def _drafted(version):
    version = fresh(version)
    version.status = "draft"
    return version


@pytest.mark.parametrize("way", CHANGES)
def test_in_the_code(answered, way):
    with pytest.raises(PublishedVersionIsFixed), transaction.atomic():
        CHANGES[way](answered)
    assert fresh(answered).content == example()


def test_its_questionnaire_cant_be_deleted(answered):
    with pytest.raises(ProtectedError):
        answered.questionnaire.delete()


def test_there_is_no_django_admin(answered, acme, client_for):
    assert "django.contrib.admin" not in settings.INSTALLED_APPS
    with pytest.raises(NoReverseMatch):
        reverse("admin:index")
    assert client_for(acme.users[Role.ADMIN]).get("/admin/").status_code == 404


def test_by_pages(answered, acme, client_for):
    client = client_for(acme.users[Role.ADMIN])
    root = f"/settings/questionnaires/{answered.questionnaire_id}/"
    thing = {
        "seen": editing.fingerprint(example().categories[0].topics[0], whole=False),
        "name": "New",
        "weight": "9",
        "key": "a1",
    }
    posts = {
        "draft/": {"seen": editing.fingerprint(example(), whole=False), "name": "New"},
        "draft/topic/a1/": thing,
        "draft/add/category/": {"name": "N", "weight": "1", "first_topic": "T", "first_question": "Q"},
        "draft/topic/a1/move/": {"step": "down"},
        "draft/topic/a1/copy/": {},
        "draft/topic/a1/delete/": {"seen": editing.fingerprint(example().categories[0].topics[0])},
        "publish/": {"seen": ""},
        "discard/": {"seen": ""},
        "versions/1/": {"name": "New"},
        "versions/1/file.xlsx": {"name": "New"},
    }
    for path, data in posts.items():  # without a draft there is nothing to change
        assert client.post(root + path, data).status_code in (200, 302, 404), path
        assert fresh(answered).content == example(), path
    assert answered.questionnaire.versions.count() == 1
    client.post(f"{root}edit/")
    for path, data in posts.items():  # with one it is the draft that changes
        client.post(root + path, data)
        assert fresh(answered).content == example(), path
    assert catalogue.draft_of(answered.questionnaire).content != example()


def test_by_files(answered, acme, client_for):
    client = client_for(acme.users[Role.ADMIN])
    for name, data in (("x.xlsx", files.write_xlsx(other())), ("x.yaml", files.write_yaml(other()).encode())):
        seen = catalogue.seen(catalogue.draft_of(answered.questionnaire))
        response = client.post(
            f"/settings/questionnaires/{answered.questionnaire_id}/upload/",
            {"upload-file": SimpleUploadedFile(name, data), "seen": seen},
        )
        assert response.status_code == 302
        assert fresh(answered).content == example()
    assert list(answered.questionnaire.versions.values_list("number", "status")) == [(2, "draft"), (1, "published")]


def test_by_api(answered, acme, client_for):
    token = create(acme.users[Role.ADMIN], "Test", list(Scope), 30)[1]
    client = client_for()
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    root = "/api/v1/questionnaires/fixed"
    body = json.dumps(to_json(other()))
    for method in ("put", "patch", "delete", "post"):
        response = getattr(client, method)(f"{root}/versions/1", body, content_type="application/json")
        assert response.status_code in (404, 405), method
    again = json.dumps({**to_json(other()), "key": "fixed", "publish": True})
    assert client.post("/api/v1/questionnaires", again, content_type="application/json").status_code == 422
    upload = {"file": SimpleUploadedFile("x.xlsx", files.write_xlsx(other()))}
    assert client.post(f"{root}/file", upload).json()["number"] == 2
    made = client.post(f"{root}/versions", body, content_type="application/json").json()
    assert (made["number"], made["status"]) == (2, "draft")
    assert client.delete(f"{root}/draft").status_code == 204
    assert client.delete(f"{root}/draft").status_code == 409
    assert fresh(answered).content == example()


def test_a_new_version_leaves_old_results_as_they_were(answered, acme, client_for):
    admin, cam = acme.users[Role.ADMIN], client_for(acme.users[Role.CAM])
    submitted = Assessment.everything.get(status="submitted")
    before = cam.get(f"/scorecards/{submitted.pk}/explain/overall/-/").content
    drafts.save_draft(by=admin, key="fixed", content=other(), new=False)
    second = drafts.publish_draft(by=admin, questionnaire=answered.questionnaire)
    assert (fresh(answered).status, second.number, second.content) == ("retired", 2, other())
    assert fresh(answered).content == example()
    submitted.refresh_from_db()
    assert str(submitted.overall) == "51.666666666667"
    assert submitted.version_id == answered.pk
    after = cam.get(f"/scorecards/{submitted.pk}/explain/overall/-/").content
    assert _words(after) == _words(before)
    begun = Assessment.everything.get(status="draft")
    assert begun.version_id == answered.pk
    drafts.retire(by=admin, questionnaire=answered.questionnaire)
    assert fresh(second).content == other()


def _words(page: bytes) -> bytes:
    """The work of a page, without what is different each time it is opened."""
    return page[page.index(b"<main") : page.index(b"</main>")]
