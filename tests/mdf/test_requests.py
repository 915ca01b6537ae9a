"""Requests: a plan asks for money, its lines are decided step by step, nobody decides their own."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from accounts.permissions import Role
from marketing import actions as marketing
from marketing.models import MarketingPlan
from mdf import actions, asks
from mdf.actions import Closed, NotAllowed, NotEnough, Verdict
from mdf.models import ApprovalStep, Happening, Line, Request
from mdf.queries import waiting
from mdf.queries.funds import adds_up
from mdf.steps import Decision
from prm.common.models import CurrencyRate
from prm.common.vendor import today
from tests.mdf.asking import approved, cam, drafted, fresh, lines, marketer, submitted, tactic
from tests.mdf.funding import figures, give, make_fund, unallocated
from tests.world import make_user

State = Request.State


def levels(of, *states: str) -> list[str]:
    rows = ApprovalStep.everything.filter(request=of, round=fresh(of).round).order_by("position")
    return [row.level for row in rows if not states or row.state in states]


def verdicts(request: Request, *given: Verdict) -> dict[int, Verdict]:
    return {line.pk: verdict for line, verdict in zip(lines(request), given, strict=True)}


# ── Asked ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_submitting_a_plan_makes_one_request_with_a_line_for_each_that_asks(acme):
    fund = make_fund(acme)
    request = submitted(acme, fund, "1200.50", "0", "800")
    plan = MarketingPlan.everything.get(pk=request.plan_id)
    assert plan.state == "submitted"
    assert (request.state, request.asked, request.currency) == (State.SUBMITTED, Decimal("2000.50"), "EUR")
    assert [line.asked for line in lines(request) if line.asks_money] == [Decimal("1200.50"), Decimal(800)]
    assert levels(request, "waiting") == ["cam"]
    assert figures(unallocated(fund)) == ("10000", "0", "0", "0"), "nothing is reserved before the last approval"


def test_a_plan_that_asks_nothing_is_decided_by_the_cam_alone(acme):
    request = submitted(acme, None, "0")
    done = actions.approve(by=cam(acme), request=request)
    assert (done.state, done.approved, done.fund) == (State.APPROVED, 0, None)
    assert MarketingPlan.everything.get(pk=request.plan_id).state == "approved"


def test_what_a_fund_is_not_for_is_refused_by_name(acme):
    fund = make_fund(acme, tactics=[tactic("email")])
    with pytest.raises(ValidationError, match="isn’t for “Activity 1”"):
        submitted(acme, fund, "100")
    picky = make_fund(acme, name="Picky", minimum_roi=Decimal(3))
    with pytest.raises(ValidationError, match="asks for at least 3"):
        submitted(acme, picky, "100")
    with pytest.raises(ValidationError, match="Choose the fund"):
        submitted(acme, None, "100")
    assert not Request.everything.exists()
    assert set(MarketingPlan.everything.values_list("state", flat=True)) == {"draft"}, "refused, nothing is submitted"


def test_the_partners_own_allocation_pays_before_what_is_everybodys(acme):
    fund = make_fund(acme)
    give(acme, fund, "500", region=acme.partner_a.region)
    own = give(acme, fund, "300", partner=acme.partner_a)
    request = submitted(acme, fund, "100")
    assert request.account == own
    theirs = give(acme, fund, "300", partner=acme.partner_b)
    plan = drafted(acme, "100", title="Another")
    with pytest.raises(ValidationError, match="Nothing can be paid"):
        actions.submit_plan(by=marketer(acme), plan=plan, fund=fund, account=theirs)


def test_amounts_are_converted_at_the_rates_of_the_day(acme):
    CurrencyRate.objects.create(currency="EUR", on=today() - dt.timedelta(days=9), rate=Decimal("1.25"))
    fund = make_fund(acme, currency="USD")
    request = submitted(acme, fund, "1000.01")
    assert request.asked == Decimal("1250.01")  # 1250.0125
    CurrencyRate.objects.create(currency="EUR", on=today(), rate=Decimal("1.3"))
    done = actions.approve(by=cam(acme), request=request)
    assert done.approved == Decimal("1300.01")  # 1300.013: the rate of the day of approval
    assert figures(unallocated(fund)) == ("8699.99", "1300.01", "0", "0")


def test_what_a_moved_rate_makes_of_it_needs_the_step_of_that_sum(acme):
    CurrencyRate.objects.create(currency="EUR", on=today() - dt.timedelta(days=9), rate=Decimal("1.25"))
    fund = make_fund(acme, currency="USD")
    request = submitted(acme, fund, "3920")
    assert (request.asked, levels(request)) == (4900, ["cam"])
    CurrencyRate.objects.create(currency="EUR", on=today(), rate=Decimal("1.3"))  # 5,096
    request = actions.approve(by=cam(acme), request=request)
    assert (request.state, levels(request, "waiting")) == (State.IN_REVIEW, ["marketing"])
    assert figures(unallocated(fund)) == ("10000", "0", "0", "0")
    assert actions.approve(by=acme.users[Role.MARKETING], request=request).approved == 5096


# ── Steps ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("asks", "wanted"),
    [
        (["5000"], ["cam"]),
        (["5000.01"], ["cam", "marketing"]),
        (["2500", "2500.01"], ["cam", "marketing"]),
        (["25000"], ["cam", "marketing"]),
        (["25000.01"], ["cam", "marketing", "chief"]),
    ],
)
def test_the_steps_are_those_of_the_sum(acme, asks, wanted):
    assert levels(submitted(acme, make_fund(acme, budget="90000"), *asks)) == wanted


def test_splitting_avoids_no_step(acme):
    fund = make_fund(acme, budget="90000")
    first = submitted(acme, fund, "3000")
    second = submitted(acme, fund, "2000.01", title="The rest of it")
    assert levels(first) == ["cam"]
    assert levels(second) == ["cam", "marketing"]
    assert actions.approve(by=cam(acme), request=second).state == State.IN_REVIEW
    # The first was within the CAM's limit when it was asked; by now the partner has asked for more.
    assert actions.approve(by=cam(acme), request=first).state == State.IN_REVIEW
    assert levels(first, "waiting") == ["marketing"]


def test_what_others_and_other_quarters_ask_does_not_count(acme):
    fund = make_fund(acme, budget="90000")
    submitted(acme, fund, "4000", partner=acme.partner_b)
    submitted(acme, make_fund(acme, name="Another"), "4000")
    plan = MarketingPlan.everything.order_by("-pk").first()
    later = marketing.start(partner=acme.partner_a, by=marketer(acme)).first_quarter
    assert plan.first_quarter == later
    following = submitted(acme, fund, "4000", quarters=1, title="This quarter")
    assert levels(following) == ["cam"]


def test_each_step_is_decided_by_its_own_people(acme):
    request = submitted(acme, make_fund(acme, budget="90000"), "30000")
    for user in (
        acme.cam_b,
        acme.users[Role.MARKETING],
        acme.users[Role.CHIEF],
        acme.users[Role.ADMIN],
        marketer(acme),
    ):
        with pytest.raises(NotAllowed):
            actions.approve(by=user, request=request)
    request = actions.approve(by=cam(acme), request=request)
    assert (request.state, MarketingPlan.everything.get(pk=request.plan_id).state) == (State.IN_REVIEW, "in_review")
    with pytest.raises(NotAllowed):
        actions.approve(by=cam(acme), request=request)
    request = actions.approve(by=acme.users[Role.MARKETING], request=request)
    request = actions.approve(by=acme.users[Role.CHIEF], request=request)
    assert (request.state, request.is_full, request.approved) == (State.APPROVED, True, 30000)
    assert MarketingPlan.everything.get(pk=request.plan_id).state == "approved"


def test_a_chief_of_another_region_does_not_decide(acme):
    acme.users[Role.CHIEF].region_limits.create(region=acme.partner_b.region)
    request = submitted(acme, make_fund(acme, budget="90000"), "30000")
    request = actions.approve(by=cam(acme), request=request)
    request = actions.approve(by=acme.users[Role.MARKETING], request=request)
    with pytest.raises(NotAllowed):
        actions.approve(by=acme.users[Role.CHIEF], request=request)
    assert actions.approve(by=acme.users[Role.ADMIN], request=request).state == State.APPROVED, "a step up"


# ── Nobody decides their own ─────────────────────────────────────────────────────────────────────────────────────────


def test_what_the_cam_built_goes_a_step_up(acme):
    request = submitted(acme, make_fund(acme), "1000", by=cam(acme))
    with pytest.raises(NotAllowed, match="You don’t decide what you created"):
        actions.approve(by=cam(acme), request=request)
    assert actions.approve(by=acme.users[Role.MARKETING], request=request).state == State.APPROVED


def test_whoever_last_changed_an_amount_owns_it(acme):
    fund = make_fund(acme)
    plan = drafted(acme, "1000")
    activity = plan.activities.get()
    marketing.change_activity(activity=activity, by=cam(acme), fields={"mdf_asked": Decimal(900)})
    request = actions.submit_plan(by=marketer(acme), plan=plan, fund=fund)
    assert cam(acme).pk in waiting.own(request)
    with pytest.raises(NotAllowed):
        actions.approve(by=cam(acme), request=request)


def test_the_delegate_decides_what_is_the_cams_own_and_the_step_up_does_not(acme):
    stand_in = make_user(acme, "standin", Role.CAM)
    actions.delegate(by=cam(acme), person=cam(acme), delegate=stand_in)
    request = submitted(acme, make_fund(acme), "1000", by=cam(acme))
    with pytest.raises(NotAllowed):
        actions.approve(by=acme.users[Role.MARKETING], request=request)
    assert actions.approve(by=stand_in, request=request).state == State.APPROVED
    step = ApprovalStep.everything.get(request=request)
    assert (step.decided_by, step.in_place_of) == (stand_in, cam(acme))


def test_a_delegate_does_not_decide_what_is_theirs(acme):
    stand_in = make_user(acme, "standin", Role.CAM)
    acme.partner_a.cover = stand_in
    acme.partner_a.save()
    actions.delegate(by=acme.users[Role.MARKETING], person=acme.users[Role.MARKETING], delegate=stand_in)
    actions.delegate(by=cam(acme), person=cam(acme), delegate=stand_in)
    request = submitted(acme, make_fund(acme), "6000", by=stand_in)
    with pytest.raises(NotAllowed, match="You don’t decide"):
        actions.approve(by=stand_in, request=request)
    request = actions.approve(by=cam(acme), request=request)
    with pytest.raises(NotAllowed, match="You don’t decide"):
        actions.approve(by=stand_in, request=request)
    assert actions.approve(by=acme.users[Role.MARKETING], request=request).state == State.APPROVED


def test_a_step_up_covers_the_step_it_went_up_to(acme):
    request = submitted(acme, make_fund(acme), "6000", by=cam(acme))
    assert actions.approve(by=acme.users[Role.MARKETING], request=request).state == State.APPROVED
    assert levels(request, "approved", "covered") == ["cam", "marketing"]


def test_a_delegate_sees_what_waits_for_them_as_long_as_it_does(acme):
    request = submitted(acme, make_fund(acme), "1000")
    stand_in = acme.cam_b
    assert not Request.objects.visible_to(stand_in).filter(pk=request.pk).exists()
    row = actions.delegate(by=cam(acme), person=cam(acme), delegate=stand_in)
    assert Request.objects.visible_to(stand_in).filter(pk=request.pk).exists()
    assert [step.request for step in waiting.waiting_for(stand_in)] == [request]
    actions.end_delegation(by=cam(acme), delegation=row)
    assert not Request.objects.visible_to(stand_in).filter(pk=request.pk).exists()


def test_a_delegation_holds_on_its_days_only(acme):
    day = today()
    tomorrow = day + dt.timedelta(days=1)
    stand_in = make_user(acme, "standin", Role.CAM)
    actions.delegate(by=cam(acme), person=cam(acme), delegate=stand_in, starts_on=tomorrow, ends_on=tomorrow)
    found = [len(waiting.delegations(day + dt.timedelta(days=n)).filter(delegate=stand_in)) for n in range(3)]
    assert found == [0, 1, 0]
    with pytest.raises(NotAllowed):
        actions.approve(by=stand_in, request=submitted(acme, make_fund(acme), "1000"))


def test_who_may_be_a_delegate_and_who_names_one(acme):
    me, other = cam(acme), acme.cam_b
    with pytest.raises(ValidationError, match="somebody else"):
        actions.delegate(by=me, person=me, delegate=me)
    with pytest.raises(ValidationError, match="may not decide"):
        actions.delegate(by=me, person=me, delegate=marketer(acme))
    with pytest.raises(NotAllowed):
        actions.delegate(by=me, person=other, delegate=me)
    assert actions.delegate(by=acme.users[Role.ADMIN], person=other, delegate=me)


# ── Decided ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_part_is_approved_and_reserved_line_by_line(acme):
    fund = make_fund(acme)
    request = submitted(acme, fund, "1000", "2000", "500", "0")
    given = [
        Verdict(Decision.AS_ASKED),
        Verdict(Decision.CHANGED, Decimal("1500")),
        Verdict(Decision.DENIED, note="Twice a year"),
    ]
    done = actions.decide(by=cam(acme), request=request, verdicts=verdicts(request, *given, Verdict(Decision.AS_ASKED)))
    assert (done.state, done.is_full, done.approved, done.share) == (State.APPROVED, False, 2500, Decimal("0.5"))
    assert [line.approved for line in lines(done)] == [1000, 1500, 0, 0]
    assert figures(unallocated(fund)) == ("7500", "2500", "0", "0")
    assert [actions.held(line.pk) for line in lines(done)] == [1000, 1500, 0, 0]
    plan = MarketingPlan.everything.get(pk=done.plan_id)
    found = [(row.decision, row.mdf_approved) for row in plan.activities.order_by("position")]
    assert found == [("as_asked", 1000), ("changed", 1500), ("denied", 0), ("as_asked", 0)]
    assert (plan.state, marketing.scope_of(plan)) == ("approved", "some")
    first = lines(done)[0]
    assert first.claim_until == first.activity.ends_on + dt.timedelta(days=60)


def test_what_one_step_denied_with_the_common_reason_keeps_it_at_the_next(acme):
    fund = make_fund(acme, budget="50000")
    request = submitted(acme, fund, "6000", "3000")
    given = verdicts(request, Verdict(Decision.AS_ASKED), Verdict(Decision.DENIED))
    actions.decide(by=cam(acme), request=request, verdicts=given, reason="Twice a year")
    done = actions.approve(by=acme.users[Role.MARKETING], request=request, reason="Fine with me")
    assert (done.state, done.approved) == (State.APPROVED, 6000)
    denied = lines(done)[1].activity
    assert (denied.decision, denied.decision_reason) == ("denied", "Twice a year")


def test_a_later_step_goes_on_from_what_the_one_before_left(acme):
    fund = make_fund(acme)
    request = submitted(acme, fund, "6000", "1000")
    given = [Verdict(Decision.CHANGED, Decimal(4000)), Verdict(Decision.AS_ASKED)]
    request = actions.decide(by=cam(acme), request=request, verdicts=verdicts(request, *given))
    assert request.state == State.IN_REVIEW, "the steps are those of what was asked, whatever is granted"
    done = actions.approve(by=acme.users[Role.MARKETING], request=request)
    assert [line.approved for line in lines(done)] == [4000, 1000]


@pytest.mark.parametrize("amount", ["0", "-1", "1000.01", "0.001", "NaN"])
def test_nobody_grants_more_than_was_asked(acme, amount):
    request = submitted(acme, make_fund(acme), "1000")
    with pytest.raises(ValidationError):
        actions.decide(
            by=cam(acme), request=request, verdicts=verdicts(request, Verdict(Decision.CHANGED, Decimal(amount)))
        )


def test_one_line_returned_sends_all_of_it_back_and_it_comes_again_as_the_same_request(acme):
    fund = make_fund(acme)
    request = submitted(acme, fund, "1000", "2000")
    given = [Verdict(Decision.AS_ASKED), Verdict(Decision.RETURNED, note="Which audience?")]
    back = actions.decide(by=cam(acme), request=request, verdicts=verdicts(request, *given))
    plan = MarketingPlan.everything.get(pk=request.plan_id)
    assert (back.state, plan.state) == (State.RETURNED, "changes_requested")
    assert figures(unallocated(fund))[0] == "10000"
    activity = plan.activities.order_by("position").last()
    marketing.change_activity(activity=activity, by=marketer(acme), fields={"mdf_asked": Decimal(1500)})
    again = actions.submit_plan(by=marketer(acme), plan=plan, fund=fund)
    assert (again.pk, again.round, again.asked, again.state) == (request.pk, 2, 2500, State.SUBMITTED)
    assert actions.approve(by=cam(acme), request=again).approved == 2500
    kinds = Happening.everything.filter(request=request).order_by("at", "pk").values_list("kind", flat=True)
    assert list(kinds) == ["submitted", "returned", "resubmitted", "approved"]


def test_all_denied_rejects_it_and_needs_a_reason(acme):
    request = submitted(acme, make_fund(acme), "1000")
    with pytest.raises(ValidationError, match="Give a reason"):
        actions.decide(by=cam(acme), request=request, verdicts=verdicts(request, Verdict(Decision.DENIED)))
    done = actions.reject(by=cam(acme), request=request, reason="Not this year")
    assert (done.state, done.reason) == (State.REJECTED, "Not this year")
    assert MarketingPlan.everything.get(pk=done.plan_id).state == "rejected"
    with pytest.raises(Closed):
        actions.approve(by=cam(acme), request=done)


def test_who_decides_a_step_that_somebody_else_has_decided_is_told(acme):
    request = submitted(acme, make_fund(acme), "6000")
    seen = waiting.current(request).pk
    actions.approve(by=cam(acme), request=request, step_id=seen)
    with pytest.raises(Closed, match="Somebody else"):
        actions.approve(by=acme.users[Role.MARKETING], request=request, step_id=seen)


def test_the_money_left_is_looked_at_again_when_it_is_decided(acme):
    fund = make_fund(acme, budget="4000")
    first, second = submitted(acme, fund, "3000"), submitted(acme, fund, "1500", partner=acme.partner_b)
    actions.approve(by=cam(acme), request=first)
    with pytest.raises(NotEnough, match="1,000") as told:
        actions.approve(by=acme.cam_b, request=second)
    assert told.value.left.amount == 1000
    assert fresh(second).state == State.SUBMITTED
    smaller = verdicts(second, Verdict(Decision.CHANGED, Decimal(1000)))
    assert actions.decide(by=acme.cam_b, request=second, verdicts=smaller).approved == 1000
    assert adds_up(fund)


def test_a_request_is_taken_back_only_while_nobody_has_decided(acme):
    fund = make_fund(acme)
    request = actions.recall(by=marketer(acme), request=submitted(acme, fund, "6000"))
    plan = MarketingPlan.everything.get(pk=request.plan_id)
    assert (request.state, plan.state, levels(request, "waiting")) == (State.DRAFT, "draft", [])
    request = actions.submit_plan(by=marketer(acme), plan=plan, fund=fund)
    actions.approve(by=cam(acme), request=request)
    with pytest.raises(Closed):
        actions.recall(by=marketer(acme), request=request)


# ── Ended ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_closing_releases_what_was_not_used(acme):
    fund = make_fund(acme)
    request = approved(acme, fund, "1000", "500")
    with pytest.raises(NotAllowed):
        actions.close(by=marketer(acme), request=request, reason="Not needed")
    with pytest.raises(ValidationError):
        actions.close(by=acme.users[Role.MARKETING], request=request, reason=" ")
    done = actions.close(by=acme.users[Role.MARKETING], request=request, reason="Not needed")
    assert (done.state, done.released) == (State.CLOSED, 1500)
    assert figures(unallocated(fund)) == ("10000", "0", "0", "0")
    assert adds_up(fund)


def test_what_was_returned_and_is_not_pursued_is_closed_and_may_come_again(acme, client_for):
    fund = make_fund(acme, budget="50000")
    back = actions.give_back(by=cam(acme), request=submitted(acme, fund, "4000"), reason="Another quarter")
    assert any("submit it again" in ask.text for ask in asks.asked_of(marketer(acme)))
    page = f"/mdf/requests/{back.pk}/"
    assert "Close it" in client_for(acme.users[Role.MARKETING]).get(page).content.decode()
    client_for(acme.users[Role.MARKETING]).post(f"{page}close/", {"reason": "They do without"})
    done = fresh(back)
    assert (done.state, done.approved, done.reason) == (State.CLOSED, None, "They do without")
    assert not any("submit it again" in ask.text for ask in asks.asked_of(marketer(acme)))
    assert client_for(marketer(acme)).get(f"/portal{page}").status_code == 200
    assert levels(submitted(acme, fund, "4000")) == ["cam"], "what was given up isn't asked any more"
    again = actions.submit_plan(by=marketer(acme), plan=fresh(back.plan), fund=fund)
    assert (again.pk, again.state, again.round, again.closed_at) == (back.pk, State.SUBMITTED, 2, None)


def test_a_rejected_request_can_be_closed(acme):
    denied = actions.reject(by=cam(acme), request=submitted(acme, make_fund(acme), "100"), reason="No")
    assert actions.close(by=cam(acme), request=denied, reason="So that is that").state == State.CLOSED


def test_what_was_not_approved_expires_with_its_fund_and_can_ask_another(acme):
    fund = make_fund(acme)
    waits = submitted(acme, fund, "100", "0")
    back = actions.give_back(by=cam(acme), request=submitted(acme, fund, "200"), reason="Later")
    assert actions.end_due(on=fund.expires_on) == 0
    assert actions.end_due(on=fund.expires_on + dt.timedelta(days=1)) == 2
    assert [fresh(row).state for row in (waits, back)] == [State.EXPIRED] * 2
    assert fresh(waits.plan).state == "changes_requested"
    assert (levels(waits, "waiting"), waiting.current(fresh(waits))) == ([], None)
    other = make_fund(acme, name="Launch fund")
    again = actions.submit_plan(by=marketer(acme), plan=fresh(waits.plan), fund=other)
    assert (again.state, again.fund) == (State.SUBMITTED, other)


def test_a_request_expires_the_day_after_the_last_to_claim(acme):
    fund = make_fund(acme)
    request = approved(acme, fund, "1000")
    last = lines(request)[0].claim_until
    assert actions.end_due(on=last) == 0
    assert actions.end_due(on=last + dt.timedelta(days=1)) == 1
    assert actions.end_due(on=last + dt.timedelta(days=1)) == 0
    assert (fresh(request).state, fresh(request).released) == (State.EXPIRED, 1000)


def test_partners_see_their_own_requests_only(acme):
    mine = submitted(acme, make_fund(acme), "1000")
    for model, row in ((Request, mine), (Line, lines(mine)[0]), (ApprovalStep, waiting.current(mine))):
        assert model.objects.visible_to(acme.users_a[Role.PARTNER_EXECUTIVE]).filter(pk=row.pk).exists()
        for stranger in (acme.users_b[Role.PARTNER_MARKETER], acme.cam_b):
            assert not model.objects.visible_to(stranger).filter(pk=row.pk).exists()
    with pytest.raises(NotAllowed):
        actions.recall(by=acme.users_b[Role.PARTNER_MARKETER], request=mine)
