"""Funds, their accounts, and what moves their money."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from accounts.permissions import Role
from mdf import actions
from mdf.actions.expiring import due_accounts, expire_due
from mdf.models import Account, Entry, Fund, Lot, Posting
from mdf.queries import funds as queries
from mdf.refusals import Closed, NotAllowed, NotEnough
from prm.common.models import AuditEntry
from prm.common.vendor import today
from tests.mdf.funding import figures, give, make_fund, unallocated

LINE = 71  # a request line


def move_day(monkeypatch, day: dt.date) -> None:
    """It is noon of that day."""
    moment = dt.datetime.combine(day, dt.time(12), dt.UTC)
    monkeypatch.setattr(timezone, "now", lambda: moment)


def reserve(account, amount, line=LINE, world=None):
    return actions.reserve(
        account=account, amount=Decimal(amount), hold=line, subject=account.fund, partner=world.partner_a, by=None
    )


def test_a_fund_starts_with_its_budget_in_the_account_of_what_is_not_allocated(acme):
    fund = make_fund(acme, budget="10000")
    entry = Entry.everything.get(fund=fund)
    assert (entry.kind, entry.amount, entry.by) == ("fund", Decimal(10000), acme.users[Role.MARKETING])
    assert figures(unallocated(fund)) == ("10000", "0", "0", "0")
    assert fund.expires_on == fund.ends_on


def test_money_goes_from_budget_to_spent_and_always_adds_up(acme):
    fund = make_fund(acme)
    account = give(acme, fund, "4000", partner=acme.partner_a)
    reserve(account, "3000", world=acme)
    actions.spend(hold=LINE, amount=Decimal(1200), subject=fund, by=None)
    released = actions.release(hold=LINE, subject=fund, by=None)
    assert [entry.kind for entry in released] == ["release"]
    assert figures(account) == ("2800", "0", "1200", "0")
    assert figures(unallocated(fund)) == ("6000", "0", "0", "0")
    figure = queries.figures([fund.pk])[fund.pk]
    assert (figure.credited, figure.spent, figure.allocated) == (Decimal(10000), Decimal(1200), Decimal(4000))
    assert queries.adds_up(fund)
    assert actions.held(LINE) == 0


def test_who_takes_more_than_there_is_is_told_what_is_left(acme):
    fund = make_fund(acme)
    account = give(acme, fund, "1000", partner=acme.partner_a)
    reserve(account, "600", world=acme)
    with pytest.raises(NotEnough) as refused:
        reserve(account, "400.01", line=72, world=acme)
    assert refused.value.left == fund.money(Decimal(400))
    assert "400.00" in str(refused.value)
    with pytest.raises(NotEnough) as refused:
        actions.spend(hold=LINE, amount=Decimal(601), subject=fund, by=None)
    assert refused.value.left.amount == 600
    with pytest.raises(NotEnough, match="9,000"):
        give(acme, fund, "9000.01", partner=acme.partner_b)
    assert figures(account) == ("400", "600", "0", "0")


def test_an_amount_is_above_zero_and_whole_in_the_minor_unit(acme):
    fund = make_fund(acme, currency="JPY", budget="5000")
    for amount in ("0", "-1", "0.5", "NaN"):
        with pytest.raises(ValidationError):
            reserve(unallocated(fund), amount, world=acme)
    assert Entry.everything.filter(fund=fund).count() == 1


def test_a_line_holds_money_of_one_account_at_a_time(acme):
    fund = make_fund(acme)
    one, two = give(acme, fund, "100", partner=acme.partner_a), unallocated(fund)
    reserve(one, "50", world=acme)
    with pytest.raises(ValueError, match="another account"):
        reserve(two, "50", world=acme)


# ── Expiry ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_available_expires_after_the_last_day_and_what_is_reserved_does_not(acme, monkeypatch):
    fund = make_fund(acme)
    account = give(acme, fund, "4000", partner=acme.partner_a)
    reserve(account, "1500", world=acme)
    move_day(monkeypatch, fund.expires_on)
    expire_due()
    assert figures(account) == ("2500", "1500", "0", "0")
    move_day(monkeypatch, fund.expires_on + dt.timedelta(days=1))
    assert len(due_accounts()) == 2
    expire_due()
    expire_due()  # nothing is left to do
    assert figures(account) == ("0", "1500", "0", "2500")
    assert figures(unallocated(fund)) == ("0", "0", "0", "6000")
    assert queries.adds_up(fund)


def test_a_release_into_an_expired_account_expires_at_once(acme, monkeypatch):
    fund = make_fund(acme)
    account = give(acme, fund, "4000", partner=acme.partner_a, expires_on=today() + dt.timedelta(days=10))
    reserve(account, "1500", world=acme)
    move_day(monkeypatch, today() + dt.timedelta(days=11))
    entries = actions.release(hold=LINE, amount=Decimal(500), subject=fund, by=acme.users[Role.MARKETING])
    assert [(entry.kind, entry.amount) for entry in entries] == [("release", 500), ("expire", 500)]
    assert figures(account) == ("0", "1000", "0", "3000")
    actions.spend(hold=LINE, amount=Decimal(1000), subject=fund, by=None)  # claims go on
    assert figures(account) == ("0", "0", "1000", "3000")
    assert queries.adds_up(fund)


def test_expired_money_is_not_reserved_though_the_night_has_not_come_yet(acme, monkeypatch):
    fund = make_fund(acme)
    account = give(acme, fund, "4000", partner=acme.partner_a, expires_on=today())
    move_day(monkeypatch, today() + dt.timedelta(days=1))
    with pytest.raises(NotEnough) as refused:
        reserve(account, "1", world=acme)
    assert refused.value.left.amount == 0
    with pytest.raises(Closed):
        give(acme, fund, "10", partner=acme.partner_a)


# ── Reversal ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def reverse(acme, entry, reason="typed one zero too many"):
    return actions.reverse(by=acme.users[Role.OPERATIONS], entry=entry, reason=reason)


def test_a_mistake_is_taken_back_by_an_entry_of_its_own_once(acme):
    fund = make_fund(acme)
    account = give(acme, fund, "4000", partner=acme.partner_a)
    entry = Entry.everything.get(fund=fund, kind="allocate")
    reversal = reverse(acme, entry)
    assert (reversal.kind, reversal.amount, reversal.reverses) == ("reverse", -4000, entry)
    assert figures(account) == ("0", "0", "0", "0")
    assert figures(unallocated(fund)) == ("10000", "0", "0", "0")
    for again in (entry, reversal):
        with pytest.raises(Closed):
            reverse(acme, again)
    assert queries.adds_up(fund)
    assert AuditEntry.objects.filter(verb="mdf.reversed", note__contains="zero too many").exists()


def test_each_kind_of_entry_can_be_taken_back_and_leaves_what_was(acme):
    fund = make_fund(acme)
    account = give(acme, fund, "4000", partner=acme.partner_a)
    other = give(acme, fund, "1000", partner=acme.partner_b)
    moved = actions.transfer(
        by=acme.users[Role.MARKETING], source=account, target=other, amount=Decimal(300), reason="swap"
    )
    more = actions.change_budget(by=acme.users[Role.MARKETING], fund=fund, amount=Decimal(-500), reason="cut")
    held = reserve(account, "2000", world=acme)
    spent = actions.spend(hold=LINE, amount=Decimal(700), subject=fund, by=None)
    (released,) = actions.release(hold=LINE, amount=Decimal(300), subject=fund, by=None)
    with pytest.raises(NotEnough) as refused:  # 1,000 of it is neither spent nor released
        reverse(acme, held)
    assert refused.value.left.amount == 1000
    for entry in (released, spent, held, more, moved):
        reverse(acme, entry)
    assert figures(account) == ("4000", "0", "0", "0")
    assert figures(other) == ("1000", "0", "0", "0")
    fund.refresh_from_db()
    assert fund.budget == 10000
    assert queries.adds_up(fund)
    assert actions.held(LINE) == 0
    assert not Lot.everything.exclude(available__gte=0).exists()


def test_what_has_moved_on_is_not_taken_back(acme):
    fund = make_fund(acme)
    give(acme, fund, "9500", partner=acme.partner_a)
    with pytest.raises(NotEnough) as refused:
        reverse(acme, Entry.everything.get(fund=fund, kind="fund"))
    assert refused.value.left.amount == 500


def test_expired_money_comes_back_once_the_fund_lasts_longer(acme, monkeypatch):
    fund = make_fund(acme)
    late = fund.expires_on + dt.timedelta(days=1)
    move_day(monkeypatch, late)
    expire_due()
    entry = Entry.everything.get(fund=fund, kind="expire")
    with pytest.raises(Closed, match="again at once"):
        reverse(acme, entry)
    actions.change_fund(by=acme.users[Role.MARKETING], fund=fund, expires_on=late)
    reverse(acme, entry)
    assert figures(unallocated(fund)) == ("10000", "0", "0", "0")


def test_others_follow_a_reversal_in_the_same_transaction_and_may_refuse_it(acme, monkeypatch):
    from mdf.actions import reversing

    def refuse(original, reversal, by):
        raise Closed("a payment stands on it")

    monkeypatch.setattr(reversing, "_told", [refuse])
    fund = make_fund(acme)
    with pytest.raises(Closed, match="payment"):
        reverse(acme, Entry.everything.get(fund=fund))
    assert figures(unallocated(fund)) == ("10000", "0", "0", "0")


# ── Written once ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("model", [Entry, Posting])
def test_nothing_in_the_ledger_is_changed_or_deleted_whoever_tries(acme, model):
    fund = make_fund(acme)
    row = model.everything.first()
    for attempt in (row.save, row.delete, lambda: model.objects.unscoped("try").update(pk=row.pk)):
        with pytest.raises(TypeError):
            attempt()
    with pytest.raises(TypeError):
        model.objects.unscoped("try").delete()
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET id = id + 1000")
        assert cursor.rowcount == 0
        cursor.execute(f"DELETE FROM {table}")
    assert model.everything.filter(pk=row.pk).exists()
    assert queries.adds_up(fund)


# ── Who may ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_only_who_edits_funds_makes_and_moves_them(acme):
    fund = make_fund(acme)
    entry = Entry.everything.get(fund=fund)
    for role in (Role.CAM, Role.CHIEF):
        who = acme.users[role]
        tries = [
            lambda who=who: actions.create_fund(by=who, name="Mine", period="2026", currency="EUR"),
            lambda who=who: actions.change_fund(by=who, fund=fund, name="Mine"),
            lambda who=who: actions.change_budget(by=who, fund=fund, amount=Decimal(1), reason="x"),
            lambda who=who: actions.allocate(by=who, fund=fund, amount=Decimal(1), partner=acme.partner_a),
            lambda who=who: actions.reverse(by=who, entry=entry, reason="x"),
        ]
        for attempt in tries:
            with pytest.raises(NotAllowed):
                attempt()


def test_a_cam_sees_the_accounts_of_its_partners_and_what_is_nobodys(acme):
    fund = make_fund(acme)
    a, b = (give(acme, fund, "1000", partner=partner) for partner in (acme.partner_a, acme.partner_b))
    west = give(acme, fund, "500", region=acme.partner_a.region)
    actions.reserve(
        account=west, amount=Decimal(10), hold=1, subject=fund, partner=acme.partner_b, by=None, reason="for B"
    )
    actions.transfer(by=acme.users[Role.MARKETING], source=a, target=b, amount=Decimal(5), reason="swap")
    cam = acme.users[Role.CAM]
    assert set(queries.accounts(cam, fund)) == {unallocated(fund), a, west}
    seen = list(queries.postings(cam))
    assert not [
        posting
        for posting in seen
        if posting.entry.partner_id == acme.partner_b.pk and posting.account != unallocated(fund)
    ]
    assert sum(posting.available for posting in seen if posting.account == a) == 995
    assert set(Account.objects.visible_to(acme.users[Role.CHIEF])) == set(queries.accounts(acme.users[Role.MARKETING]))
    marketer = acme.users_a[Role.PARTNER_MARKETER]
    assert set(queries.accounts(marketer)) == {a}
    assert {posting.account for posting in queries.postings(marketer)} == {a}
    assert not set(queries.accounts(acme.users_b[Role.PARTNER_MARKETER])) & {a}


# ── What a partner may draw on ───────────────────────────────────────────────────────────────────────────────────────


def test_a_partner_draws_on_the_account_nearest_to_it(acme):
    fund = make_fund(acme)
    west = give(acme, fund, "500", region=acme.partner_a.region)
    assert queries.account_for(fund, acme.partner_a) == west
    own = give(acme, fund, "10", partner=acme.partner_a)
    assert queries.open_to(acme.partner_a, today()) == [own, west, unallocated(fund)]
    assert queries.open_to(acme.partner_b, today()) == [unallocated(fund)]
    assert queries.open_to(acme.partner_b, fund.expires_on + dt.timedelta(days=1)) == []
    assert not queries.may_draw(acme.partner_b, own)
    reserve(own, "10", world=acme)
    assert queries.account_for(fund, acme.partner_a) == west


def test_accruals_are_drawn_on_by_the_partner_that_earned_them_alone(acme):
    fund = make_fund(acme, kind=Fund.Kind.ACCRUAL, accrual_rate=Decimal("0.02"))
    assert queries.account_for(fund, acme.partner_a) is None
    own = give(acme, fund, "10", partner=acme.partner_a)
    assert queries.open_to(acme.partner_a, today()) == [own]
    assert list(queries.funds(acme.users_a[Role.PARTNER_MARKETER])) == [fund]
    assert list(queries.funds(acme.users_b[Role.PARTNER_MARKETER])) == []


def test_what_expires_soon_is_known_by_account_and_day(acme):
    fund = make_fund(acme)
    first, second = today() + dt.timedelta(days=5), today() + dt.timedelta(days=20)
    a = give(acme, fund, "1000", partner=acme.partner_a, expires_on=first)
    west = give(acme, fund, "300", region=acme.partner_a.region, expires_on=second)
    found = queries.expiring(acme.users[Role.MARKETING], fund=fund, within=30)
    assert [(row.account, row.last_day, row.amount) for row in found][:2] == [(a, first, 1000), (west, second, 300)]
    assert [row.account for row in queries.expiring(acme.users_b[Role.PARTNER_MARKETER], within=30)] == []


# ── Rules of a fund ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("share", Decimal("1.01")),
        ("share", Decimal(0)),
        ("claim_days", 0),
        ("minimum_roi", Decimal(-1)),
        ("expires_on", dt.date(2000, 1, 1)),
        ("name", "  "),
        ("kind", "gift"),
    ],
)
def test_what_a_fund_cannot_be_is_said_at_its_field(acme, field, value):
    fund = make_fund(acme)
    with pytest.raises(ValidationError) as refused:
        actions.change_fund(by=acme.users[Role.MARKETING], fund=fund, **{field: value})
    assert field in refused.value.message_dict


@pytest.mark.parametrize(("field", "value"), [("period", "2026-07"), ("period", "soon"), ("currency", "XXQ")])
def test_a_fund_is_of_a_fiscal_period_and_in_a_currency(acme, field, value):
    with pytest.raises(ValidationError) as refused:
        actions.create_fund(
            by=acme.users[Role.MARKETING], **{"name": "New", "period": "2026", "currency": "EUR"} | {field: value}
        )
    assert field in refused.value.message_dict
