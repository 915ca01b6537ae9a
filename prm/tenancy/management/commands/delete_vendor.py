from django.core.management.base import CommandError

from prm.tenancy import provisioning
from prm.tenancy.management.vendor_command import VendorCommand


class Command(VendorCommand):
    help = "Deletes a vendor with all its data and files. Can't be undone: export first."

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument("--yes", metavar="SCHEMA_NAME", help="the schema name again, to confirm")

    def handle(self, *args, schema_name, yes, **options):
        vendor = self.vendor(schema_name)
        if yes != schema_name:
            raise CommandError(f"Nothing was deleted. To delete {vendor.name} and all its data: --yes {schema_name}")
        provisioning.delete(vendor)
        self.stdout.write(f"{vendor.name}: deleted")
