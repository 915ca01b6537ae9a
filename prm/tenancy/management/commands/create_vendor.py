from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from prm.tenancy.provisioning import create_vendor, provision_vendor
from prm.tenancy.tasks import provision


class Command(BaseCommand):
    help = "Creates a vendor and invites its first admin. A worker prepares the schema; `vendors` shows how far it is."

    def add_arguments(self, parser):
        parser.add_argument("schema_name", help="short name, e.g. contoso: letters, digits, underscores")
        parser.add_argument("host", help="host name, e.g. contoso.example.com")
        parser.add_argument("--name", required=True, help="the vendor's name as its people see it")
        parser.add_argument(
            "--admin",
            default="",
            metavar="EMAIL",
            help="invite this address as vendor admin",
        )
        parser.add_argument(
            "--now",
            action="store_true",
            help="prepare the schema in this process, without a worker",
        )

    def handle(self, *args, schema_name, host, name, admin, now, **options):
        try:
            vendor = create_vendor(schema_name=schema_name, name=name, host=host)
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        if now:
            provision_vendor(vendor, admin_email=admin)
            self.stdout.write(f"{name} is ready at {host}")
        else:
            provision.delay(vendor.pk, admin)
            self.stdout.write(f"{name} is being prepared; `manage.py vendors` shows when it is ready")
