"""A small demo vendor in the test database."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.db import connection

from demo import qbrs
from demo.build import fill
from demo.profiles import ACME, Profile
from prm.tenancy.models import Vendor
from tests import database

TODAY = dt.date(2026, 11, 21)


@pytest.fixture(scope="session")
def profile() -> Profile:
    return replace(ACME, partners=40, cams=4)


@pytest.fixture(scope="module", autouse=True)
def _nobody_yet(django_db_setup, django_db_blocker) -> Iterator[None]:
    """Both vendors as provisioning leaves them."""
    with django_db_blocker.unblock(), database.own("demo"):
        yield


@pytest.fixture(scope="module")
def _filled(_nobody_yet, django_db_blocker, profile, tmp_path_factory) -> Iterator[None]:
    """Filled once for all tests; each module has a copy."""

    def built() -> None:
        connection.set_tenant(Vendor.objects.get(schema_name="acme"))
        fill(profile, today=TODAY)
        qbrs.make(profile, today=TODAY)

    with django_db_blocker.unblock():
        found = database.once("demo_filled", tmp_path_factory.getbasetemp(), built)
        found.lay_files()
        with database.own("filled", found.name):
            yield


@pytest.fixture
def vendor(db) -> Iterator[Vendor]:
    """The vendor acme; the connection is in its schema."""
    vendor = Vendor.objects.get(schema_name="acme")
    connection.set_tenant(vendor)
    yield vendor
    connection.set_schema_to_public()


@pytest.fixture
def demo(_filled, vendor) -> Vendor:
    """The same, filled."""
    return vendor
