"""The page on which operations say what the composite weighs, what coverage is wanted and what a rep sells."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from accounts.permissions import Role
from pipeline.models import Metric
from prm.common.models import AuditEntry, Policy
from prm.common.vendor import today
from scorecards.performance.policies import Policies

PAGE = "/settings/performance/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def client(acme: Any, client_for: Any) -> Any:
    return client_for(acme.users[Role.OPERATIONS])


def test_the_wanted_coverage_from_a_day_on(client: Any) -> None:
    soon = today() + dt.timedelta(days=10)
    body = {
        "coverage-index": "2.5",
        "coverage-window": "next",
        "coverage-starts_on": soon.isoformat(),
        "set_coverage": "1",
    }
    assert client.post(PAGE, body).status_code == 302
    assert Policies(today()).coverage.index == 3
    assert Policies(soon).coverage.index == Decimal("2.5")
    page = client.get(PAGE).content.decode()
    assert "2.5×, Next four quarters" in page
    assert AuditEntry.objects.filter(verb="coverage.set").exists()
    policy = Policy.objects.get(kind="coverage")
    client.post(f"{PAGE}{policy.pk}/remove/")
    assert Policies(soon).coverage.index == 3


def test_weights_of_one_stage_leave_the_others_as_they_are(client: Any) -> None:
    Metric.objects.create(key="app-usage", name="App usage")
    day = today().isoformat()
    body = {
        "weights-w-performance_to_plan": "3", "weights-w-app-usage": "1", "weights-w-tasks": "", "weights-cap": "110",
        "weights-starts_on": day, "set_weights": "1",
    }  # fmt: skip
    assert client.post(f"{PAGE}?stage=mature", body).status_code == 302
    composite = Policies(today()).composite
    assert composite.weights("mature") == {"performance_to_plan": 3, "app-usage": 1}
    assert composite.weights("recruit") == {"tasks": 60, "training": 40}
    assert composite.cap == 110
    # Without weights of its own a stage goes by the default again.
    empty = {"weights-cap": "110", "weights-starts_on": day, "set_weights": "1"}
    assert client.post(f"{PAGE}?stage=mature", empty).status_code == 302
    assert Policies(today()).composite.weights("mature")["pipeline_to_target"] == 25
    response = client.post(PAGE, empty)
    assert response.status_code == 422
    assert "Give one figure a weight at least." in response.content.decode()


def test_sales_per_rep_by_type(client: Any) -> None:
    day = today()
    body = {"benchmark-t-reseller": "120000", "benchmark-starts_on": day.isoformat(), "set_benchmark": "1"}
    assert client.post(PAGE, body).status_code == 302
    assert Policies(day).benchmarks == {"reseller": 120000}
    assert "Reseller 120000" in client.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"coverage-index": "0", "coverage-window": "rest", "set_coverage": "1"}, "Enter a number above 0."),
        ({"coverage-index": "x", "coverage-window": "rest", "set_coverage": "1"}, "Enter a number."),
        ({"weights-w-tasks": "1", "weights-cap": "0", "set_weights": "1"}, "Enter a number above 0."),
        ({"weights-w-tasks": "-1", "weights-cap": "120", "set_weights": "1"}, "greater than or equal to 0"),
        ({"benchmark-t-reseller": "-5", "set_benchmark": "1"}, "greater than or equal to 0"),
    ],
)
def test_what_makes_no_sense_comes_back_with_its_message(client: Any, body: dict[str, str], said: str) -> None:
    prefix = next(iter(body)).partition("-")[0]
    response = client.post(PAGE, {**body, f"{prefix}-starts_on": today().isoformat()})
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not Policy.objects.filter(kind__in=["coverage", "composite", "benchmark"]).exists()


def test_the_past_stays_as_it_was_and_others_stay_out(client: Any, acme: Any, client_for: Any) -> None:
    before = (today() - dt.timedelta(days=1)).isoformat()
    body = {"coverage-index": "2", "coverage-window": "rest", "coverage-starts_on": before, "set_coverage": "1"}
    response = client.post(PAGE, body)
    assert response.status_code == 422
    assert "today or a later day" in response.content.decode()
    assert client_for(acme.users[Role.CAM]).get(PAGE).status_code == 403
