"""The rules of registrations, worked out by hand."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealdesk import policy, rules
from dealdesk.matching import Degree, Match, Why
from dealdesk.policy import RegistrationPolicy, Rfp
from dealdesk.rules import Claim, NoRenewal, Refused
from prm.common.workcal import WorkCalendar

PLAIN = RegistrationPolicy()
BERLIN = WorkCalendar("Europe/Berlin", holidays=frozenset([dt.date(2026, 12, 25)]))
FRIDAY = dt.datetime(2026, 11, 20, 15, 0, tzinfo=dt.UTC)  # 16:00 in Berlin
DAY = dt.date(2026, 11, 20)
SAME = Match(Degree.FLAGGED, Why.DOMAIN, Fraction(1))
CLAIMS = st.builds(
    Claim,
    id=st.integers(1, 9),
    partner=st.integers(1, 3),
    lines=st.frozensets(st.integers(1, 3)),
    is_rfp=st.booleans(),
    place=st.sampled_from([FRIDAY, FRIDAY + dt.timedelta(microseconds=1)]),
)


def local(moment):
    return moment.strftime("%a %H:%M")


# ── Clocks ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_two_working_days_to_decide():
    until = rules.decide_by(FRIDAY, PLAIN, BERLIN)
    assert local(until) == "Tue 16:00"
    assert rules.escalate_at(until, PLAIN, BERLIN) == until
    assert local(rules.escalate_at(until, replace(PLAIN, escalation_days=1), BERLIN)) == "Wed 16:00"


def test_what_comes_in_on_saturday_counts_from_monday():
    assert local(rules.decide_by(FRIDAY + dt.timedelta(days=1), PLAIN, BERLIN)) == "Wed 09:00"


def test_christmas_is_no_working_day():
    eve = dt.datetime(2026, 12, 24, 9, 0, tzinfo=dt.UTC)
    assert rules.decide_by(eve, PLAIN, BERLIN).date() == dt.date(2026, 12, 29)


def test_a_returned_one_keeps_its_place_for_five_working_days_of_whoever_registered_it():
    tokyo = WorkCalendar("Asia/Tokyo")
    until = rules.place_until(FRIDAY, PLAIN, tokyo)  # Saturday 00:00 there: from Monday 09:00 on
    assert until.isoformat() == "2026-11-30T09:00:00+09:00"
    assert rules.keeps_place(resubmitted_at=until, place_until=until)
    assert not rules.keeps_place(resubmitted_at=until + dt.timedelta(seconds=1), place_until=until)
    assert not rules.keeps_place(resubmitted_at=until, place_until=None)


@pytest.mark.parametrize(
    ("first", "last"),
    [(dt.date(2026, 1, 1), dt.date(2026, 4, 1)), (dt.date(2028, 1, 1), dt.date(2028, 3, 31))],
)
def test_ninety_days_of_protection(first, last):
    assert rules.protected_until(first, 90) == last


@pytest.mark.parametrize(
    ("left", "last", "due"),
    [
        (15, None, None), (14, None, 14), (14, 14, None), (10, None, 14), (10, 14, None),
        (3, 14, 3), (3, None, 3), (2, 14, 3), (3, 3, None), (0, None, 3), (-1, None, None),
    ],
)  # fmt: skip
def test_reminders_fourteen_and_three_days_before(left, last, due):
    assert rules.reminder_due(DAY + dt.timedelta(days=left), DAY, last) == due


@given(st.integers(1, 200), st.sets(st.integers(0, 200)))
def test_each_reminder_comes_once_whatever_nights_are_missed(length, missed):
    end, last, sent = DAY + dt.timedelta(days=length), None, []
    for n in range(length + 3):
        due = None if n in missed else rules.reminder_due(end, DAY + dt.timedelta(days=n), last)
        if due is not None:
            sent.append(due)
            last = due
    assert sent == sorted(set(sent), reverse=True)
    if not missed and length >= 14:
        assert sent == [14, 3]


# ── Who is first ─────────────────────────────────────────────────────────────────────────────────────────────────────


@given(CLAIMS, CLAIMS)
def test_exactly_one_of_two_is_first(a, b):
    assert a.comes_before(b) + b.comes_before(a) == (0 if (a.id, a.place) == (b.id, b.place) else 1)


@given(CLAIMS, CLAIMS, st.sampled_from(Rfp))
def test_what_is_in_the_way_of_the_other_is_so_both_ways(a, b, rfp):
    assert rules.degree(SAME, a, b, rfp) == rules.degree(SAME, b, a, rfp)


def test_a_product_line_in_common_is_needed():
    a = Claim(1, 1, frozenset([1, 2]), False, FRIDAY)
    assert rules.degree(SAME, a, replace(a, id=2, lines=frozenset([2, 3])), Rfp.FIRST) is Degree.FLAGGED
    assert rules.degree(SAME, a, replace(a, id=2, lines=frozenset([3])), Rfp.FIRST) is None


@pytest.mark.parametrize(
    ("rfp", "tenders", "degree"),
    [
        (Rfp.FIRST, (True, True), Degree.FLAGGED),
        (Rfp.SHARED, (True, True), Degree.POSSIBLE),
        (Rfp.SHARED, (True, False), Degree.FLAGGED),
        (Rfp.SHARED, (False, False), Degree.FLAGGED),
    ],
)
def test_tenders_may_be_shared(rfp, tenders, degree):
    a, b = (Claim(n, n, frozenset([1]), is_rfp, FRIDAY) for n, is_rfp in enumerate(tenders))
    assert rules.degree(SAME, a, b, rfp) is degree


@pytest.mark.parametrize(
    ("state", "left", "holds"),
    [
        ("draft", None, False), ("submitted", None, True), ("returned", None, True), ("approved", 0, True),
        ("approved", -1, False), ("rejected", None, False), ("expired", -1, False), ("released", 9, False),
        ("withdrawn", 9, False),
    ],
)  # fmt: skip
def test_what_holds_its_customer(state, left, holds):
    expires_on = None if left is None else DAY + dt.timedelta(days=left)
    assert rules.holds(state=state, expires_on=expires_on, day=DAY) is holds


def test_the_flag_is_the_worst_of_what_comes_before():
    assert rules.worst([]) == "clear"
    assert rules.worst(["possible", "possible"]) == "possible"
    assert rules.worst(["possible", "flagged"]) == "flagged"


# ── Renewal ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def ago(days):
    return DAY - dt.timedelta(days=days)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, None),
        ({"progress": [ago(30)]}, None),
        ({"progress": [ago(31)]}, NoRenewal.PROGRESS),
        ({"progress": []}, NoRenewal.PROGRESS),
        ({"progress": [DAY + dt.timedelta(days=1)]}, NoRenewal.PROGRESS),
        ({"renewals": 1}, NoRenewal.USED),
        ({"state": "submitted"}, NoRenewal.STATE),
        ({"state": "expired", "expires_on": ago(1)}, NoRenewal.STATE),
        ({"expires_on": ago(1)}, NoRenewal.STATE),
        ({"expires_on": DAY}, None),
    ],
)
def test_renewal_takes_progress_lately(changes, why):
    facts = {"state": "approved", "expires_on": DAY, "renewals": 0, "progress": [ago(3)], **changes}
    assert rules.no_renewal(**facts, day=DAY, policy=PLAIN) is why


# ── A submission ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, {}),
        ({"empty": {"country", "domain"}}, {"country": Refused.MISSING}),
        ({"expected_close": ago(1)}, {"expected_close": Refused.PAST}),
        ({"expected_close": DAY}, {}),
        ({"worth": Decimal("4999.99")}, {"amount": Refused.SMALL}),
        ({"worth": Decimal(5000)}, {}),
        ({"worth": None}, {"currency": Refused.RATE}),
        ({"worth": None, "empty": {"amount"}}, {"amount": Refused.MISSING}),
        ({"is_rfp": True}, {"is_rfp": Refused.TENDER}),
        ({"open_now": 3}, {"__all__": Refused.SLOTS}),
        ({"open_now": 2}, {}),
    ],
)
def test_what_a_submission_has_to_be(changes, wrong):
    strict = replace(PLAIN, minimum=Decimal(5000), rfp=Rfp.REFUSED, slots=3)
    facts = {"empty": set(), "expected_close": None, "worth": Decimal(9000), "is_rfp": False, "open_now": 0, **changes}
    assert rules.refused(**facts, day=DAY, policy=strict) == wrong


def test_the_shares_of_a_deal():
    assert rules.shares(leader=1, second=None, percent=Decimal(0)) == {1: Decimal(100)}
    assert rules.shares(leader=1, second=2, percent=Decimal("12.5")) == {1: Decimal("87.5"), 2: Decimal("12.5")}


# ── The policy ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_set_is_the_default():
    plain = policy.read({})
    assert (plain.protection_days, plain.renewals, plain.sla_days, plain.place_days, plain.slots) == (90, 1, 2, 5, None)
    assert plain.discount("gold") is None


def test_a_policy_is_stored_and_read_again():
    wanted = replace(PLAIN, minimum=Decimal("2500.5"), slots=4, rfp=Rfp.SHARED, discounts={"gold": Decimal("7.5")})
    assert policy.read(policy.data(wanted)) == wanted
    assert wanted.discount("gold") == Decimal("7.5")


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"protection_days": 0}, "protection_days"),
        ({"protection_days": True}, "protection_days"),
        ({"slots": 0}, "slots"),
        ({"minimum": "-1"}, "minimum"),
        ({"minimum": "a"}, "minimum"),
        ({"second_share": "100"}, "second_share"),
        ({"rfp": "maybe"}, "rfp"),
        ({"reopens": "yes"}, "reopens"),
        ({"discounts": {"gold": "101"}}, "discounts"),
        ({"discounts": []}, "discounts"),
        ({"minimun": "1"}, "minimun"),
    ],
)
def test_what_a_policy_can_not_be(data, field):
    with pytest.raises(ValueError, match=field):
        policy.read(data)
