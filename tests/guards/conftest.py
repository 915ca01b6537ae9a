"""The house stands for all guards of a process; what a test changes in it is undone."""

import logging
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection, transaction

from tests import database
from tests.guards.house import House, build, kept


@pytest.fixture(scope="module", autouse=True)
def _quiet() -> Iterator[None]:
    """Thousands of refusals are meant; each with its traceback would take longer than the request."""
    logger = logging.getLogger("django.request")
    before = logger.level
    logger.setLevel(logging.ERROR)
    yield
    logger.setLevel(before)


@pytest.fixture(scope="session")
def _built(django_db_setup: None, django_db_blocker, tmp_path_factory) -> Iterator[tuple[database.Built, str]]:
    """The house, built once for all guards, and this process's copy of its database."""

    def built() -> House:
        with kept():
            return build()

    with django_db_blocker.unblock():
        found = database.once("house", tmp_path_factory.getbasetemp(), built)
        usual = connection.settings_dict["NAME"]
        with database.own("house", found.name) as name:
            database.use(usual)
            yield found, name


@pytest.fixture(scope="module")
def _standing(_built: tuple[database.Built, str], django_db_blocker) -> Iterator[House]:
    built, name = _built
    with django_db_blocker.unblock():
        usual = connection.settings_dict["NAME"]
        database.use(name)
        built.lay_files()  # what a test deletes is gone for good
        built.given.folder = built.files.parent
        yield built.given
        connection.set_schema_to_public()
        database.use(usual)
        cache.clear()


@pytest.fixture
def house(_standing: House) -> Iterator[House]:
    connection.set_tenant(_standing.acme.vendor)
    with transaction.atomic():
        yield _standing
        transaction.set_rollback(True)
    connection.set_tenant(_standing.acme.vendor)
