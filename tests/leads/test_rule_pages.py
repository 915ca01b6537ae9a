"""The rules for leads among the settings: read, set, changed before they start, tried on past leads."""

import datetime as dt

import pytest

from accounts.permissions import Role
from leads import actions, policies
from leads.models import LeadTrial
from leads.policies import LeadPolicy, Near, Rule, To, When
from prm.common.models import Job, Policy
from prm.common.vendor import today
from tests.leads.given import held, waiting


@pytest.fixture
def ops(acme, client_for):
    return client_for(acme.users[Role.OPERATIONS])


@pytest.fixture
def tomorrow():
    return today() + dt.timedelta(days=1)


def as_sent(response):
    """What a browser would send of the page's forms as they stand."""
    data = {
        "rules-TOTAL_FORMS": response.context["rules"].total_form_count(),
        "rules-INITIAL_FORMS": response.context["rules"].initial_form_count(),
    }
    for form in (response.context["form"], *response.context["rules"]):
        for bound in form:
            value = bound.value()
            if value not in (None, "", [], False):
                data[bound.html_name] = value
    return data


def latest():
    return policies.read(Policy.objects.filter(kind=policies.KIND).latest("starts_on").data)


def test_a_version_is_set_with_rules_in_the_order_of_their_places(acme, ops, tomorrow):
    data = as_sent(ops.get("/settings/leads/"))
    data |= {
        "starts_on": tomorrow.isoformat(), "weights_topic": "50", "accept_days": "3",
        "rules-0-ORDER": "2",
        "rules-1-name": "Germany to gold", "rules-1-ORDER": "1", "rules-1-when_countries": ["DE"], "rules-1-when_verticals": "Retail, Banks",
        "rules-1-to_near": "same_country", "rules-1-to_tiers": ["gold"], "rules-1-to_partners": f"{acme.partner_a.name};",
    }  # fmt: skip
    page = ops.post("/settings/leads/", data, follow=True).content.decode()
    assert "Leads are given out so from" in page
    found = latest()
    assert found.rules == (
        Rule(
            "Germany to gold",
            When(countries=frozenset({"DE"}), verticals=frozenset({"Retail", "Banks"})),
            To(near=Near.SAME_COUNTRY, tiers=frozenset({"gold"}), partners=frozenset({acme.partner_a.pk})),
        ),
        Rule("Everybody"),
    )
    assert (found.weights.topic, found.accept_days) == (50, 3)
    for words in ("Germany to gold", "Germany · Banks, Retail", acme.partner_a.name, "answer in 3 days"):
        assert words in page


def test_sent_as_it_stands_a_version_stays_what_it_was(acme, ops, tomorrow):
    policy = LeadPolicy(
        rules=(
            Rule("Big ones", When(grades=frozenset({"A"}), sources=frozenset({"web"})), To(direct=acme.users[Role.CHIEF].pk)),
            Rule("Two", When(regions=frozenset({"west"})), To(partners=frozenset({acme.partner_a.pk, acme.partner_b.pk})), topic=""),
        ),
        method=policies.Method.ROUND_ROBIN,
        seed="7",
    )  # fmt: skip
    made = actions.set_policy(by=acme.users[Role.OPERATIONS], starts_on=tomorrow, policy=policy)
    data = as_sent(ops.get(f"/settings/leads/{made.pk}/"))
    assert ops.post(f"/settings/leads/{made.pk}/", data).status_code == 302
    assert latest() == policy


def test_what_is_wrong_is_said_at_its_rule_and_nothing_is_set(acme, ops, tomorrow):
    data = as_sent(ops.get("/settings/leads/"))
    data |= {"starts_on": tomorrow.isoformat(), "rules-0-to_partners": "Nobody Ltd", "grades_A": "10"}
    response = ops.post("/settings/leads/", data)
    assert response.status_code == 422
    assert "Nobody Ltd: There is no partner of this name." in response.content.decode()
    del data["rules-0-to_partners"]
    response = ops.post("/settings/leads/", data)
    assert response.status_code == 422
    assert "A needs more than B" in response.content.decode()
    nameless = ops.post("/settings/leads/", {**data, "grades_A": "75", "rules-1-when_grades": ["A"]})
    assert "Give the rule a name." in nameless.content.decode()
    twice = ops.post("/settings/leads/", {**data, "grades_A": "75", "rules-1-name": "everybody"})
    assert twice.context["rules"].forms[1].errors["name"] == ["Another rule has this name already."]
    no_day = {name: value for name, value in data.items() if name != "starts_on"} | {"grades_A": "75"}
    assert "Enter a day." in ops.post("/settings/leads/", no_day).content.decode()
    assert not Policy.objects.filter(kind=policies.KIND, starts_on=tomorrow).exists()


def test_a_version_to_come_is_moved_and_removed_and_one_in_force_stays(acme, ops, tomorrow):
    by = acme.users[Role.OPERATIONS]
    made = actions.set_policy(by=by, starts_on=tomorrow, policy=LeadPolicy())
    data = as_sent(ops.get(f"/settings/leads/{made.pk}/"))
    later = tomorrow + dt.timedelta(days=7)
    ops.post(f"/settings/leads/{made.pk}/", {**data, "starts_on": later.isoformat()})
    moved = Policy.objects.get(kind=policies.KIND, starts_on__gt=today())
    assert moved.starts_on == later
    ops.post(f"/settings/leads/{moved.pk}/remove/")
    assert not Policy.objects.filter(kind=policies.KIND, starts_on__gt=today()).exists()
    current = actions.set_policy(by=by, starts_on=today(), policy=LeadPolicy())
    page = ops.post(f"/settings/leads/{current.pk}/remove/", follow=True).content.decode()
    assert "stays" in page
    assert ops.get(f"/settings/leads/{current.pk}/").status_code == 404


def test_rules_are_tried_on_past_leads_before_they_are_set(acme, ops, django_capture_on_commit_callbacks):
    first = held(acme, "First")
    waiting(acme, "Second")
    data = as_sent(ops.get("/settings/leads/")) | {"rules-0-to_partners": acme.partner_b.name, "then": "try"}
    with django_capture_on_commit_callbacks(execute=True):
        started = ops.post("/settings/leads/", data)
    trial = LeadTrial.objects.get()
    assert started["Location"] == f"/jobs/{trial.job_id}/"
    job = Job.objects.get(pk=trial.job_id)
    assert (job.state, job.result_url) == ("done", f"/settings/leads/trials/{trial.pk}/")
    page = ops.get(f"/settings/leads/trials/{trial.pk}/").content.decode()
    for words in ("First", "Second", acme.partner_a.name, acme.partner_b.name, "100% of them"):
        assert words in page
    assert first.partner == acme.partner_a
    assert Policy.objects.filter(kind=policies.KIND, created_by=acme.users[Role.OPERATIONS]).count() == 0
    again = ops.get(f"/settings/leads/?trial={trial.pk}")
    assert acme.partner_b.name in again.content.decode()
    assert f"/settings/leads/trials/{trial.pk}/" in again.content.decode()


def test_a_trial_that_is_not_done_leads_to_its_job(acme, ops):
    waiting(acme)
    by = acme.users[Role.OPERATIONS]
    trial = actions.start_trial(by=by, policy=LeadPolicy(), since=today(), until=today())
    assert ops.get(f"/settings/leads/trials/{trial.pk}/")["Location"] == f"/jobs/{trial.job_id}/"
    wrong = as_sent(ops.get("/settings/leads/")) | {"then": "try", "since": "2020-01-02", "until": "2020-01-01"}
    assert "This is before the first day." in ops.post("/settings/leads/", wrong).content.decode()
