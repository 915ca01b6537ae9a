"""The house stands for a whole module; what a test changes in it is undone."""

import logging
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection, transaction

from tests.guards.house import House, build, undone


@pytest.fixture(scope="module", autouse=True)
def _quiet() -> Iterator[None]:
    """Thousands of refusals are meant; each with its traceback would take longer than the request."""
    logger = logging.getLogger("django.request")
    before = logger.level
    logger.setLevel(logging.ERROR)
    yield
    logger.setLevel(before)


@pytest.fixture(scope="module")
def _standing(django_db_setup: None, django_db_blocker) -> Iterator[House]:
    with django_db_blocker.unblock():
        with undone():
            yield build()
        connection.set_schema_to_public()
        cache.clear()


@pytest.fixture
def house(_standing: House) -> Iterator[House]:
    connection.set_tenant(_standing.acme.vendor)
    with transaction.atomic():
        yield _standing
        transaction.set_rollback(True)
    connection.set_tenant(_standing.acme.vendor)
