"""Whose the customers are: what of a plan the vendor sees at each level, what another partner sees (nothing), and that less is less at
once, everywhere."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from accountplans import actions, queries
from accountplans.importing import Line
from accountplans.models import Account, AccountTarget, OwnedProduct
from accountplans.opportunity import Thing
from accounts.permissions import Role
from pipeline.actions import add_result, customer_named
from pipeline.deals.actions import add_deal
from pipeline.forms import CustomerPick
from pipeline.models import Customer, ProductLine
from prm.common.models import AuditEntry
from tests.accountplans.conftest import customers

VENDOR_SEES = (Role.ADMIN, Role.OPERATIONS, Role.CHIEF, Role.CAM)


@pytest.fixture
def planned(acme, seller, lines, secret):
    """One customer that is a target, and one of which only a note is known; both owned by nobody else."""
    quiet = actions.add_account(by=seller, partner=acme.partner_a, name="Quiet Mill", note="Asked for a visit")
    actions.set_owned(by=seller, customer=quiet, owned={Thing.line(lines[0].pk): None}, gone=frozenset())
    actions.set_target(by=seller, customer=secret, product_line=lines[1], next_step="Call the CIO")
    return secret, quiet


def seen(user):
    return {
        "customers": set(Customer.objects.visible_to(user).values_list("name", flat=True)),
        "accounts": Account.objects.visible_to(user).count(),
        "owned": OwnedProduct.objects.visible_to(user).count(),
        "targets": AccountTarget.objects.visible_to(user).count(),
    }


NOTHING = {"customers": set(), "accounts": 0, "owned": 0, "targets": 0}


@pytest.mark.parametrize("role", VENDOR_SEES)
def test_what_the_vendor_sees_at_each_level(acme, planned, seller, role):
    user, partner = acme.users[role], acme.partner_a
    assert seen(user) == NOTHING
    assert queries.counts(user, partner, queries.partner_shares(user, partner)) is None
    expected = {
        "counts": NOTHING,
        "targets": {**NOTHING, "customers": {"Secret Bank"}, "targets": 1},
        "all": {"customers": {"Secret Bank", "Quiet Mill"}, "accounts": 2, "owned": 1, "targets": 1},
        "hidden": NOTHING,
    }
    for level, what in expected.items():
        actions.share(by=seller, partner=partner, level=level)
        assert seen(user) == what, level
        found = queries.counts(user, partner, queries.partner_shares(user, partner))
        assert (found and (found.customers, found.targets)) == (None if level == "hidden" else (2, 1))


def test_who_does_not_see_account_plans_sees_nothing_even_of_those_that_share_all(acme, planned, seller):
    actions.share(by=seller, partner=acme.partner_a, level="all")
    assert seen(acme.users[Role.MARKETING]) == NOTHING
    assert seen(acme.cam_b) == NOTHING


def test_another_partner_never_sees_anything(acme, planned, seller, other_seller):
    actions.share(by=seller, partner=acme.partner_a, level="all")
    assert seen(other_seller) == NOTHING
    assert seen(seller)["customers"] == {"Secret Bank", "Quiet Mill"}


def test_only_the_partner_itself_says_how_far(acme, planned, cam):
    for user in (cam, acme.users[Role.ADMIN], acme.users_a[Role.PARTNER_EXECUTIVE]):
        with pytest.raises(PermissionDenied):
            actions.share(by=user, partner=acme.partner_a, level="all")


def test_sharing_is_written_down_and_nothing_of_the_plan_is(acme, planned, seller):
    actions.share(by=seller, partner=acme.partner_a, level="targets")
    entry = AuditEntry.objects.get(verb="account.shared")
    assert (entry.changes, entry.partner_id) == ({"level": ["Hidden", "Targets only"]}, acme.partner_a.pk)
    for row in AuditEntry.objects.all():
        text = f"{row.target_name} {row.changes} {row.note}"
        assert not any(word in text for word in ("Secret", "Quiet", "CIO", "visit")), row.verb


def test_the_log_that_the_vendor_reads_tells_of_a_hidden_plan_neither_what_nor_how_many(acme, planned, seller):
    actions.review(by=seller, partner=acme.partner_a)
    actions.take_in(by=seller, partner=acme.partner_a, lines=[Line(2, {"name": "Third"})])
    for row in AuditEntry.objects.filter(verb__startswith="account."):
        text = f"{row.changes} {row.note}"
        assert not any(word in text for word in ("Backup", "target", "added")), (row.verb, text)
    actions.share(by=seller, partner=acme.partner_a, level="targets")
    actions.set_target(by=seller, customer=planned[0], product_line=ProductLine.objects.get(key="cloud"))
    assert "Cloud" in str(AuditEntry.objects.filter(verb="account.target").latest("pk").changes)
    actions.review(by=seller, partner=acme.partner_a)
    assert "1 target" in AuditEntry.objects.filter(verb="account.reviewed").latest("pk").note


# ── The customers that the vendor knows by itself ────────────────────────────────────────────────────────────────────


def test_a_sale_or_a_deal_makes_a_customer_known_and_nothing_of_the_plan_with_it(acme, planned, cam, lines):
    operations = acme.users[Role.OPERATIONS]
    assert seen(cam) == NOTHING
    add_result(
        by=operations,
        partner=acme.partner_a,
        customer="secret bank",
        on=dt.date(2026, 1, 5),
        amount=Decimal(5),
        currency="USD",
    )
    assert seen(cam) == {**NOTHING, "customers": {"Secret Bank"}}
    add_deal(
        by=operations,
        partner=acme.partner_a,
        name="Mill",
        amount=Decimal(5),
        currency="USD",
        customer_name="Quiet Mill",
    )
    assert seen(cam) == {**NOTHING, "customers": {"Secret Bank", "Quiet Mill"}}


def test_a_customer_once_known_stays_known_when_the_partner_plans_with_it(acme, seller, cam):
    customer_named(by=acme.users[Role.OPERATIONS], partner=acme.partner_a, name="Old Friend")
    actions.add_account(by=seller, partner=acme.partner_a, name="Old Friend", note="Ask for Ann")
    assert seen(cam) == {**NOTHING, "customers": {"Old Friend"}}


def test_what_the_partner_only_plans_with_is_in_no_list_or_suggestion_of_the_vendor(acme, planned, client_for):
    operations = acme.users[Role.OPERATIONS]
    client = client_for(operations)
    partner = acme.partner_a.pk
    for path in (
        "/sales/customers/", f"/partners/{partner}/customers/", f"/partners/{partner}/results/new/",
        f"/partners/{partner}/deals/new/", f"/partners/{partner}/accounts/", f"/partners/{partner}/accounts/opportunities/",
        f"/partners/{partner}/accounts/targets/", "/accounts/targets/", f"/partners/{partner}/history/", "/settings/audit/",
        "/search/?q=secret", "/sales/customers/export/csv/", "/accounts/targets/export/csv/",
        f"/accounts/opportunities/export/csv/?partner={partner}",
    ):  # fmt: skip
        response = client.get(path)
        text = response.content.decode()
        assert "Secret" not in text.replace("q=secret", ""), path
        assert "Quiet" not in text, path
    for customer in planned:
        assert client.get(f"/accounts/customers/{customer.pk}/").status_code == 404
        assert client.get(f"/sales/customers/{customer.pk}/").status_code == 404
    assert CustomerPick(acme.partner_a, operations).suggestions == []


def test_the_vendor_tidying_up_does_not_take_a_plan_along(acme, seller, client_for):
    operations = acme.users[Role.OPERATIONS]
    known = customer_named(by=operations, partner=acme.partner_a, name="Old Friend")
    actions.add_account(by=seller, partner=acme.partner_a, name="Old Friend", note="Ask for Ann")
    client_for(operations).post(f"/sales/customers/{known.pk}/remove/")
    assert Customer.everything.filter(pk=known.pk).exists()


def test_a_cams_score_is_made_of_what_the_cam_sees(acme, seller, cam, lines, client_for):
    """A hidden relationship must not be read off a number."""
    known = customer_named(by=acme.users[Role.OPERATIONS], partner=acme.partner_a, name="Old Friend")
    customers(acme.partner_b, 3)
    before = client_for(cam).get(f"/accounts/customers/{known.pk}/").content
    actions.add_account(by=seller, partner=acme.partner_a, name="Old Friend", relationship="strong", size="huge")
    after = client_for(cam).get(f"/accounts/customers/{known.pk}/").content
    strip = lambda body: body.split(b"Product lines", 1)[1].split(b"</main>")[0]  # noqa: E731
    assert strip(before) == strip(after)
