from django.core.management.base import BaseCommand, CommandError

from prm.tenancy.models import TEMPLATE_SCHEMA, Vendor


class VendorCommand(BaseCommand):
    """A command about one vendor, named by its schema."""

    def add_arguments(self, parser):
        parser.add_argument("schema_name")

    def vendor(self, schema_name: str) -> Vendor:
        vendor = Vendor.objects.filter(schema_name=schema_name).first()
        if vendor is None or schema_name in ("public", TEMPLATE_SCHEMA):
            raise CommandError(f"There is no vendor {schema_name!r}; `manage.py vendors` lists them.")
        return vendor
