"""What plans start from, under Settings."""

import pytest

from accounts.permissions import Role
from partners.models import PartnerType
from planning.models import PlanBenchmark
from tests.planning.test_step_pages import typed


@pytest.fixture
def operations(acme, client_for):
    return client_for(acme.users[Role.OPERATIONS])


@pytest.fixture
def general(acme):
    return PlanBenchmark.objects.get(partner_type=None, size="")


def test_a_new_one_begins_as_the_more_general_one(operations, general):
    reseller = PartnerType.objects.get(key="reseller")
    PlanBenchmark.objects.filter(partner_type=reseller).delete()
    response = operations.post("/settings/plan-benchmarks/new/", {"partner_type": reseller.pk, "size": "small"})
    made = PlanBenchmark.objects.get(partner_type=reseller, size="small")
    assert response["Location"] == f"/settings/plan-benchmarks/{made.pk}/"
    assert made.content == general.content
    again = operations.post("/settings/plan-benchmarks/new/", {"partner_type": reseller.pk, "size": "small"})
    assert again.status_code == 422
    assert b"There is a benchmark for this type and size." in again.content


def test_its_numbers_are_changed_in_the_form_of_a_plan(operations, general):
    url = f"/settings/plan-benchmarks/{general.pk}/"
    wrong = operations.post(url, typed(operations, url) | {"lines-0-margin": "300"})
    assert wrong.status_code == 422
    assert b"At most 100." in wrong.content
    assert operations.post(url, typed(operations, url) | {"lines-0-margin": "33"}).status_code == 302
    general.refresh_from_db()
    assert general.content["lines"][0]["margin"] == "33"


def test_rows_come_and_go(operations, general):
    url = f"/settings/plan-benchmarks/{general.pk}/"
    before = len(general.content["lines"])
    operations.post(url, typed(operations, url) | {"add": "lines"})
    general.refresh_from_db()
    assert len(general.content["lines"]) == before + 1
    operations.post(url, typed(operations, url) | {"remove": f"lines-{before}"})
    general.refresh_from_db()
    assert len(general.content["lines"]) == before


def test_two_at_once_see_each_others(operations, general):
    url = f"/settings/plan-benchmarks/{general.pk}/"
    mine = typed(operations, url)
    operations.post(url, typed(operations, url) | {"lines-0-margin": "44"})
    response = operations.post(url, mine | {"lines-0-margin": "55"})
    assert response.status_code == 422
    assert b"44" in response.content
    general.refresh_from_db()
    assert general.content["lines"][0]["margin"] == "44"


def test_the_general_one_stays_and_others_go(operations, general):
    operations.post(f"/settings/plan-benchmarks/{general.pk}/remove/")
    assert PlanBenchmark.objects.filter(pk=general.pk).exists()
    own = PlanBenchmark.objects.exclude(partner_type=None).first()
    operations.post(f"/settings/plan-benchmarks/{own.pk}/remove/")
    assert not PlanBenchmark.objects.filter(pk=own.pk).exists()


@pytest.mark.parametrize("role", [Role.CAM, Role.CHIEF, Role.DISTRIBUTOR])
def test_others_are_refused(acme, client_for, general, role):
    from tests.world import make_user

    user = acme.users.get(role) or make_user(acme, "depot", role, partner=acme.partner_b)
    assert client_for(user).get("/settings/plan-benchmarks/").status_code == 403
