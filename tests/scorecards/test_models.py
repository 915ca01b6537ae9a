from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.permissions import Role
from scorecards import actions
from scorecards.definition_json import from_json, to_json
from scorecards.models import Assessment, PublishedVersionIsFixed, QuestionnaireVersion
from tests.scorecards.conftest import example


def test_a_questionnaire_comes_back_equal_from_its_document():
    content = example(internal=True)
    assert from_json(to_json(content)) == content


def test_a_published_version_cant_be_changed(version):
    version.definition = to_json(example(internal=True))
    with pytest.raises(PublishedVersionIsFixed):
        version.save()
    with pytest.raises(PublishedVersionIsFixed):
        QuestionnaireVersion.objects.filter(pk=version.pk).update(definition={})
    version = QuestionnaireVersion.objects.get(pk=version.pk)
    assert version.content == example()
    version.status = "draft"
    with pytest.raises(PublishedVersionIsFixed):
        version.save()


def test_the_next_version_retires_the_one_before_and_leaves_it_as_it_was(version):
    second = actions.publish(by=None, key="capability", content=example(internal=True))
    version.refresh_from_db()
    assert (version.status, second.status, second.number) == ("retired", "published", version.number + 1)
    assert version.content == example()
    assert second.questionnaire == version.questionnaire


def test_the_database_holds_one_open_draft_and_no_result_without_a_date(acme, version):
    common = {
        "partner": acme.partner_a, "questionnaire": version.questionnaire, "version": version, "mode": "cam",
        "started_at": timezone.now(), "stage_key": "accelerate", "type_key": "reseller",
    }  # fmt: skip
    Assessment.everything.create(**common)
    for more in ({}, {"status": "submitted"}, {"status": "submitted", "overall": Decimal(101)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Assessment.everything.create(**common, **more)


def test_someone_without_the_right_to_scorecards_sees_none(acme, version):
    actions.start_assessment(partner=acme.partner_a, version=version, mode="cam", by=acme.users[Role.CAM])
    assert Assessment.objects.visible_to(acme.users[Role.CHIEF]).exists()
    assert not Assessment.objects.visible_to(acme.users[Role.MARKETING]).exists()
    assert not Assessment.objects.visible_to(acme.cam_b).exists()
