"""A changed policy on last year's registrations: what each rule makes of one, by hand."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

import pytest

from dealdesk.policy import RegistrationPolicy, Rfp
from dealdesk.trial import Past, Trial, judge
from prm.common.workcal import WorkCalendar

CALENDAR = WorkCalendar("UTC")
MONDAY = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)
OLD = RegistrationPolicy()
PAST = Past(
    id=1, reference="R-1", customer="Contoso", partner="Northwind", partner_id=1, tier="gold", worth=Decimal(5_000), is_rfp=False,
    came=MONDAY, decided=MONDAY + dt.timedelta(days=2), protected_from=dt.date(2026, 3, 4), renewals=1,
    closed_on=dt.date(2026, 8, 30), won=True,
)  # fmt: skip


def said(new: RegistrationPolicy, past: Past = PAST) -> list[str]:
    return [change for line in Trial([past], OLD, new, CALENDAR).lines for change in line.changes]


@pytest.mark.parametrize(
    ("new", "past", "expected"),
    [
        (OLD, PAST, []),
        (replace(OLD, minimum=Decimal(5_000)), PAST, []),  # the smallest is let in
        (replace(OLD, minimum=Decimal("5000.01")), PAST, ["refused: too small"]),
        (replace(OLD, minimum=Decimal(9_000)), replace(PAST, worth=None), ["refused: no rate for its currency"]),
        (OLD, replace(PAST, worth=None), []),  # nothing to hold it against
        (replace(OLD, rfp=Rfp.REFUSED), PAST, []),
        (replace(OLD, rfp=Rfp.REFUSED), replace(PAST, is_rfp=True), ["refused: a public tender"]),
        (replace(OLD, slots=3), replace(PAST, ahead=2), []),
        (replace(OLD, slots=3), replace(PAST, ahead=3), ["refused: no place free"]),
        (replace(OLD, sla_days=1), PAST, ["decided too late"]),
        (replace(OLD, sla_days=2), PAST, []),  # to the hour in time
        # 4 March + 2 × 90 days is 31 August, a day after it was won; + 90 days is 2 June
        (replace(OLD, renewals=0), PAST, ["protected 90 days less", "won when no longer protected"]),
        (replace(OLD, protection_days=91), PAST, ["protected 2 days longer"]),
        (replace(OLD, discounts=MappingProxyType({"gold": Decimal("7.5")})), PAST, ["discount 7.5%"]),
        (replace(OLD, discounts=MappingProxyType({"gold": Decimal(5)})), replace(PAST, tier=None), []),
    ],
)
def test_each_rule_says_what_it_changes(new, past, expected):
    assert said(new, past) == expected


def test_the_figures_count_both_policies():
    rows = [
        PAST,
        replace(PAST, id=2, worth=Decimal(10)),
        replace(PAST, id=3, decided=None, protected_from=None, won=False),
    ]
    trial = Trial(rows, OLD, replace(OLD, minimum=Decimal(100), sla_days=1), CALENDAR)
    assert {what: (before, after) for what, before, after in trial.figures} == {
        "Refused as too small": (0, 1),
        "Refused, no rate for the currency": (0, 0),
        "Refused as a public tender": (0, 0),
        "Refused, no place free": (0, 0),
        "Decided too late": (0, 1),
        "Won while protected": (2, 1),
    }
    assert [line.past.id for line in trial.lines] == [1, 2]


def test_what_is_not_decided_is_not_late_and_not_protected():
    open_one = replace(PAST, decided=None, protected_from=None)
    verdict = judge(open_one, replace(OLD, sla_days=1), CALENDAR)
    assert (verdict.late, verdict.until, verdict.won_protected) == (False, None, False)
