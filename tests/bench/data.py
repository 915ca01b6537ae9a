"""The vendor the bench runs on: the generator of the demo at full size, kept in a database of its own until either changes."""

import datetime as dt
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django_tenants.utils import schema_context

from demo.build import fill
from demo.profiles import ACME
from prm.tenancy.provisioning import create_vendor, provision_vendor

ROOT = Path(__file__).resolve().parents[2]
PROFILE = replace(ACME, name="Bench", partners=10_000, cams=250, coverage=0.725)


def use(database: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = database


def prepare() -> str:
    """The name of the filled database; made first where it isn't there, which takes minutes."""
    name = f"bench_{_key()}"
    with _administering() as (databases, execute):
        if name not in databases:
            for old in databases:
                if old.startswith("bench_"):
                    execute(f'DROP DATABASE "{old}" WITH (FORCE)')
            execute(f'CREATE DATABASE "{name}_building"')
    if name not in databases:
        started = time.monotonic()
        use(f"{name}_building")
        _fill()
        connection.close()
        with _administering() as (_databases, execute):
            execute(f'ALTER DATABASE "{name}_building" RENAME TO "{name}"')
        print(f"Made in {time.monotonic() - started:.0f} s.", flush=True)
    use(name)
    return name


def _key() -> str:
    """Changes with the tables, the generator, and the quarter that it ends in."""
    today = dt.date.today()
    digest = hashlib.sha256(f"{today.year} {(today.month - 1) // 3}".encode())
    patterns = ("*/migrations/*.py", "prm/*/migrations/*.py", "demo/*.py", "*/start.py", "*/defaults/*.yaml")
    files = {file for pattern in patterns for file in ROOT.glob(pattern)}
    for file in sorted(files | {Path(__file__)}):
        digest.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def _administering() -> Iterator[tuple[set[str], object]]:
    """The names of all databases, and how to run a statement outside any of them."""
    use("postgres")
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        yield {row[0] for row in cursor.fetchall()}, cursor.execute
    connection.close()


def _fill() -> None:
    call_command("migrate_vendors", verbosity=0)
    vendor = create_vendor(schema_name=PROFILE.schema, name=PROFILE.name, host=PROFILE.host)
    provision_vendor(vendor)
    with schema_context(PROFILE.schema):
        connection.tenant = vendor
        fill(PROFILE, say=lambda text: print(text, flush=True))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
