"""One source activity for each lead and deal, and what came of activities."""

import datetime as dt
from decimal import Decimal
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.permissions import Role
from leads import actions as leads
from leads.events import LeadsChanged
from leads.models import LeadSource
from marketing import following
from marketing.actions import attributing
from marketing.attribution import Actual, actual, actuals, influenced
from marketing.facts import delivered
from marketing.models import Activity, Attribution, How, Influence, MarketingPlan
from marketing.sourcing import origin
from prm.common.models import AuditEntry, CurrencyRate
from tests.marketing.approved import activity, deal, lead, plan
from tests.together import at_once


@pytest.fixture
def webinar(acme):
    return activity(plan(acme.partner_a))


def source_of(thing) -> Activity | None:
    row = Attribution.everything.filter(**{type(thing)._meta.model_name: thing}).first()
    return row.activity if row else None


@pytest.mark.parametrize(
    ("campaign", "how"),
    [
        ("{code}", How.CODE),
        ("Spring webinar {code}", How.CODE),
        ("https://x.example/?a=1&utm_campaign={code}&b=2", How.UTM),
        ("https://acme.example/go/{code}/", How.LINK),
    ],
)
def test_a_code_in_a_leads_campaign_names_its_source(acme, webinar, campaign, how, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        came = leads.add_lead(
            by=acme.users[Role.OPERATIONS], company="Contoso", source=LeadSource.objects.get(key="web"),
            campaign=campaign.format(code=webinar.code.upper()),
        )  # fmt: skip
    row = Attribution.everything.get(lead=came)
    assert (row.activity, row.how) == (webinar, how)


def test_a_code_of_an_activity_that_isnt_approved_names_nothing(acme):
    draft = activity(plan(acme.partner_a, state=MarketingPlan.State.DRAFT), decision=Activity.Decision.UNDECIDED)
    came = lead("Contoso", campaign=draft.code)
    assert attributing.by_codes([came.pk]) == 0
    assert source_of(came) is None


def test_the_first_touch_stays_the_source_and_later_ones_are_influence(acme, webinar):
    event = activity(webinar.plan, kind="event")
    came = lead("Contoso", campaign=webinar.code)
    attributing.by_codes([came.pk])
    came.campaign = event.code
    came.save()
    attributing.by_codes([came.pk])
    attributing.by_codes([came.pk])
    assert source_of(came) == webinar
    assert [(row.activity, row.lead) for row in Influence.everything.all()] == [(event, came)]
    assert actual(event).inquiries == 0
    assert influenced([event.pk])[event.pk].leads == 1


def test_a_lead_passes_its_source_to_its_deal_but_not_over_the_deals_own(acme, webinar):
    event = activity(webinar.plan, kind="event")
    first, second = deal("First", acme.partner_a), deal("Second", acme.partner_a)
    attributing.touch(activity=event, how=How.CHOICE, deal=second)
    for company, of in (("Contoso", first), ("Fabrikam", second)):
        came = lead(company, acme.partner_a, state="converted", closed_at=timezone.now(), deal=of)
        attributing.touch(activity=webinar, how=How.CODE, lead=came)
    attributing.pass_on()
    assert source_of(first) == webinar
    assert source_of(second) == event
    assert Attribution.everything.get(deal=first).how == How.LEAD


def test_changing_a_source_needs_a_reason_and_is_in_the_audit_log(acme, webinar):
    ops, event = acme.users[Role.OPERATIONS], activity(webinar.plan, kind="event")
    won = deal("Servers", acme.partner_a)
    attributing.choose(by=ops, deal=won, activity=webinar)
    with pytest.raises(ValidationError) as refused:
        attributing.choose(by=ops, deal=won, activity=event)
    assert "reason" in refused.value.message_dict
    attributing.choose(by=ops, deal=won, activity=event, reason="They met at the fair.")
    assert source_of(won) == event
    entry = AuditEntry.objects.get(verb="attribution.changed")
    assert entry.note == "They met at the fair."
    assert entry.changes == {"source activity": [f"{webinar} (#{webinar.pk})", f"{event} (#{event.pk})"]}
    assert entry.partner_id is None
    attributing.choose(by=ops, deal=won, activity=None, reason="A mistake.")
    assert source_of(won) is None


def test_that_it_came_from_no_activity_outlasts_codes_leads_and_the_night(acme, webinar):
    ops, won = acme.users[Role.OPERATIONS], deal("Servers", acme.partner_a)
    came = lead("Contoso", acme.partner_a, campaign=webinar.code, state="converted", closed_at=timezone.now(), deal=won)
    following.repair()
    assert (source_of(came), source_of(won)) == (webinar, webinar)
    attributing.choose(by=ops, lead=came, activity=None, reason="They came by themselves.")
    following.follow(LeadsChanged(partner_ids=(acme.partner_a.pk,), lead_ids=(came.pk,)))
    following.repair()
    assert (source_of(came), source_of(won)) == (None, None)
    assert not Influence.everything.exists()
    assert actual(webinar) == Actual()
    assert origin(ops, lead=came).source is None
    attributing.choose(by=ops, lead=came, activity=webinar)
    assert (source_of(came), source_of(won)) == (webinar, webinar)


def test_a_deal_without_an_activity_keeps_none_though_its_lead_has_one(acme, webinar):
    ops, won = acme.users[Role.OPERATIONS], deal("Servers", acme.partner_a)
    came = lead("Contoso", acme.partner_a, campaign=webinar.code, state="converted", closed_at=timezone.now(), deal=won)
    following.repair()
    attributing.choose(by=ops, deal=won, activity=None, reason="An old customer.")
    following.repair()
    assert (source_of(came), source_of(won)) == (webinar, None)


def test_a_deal_follows_the_source_of_its_lead_and_the_log_of_both_says_so(acme, webinar):
    ops, event = acme.users[Role.OPERATIONS], activity(webinar.plan, kind="event")
    won = deal("Servers", acme.partner_a, won=True)
    came = lead("Contoso", acme.partner_a, state="converted", closed_at=timezone.now(), deal=won)
    attributing.choose(by=ops, lead=came, activity=webinar)
    attributing.choose(by=ops, lead=came, activity=event, reason="They met at the fair.")
    assert (source_of(came), source_of(won)) == (event, event)
    assert (actual(webinar), actual(event).mgos, actual(event).wins) == (Actual(), 1, 1)
    told = AuditEntry.objects.filter(verb="attribution.changed").values_list("target_id", "note")
    assert sorted(told) == sorted((str(each.pk), "They met at the fair.") for each in (came, won))


def test_an_opportunity_is_one_mgo_where_its_deal_has_a_source_of_its_own(acme, webinar):
    ops, event = acme.users[Role.OPERATIONS], activity(webinar.plan, kind="event")
    won = deal("Servers", acme.partner_a, won=True)
    now = timezone.now()
    came = lead("Contoso", acme.partner_a, state="converted", qualified_at=now, closed_at=now, deal=won)
    attributing.choose(by=ops, lead=came, activity=webinar)
    attributing.choose(by=ops, deal=won, activity=event, reason="They met at the fair.")
    assert (actual(webinar).mgos, actual(webinar).wins) == (1, 0)
    assert (actual(event).mgos, actual(event).wins) == (0, 1)
    assert sum(row[2] for row in delivered([acme.partner_a.pk], None)) == 1
    attributing.choose(by=ops, lead=came, activity=event, reason="So did they.")
    assert source_of(won) == event


def test_who_may_choose(acme, webinar):
    came, open_deal = lead("Contoso"), deal("Servers", acme.partner_a)
    with pytest.raises(PermissionDenied):
        attributing.choose(by=acme.users[Role.CAM], lead=came, activity=webinar)
    attributing.choose(by=acme.users[Role.MARKETING], lead=came, activity=webinar)
    for role in (Role.CHIEF, Role.MARKETING):
        with pytest.raises(PermissionDenied):
            attributing.choose(by=acme.users[role], deal=open_deal, activity=webinar)
    attributing.choose(by=acme.users[Role.CAM], deal=open_deal, activity=webinar)


def test_only_an_approved_activity_can_be_chosen(acme, webinar):
    Activity.everything.filter(pk=webinar.pk).update(decision=Activity.Decision.DENIED)
    with pytest.raises(ValidationError):
        attributing.choose(by=acme.users[Role.OPERATIONS], deal=deal("Servers", acme.partner_a), activity=webinar)


def test_what_came_of_an_activity_by_hand(acme, webinar):
    """Six leads as far as they go, a deal of one of them, a deal without a lead, and what isn't its own."""
    now = timezone.now()
    won, direct, lost = (
        deal("From a lead", acme.partner_a, won=True, amount=20_000),
        deal("Without a lead", acme.partner_a, won=True, amount=5_000),
        deal("Still open", acme.partner_a),
    )
    leads_of_it = [
        lead("Waits"),
        lead("Kept direct", holder="direct", person_direct=acme.users[Role.OPERATIONS], state="accepted", accepted_at=now),
        lead("Accepted", acme.partner_a),
        lead("Qualified", acme.partner_a, state="qualified", qualified_at=now),
        lead("Gone", acme.partner_a, state="disqualified", closed_at=now, close_reason="No budget"),
        lead("Became a deal", acme.partner_a, state="converted", qualified_at=now, closed_at=now, deal=won, outcome="won", outcome_on=now),
    ]  # fmt: skip
    for each in leads_of_it:
        attributing.touch(activity=webinar, how=How.CODE, lead=each)
    attributing.pass_on()
    for each in (direct, lost):
        attributing.touch(activity=webinar, how=How.CHOICE, deal=each)
    lead("Somebody else's")
    other = activity(webinar.plan, kind="event")
    assert actuals(Activity.objects.visible_to(acme.users[Role.OPERATIONS])) == {
        # 6 leads and 2 deals; one lead was never given out; 5 accepted; qualified and converted, and the 2 deals
        webinar.pk: Actual(inquiries=8, mqls=7, sals=7, mgos=4, wins=2, revenue=Decimal(25_000)),
        other.pk: Actual(),
    }


def test_revenue_is_in_the_plans_currency_at_the_rate_of_the_day_it_was_won(acme):
    day = dt.date(2026, 3, 1)
    CurrencyRate.objects.create(on=day, currency="EUR", rate=Decimal("0.8"))
    CurrencyRate.objects.create(on=day, currency="GBP", rate=Decimal("1.25"))
    in_pounds = activity(plan(acme.partner_a, currency="GBP"))
    attributing.touch(
        activity=in_pounds, how=How.CHOICE, deal=deal("One", acme.partner_a, won=True, amount=1000, currency="EUR")
    )
    assert actual(in_pounds).revenue == Decimal(640)  # 1000 × 0.8 ÷ 1.25
    attributing.touch(activity=in_pounds, how=How.CHOICE, deal=deal("Two", acme.partner_a, won=True, currency="JPY"))
    assert (actual(in_pounds).revenue, actual(in_pounds).lack) == (None, "JPY")


def test_of_two_who_choose_at_one_instant_the_second_is_told(committed):
    with committed:
        of = plan(committed.partner_a)
        both = activity(of), activity(of, kind="event")
        came = lead("Contoso")
        by = committed.users[Role.OPERATIONS]
    found = at_once(committed, *[partial(attributing.choose, by=by, activity=each, lead=came) for each in both])
    assert [type(each) for each in found if each is not None] == [ValidationError]


def test_of_two_touches_at_one_instant_exactly_one_is_the_source(committed):
    with committed:
        of = plan(committed.partner_a)
        both = activity(of), activity(of, kind="event")
        came = lead("Contoso")
    at_once(
        committed, *[partial(attributing.touch, activity=each, how=How.CODE, lead=came) for each in both * 4]
    )  # fmt: skip
    with committed:
        source = Attribution.everything.get(lead=came).activity
        assert [row.activity for row in Influence.everything.all()] == [each for each in both if each != source]
