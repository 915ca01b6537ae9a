from django.core.management.base import BaseCommand

from prm.tenancy.models import TEMPLATE_SCHEMA, Vendor


class Command(BaseCommand):
    help = "Lists the vendors with their hosts and states."

    def handle(self, *args, **options):
        vendors = Vendor.objects.exclude(schema_name__in=["public", TEMPLATE_SCHEMA]).prefetch_related("domains")
        for vendor in vendors.order_by("schema_name"):
            hosts = ", ".join(sorted(domain.domain for domain in vendor.domains.all()))
            note = f"  ({vendor.state_note})" if vendor.state_note else ""
            self.stdout.write(f"{vendor.schema_name:24} {vendor.state:14} {hosts}  {vendor.name}{note}")
