"""The clocks of steps as they run: on the vendor's working days, with reminders and escalation."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts.permissions import Role
from mdf import actions, rounds, telling
from mdf.actions import NotAllowed
from mdf.models import ApprovalStep, Happening, Request
from mdf.queries import waiting
from prm.common.models import Holiday
from tests.mdf.asking import approved, cam, lines, marketer, submitted
from tests.mdf.funding import make_fund

FRIDAY_FOUR = dt.datetime(2026, 11, 20, 16, tzinfo=dt.UTC)


@pytest.fixture
def clock(monkeypatch):
    """clock(moment) sets it."""

    def set_to(moment: dt.datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return set_to


@pytest.fixture
def heard(monkeypatch):
    """What was told, as (moment, what it was about)."""
    found: list[tuple[str, str]] = []
    for moment in ("step.waiting", "step.reminded", "step.escalated", "line.reminder"):
        told = lambda of, moment=moment, **more: found.append((moment, of.reference))  # noqa: E731
        monkeypatch.setitem(telling._hearers, moment, [told])
    return found


def test_begun_friday_at_four_it_is_due_wednesday_at_four_and_a_holiday_later(acme, clock):
    clock(FRIDAY_FOUR)
    fund = make_fund(acme)
    step = waiting.current(submitted(acme, fund, "100"))
    assert step.decide_by == FRIDAY_FOUR + dt.timedelta(days=5)
    Holiday.objects.create(on=dt.date(2026, 11, 24), name="Off")
    step = waiting.current(submitted(acme, fund, "100", partner=acme.partner_b))
    assert step.decide_by == FRIDAY_FOUR + dt.timedelta(days=6)


def test_each_step_has_its_own_clock(acme, clock):
    clock(FRIDAY_FOUR)
    request = submitted(acme, make_fund(acme), "6000")
    clock(FRIDAY_FOUR + dt.timedelta(days=4))
    actions.approve(by=cam(acme), request=request)
    assert waiting.current(request).decide_by == FRIDAY_FOUR + dt.timedelta(days=7)


def test_reminded_once_a_working_day_before_and_escalated_once_when_it_is_over(acme, clock, heard):
    clock(FRIDAY_FOUR)
    request = submitted(acme, make_fund(acme), "100")
    told = request.reference
    expected = [("step.waiting", told)]
    for days, more in ((3, []), (4, [("step.reminded", told)]), (5, [("step.escalated", told)]), (9, [])):
        clock(FRIDAY_FOUR + dt.timedelta(days=days))
        for _twice in range(2):
            actions.remind()
            actions.escalate()
        expected += more
        assert heard == expected
    kinds = set(Happening.objects.visible_to(marketer(acme)).filter(request=request).values_list("kind", flat=True))
    assert kinds == {"submitted"}, "that the vendor is late is for the vendor"


def test_a_late_step_may_be_decided_a_level_up_too(acme, clock):
    clock(FRIDAY_FOUR)
    request = submitted(acme, make_fund(acme), "100")
    clock(FRIDAY_FOUR + dt.timedelta(days=6))
    with pytest.raises(NotAllowed):
        actions.approve(by=acme.users[Role.MARKETING], request=request)
    actions.escalate()
    assert [user for user, _decider in waiting.deciders(waiting.current(request))] == [
        cam(acme),
        acme.users[Role.MARKETING],
    ]
    assert actions.approve(by=acme.users[Role.MARKETING], request=request).state == Request.State.APPROVED
    assert ApprovalStep.everything.get(request=request).decided_level == "marketing"


def test_who_has_not_claimed_is_reminded_after_the_end_and_before_the_deadline(acme, heard):
    line = lines(
        approved(acme, make_fund(acme), "100", days=(dt.date(2026, 12, 1), dt.date(2026, 12, 10)), quarter="2026Q4")
    )[0]
    del heard[:]
    sent = []
    for offset in range(-1, 70):
        day = line.activity.ends_on + dt.timedelta(days=offset)
        sent += [day] * actions.remind_to_claim(on=day)
    last = line.claim_until
    assert sent == [
        line.activity.ends_on + dt.timedelta(days=1),
        last - dt.timedelta(days=14),
        last - dt.timedelta(days=3),
    ]
    assert len(heard) == 3


def test_what_is_late_after_an_outage_is_escalated_and_not_reminded_of_besides(acme, clock, heard):
    clock(FRIDAY_FOUR)
    submitted(acme, make_fund(acme), "100")
    heard.clear()
    clock(FRIDAY_FOUR + dt.timedelta(days=10))
    rounds.every_minute()
    assert [moment for moment, _what in heard] == ["step.escalated"]


def test_one_step_that_fails_keeps_no_other_from_its_reminder(acme, clock, monkeypatch):
    clock(FRIDAY_FOUR)
    fund = make_fund(acme)
    first, second = submitted(acme, fund, "100"), submitted(acme, fund, "200")

    def fails(of, **_more):
        if of == first:
            raise RuntimeError("no mail for this one")

    monkeypatch.setitem(telling._hearers, "step.reminded", [fails])
    clock(waiting.current(first).remind_at)
    assert actions.remind() == 1
    assert Happening.everything.filter(kind="reminded").get().request == second


def test_one_request_that_fails_keeps_no_other_from_its_end(acme, monkeypatch):
    fund = make_fund(acme)
    first, second = approved(acme, fund, "100"), approved(acme, fund, "200")

    def fails(of, **_more):
        if of == first:
            raise RuntimeError("no mail for this one")

    monkeypatch.setitem(telling._hearers, "request.expired", [fails])
    over = max(line.claim_until for row in (first, second) for line in lines(row)) + dt.timedelta(days=1)
    assert actions.end_due(on=over) == 1
    states = [Request.everything.get(pk=row.pk).state for row in (first, second)]
    assert states == ["approved", "expired"]
