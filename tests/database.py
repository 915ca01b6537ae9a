"""The test database: a template made by the real migrations, once per set of migrations, and copied for every run.

Two vendors, acme and globex, are in it, provisioned as customers' are. Each test runs in a transaction that is rolled back, but
those whose rows others must see: they get a database of their own.
"""

import fcntl
import hashlib
import os
import pickle
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
VENDORS = {"acme": "Acme", "globex": "Globex"}


def _admin():
    parts = urlsplit(os.environ["DATABASE_URL"])
    return psycopg.connect(urlunsplit((parts.scheme, parts.netloc, "/postgres", "", "")), autocommit=True)


def _key() -> str:
    digest = hashlib.sha256()
    # The tables, and what provisioning reads.
    patterns = (
        "*/migrations/*.py",
        "prm/*/migrations/*.py",
        "*/start.py",
        "*/defaults/*.yaml",
        "*/defaults.py",
        "*/policies.py",
    )
    files = {file for pattern in patterns for file in ROOT.glob(pattern)}
    for file in sorted(files | {ROOT / "prm/settings/base.py", Path(__file__)}):
        digest.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return digest.hexdigest()[:12]


def _exists(admin, name: str) -> bool:
    return admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def _build(name: str) -> None:
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from prm.tenancy.provisioning import create_vendor, provision_vendor

    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
    call_command("migrate_vendors", verbosity=0)
    for schema, label in VENDORS.items():
        vendor = create_vendor(schema_name=schema, name=label, host=f"{schema}.localhost")
        provision_vendor(vendor)
    connection.close()


def template() -> str:
    """The name of the template database, built first if it isn't there; one builder at a time."""
    name = f"tpl_{_key()}"
    with (
        (Path(tempfile.gettempdir()) / "cadence-test-template.lock").open("w") as lock,
        _admin() as admin,
    ):
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _exists(admin, name):
            building = f"{name}_building"
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(building)))
            admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(building)))
            _build(building)
            admin.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(building), sql.Identifier(name))
            )
    return name


def copy(name: str, source: str = "") -> None:
    """A database of this name, equal to `source`, else to the template."""
    source = source or template()
    with _admin() as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(source)))


def drop(name: str) -> None:
    with _admin() as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def use(name: str) -> None:
    """From now on this process's connections go to the database of this name."""
    from django.conf import settings
    from django.db import connection

    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


@contextmanager
def own(kind: str, source: str = "") -> Iterator[str]:
    """The name of a copy of the template, or of `source`, used until the end of the block, where what is written is committed; then it
    is dropped."""
    from django.db import connection

    name, before = f"{kind}_{os.getpid()}", connection.settings_dict["NAME"]
    copy(name, source)
    use(name)
    try:
        yield name
    finally:
        connection.set_schema_to_public()
        use(before)
        drop(name)


class Built(NamedTuple):
    """A filled database to be copied, what filling it gave, and the files that came with it."""

    name: str
    given: Any
    files: Path

    def lay_files(self) -> None:
        from django.conf import settings

        shutil.copytree(self.files, settings.MEDIA_ROOT, dirs_exist_ok=True)


def once(kind: str, base: Path, build: Callable[[], Any]) -> Built:
    """What `build` makes; the first process of a run that asks makes it, the others wait and get the same. `base`: this process's
    folder for the run."""
    from django.conf import settings

    folder = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    given, files = folder / f"{kind}.pickle", folder / f"{kind}_files"
    name = f"{kind}_of_{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}"
    with (folder / f"{kind}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not given.exists():
            _drop_earlier(kind)
            with own(kind) as building:
                found = build()
                _rename(building, name)
            Path(settings.MEDIA_ROOT).mkdir(parents=True, exist_ok=True)
            shutil.copytree(settings.MEDIA_ROOT, files)
            given.write_bytes(pickle.dumps(found))
    return Built(name, pickle.loads(given.read_bytes()), files)


def _drop_earlier(kind: str) -> None:
    with _admin() as admin:
        earlier = admin.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [f"{kind}_of_"])
        names = [name for (name,) in earlier.fetchall()]
    for name in names:
        drop(name)


def _rename(name: str, to: str) -> None:
    from django.db import connection

    connection.set_schema_to_public()
    connection.close()
    with _admin() as admin:
        admin.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(to)))
