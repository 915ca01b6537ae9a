"""What every test stands on: a copy of the template database, two vendors with two partners each, one user per role."""

import gc
import os
import pickle
import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from accounts.models import User
from prm.tenancy import middleware
from tests import database, order, strict
from tests.world import World, make_world

pytest_plugins = ["tests.sharing", "tests.skips"]

# No test asserts time; and what CI tries is the same each time, so that a red run can be repeated.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "house")


def pytest_configure() -> None:
    order.upset()
    gc.set_threshold(
        50_000, 20, 20
    )  # nine thousand tests are loaded, and a tenth of the time would go by walking them again and again


def pytest_unconfigure() -> None:
    from django.conf import settings

    shutil.rmtree(Path(settings.MEDIA_ROOT).parent, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _strict_templates() -> None:
    strict.templates()


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker) -> Iterator[dict[str, bytes]]:
    """Replaces pytest-django's own: no test database is made from scratch, none is kept by name. Gives both vendors, filled once
    for all tests of this process, as pickles: what a test changes in the objects is gone as what it changes in the rows."""
    with django_db_blocker.unblock(), database.own("test"):
        worlds = {schema: pickle.dumps(make_world(schema)) for schema in database.VENDORS}
        connection.set_schema_to_public()
        yield worlds


@pytest.fixture
def globex(db, django_db_setup) -> World:
    """The other vendor, filled as acme is; the connection is left in public."""
    world: World = pickle.loads(django_db_setup["globex"])
    return world


@pytest.fixture
def acme(db, django_db_setup, globex) -> Iterator[World]:
    """The vendor under test; the connection is in its schema. globex stands beside it, filled too."""
    # Who counts queries must not count, now and then, that of the vendor's host, which is asked every half minute.
    middleware._known.clear()
    middleware.vendor_for("acme.localhost")
    world: World = pickle.loads(django_db_setup["acme"])
    connection.set_tenant(world.vendor)
    yield world
    connection.set_schema_to_public()


@pytest.fixture
def committed(django_db_setup, django_db_blocker) -> Iterator[World]:
    """Vendor acme in a database of its own, where each connection commits."""
    with django_db_blocker.unblock(), database.own("committed"):
        yield make_world("acme")


@pytest.fixture
def client_for(acme):
    """client_for(user, host="acme.localhost") → a client signed in as the user; None for nobody."""

    def make(user: User | None = None, host: str = "acme.localhost") -> Client:
        client = Client(headers={"host": host})
        if user is not None:
            client.force_login(user)
        return client

    return make


@pytest.fixture(autouse=True)
def _clean_cache():
    yield
    cache.clear()
