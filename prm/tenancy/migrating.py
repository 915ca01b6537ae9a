"""Which schemas lag behind the code: one statement over all of them, so that a start with nothing to do takes no time."""

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django_tenants.utils import get_public_schema_name, schema_context
from psycopg import sql

from prm.tenancy.models import Vendor


def wanted_migrations() -> dict[bool, set[tuple[str, str]]]:
    """{is public schema: {(app label, migration)}} of the migrations on disk."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    labels = {config.name: config.label for config in apps.get_app_configs()}
    shared = {labels[name] for name in settings.SHARED_APPS if name in labels}
    tenant = {labels[name] for name in settings.TENANT_APPS if name in labels}
    on_disk = set(loader.disk_migrations)
    return {
        True: {key for key in on_disk if key[0] in shared},
        False: {key for key in on_disk if key[0] in tenant},
    }


def lagging() -> list[str]:
    """Names of the schemas that lack a migration: public first, then the template, then the vendors."""
    public = get_public_schema_name()
    wanted = wanted_migrations()
    with schema_context(public), connection.cursor() as cursor:
        cursor.execute("SELECT table_schema FROM information_schema.tables WHERE table_name = 'django_migrations'")
        there = {row[0] for row in cursor.fetchall()}
        if public not in there:
            return [public]
        vendors = (
            list(
                Vendor.objects.exclude(
                    state__in=[
                        Vendor.State.PROVISIONING,
                        Vendor.State.FAILED,
                        Vendor.State.DELETING,
                    ]
                )
                .order_by("-schema_name")
                .values_list("schema_name", flat=True)
            )
            if _has_vendors(cursor)
            else []
        )
        schemas = [
            public,
            *(name for name in vendors if name in there and name != public),
        ]
        statement = sql.SQL(" UNION ALL ").join(
            sql.SQL("SELECT {}, app, name FROM {}.django_migrations").format(sql.Literal(name), sql.Identifier(name))
            for name in schemas
        )
        cursor.execute(statement)
        applied: dict[str, set[tuple[str, str]]] = {name: set() for name in schemas}
        for schema, app, name in cursor.fetchall():
            applied[schema].add((app, name))
    return [name for name in schemas if wanted[name == public] - applied[name]]


def _has_vendors(cursor) -> bool:
    cursor.execute("SELECT to_regclass('public.tenancy_vendor')")
    return cursor.fetchone()[0] is not None
