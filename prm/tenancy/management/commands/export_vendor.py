from pathlib import Path

from django.core.management.base import CommandError

from prm.tenancy import provisioning
from prm.tenancy.management.vendor_command import VendorCommand


class Command(VendorCommand):
    help = "Writes everything a vendor has, database and files, into one .tar.gz."

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument("file", type=Path)

    def handle(self, *args, schema_name, file, **options):
        vendor = self.vendor(schema_name)
        try:
            provisioning.export(vendor, file)
        except provisioning.PgDumpMissing as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{vendor.name}: written to {file}")
