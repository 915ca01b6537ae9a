from django.core.management import call_command
from django.core.management.base import BaseCommand
from django_tenants.utils import get_public_schema_name, schema_context

from prm.tenancy.migrating import lagging
from prm.tenancy.models import TEMPLATE_SCHEMA, Domain, Vendor
from prm.tenancy.provisioning import ensure_template


class Command(BaseCommand):
    help = "Migrates the public schema and every vendor's schema that lags behind; stopped in the middle, it goes on where it was."

    def handle(self, *args, **options):
        public = get_public_schema_name()
        behind = lagging()
        if public in behind:
            call_command("migrate_schemas", schema_name=public, interactive=False, verbosity=0)
            self.stdout.write("public: migrated")
        with schema_context(public):
            vendor, _ = Vendor.objects.get_or_create(
                schema_name=public,
                defaults={"name": "Public site", "state": Vendor.State.READY},
            )
            Domain.objects.get_or_create(domain="localhost", defaults={"tenant": vendor})
        if not Vendor.objects.filter(schema_name=TEMPLATE_SCHEMA).exists():
            ensure_template()
        for schema in [name for name in lagging() if name != public]:
            call_command("migrate_schemas", schema_name=schema, interactive=False, verbosity=0)
            self.stdout.write(f"{schema}: migrated")
