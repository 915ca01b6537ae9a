"""What becomes of a lead: given out, answered, worked on, closed; each with its clock, its refusals and its history."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from accounts.permissions import Role
from leads import actions, queries
from leads.actions import NoRoom, NotNow, TooLate
from leads.models import Lead, LeadOffer, LeadSource, LeadStep
from leads.policies import LeadPolicy, Method, Rule, To, When
from leads.tasks import run_due
from partners.models import LifeStage
from pipeline.deals import actions as deals
from pipeline.models import Customer, DealStage
from prm.common.models import AuditEntry, Holiday, Notification, Policy
from prm.common.vendor import today
from tests.leads.conftest import at, new_lead, offered

KINDS = LeadStep.Kind


def in_force(policy, since=dt.date(2025, 1, 1)):
    from leads import policies

    Policy.objects.update_or_create(kind="leads", starts_on=since, defaults={"data": policies.document(policy)})


def kinds(lead):
    return [step.kind for step in LeadStep.everything.filter(lead=lead).order_by("pk")]


def fresh(lead):
    return Lead.everything.get(pk=lead.pk)


# ── Coming in ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_lead_is_graded_by_the_policy_of_its_day(admin, lead_for):
    in_force(LeadPolicy(grades={"A": Decimal(90), "B": Decimal(50), "C": Decimal(25)}), dt.date(2026, 1, 7))
    assert lead_for(score=80).grade == "A"
    assert lead_for("Later", score=80, at=at(7)).grade == "B"


def test_without_a_score_it_gets_its_sources(admin):
    LeadSource.objects.filter(key="event").update(default_score=60)
    found = new_lead(admin, score=None, source=LeadSource.objects.get(key="event"))
    assert (found.score, found.grade) == (60, "B")


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"company": " "}, "company"),
        ({"consent_from": ""}, "consent_from"),
        ({"consent_on": None}, "consent_on"),
        ({"consent_on": dt.date(2026, 1, 6)}, "consent_on"),
        ({"email": "pat"}, "email"),
        ({"country": "Atlantis"}, "country"),
        ({"domain": "no domain"}, "domain"),
        ({"score": Decimal(101)}, "score"),
    ],
)
def test_what_a_lead_must_be(admin, fields, wrong):
    with pytest.raises(ValidationError) as refused:
        new_lead(admin, **fields)
    assert wrong in refused.value.message_dict


def test_spelled_one_way(admin):
    found = new_lead(admin, country="Norway", domain="https://www.Contoso.example/x", email="PAT@Contoso.example ")
    assert (found.country, found.domain, found.email) == ("NO", "contoso.example", "pat@contoso.example")


def test_who_may_bring_leads_in(acme, seller):
    for user in (acme.users[Role.CAM], acme.users[Role.CHIEF], seller):
        with pytest.raises(PermissionDenied):
            new_lead(user)
    assert new_lead(acme.users[Role.MARKETING]).created_by == acme.users[Role.MARKETING]


def test_a_change_is_on_record_and_grades_anew(admin, held):
    lead = held()
    found = actions.update_lead(by=admin, lead=lead, changes={"score": Decimal(20), "city": "Bergen"})
    assert (found.grade, found.contact_by) == ("D", lead.contact_by)
    entry = AuditEntry.objects.filter(verb="lead.changed").get()
    assert entry.changes["city"] == ["Oslo", "Bergen"]
    assert kinds(lead)[-1] == KINDS.CHANGED


# ── Given out ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_rules_offer_it_within_the_minute(acme, admin, lead_for):
    lead = lead_for()
    assert run_due(at(5, 10, 1)) == {"timed_out": 0, "nudged": 0, "pulled_back": 0, "given_out": 1}
    made = LeadOffer.everything.get(lead=lead)
    assert made.partner == acme.partner_a  # equal, neither ever offered one: the first
    assert made.answer_by == at(7, 10, 1)
    assert fresh(lead).state == Lead.State.OFFERED
    told = Notification.objects.filter(user=acme.users_a[Role.PARTNER_SELLER])
    assert "Contoso" in told.get().text
    assert not Notification.objects.filter(user__in=[user.pk for user in acme.users_b.values()]).exists()


def test_clocks_run_on_the_working_hours_of_whoever_must_act(acme, admin, lead_for):
    """Friday 16:00 in Tokyo is Friday 7:00 in UTC; two working days later, with a holiday between, it is Wednesday there."""
    acme.users_a[Role.PARTNER_SELLER].time_zone = "Asia/Tokyo"
    acme.users_a[Role.PARTNER_SELLER].save()
    Holiday.objects.create(on="2026-01-12", name="Coming of Age Day")
    made = offered(lead_for(), acme.partner_a, admin, at(9, 7))
    assert made.answer_by == at(14, 7)
    late = offered(lead_for("B"), acme.partner_b, admin, at(9, 18))  # after hours in UTC: from Tuesday 9:00
    assert late.answer_by == at(15, 9)


def test_declined_it_goes_on_and_after_three_it_waits_for_a_person(acme, admin, seller, seller_b, lead_for):
    lead = lead_for()
    run_due(at(5))
    first = LeadOffer.everything.get(lead=lead)
    actions.decline(by=seller, offer=first, reason="Too far", at=at(5, 12))
    run_due(at(5, 12))
    second = LeadOffer.everything.get(lead=lead, state="open")
    assert second.partner == acme.partner_b
    run_due(at(7, 13))  # not answered in time; both had it by now
    assert LeadOffer.everything.get(pk=second.pk).state == "timed_out"
    assert fresh(lead).state == Lead.State.NEW
    assert kinds(lead)[-1] == KINDS.NO_CANDIDATE
    third = offered(lead, acme.partner_a, admin, at(7, 14))
    assert third.number == 3
    actions.decline(by=seller, offer=third, reason="Still", at=at(7, 15))
    waiting = fresh(lead)
    assert (waiting.state, waiting.holder, waiting.distribute_at) == ("new", "queue", None)
    assert kinds(lead)[-1] == KINDS.QUEUED
    run_due(at(30))
    assert fresh(lead).state == Lead.State.NEW


def test_nobody_free_is_tried_again_and_written_down_once(acme, admin, lead_for):
    for partner in (acme.partner_a, acme.partner_b):
        actions.set_capacity(by=admin, partner=partner, capacity=0)
    lead = lead_for()
    for hour in (10, 11, 12):
        assert run_due(at(5, hour))["given_out"] == 1
    assert run_due(at(5, 12, 30))["given_out"] == 0
    assert kinds(lead) == [KINDS.ADDED, KINDS.NO_CANDIDATE]
    only = lead.distributions.get()
    assert only.at == at(5, 12)
    assert {each.left_out for each in queries.candidates(admin, only)} == {"full"}
    actions.set_capacity(by=admin, partner=acme.partner_b, capacity=1)
    run_due(at(5, 13))
    assert fresh(lead).state == Lead.State.OFFERED


def test_a_rule_keeps_leads_direct(acme, admin, lead_for):
    person = acme.users[Role.CHIEF]
    in_force(LeadPolicy(rules=(Rule("Ours", When(grades=frozenset("A")), To(direct=person.pk)), Rule("All"))))
    lead, other = lead_for(), lead_for("Small", score=10)
    run_due(at(5))
    kept = fresh(lead)
    assert (kept.holder, kept.person_direct, kept.state, kept.contact_by) == ("direct", person, "accepted", at(7))
    assert fresh(other).holder == "queue"
    person.is_active = False
    person.save()
    third = lead_for("Third")
    run_due(at(5))
    assert (fresh(third).holder, fresh(third).distribute_at) == ("queue", None)


def test_the_round_goes_on_where_it_was(acme, admin, lead_for):
    in_force(LeadPolicy(method=Method.ROUND_ROBIN, capacity=100))
    got = []
    for number in range(6):
        lead = lead_for(f"Company {number}")
        run_due(at(5))
        got.append(LeadOffer.everything.get(lead=lead).partner_id)
    assert got == got[:2] * 3
    assert len(set(got)) == 2


def test_by_hand_not_to_who_is_full_lapsed_or_has_nobody(acme, admin, lead_for):
    first, second = lead_for(), lead_for("Second")
    actions.set_capacity(by=admin, partner=acme.partner_a, capacity=1)
    offered(first, acme.partner_a, admin)
    assert acme.partner_a not in queries.free_partners(admin)
    with pytest.raises(NoRoom, match="no place free"):
        offered(second, acme.partner_a, admin)
    for user in acme.users_b.values():
        user.is_active = False
        user.save()
    with pytest.raises(ValidationError, match="Nobody"):
        offered(second, acme.partner_b, admin)
    run_due(at(5))
    assert fresh(second).state == Lead.State.NEW


def test_lapsed_partners_get_none(acme, admin, lead_for):
    acme.partner_a.stage = LifeStage.objects.get(is_lapsed=True)
    acme.partner_a.save()
    lead = lead_for()
    run_due(at(5))
    assert LeadOffer.everything.get(lead=lead).partner == acme.partner_b


def test_offered_to_another_the_first_is_withdrawn_and_told_so(acme, admin, seller, lead_for):
    first = offered(lead_for(), acme.partner_a, admin)
    second = offered(first.lead, acme.partner_b, admin, at(5, 11))
    with pytest.raises(TooLate, match="withdrawn"):
        actions.accept(by=seller, offer=first, at=at(5, 12))
    assert LeadOffer.everything.get(pk=second.pk).state == "open"


# ── Answered ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_accepted_it_holds_it_and_the_clock_runs(acme, admin, seller, held):
    lead = held()
    assert (lead.holder, lead.partner, lead.state) == ("partner", acme.partner_a, "accepted")
    assert (lead.accepted_at, lead.contact_by) == (at(5, 11), at(7, 11))
    b = held("B", score=60)
    assert b.contact_by == at(12, 11)  # B: five working days


def test_late_is_refused_with_the_reason_though_the_round_has_not_come_yet(acme, admin, seller, lead_for):
    made = offered(lead_for(), acme.partner_a, admin)
    with pytest.raises(TooLate, match="time to answer was up"):
        actions.accept(by=seller, offer=made, at=at(7, 10, 1))
    assert fresh(made.lead).holder == "queue"
    assert actions.accept(by=seller, offer=made, at=at(7, 10)).holder == "partner"


def test_pressed_twice_nothing_happens_again(acme, admin, seller, held):
    lead = held()
    made = LeadOffer.everything.get(lead=lead)
    assert actions.accept(by=acme.users_a[Role.PARTNER_CHAMPION], offer=made, at=at(9)).accepted_at == at(5, 11)
    assert kinds(lead).count(KINDS.ACCEPTED) == 1


def test_nobody_else_answers(acme, admin, seller_b, lead_for):
    made = offered(lead_for(), acme.partner_a, admin)
    for stranger in (seller_b, admin, acme.users[Role.CAM], acme.users_a[Role.PARTNER_MARKETER]):
        with pytest.raises(PermissionDenied):
            actions.accept(by=stranger, offer=made, at=at(5))
        with pytest.raises(PermissionDenied):
            actions.decline(by=stranger, offer=made, reason="No", at=at(5))


# ── Worked on ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_silence_is_reminded_of_then_pulled_back_and_offered_anew(acme, admin, seller, held):
    lead = held()
    assert run_due(at(7, 11))["nudged"] == 0
    assert run_due(at(7, 11, 1))["nudged"] == 1
    assert run_due(at(7, 12))["nudged"] == 0
    reminded = fresh(lead)
    assert (reminded.nudged_at, reminded.pull_back_at) == (at(7, 11, 1), at(9, 11, 1))
    assert run_due(at(9, 11))["pulled_back"] == 0
    found = run_due(at(9, 11, 2))
    assert (found["pulled_back"], found["given_out"]) == (1, 1)
    again = fresh(lead)
    assert (again.holder, again.state, again.round) == ("queue", "offered", 2)
    assert LeadOffer.everything.get(lead=lead, state="open").partner == acme.partner_b
    first = LeadOffer.everything.get(lead=lead, partner=acme.partner_a)
    assert first.pulled_back_at == at(9, 11, 2)
    with pytest.raises(TooLate, match="taken back"):
        actions.accept(by=seller, offer=first, at=at(9, 12))
    with pytest.raises(PermissionDenied):
        actions.contacted(by=seller, lead=lead, at=at(9, 12))


def test_contact_stops_the_clock(seller, held):
    lead = held()
    run_due(at(8))
    done = actions.contacted(by=seller, lead=lead, note="Meets us on Monday", at=at(8, 11))
    assert (done.state, done.contacted_at, done.pull_back_at) == ("contacted", at(8, 11), None)
    assert run_due(at(30))["pulled_back"] == 0
    assert actions.contacted(by=seller, lead=lead, at=at(9)).contacted_at == at(8, 11)


def test_what_the_vendor_holds_is_reminded_of_but_not_pulled_back(acme, admin, lead_for):
    marketing = acme.users[Role.MARKETING]
    lead = actions.keep_direct(by=admin, lead=lead_for(), person=marketing, at=at(5))
    assert run_due(at(8))["nudged"] == 1
    assert run_due(at(30))["pulled_back"] == 0
    assert "Contoso" in Notification.objects.filter(user=marketing).latest("pk").text
    with pytest.raises(PermissionDenied):
        actions.contacted(by=acme.users[Role.CHIEF], lead=lead, at=at(8))
    handed = actions.keep_direct(by=admin, lead=lead, person=acme.users[Role.CHIEF], at=at(8))
    assert handed.contact_by == lead.contact_by
    assert actions.qualified(by=acme.users[Role.CHIEF], lead=lead, at=at(8)).contacted_at == at(8)


def test_only_whoever_holds_it_works_on_it(acme, admin, seller_b, held, lead_for):
    lead = held()
    for stranger in (seller_b, admin, acme.users[Role.CAM]):
        with pytest.raises(PermissionDenied):
            actions.contacted(by=stranger, lead=lead, at=at(6))
    waiting = lead_for("Waiting")
    with pytest.raises(NotNow):
        actions.contacted(by=admin, lead=waiting, at=at(6))
    with pytest.raises(PermissionDenied):
        actions.disqualified(by=seller_b, lead=waiting, reason="Spam", at=at(6))
    assert actions.disqualified(by=admin, lead=waiting, reason="Spam", at=at(6)).state == "disqualified"


def test_disqualified_with_a_reason_frees_the_place_and_can_be_taken_back(acme, admin, seller, held):
    actions.set_capacity(by=admin, partner=acme.partner_a, capacity=1)
    lead = held()
    actions.qualified(by=seller, lead=lead, at=at(6))
    with pytest.raises(ValidationError):
        actions.disqualified(by=seller, lead=lead, reason="  ", at=at(6))
    actions.disqualified(by=seller, lead=lead, reason="No budget", at=at(6))
    other = held("Other")
    with pytest.raises(NoRoom):
        actions.reopen(by=seller, lead=lead, at=at(6))
    actions.disqualified(by=seller, lead=other, reason="Spam", at=at(6))
    assert actions.reopen(by=seller, lead=lead, at=at(6)).state == "qualified"


def test_reopened_after_a_reminder_it_has_its_time_again(acme, seller, held):
    lead = held()  # grade A, Monday 11:00
    run_due(at(8))  # reminded
    actions.disqualified(by=seller, lead=lead, reason="No budget", at=at(8))
    lead = actions.reopen(by=seller, lead=lead, at=at(19))
    assert (lead.state, lead.contact_by, lead.nudged_at, lead.pull_back_at) == ("accepted", at(21), None, None)
    run_due(at(19, 11))
    assert Lead.everything.get(pk=lead.pk).partner == acme.partner_a


def test_put_back_it_waits_for_a_person(acme, admin, seller, held):
    lead = actions.put_back(by=admin, lead=held(), reason="Wrong country", at=at(6))
    assert (lead.holder, lead.partner, lead.state, lead.distribute_at) == ("queue", None, "new", None)
    assert run_due(at(7))["given_out"] == 0
    with pytest.raises(PermissionDenied):
        actions.put_back(by=acme.users[Role.CAM], lead=held("Other"), reason="No", at=at(6))


# ── Closed ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_becomes_of_the_deal_becomes_of_the_lead(acme, admin, seller, held, django_capture_on_commit_callbacks):
    lead = held(domain="contoso.example")
    customer = actions.customer_of(by=seller, lead=lead)
    assert (customer.name, customer.domain, customer.country) == ("Contoso", "contoso.example", "NO")
    assert actions.customer_of(by=seller, lead=lead) == customer
    assert Customer.everything.count() == 1
    first = actions.convert(by=None, lead=lead, at=at(6))  # a registration
    assert (first.state, first.contacted_at, first.qualified_at, first.deal) == ("converted", at(6), at(6), None)
    deal = deals.add_deal(by=admin, partner=acme.partner_a, name="Servers", amount=Decimal(100), currency="USD")
    theirs = deals.add_deal(by=admin, partner=acme.partner_b, name="Other", amount=Decimal(100), currency="USD")
    with pytest.raises(ValidationError):
        actions.convert(by=None, lead=lead, deal=theirs)
    assert actions.convert(by=None, lead=lead, deal=deal).outcome == ""
    with django_capture_on_commit_callbacks(execute=True):
        deals.move_deal(by=admin, deal=deal, to=DealStage.objects.get(key="won"))
    won = fresh(lead)
    assert (won.outcome, won.outcome_on) == ("won", today())
    assert kinds(lead)[-1] == KINDS.WON
    with django_capture_on_commit_callbacks(execute=True):
        deals.move_deal(by=admin, deal=deal, to=DealStage.objects.get(key="proof"))
    assert (fresh(lead).outcome, fresh(lead).outcome_on) == ("", None)
    with pytest.raises(NotNow):
        actions.reopen(by=seller, lead=lead)


def test_the_vendors_own_sale(acme, admin, held, lead_for):
    lead = actions.keep_direct(by=admin, lead=lead_for(), person=admin, at=at(5))
    with pytest.raises(ValidationError):
        actions.close_direct(by=admin, lead=lead, won=False, at=at(6))
    closed = actions.close_direct(by=admin, lead=lead, won=True, at=at(6))
    assert (closed.state, closed.outcome, closed.outcome_on) == ("converted", "won", dt.date(2026, 1, 6))
    corrected = actions.close_direct(by=admin, lead=lead, won=False, reason="Cancelled", at=at(7))
    assert corrected.outcome == "lost"
    with pytest.raises(PermissionDenied):
        actions.close_direct(by=admin, lead=held("Partner's"), won=True, at=at(6))


# ── What the database holds to ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "broken",
    [
        {"holder": "queue"},
        {"holder": "direct"},
        {"partner": None},
        {"state": "new"},
        {"state": "offered"},
        {"state": "disqualified"},
        {"state": "converted"},
        {"accepted_at": None},
        {"outcome": "won", "outcome_on": dt.date(2026, 1, 6)},
        {"distribute_at": at(6)},
        {"grade": "E"},
        {"score": 101},
    ],
)
def test_a_lead_never_has_two_holders_nor_a_state_that_does_not_fit(held, broken):
    lead = held()
    with pytest.raises(IntegrityError), transaction.atomic():
        Lead.everything.filter(pk=lead.pk).update(**broken)


def test_one_open_offer_at_a_time(acme, admin, lead_for):
    made = offered(lead_for(), acme.partner_a, admin)
    with pytest.raises(IntegrityError), transaction.atomic():
        LeadOffer.everything.create(
            lead=made.lead, partner=acme.partner_b, round=1, number=2, offered_at=at(5), answer_by=at(7)
        )
