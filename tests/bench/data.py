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
from django.db.backends.utils import CursorWrapper
from django.db.models import Model
from django_tenants.utils import schema_context

from demo.build import fill
from demo.profiles import ACME
from prm.tenancy.provisioning import create_vendor, provision_vendor
from scorecards import contenders
from scorecards.models import Answer, Assessment, AssessmentScore

ROOT = Path(__file__).resolve().parents[2]
PROFILE = replace(ACME, name="Bench", partners=10_000, cams=250, coverage=0.75)


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
        _add_history()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _add_history() -> None:
    """Two more years before the generated ones: a copy of what was finished, two years older, so that there are 80,000.

    Copied in the database, as the rules that made the first ones would take minutes more.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM scorecards_assessment")
        [(step,)] = cursor.fetchall()
        moved = {
            "id": "id + %(step)s",
            "contends": "false",
            "period": "(left(period, 4)::int - 2)::text || substr(period, 5)",
            **{
                name: f"({name} - interval '2 years')" + ("::date" if name.endswith("_on") else "")
                for name in ("started_at", "last_active_at", "finished_at", "finished_on")
            },
        }
        _copy(cursor, Assessment, moved, "status <> 'draft'", step)
        of_those = "assessment_id IN (SELECT id FROM scorecards_assessment WHERE status <> 'draft' AND id <= %(step)s)"
        _copy(
            cursor, AssessmentScore, {"assessment_id": "assessment_id + %(step)s", "contends": "false"}, of_those, step
        )
        older = {"assessment_id": "assessment_id + %(step)s", "at": "at - interval '2 years'"}
        _copy(cursor, Answer, older, of_those, step)
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('scorecards_assessment', 'id'), max(id)) FROM scorecards_assessment"
        )
    contenders.mark_all()


def _copy(cursor: CursorWrapper, model: type[Model], changes: dict[str, str], where: str, step: int) -> None:
    """The rows again with some columns changed; the key is given by the table where it isn't."""
    names = [str(field.column) for field in model._meta.concrete_fields]
    names = [name for name in names if name in changes or name != "id"]
    quoted = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(changes.get(name, f'"{name}"') for name in names)
    table = model._meta.db_table
    cursor.execute(f"INSERT INTO {table} ({quoted}) SELECT {values} FROM {table} WHERE {where}", {"step": step})
