from prm.tenancy import provisioning
from prm.tenancy.management.vendor_command import VendorCommand


class Command(VendorCommand):
    help = "Shuts a vendor's site and stops its tasks; nothing is lost. --resume opens it again."

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument("--why", default="", help="kept with the state, for the operators")
        parser.add_argument("--resume", action="store_true")

    def handle(self, *args, schema_name, why, resume, **options):
        vendor = self.vendor(schema_name)
        if resume:
            provisioning.resume(vendor)
        else:
            provisioning.suspend(vendor, why=why)
        self.stdout.write(f"{vendor.name}: {vendor.get_state_display()}")
