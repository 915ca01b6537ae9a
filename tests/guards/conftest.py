"""The house stands for all guards of a process; what a test changes in it is undone."""

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
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
def _built(django_db_setup: None, django_db_blocker, tmp_path_factory) -> Iterator[tuple[House, str, Path]]:
    """The house, built once for all guards of this process, its database's name, and a copy of its files."""
    files = tmp_path_factory.mktemp("house") / "files"
    with django_db_blocker.unblock():
        usual = connection.settings_dict["NAME"]
        with database.own("house") as name:
            with kept():
                house = build()
            connection.set_schema_to_public()
            shutil.copytree(settings.MEDIA_ROOT, files)
            database.use(usual)
            yield house, name, files


@pytest.fixture(scope="module")
def _standing(_built: tuple[House, str, Path], django_db_blocker) -> Iterator[House]:
    house, name, files = _built
    with django_db_blocker.unblock():
        usual = connection.settings_dict["NAME"]
        database.use(name)
        shutil.copytree(files, settings.MEDIA_ROOT, dirs_exist_ok=True)  # what a test deletes is gone for good
        yield house
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
