"""Making, suspending and deleting vendors.

A new vendor's schema is a replayed dump of the template schema: a third of a second where migrations take eight, and with
the same constraint names (clone_schema changes them). Without pg_dump it falls back to plain migrations.
"""

import hashlib
import logging
import os
import re
import shutil
import subprocess
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django_tenants.utils import schema_context

from prm.tenancy.migrating import wanted_migrations
from prm.tenancy.models import TEMPLATE_SCHEMA, Domain, Vendor

log = logging.getLogger(__name__)

RESERVED = {"public", "information_schema", TEMPLATE_SCHEMA}
HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


def create_vendor(*, schema_name: str, name: str, host: str) -> Vendor:
    """The vendor's row and host name; its schema comes with `provision_vendor`. Raises ValidationError."""
    host = host.strip().lower()
    if schema_name.startswith("pg_") or schema_name in RESERVED:
        raise ValidationError(_("%(name)s is a name of the database's own.") % {"name": schema_name})
    if not HOST.fullmatch(host):
        raise ValidationError(_("%(host)s is not a host name: no address, no port.") % {"host": host})
    with schema_context("public"), transaction.atomic():
        vendor = Vendor(schema_name=schema_name, name=name)
        vendor.full_clean()
        vendor.save()
        domain = Domain(domain=host, tenant=vendor, is_primary=True)
        domain.full_clean()
        domain.save()
    return vendor


def provision_vendor(vendor: Vendor, *, admin_email: str = "") -> None:
    """Makes the schema, fills in what every vendor starts with, and says so in the vendor's state. May be run again."""
    try:
        _make_schema(vendor.schema_name)
        with schema_context(vendor.schema_name):
            connection.tenant = vendor
            start_data(vendor, admin_email)
    except Exception as error:
        _state(vendor, Vendor.State.FAILED, str(error))
        raise
    _state(vendor, Vendor.State.READY, "")


def start_data(vendor: Vendor, admin_email: str) -> None:
    """What a new vendor starts with, from every app that has something to give; and its first admin, invited by mail."""
    from prm.tenancy.signals import vendor_provisioned

    with transaction.atomic():
        vendor_provisioned.send(sender=Vendor, vendor=vendor, admin_email=admin_email)


def ensure_template() -> None:
    """The template vendor: a schema nobody uses, kept migrated, from which new ones are copied."""
    with schema_context("public"):
        Vendor.objects.get_or_create(
            schema_name=TEMPLATE_SCHEMA,
            defaults={"name": "Template", "state": Vendor.State.READY},
        )
        if not _exists(TEMPLATE_SCHEMA):
            with connection.cursor() as cursor:
                cursor.execute(f'CREATE SCHEMA "{TEMPLATE_SCHEMA}"')
    call_command("migrate_schemas", schema_name=TEMPLATE_SCHEMA, interactive=False, verbosity=0)


def suspend(vendor: Vendor, *, why: str) -> None:
    """Nobody of the vendor gets in and none of its tasks run until it is resumed. Nothing is lost."""
    _state(vendor, Vendor.State.SUSPENDED, why)


def resume(vendor: Vendor) -> None:
    _state(vendor, Vendor.State.READY, "")


def delete(vendor: Vendor) -> None:
    """Deletes the vendor: schema, files, host names, row. Can't be undone; export first."""
    _state(vendor, Vendor.State.DELETING, "")
    with schema_context(vendor.schema_name):
        files = Path(default_storage.path(""))
    with schema_context("public"), connection.cursor() as cursor:
        cursor.execute(f'DROP SCHEMA IF EXISTS "{vendor.schema_name}" CASCADE')
    shutil.rmtree(files, ignore_errors=True)
    with schema_context("public"):
        vendor.delete()


def export(vendor: Vendor, path: Path) -> Path:
    """Writes a .tar.gz with the vendor's schema as SQL and its files. Raises PgDumpMissing."""
    import tarfile
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / "schema.sql"
        dump.write_text(_pg_dump(vendor.schema_name))
        with tarfile.open(path, "w:gz") as tar:
            tar.add(dump, "schema.sql")
            with schema_context(vendor.schema_name):
                files = Path(default_storage.path(""))
            if files.exists():
                tar.add(files, "files")
    return path


def _state(vendor: Vendor, state: str, note: str) -> None:
    with schema_context("public"):
        vendor.state, vendor.state_note = state, note
        vendor.save(update_fields=["state", "state_note"])


def _exists(schema: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [schema])
        return cursor.fetchone() is not None


def _make_schema(schema: str) -> None:
    with schema_context("public"):
        if _exists(schema):
            call_command("migrate_schemas", schema_name=schema, interactive=False, verbosity=0)
            return
        try:
            text = _template_sql()
        except PgDumpMissing as error:
            log.warning("%s: the new schema is made by migrations, which takes longer", error)
            with connection.cursor() as cursor:
                cursor.execute(f'CREATE SCHEMA "{schema}"')
            call_command("migrate_schemas", schema_name=schema, interactive=False, verbosity=0)
            return
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(text.replace(TEMPLATE_SCHEMA, schema))
        connection.set_schema_to_public()


class PgDumpMissing(Exception):
    """No pg_dump is to be had on this machine."""


def _template_sql() -> str:
    """The template's dump, kept beside the media under a key of the migrations it was made from, file by file."""
    digest = hashlib.sha256()
    for label, name in sorted(wanted_migrations()[False]):
        file = Path(apps.get_app_config(label).path) / "migrations" / f"{name}.py"
        digest.update(f"{label}.{name}".encode() + file.read_bytes())
    kept = Path(settings.STATE) / "template" / f"{digest.hexdigest()[:16]}.sql"
    if kept.exists():
        return kept.read_text()
    ensure_template()
    text = _pg_dump(TEMPLATE_SCHEMA)
    kept.parent.mkdir(parents=True, exist_ok=True)
    scratch = kept.with_suffix(f".{os.getpid()}")
    scratch.write_text(text)
    scratch.replace(kept)
    return text


def _pg_dump(schema: str) -> str:
    binary: str | Path | None = os.environ.get("PRM_PG_DUMP") or shutil.which("pg_dump")
    if not binary:
        from prm.local import binaries

        binary = binaries.pg_dump()
    if not binary:
        raise PgDumpMissing("pg_dump was not found")
    db = settings.DATABASES["default"]
    name = connection.settings_dict["NAME"]
    command = [
        str(binary),
        "--no-owner",
        "--no-privileges",
        "--inserts",
        f"--schema={schema}",
        "-h",
        str(db["HOST"]),
    ]
    command += ["-p", str(db["PORT"]), "-U", str(db["USER"]), str(name)]
    done = subprocess.run(
        command,
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, "PGPASSWORD": str(db["PASSWORD"])},
    )
    if done.returncode:
        raise PgDumpMissing(f"pg_dump failed: {done.stderr.strip()}")
    # psql's own commands (\restrict …) mean nothing to a driver
    lines = (line for line in done.stdout.splitlines() if not line.startswith("\\"))
    return "\n".join(line for line in lines if not line.startswith("SELECT pg_catalog.set_config('search_path'"))
