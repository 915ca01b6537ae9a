"""The fairness report on a few leads by hand; the 2,000 stand in test_two_thousand."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

from accounts.permissions import Role
from leads import actions, fairness
from leads.fairness import Asked
from leads.tasks import run_due
from pipeline.deals import actions as deals
from pipeline.models import DealStage
from tests.leads.conftest import at, offered
from tests.world import make_partner, make_team

JANUARY = Asked(dt.date(2026, 1, 1), dt.date(2026, 1, 31))


def test_by_hand(acme, admin, seller, lead_for, held):
    won = held("Won")
    actions.contacted(by=seller, lead=won, at=at(5, 13))
    deal = deals.add_deal(
        by=admin, partner=acme.partner_a, name="D", amount=Decimal(1), currency="USD", stage=DealStage.objects.get(key="won")
    )  # fmt: skip
    actions.convert(by=seller, lead=won, deal=deal, at=at(6))
    slow = held("Slow")
    actions.contacted(by=seller, lead=slow, at=at(5, 17))
    held("Silent", score=60)
    declined = offered(lead_for("Declined", at=at(6)), acme.partner_a, admin, at(6))
    actions.decline(by=seller, offer=declined, reason="Far", at=at(6))
    actions.keep_direct(by=admin, lead=lead_for("Ours"), person=admin, at=at(5))
    lead_for("Before", at=dt.datetime(2025, 12, 31, 23, tzinfo=dt.UTC), consent_on=dt.date(2025, 12, 1))
    found = fairness.report(admin, JANUARY)
    assert [(cell.month, cell.source, cell.to, cell.grade, cell.leads) for cell in found.cells] == [
        (dt.date(2026, 1, 1), "web", "partner", "A", 2),
        (dt.date(2026, 1, 1), "web", "partner", "B", 1),
        (dt.date(2026, 1, 1), "web", "direct", "A", 1),
        (dt.date(2026, 1, 1), "web", "queue", "A", 1),
    ]
    partners = found.made["partner", "A"]
    assert (partners.given, partners.contacted, partners.converted, partners.won) == (2, 2, 1, 1)
    assert partners.acceptance == Fraction(2, 3)
    assert partners.contact == dt.timedelta(hours=4)  # of 2 and 6
    assert (partners.conversion, partners.win) == (Fraction(1, 2), Fraction(1, 2))
    direct = found.made["direct", "A"]
    assert (direct.given, direct.acceptance, direct.contact, direct.win) == (1, None, None, 0)
    assert found.made["direct", "B"].win is None
    assert found.waiting == {"A": 1, "B": 0, "C": 0, "D": 0}
    assert found.spread == Fraction(1, 2)


def test_narrowed(acme, admin, lead_for):
    lead_for("Norway")
    lead_for("Sweden", country="SE")
    assert (
        sum(cell.leads for cell in fairness.report(admin, Asked(JANUARY.since, JANUARY.until, countries=["SE"])).cells)
        == 1
    )
    assert fairness.report(admin, Asked(JANUARY.since, JANUARY.until, sources=["event"])).cells == ()
    assert fairness.report(admin, Asked(dt.date(2026, 1, 6), dt.date(2026, 1, 31))).cells == ()


def test_a_cam_reads_of_its_own_partners(acme, admin, seller, held):
    held()
    assert fairness.report(acme.cam_b, JANUARY).cells == ()
    mine = fairness.report(acme.users[Role.CAM], JANUARY)
    assert (mine.made["partner", ""].given, mine.partners, mine.spread) == (1, 1, 1)


def test_a_partner_reads_its_own_and_all_together_once_there_are_five(acme, admin, seller, lead_for, held):
    held()
    run_due(at(12))  # reminded, taken back, offered to the other
    alone = fairness.of_partner(acme.partner_a, JANUARY.since, JANUARY.until)
    assert (alone.own["A"].given, alone.own["A"].offers, alone.own["A"].accepted) == (1, 1, 1)
    assert (alone.everybody, alone.with_good) == (None, None)
    others = [_holding(acme, admin, lead_for, letter) for letter in "CDEF"]
    four = fairness.of_partner(acme.partner_a, JANUARY.since, JANUARY.until)
    assert (four.everybody, four.with_good) == (None, None)  # with itself they are five, but only four others
    others.append(_holding(acme, admin, lead_for, "G"))
    found = fairness.of_partner(acme.partner_a, JANUARY.since, JANUARY.until)
    assert found.everybody["A"].given == 6
    assert set(found.everybody) == {"", "A"}
    assert found.with_good == Fraction(6, 7)


def _holding(acme, admin, lead_for, letter, **fields):
    """Another partner that holds a lead; returns the partner with its seller."""
    partner = make_partner(acme, letter, name=f"Partner {letter}")
    seller = make_team(acme, partner, letter)[Role.PARTNER_SELLER]
    made = offered(lead_for(f"Lead {letter}", **fields), partner, admin)
    actions.accept(by=seller, offer=made, at=at(5))
    return partner, seller


def test_what_is_kept_back_can_not_be_reckoned_from_the_rest(acme, admin, lead_for, held):
    """One partner alone holds a lead of grade B: all less grade A would be its own."""
    held()
    others = [_holding(acme, admin, lead_for, letter) for letter in "CDEFG"]
    partner, seller = others[0]
    made = offered(lead_for("The only B", score=60), partner, admin)
    actions.accept(by=seller, offer=made, at=at(5))
    found = fairness.of_partner(acme.partner_a, JANUARY.since, JANUARY.until)
    assert set(found.everybody) == {""}
    for partner, seller in others[1:]:
        made = offered(lead_for(f"{partner} B", score=60), partner, admin)
        actions.accept(by=seller, offer=made, at=at(5))
    found = fairness.of_partner(acme.partner_a, JANUARY.since, JANUARY.until)
    assert set(found.everybody) == {"", "A", "B"}


def test_a_partners_own_figures_are_told_as_they_were_on_a_day(acme, admin, seller, lead_for, held):
    """What happened after the day changes the page of today, not that of the day."""
    stayed, left, fell = held("Stayed"), held("Left", score=60), held("Fell back")
    actions.contacted(by=seller, lead=stayed, at=at(5, 13))
    actions.contacted(by=seller, lead=left, at=at(5, 17))
    actions.convert(by=seller, lead=fell, at=at(6))
    declined = offered(lead_for("Declined", at=at(6)), acme.partner_a, admin, at(6))
    actions.decline(by=seller, offer=declined, reason="Far", at=at(6))
    waiting = offered(lead_for("Waits", at=at(6)), acme.partner_a, admin, at(6))
    span = (JANUARY.since, JANUARY.until)
    then = fairness.of_partner(acme.partner_a, *span).own
    assert (then[""].given, then[""].contacted, then[""].converted, then[""].offers, then[""].accepted) == (
        3,
        3,
        1,
        4,
        3,
    )
    assert fairness.of_partner_then(acme.partner_a, *span, dt.date(2026, 1, 6)) == then
    # From the next day on everything turns.
    actions.contacted(by=seller, lead=actions.accept(by=seller, offer=waiting, at=at(7)), at=at(7, 12))
    actions.put_back(by=admin, lead=left, reason="Nobody moves", at=at(8))
    actions.convert(by=seller, lead=stayed, at=at(9))
    actions.reopen(by=seller, lead=fell, at=at(9))
    now = fairness.of_partner(acme.partner_a, *span).own
    assert (now[""].given, now[""].converted, now["B"].given, now[""].offers) == (3, 1, 0, 5)
    assert fairness.of_partner_then(acme.partner_a, *span, dt.date(2026, 1, 6)) == then
    assert fairness.of_partner_then(acme.partner_a, *span, JANUARY.until) == now
    of_b = fairness.of_partner_then(acme.partner_b, *span, JANUARY.until)
    assert (of_b[""].given, of_b[""].offers) == (0, 0)
