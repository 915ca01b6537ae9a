"""What is done with deals, and what is read about them."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.permissions import Role
from pipeline.deals import actions, queries
from pipeline.events import DealsChanged
from pipeline.models import Customer, Deal, DealShare, StageChange
from prm.common import events
from prm.common.models import AuditEntry, CurrencyRate
from prm.common.vendor import rates, today
from tests.pipeline.conftest import stage
from tests.world import make_partner

DAY = dt.timedelta(days=1)


def cam(acme):
    return acme.users[Role.CAM]


def refused(field, call, *args, **kwargs):
    with pytest.raises(ValidationError) as error, transaction.atomic():
        call(*args, **kwargs)
    assert field in error.value.message_dict, error.value
    return error.value.message_dict[field][0]


@pytest.fixture
def told(monkeypatch, django_capture_on_commit_callbacks):
    """told(call) → the DealsChanged that the call sends."""

    def during(call, *args, **kwargs):
        seen = []
        monkeypatch.setitem(events._handlers, DealsChanged, [seen.append])
        with django_capture_on_commit_callbacks(execute=True):
            call(*args, **kwargs)
        return seen

    return during


# ── Adding ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_deal_is_the_leaders_and_begins_today_in_the_first_stage(acme, deal_for):
    deal = deal_for(by=cam(acme), customer_name="  Contoso Ltd ")
    assert (deal.stage.key, deal.stage_since, deal.created_on, deal.closed_on) == ("qualified", today(), today(), None)
    assert queries.share_map(deal) == {acme.partner_a.pk: Decimal(100)}
    step = StageChange.everything.get(deal=deal)
    assert (step.from_stage, step.to_stage.key, step.on, step.by) == (None, "qualified", today(), cam(acme))
    assert deal.customer.name == "Contoso Ltd"
    entry = AuditEntry.objects.get(verb="deal.added")
    assert (entry.partner_id, entry.actor) == (acme.partner_a.pk, cam(acme))


def test_the_same_customer_is_found_again_and_another_partners_is_not(acme, deal_for):
    one, two = deal_for(customer_name="Contoso Ltd"), deal_for(customer_name="CONTOSO ltd.")
    assert one.customer == two.customer
    other = deal_for(acme.partner_b, customer_name="Contoso Ltd")
    assert other.customer != one.customer
    assert Customer.everything.count() == 2


def test_a_deal_that_was_won_already(acme, deal_for):
    on = today() - 10 * DAY
    deal = deal_for(stage="won", created_on=on - DAY, closed_on=on, probability=Decimal(30))
    assert (deal.closed_on, deal.stage_since, deal.probability) == (on, on, None)


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("created_on", {"created_on": dt.date(2999, 1, 1)}),
        ("closed_on", {"closed_on": dt.date(2026, 1, 1)}),
        ("closed_on", {"stage": "won", "closed_on": dt.date(2999, 1, 1)}),
        ("created_on", {"stage": "won", "closed_on": dt.date(2020, 1, 1)}),
        ("registered_on", {"stage": "won", "created_on": dt.date(2020, 1, 1), "closed_on": dt.date(2020, 1, 1), "registered_on": dt.date(2020, 1, 2)}),
        ("lost_reason", {"stage": "lost"}),
        ("lost_reason", {"lost_reason": "Price"}),
        ("amount", {"amount": "-1"}),
        ("amount", {"amount": "1e18"}),
        ("amount", {"amount": "0.00001"}),
        ("currency", {"currency": "XYZ"}),
        ("probability", {"probability": Decimal("100.01")}),
        ("probability", {"probability": Decimal(-1)}),
        ("name", {"name": "   "}),
        ("customer_name", {"customer_name": "x" * 201}),
        ("customer_name", {"customer_name": "a\x00"}),
    ],
)  # fmt: skip
def test_what_can_not_be_is_refused_by_field(acme, deal_for, field, fields):
    refused(field, deal_for, **fields)
    assert Deal.everything.count() == 0
    assert Customer.everything.count() == 0


def test_an_external_id_is_there_once_a_source(acme, deal_for):
    deal_for(external_id="006A")
    refused("__all__", deal_for, external_id="006A")
    deal_for(external_id="006A", source="crm")


def test_the_second_click_adds_nothing(acme, deal_for):
    once = dt.timedelta(seconds=30)
    first = deal_for(by=cam(acme), once_in=once)
    assert deal_for(by=cam(acme), once_in=once) == first
    assert deal_for(by=acme.users[Role.ADMIN], once_in=once) != first
    assert deal_for(by=cam(acme), amount="1001", once_in=once) != first
    assert deal_for(by=cam(acme)) != first


# ── Shares ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("own", "other"), [("60", "30"), ("60", "60"), ("100", "100"), ("100", "0"), ("110", "-10"), ("0", "100"), ("66.666", "33.334")]
)  # fmt: skip
def test_shares_that_are_no_whole_deal_are_refused(acme, deal_for, own, other):
    refused("shares", deal_for, shares={acme.partner_a.pk: Decimal(own), acme.partner_b.pk: Decimal(other)})
    assert DealShare.everything.count() == 0


def test_shares_without_the_leader_or_with_nobody_are_refused(acme, deal_for):
    refused("shares", deal_for, shares={acme.partner_b.pk: Decimal(100)})
    refused("shares", deal_for, shares={acme.partner_a.pk: Decimal(50), 2**40: Decimal(50)})
    refused("shares", deal_for, shares={})


def test_a_cam_shares_only_with_partners_of_their_own(acme, deal_for):
    shares = {acme.partner_a.pk: Decimal(50), acme.partner_b.pk: Decimal(50)}
    refused("shares", deal_for, by=cam(acme), shares=shares)
    assert queries.share_map(deal_for(shares=shares)) == shares


def test_what_a_partner_out_of_sight_has_stays_and_counts(acme, deal_for):
    a, b = acme.partner_a, acme.partner_b
    c = make_partner(acme, "C", name="Litware", cam=cam(acme))
    deal = deal_for(shares={a.pk: Decimal(70), b.pk: Decimal(30)})
    refused("shares", actions.update_deal, by=cam(acme), deal=deal, changes={}, shares={a.pk: Decimal(100)})
    actions.update_deal(
        by=cam(acme), deal=deal, changes={}, shares={a.pk: Decimal(50), c.pk: Decimal(20)},
        seen_shares={a.pk: Decimal(70)},
    )  # fmt: skip
    assert queries.share_map(deal) == {a.pk: Decimal(50), b.pk: Decimal(30), c.pk: Decimal(20)}
    assert [(row[0], row[1]) for row in queries.shares(deal, cam(acme))] == [(a, 50), (None, 30), (c, 20)]


def test_shares_changed_meanwhile_are_a_conflict(acme, deal_for):
    a, b = acme.partner_a.pk, acme.partner_b.pk
    deal, admin = deal_for(), acme.users[Role.ADMIN]
    shown = queries.share_map(deal)
    actions.update_deal(by=admin, deal=deal, changes={}, shares={a: Decimal(60), b: Decimal(40)}, seen_shares=shown)
    with pytest.raises(actions.Conflict):
        actions.update_deal(by=admin, deal=deal, changes={}, shares={a: Decimal(50), b: Decimal(50)}, seen_shares=shown)
    assert queries.share_map(deal) == {a: 60, b: 40}


# ── Who may ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_only_who_looks_after_the_leader_writes(acme, deal_for):
    shared = {acme.partner_a.pk: Decimal(50), acme.partner_b.pk: Decimal(50)}
    deal = deal_for(shares=shared)
    strangers = [acme.cam_b, acme.users[Role.CHIEF], acme.users[Role.MARKETING], acme.users_a[Role.PARTNER_CHAMPION]]
    for user in strangers:
        with pytest.raises(PermissionDenied):
            actions.update_deal(by=user, deal=deal, changes={"name": "Mine"})
        with pytest.raises(PermissionDenied):
            actions.move_deal(by=user, deal=deal, to=stage("won"))
        with pytest.raises(PermissionDenied):
            actions.remove_deal(by=user, deal=deal)
        with pytest.raises(PermissionDenied):
            deal_for(by=user)
        assert not queries.may_write(deal, user)
    deal.refresh_from_db()
    assert deal.name == "Deal ACME-A"
    assert queries.may_write(deal, cam(acme))


def test_who_has_a_share_sees_the_deal_and_not_the_others_name(acme, deal_for):
    deal = deal_for(customer_name="Contoso", shares={acme.partner_a.pk: Decimal(70), acme.partner_b.pk: Decimal(30)})
    alone = deal_for(name="Alone ACME-A")
    for user in (acme.cam_b, acme.users_b[Role.PARTNER_SELLER]):
        (seen,) = queries.deals(user, today())
        assert seen == deal
        assert (seen.partner_name, seen.customer_name) == (None, None)
        assert {partner for partner, _percent in queries.shares(seen, user)} == {None, acme.partner_b}
        assert queries.shares_of_many([deal.pk], user) == {deal.pk: [(None, 70), (acme.partner_b.pk, 30)]}
    assert {row.pk for row in queries.deals(acme.users_a[Role.PARTNER_SELLER], today())} == {deal.pk, alone.pk}
    (mine, _other) = queries.deals(cam(acme), today()).order_by("pk")
    assert (mine.partner_name, mine.customer_name) == (acme.partner_a.name, "Contoso")
    assert not queries.deals(acme.users[Role.MARKETING], today()).exists()


# ── Moving ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_deals_way_is_kept(acme, deal_for):
    start = today() - 40 * DAY
    deal = deal_for(created_on=start, probability=Decimal(35))
    actions.move_deal(by=cam(acme), deal=deal, to=stage("proposal"), on=start + 10 * DAY)
    deal = actions.move_deal(by=cam(acme), deal=deal, to=stage("won"), on=start + 25 * DAY)
    assert (deal.closed_on, deal.stage_since, deal.probability) == (start + 25 * DAY, start + 25 * DAY, None)
    told = [(str(change.to_stage), stay.days) for change, stay in queries.stays(queries.way(deal, cam(acme)), today())]
    assert told == [("Qualified", 10), ("Proposal", 15), ("Won", None)]
    deal = actions.move_deal(by=cam(acme), deal=deal, to=stage("negotiation"))
    assert (deal.closed_on, deal.stage_since) == (None, today())


def test_a_lost_deal_says_why(acme, deal_for):
    deal = deal_for()
    refused("lost_reason", actions.move_deal, by=cam(acme), deal=deal, to=stage("lost"), lost_reason="  ")
    deal = actions.move_deal(by=cam(acme), deal=deal, to=stage("lost"), lost_reason="Price")
    assert (deal.lost_reason, deal.closed_on) == ("Price", today())
    refused("lost_reason", actions.update_deal, by=cam(acme), deal=deal, changes={"lost_reason": " "})
    assert actions.update_deal(by=cam(acme), deal=deal, changes={"lost_reason": "Budget"}).lost_reason == "Budget"
    Deal.everything.filter(pk=deal.pk).update(lost_reason="")  # one out of a file that didn't say it
    assert actions.update_deal(by=cam(acme), deal=deal, changes={"name": "Renamed"}).name == "Renamed"
    assert AuditEntry.objects.get(verb="deal.moved").note == "Price"
    deal = actions.move_deal(by=cam(acme), deal=deal, to=stage("proof"), lost_reason="ignored")
    assert (deal.lost_reason, deal.closed_on) == ("", None)


def test_a_move_is_neither_in_the_future_nor_before_the_last(acme, deal_for):
    deal = deal_for(created_on=today() - 5 * DAY)
    refused("on", actions.move_deal, by=cam(acme), deal=deal, to=stage("proof"), on=today() + DAY)
    refused("on", actions.move_deal, by=cam(acme), deal=deal, to=stage("proof"), on=today() - 6 * DAY)
    assert StageChange.everything.filter(deal=deal).count() == 1


def test_a_double_click_moves_once(acme, deal_for):
    deal = deal_for()
    for _click in range(2):
        actions.move_deal(by=cam(acme), deal=deal, to=stage("proof"), seen=deal.stage_id)
    assert StageChange.everything.filter(deal=deal).count() == 2


def test_who_moves_what_somebody_moved_meanwhile_is_told(acme, deal_for):
    deal = deal_for()
    actions.move_deal(by=cam(acme), deal=deal, to=stage("proof"), seen=deal.stage_id)
    with pytest.raises(actions.Conflict) as conflict:
        actions.move_deal(by=acme.users[Role.ADMIN], deal=deal, to=stage("won"), seen=deal.stage_id)
    assert conflict.value.current == {"stage": stage("proof")}
    deal.refresh_from_db()
    assert deal.stage.key == "proof"


# ── Changing ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_change_is_logged_with_what_was(acme, deal_for, told):
    deal = deal_for(customer_name="Contoso")
    (event,) = told(
        actions.update_deal, by=cam(acme), deal=deal,
        changes={"amount": Decimal(2500), "customer_name": "Fabrikam Retail", "name": deal.name},
    )  # fmt: skip
    assert event == DealsChanged((acme.partner_a.pk,), (deal.pk,))
    entry = AuditEntry.objects.get(verb="deal.changed")
    assert entry.changes == {"amount": ["1000.0000", "2500"], "customer_name": ["Contoso", "Fabrikam Retail"]}
    assert told(actions.update_deal, by=cam(acme), deal=deal, changes={"amount": Decimal(2500)}) == []


def test_both_partners_hear_of_a_new_split(acme, deal_for, told):
    deal = deal_for()
    shares = {acme.partner_a.pk: Decimal(60), acme.partner_b.pk: Decimal(40)}
    (event,) = told(actions.update_deal, by=acme.users[Role.ADMIN], deal=deal, changes={}, shares=shares)
    assert set(event.partner_ids) == set(shares)
    (event,) = told(actions.remove_deal, by=acme.users[Role.ADMIN], deal=deal)
    assert set(event.partner_ids) == set(shares)
    assert told(actions.remove_deal, by=acme.users[Role.ADMIN], deal=deal) == []


def test_a_field_somebody_changed_meanwhile_is_a_conflict(acme, deal_for):
    deal = deal_for()
    actions.update_deal(by=cam(acme), deal=deal, changes={"amount": Decimal(5)})
    with pytest.raises(actions.Conflict) as conflict:
        actions.update_deal(by=cam(acme), deal=deal, changes={"amount": Decimal(9)}, seen={"amount": Decimal(1000)})
    assert conflict.value.current == {"amount": Decimal(5)}


def test_the_days_of_creation_and_closing_take_their_change_of_stage_along(acme, deal_for):
    start = today() - 20 * DAY
    deal = deal_for(created_on=start)
    actions.move_deal(by=cam(acme), deal=deal, to=stage("proof"), on=start + 5 * DAY)
    actions.move_deal(by=cam(acme), deal=deal, to=stage("won"), on=start + 10 * DAY)
    actions.update_deal(by=cam(acme), deal=deal, changes={"created_on": start - 3 * DAY, "closed_on": start + 12 * DAY})
    days = StageChange.everything.filter(deal=deal).order_by("pk").values_list("on", flat=True)
    assert list(days) == [start - 3 * DAY, start + 5 * DAY, start + 12 * DAY]
    deal.refresh_from_db()
    assert deal.stage_since == deal.closed_on == start + 12 * DAY
    for field, day in (("created_on", start + 6 * DAY), ("closed_on", start + 4 * DAY), ("closed_on", None)):
        refused(field, actions.update_deal, by=cam(acme), deal=deal, changes={field: day})


def test_an_open_deal_is_not_closed_by_a_date(acme, deal_for):
    refused("closed_on", actions.update_deal, by=cam(acme), deal=deal_for(), changes={"closed_on": today()})


def test_what_was_removed_meanwhile_says_so(acme, deal_for):
    deal = deal_for()
    actions.remove_deal(by=cam(acme), deal=deal)
    with pytest.raises(ValidationError, match="removed"):
        actions.move_deal(by=cam(acme), deal=deal, to=stage("won"))


# ── Sums ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_sums_convert_open_deals_today_and_closed_ones_on_their_day(acme, deal_for):
    closed = today() - 100 * DAY
    CurrencyRate.objects.create(on=closed - DAY, currency="EUR", rate="2")
    CurrencyRate.objects.create(on=today() - DAY, currency="EUR", rate="3")
    deal_for(amount="100.25", stage="proof")  # 40 %
    deal_for(amount="10", currency="EUR", probability=Decimal("12.5"))
    deal_for(amount="10", currency="EUR", stage="won", created_on=closed, closed_on=closed)
    deal_for(amount="7", currency="EUR", stage="lost", lost_reason="Price", created_on=closed, closed_on=closed)
    found = queries.totals(queries.deals(cam(acme), today()), rates(), today())
    assert (found.deals, found.lacks) == (4, [])
    assert found.amount.amount == Decimal("100.25") + 30 + 20 + 14
    assert found.weighted.amount == Decimal("40.10") + Decimal("3.75") + 20 + 0


def test_sums_name_what_has_no_rate(acme, deal_for):
    closed = today() - 100 * DAY
    CurrencyRate.objects.create(on=today() - DAY, currency="EUR", rate="3")
    deal_for(amount="5")
    deal_for(amount="10", currency="EUR")
    deal_for(amount="10", currency="EUR", stage="won", created_on=closed, closed_on=closed)
    deal_for(amount="4", currency="JPY")
    found = queries.totals(queries.deals(cam(acme), today()), rates(), today())
    assert (found.amount.amount, found.converted, found.deals) == (35, 2, 4)
    assert [(lack.currency, lack.on, lack.amount, lack.deals) for lack in found.lacks] == [
        ("EUR", closed, 10, 1),
        ("JPY", today(), 4, 1),
    ]


def test_a_partners_sums_are_its_part(acme, deal_for):
    a, b = acme.partner_a, acme.partner_b
    deal_for(amount="100.03", stage="proposal", shares={a.pk: Decimal("66.67"), b.pk: Decimal("33.33")})
    deal_for(amount="50")
    rows = queries.of_partner(queries.deals(acme.cam_b, today()), b, acme.cam_b)
    found = queries.totals(rows, rates(), today(), by_share=True)
    assert (found.amount.amount, found.weighted.amount) == (Decimal("33.339999"), Decimal("20.0039994"))


def test_a_large_amount_loses_no_digit(acme, deal_for):
    deal_for(amount="98765432109876.5432", probability=Decimal("33.33"))
    found = queries.totals(queries.deals(cam(acme), today()), rates(), today())
    assert found.weighted.amount == Decimal("98765432109876.5432") * Decimal("0.3333")


def test_sums_that_are_kept_follow_each_change_of_a_deal(acme, deal_for, settings, django_capture_on_commit_callbacks):
    settings.FIGURES_KEPT = 60

    def sums(user):
        found = queries.totals(queries.deals(user, today()), rates(), today())
        return found.deals, found.amount.amount

    with django_capture_on_commit_callbacks(execute=True):
        deal = deal_for(amount="1000")
        deal_for(acme.partner_b, amount="70")
    assert (sums(cam(acme)), sums(acme.cam_b)) == ((1, Decimal(1000)), (1, Decimal(70)))
    with CaptureQueriesContext(connection) as asked:
        sums(cam(acme))
    assert not any("SUM" in each["sql"] for each in asked.captured_queries)
    with django_capture_on_commit_callbacks(execute=True):
        deal_for(amount="500")
        actions.remove_deal(by=acme.users[Role.ADMIN], deal=deal)
    assert sums(cam(acme)) == (1, Decimal(500))


def test_stale_and_overdue_are_the_rules(acme, deal_for):
    old, new = today() - 30 * DAY, today() - 29 * DAY
    still = deal_for(created_on=old)
    deal_for(created_on=new, expected_close=today())
    late = deal_for(expected_close=today() - DAY)
    deal_for(stage="won", created_on=old, closed_on=old, expected_close=old)
    rows = queries.deals(cam(acme), today())
    assert [row.pk for row in rows.filter(is_stale=True)] == [still.pk]
    assert [row.pk for row in rows.filter(is_overdue=True)] == [late.pk]


def test_reading_a_list_costs_the_same_for_many(acme, deal_for):
    def cost():
        with CaptureQueriesContext(connection) as asked:
            found = list(queries.deals(cam(acme), today()))
            queries.shares_of_many([row.pk for row in found], cam(acme))
            [(str(row.stage), row.partner_name, row.customer_name) for row in found]
        return len(asked)

    deal_for(customer_name="One")
    cost()  # who the CAM is, is asked once
    one = cost()
    for n in range(5):
        deal_for(customer_name=f"Customer {n}")
    assert cost() == one
