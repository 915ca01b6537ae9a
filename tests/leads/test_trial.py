"""Other rules on past leads: who would have got which, with places taken for as long as the real leads were open."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.permissions import Role
from leads import actions, trial
from leads.models import Lead, LeadOffer, LeadTrial
from leads.policies import LeadPolicy, Method, Rule, To, When, document
from leads.tasks import run_due
from tests.leads.conftest import at

JANUARY = (dt.date(2026, 1, 1), dt.date(2026, 1, 31))


def tried(policy):
    return trial.run(LeadTrial(policy=document(policy), since=JANUARY[0], until=JANUARY[1]))


def test_who_would_have_got_which(acme, admin, lead_for):
    a, b = (f"partner:{partner.pk}" for partner in (acme.partner_a, acme.partner_b))
    first, second = lead_for("First"), lead_for("Second", country="SE", at=at(6))
    run_due(at(6))
    third = actions.keep_direct(by=admin, lead=lead_for("Third", at=at(7)), person=admin, at=at(7))
    policy = LeadPolicy(
        rules=(
            Rule("Sweden", When(countries=frozenset({"SE"})), To(partners=frozenset({acme.partner_a.pk}))),
            Rule("Norway", When(countries=frozenset({"NO"})), To(partners=frozenset({acme.partner_b.pk}))),
        )
    )
    found = {row.lead_id: (row.before, row.after, row.rule) for row in tried(policy)}
    assert found == {
        first.pk: (a, b, "Norway"),
        second.pk: (b, a, "Sweden"),
        third.pk: (f"direct:{admin.pk}", b, "Norway"),
    }
    assert LeadOffer.everything.count() == 2
    assert Lead.everything.get(pk=first.pk).state == "offered"


def test_places_are_taken_while_the_real_lead_was_open(acme, admin, lead_for):
    """One place: the second finds it taken, the third comes in once the first was closed."""
    first, second, third = (lead_for(f"Lead {day}", at=at(day)) for day in (5, 6, 8))
    actions.disqualified(by=admin, lead=first, reason="Spam", at=at(7))
    only = To(partners=frozenset({acme.partner_a.pk}))
    found = tried(LeadPolicy(rules=(Rule("One", to=only),), capacity=1))
    assert [row.after == "queue" for row in found] == [False, True, False]
    assert [row.lead_id for row in found] == [first.pk, second.pk, third.pk]


def test_in_turns(acme, lead_for):
    for day in (5, 6, 7, 8):
        lead_for(f"Lead {day}", at=at(day))
    got = [row.after for row in tried(LeadPolicy(method=Method.ROUND_ROBIN))]
    assert got[:2] == got[2:]
    assert len(set(got)) == 2


def test_what_can_be_tried(acme, admin, lead_for):
    with pytest.raises(ValidationError, match="No leads"):
        actions.start_trial(by=admin, policy=LeadPolicy(), since=JANUARY[0], until=JANUARY[1])
    lead_for()
    with pytest.raises(PermissionDenied):
        actions.start_trial(by=acme.users[Role.MARKETING], policy=LeadPolicy(), since=JANUARY[0], until=JANUARY[1])
    with pytest.raises(ValidationError):
        actions.start_trial(by=admin, policy={"rules": [{"name": ""}]}, since=JANUARY[0], until=JANUARY[1])
    with pytest.raises(ValidationError):
        actions.start_trial(by=admin, policy=LeadPolicy(), since=JANUARY[1], until=JANUARY[0])
    started = actions.start_trial(by=admin, policy=LeadPolicy(), since=JANUARY[0], until=JANUARY[1])
    assert trial.result(started) is None
