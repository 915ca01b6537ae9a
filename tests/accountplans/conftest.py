"""A vendor with three product lines, and plans of both its partners."""

import pytest

from accountplans import actions
from accountplans.models import ComplementaryProduct, Vertical
from accounts.permissions import Role
from pipeline.models import Customer, Deal, DealShare, DealStage, ProductLine
from prm.common.vendor import today


@pytest.fixture
def lines(acme):
    """Servers, backup, cloud."""
    return [
        ProductLine.objects.create(key=key, name=key.title(), order=order)
        for order, key in enumerate(("servers", "backup", "cloud"), 1)
    ]


@pytest.fixture
def erp(acme):
    return ComplementaryProduct.objects.create(key="erp", name="ERP")


@pytest.fixture
def finance(acme):
    return Vertical.objects.get(key="finance")


@pytest.fixture
def seller(acme):
    return acme.users_a[Role.PARTNER_SELLER]


@pytest.fixture
def other_seller(acme):
    return acme.users_b[Role.PARTNER_SELLER]


@pytest.fixture
def cam(acme):
    return acme.users[Role.CAM]


@pytest.fixture
def secret(acme, seller):
    """A customer that the partner only plans with."""
    return actions.add_account(by=seller, partner=acme.partner_a, name="Secret Bank", domain="secret-bank.example")


def won(partner, customer, line, amount=1000, currency="USD", on=None):
    """A won deal; without a rule of the pages in the way."""
    return _deal(partner, customer, line, "won", amount, currency, on or today())


def open_deal(partner, customer, line, amount=1000):
    return _deal(partner, customer, line, "qualified", amount, "USD", None)


def _deal(partner, customer, line, stage, amount, currency, on):
    deal = Deal.everything.create(
        partner=partner, name=f"Deal {line}", customer=customer, product_line=line,
        stage=DealStage.objects.get(key=stage), amount=amount, currency=currency, created_on="2020-01-01",
        closed_on=on, stage_since=on or today(),
    )  # fmt: skip
    DealShare.everything.create(deal=deal, partner=partner, percent=100)
    return deal


def customers(partner, count, name="Firm", known=False):
    return Customer.everything.bulk_create(
        Customer(partner=partner, name=f"{name} {n}", name_key=f"{name.lower()} {n}", known_to_vendor=known)
        for n in range(count)
    )
