"""Customers, products, targets and reviews: what is written, what is refused, and what two at once come to."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accountplans import actions
from accountplans.models import Account, AccountTarget, OwnedProduct, Play, Sharing
from accountplans.opportunity import Thing
from accounts.permissions import Role
from cadence.models import DueItem
from partners.actions import Conflict
from pipeline.models import Customer, Deal
from prm.common.vendor import today
from tests.accountplans.conftest import open_deal


def test_the_same_name_is_the_same_customer(acme, seller, secret):
    again = actions.add_account(by=seller, partner=acme.partner_a, name="SECRET BANK, Inc.", size="large")
    assert again == secret
    assert Account.everything.get(customer=secret).size == "large"
    assert Customer.everything.get(pk=secret.pk).domain == "secret-bank.example"


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "A", "domain": "no domain"}, "domain"),
        ({"name": "A", "country": "XX"}, "country"),
        ({"name": "A", "size": "tiny"}, "size"),
        ({"name": "A", "note": "x" * 1001}, "note"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(acme, seller, fields, wrong):
    with pytest.raises(ValidationError) as refused:
        actions.add_account(by=seller, partner=acme.partner_a, **fields)
    assert wrong in refused.value.message_dict


def test_two_who_change_the_same_field_are_told(acme, seller, secret):
    champion = acme.users_a[Role.PARTNER_CHAMPION]
    seen = {"note": "", "size": ""}
    actions.update_account(by=champion, customer=secret, changes={"note": "Theirs"}, seen=seen)
    actions.update_account(by=seller, customer=secret, changes={"size": "small"}, seen=seen)
    with pytest.raises(Conflict) as clash:
        actions.update_account(by=seller, customer=secret, changes={"note": "Mine"}, seen=seen)
    assert clash.value.current == {"note": "Theirs"}
    assert Account.everything.get(customer=secret).note == "Theirs"


def test_products_are_owned_once_with_a_renewal(acme, seller, secret, lines, erp):
    servers, things = Thing.line(lines[0].pk), Thing.complementary(erp.pk)
    actions.set_owned(by=seller, customer=secret, owned={servers: None, things: dt.date(2027, 3, 1)}, gone=frozenset())
    actions.set_owned(by=seller, customer=secret, owned={servers: dt.date(2028, 1, 1)}, gone=frozenset({things}))
    row = OwnedProduct.everything.get(customer=secret)
    assert (row.product_line, row.renews_on) == (lines[0], dt.date(2028, 1, 1))


# ── Targets ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_target_has_play_step_date_owner_and_amount(acme, seller, secret, lines):
    play = Play.objects.get(key="expand")
    row = actions.set_target(
        by=seller, customer=secret, product_line=lines[0], play=play, next_step="Call", due_on=today(), owner=acme.partner_a.cam,
        amount=500, currency="EUR",
    )  # fmt: skip
    assert (row.state, row.play, row.owner, row.currency) == ("target", play, acme.partner_a.cam, "EUR")
    row = actions.set_target(by=seller, customer=secret, product_line=lines[0], state="ruled_out", reason="No budget")
    assert (row.play, row.owner, row.amount, row.currency, row.next_step) == (None, None, None, "", "")
    assert AccountTarget.everything.count() == 1
    actions.clear_target(by=seller, target=row)
    assert not AccountTarget.everything.exists()


def test_what_a_target_refuses(acme, seller, other_seller, secret, lines):
    def refused(**fields):
        with pytest.raises(ValidationError) as error:
            actions.set_target(by=seller, customer=secret, product_line=lines[0], **fields)
        return list(error.value.message_dict)

    assert refused(state="ruled_out") == ["reason"]
    assert refused(amount=5, currency="ZZZ") == ["currency"]
    assert refused(amount=-5, currency="USD") == ["amount"]
    assert refused(owner=other_seller) == ["owner"]
    assert refused(owner=acme.users[Role.ADMIN]) == ["owner"]


def test_who_was_shown_something_else_is_told(acme, seller, secret, lines):
    shown = actions.set_target(by=seller, customer=secret, product_line=lines[0])
    with pytest.raises(ValidationError):  # the other one was shown an empty cell
        actions.set_target(by=seller, customer=secret, product_line=lines[0], first=True, next_step="Mine")
    actions.set_target(by=seller, customer=secret, product_line=lines[0], seen=shown.updated_at, next_step="Call")
    with pytest.raises(ValidationError):
        actions.set_target(by=seller, customer=secret, product_line=lines[0], seen=shown.updated_at, next_step="Write")
    assert AccountTarget.everything.get().next_step == "Call"


def test_who_may_write(acme, seller, other_seller, cam, secret, lines):
    def may(user, what):
        try:
            what(user)
        except PermissionDenied:
            return False
        return True

    note = lambda user: actions.update_account(by=user, customer=secret, changes={"note": user.email})  # noqa: E731
    target = lambda user: actions.set_target(by=user, customer=secret, product_line=lines[0])  # noqa: E731
    executive, chief = acme.users_a[Role.PARTNER_EXECUTIVE], acme.users[Role.CHIEF]
    assert [may(user, note) for user in (seller, cam, executive, chief)] == [True, False, False, False]
    for level, expected in (("counts", (False, False)), ("targets", (False, True)), ("all", (True, True))):
        actions.share(by=seller, partner=acme.partner_a, level=level)
        assert (may(cam, note), may(cam, target)) == expected, level
    assert not may(chief, target)


def test_a_customer_leaves_the_plan_with_all_of_it_unless_the_vendor_knows_it(acme, seller, secret, lines):
    actions.set_target(by=seller, customer=secret, product_line=lines[0])
    actions.set_owned(by=seller, customer=secret, owned={Thing.line(lines[0].pk): None}, gone=frozenset())
    Customer.everything.filter(pk=secret.pk).update(known_to_vendor=True)
    secret.refresh_from_db()
    with pytest.raises(ValidationError):
        actions.remove_account(by=seller, customer=secret)
    Customer.everything.filter(pk=secret.pk).update(known_to_vendor=False)
    secret.refresh_from_db()
    actions.remove_account(by=seller, customer=secret)
    assert not Customer.everything.exists()
    assert not AccountTarget.everything.exists()


# ── Gone through ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_gone_through_needs_a_target_changed_or_confirmed_since_the_time_before(acme, seller, secret, lines):
    with pytest.raises(ValidationError):
        actions.review(by=seller, partner=acme.partner_a)
    row = actions.set_target(by=seller, customer=secret, product_line=lines[0])
    assert actions.review(by=seller, partner=acme.partner_a, note="With Ann").targets == 1
    with pytest.raises(ValidationError):
        actions.review(by=seller, partner=acme.partner_a)
    actions.confirm_target(by=seller, target=row)
    assert actions.review(by=seller, partner=acme.partner_a).targets == 1


def test_it_closes_what_the_cadence_asked_for(acme, seller, cam, secret, lines, django_capture_on_commit_callbacks):
    day = today()
    item = DueItem.everything.create(
        partner=acme.partner_a, task="account_plan", period="now", starts_on=day - dt.timedelta(days=5),
        ends_on=day + dt.timedelta(days=5), due_on=day + dt.timedelta(days=5),
    )  # fmt: skip
    actions.share(by=seller, partner=acme.partner_a, level="targets")
    with django_capture_on_commit_callbacks(execute=True):
        actions.set_target(by=cam, customer=secret, product_line=lines[0])
    item.refresh_from_db()
    assert item.state == "open"
    with django_capture_on_commit_callbacks(execute=True):
        actions.review(by=cam, partner=acme.partner_a)
    item.refresh_from_db()
    assert (item.state, item.done_on, item.by) == ("done", day, cam)


def test_only_plans_the_vendor_can_see_are_asked_for(acme, seller):
    from cadence.conversations import _shared_accounts

    both = [acme.partner_a.pk, acme.partner_b.pk]
    assert _shared_accounts(both) == {}
    actions.share(by=seller, partner=acme.partner_a, level="counts")
    assert _shared_accounts(both) == {}
    actions.share(by=seller, partner=acme.partner_a, level="targets")
    Sharing.everything.update(targets_since="2026-01-05")
    actions.share(by=seller, partner=acme.partner_a, level="all")
    assert _shared_accounts(both) == {acme.partner_a.pk: dt.date(2026, 1, 5)}
    actions.share(by=seller, partner=acme.partner_a, level="hidden")
    assert _shared_accounts(both) == {}


def test_a_deal_keeps_its_customer(acme, seller, secret, lines):
    open_deal(acme.partner_a, secret, lines[0])
    with pytest.raises(ValidationError):
        actions.remove_account(by=seller, customer=secret)
    assert Deal.everything.get().customer == secret
    assert timezone.now() > Customer.everything.get().created_at
