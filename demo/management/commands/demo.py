from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.http.request import validate_host
from django_tenants.utils import schema_context

from accounts.models import User
from accounts.permissions import Role
from demo import qbrs
from demo.build import fill
from demo.profiles import PASSWORD, VENDORS, Profile
from prm.tenancy.addresses import site_url
from prm.tenancy.models import Vendor
from prm.tenancy.provisioning import create_vendor, provision_vendor


class Command(BaseCommand):
    help = "Makes the two vendors of the demo where they are not there yet, and says how to sign in."

    def handle(self, *args: Any, **options: Any) -> None:
        if not all(validate_host(profile.host, settings.ALLOWED_HOSTS) for profile in VENDORS):
            # Everybody knows the demo's passwords.
            raise CommandError("The demo is for one's own machine: this installation does not serve *.localhost.")
        self.stderr.style_func = None  # progress, not errors
        for profile in VENDORS:
            self._make(profile)
        for profile in VENDORS:
            self._say(profile)
        self.stdout.write(f"Password of everybody: {PASSWORD}")
        if settings.MAIL_PAGE:
            self.stdout.write(f"Mails that were sent:  {site_url('localhost', '/mail/')}")

    def _make(self, profile: Profile) -> None:
        vendor = Vendor.objects.filter(schema_name=profile.schema).first()
        if vendor is None:
            self.stderr.write(f"Making {profile.name} …")
            vendor = create_vendor(schema_name=profile.schema, name=profile.name, host=profile.host)
        if vendor.state in (Vendor.State.PROVISIONING, Vendor.State.FAILED):
            provision_vendor(vendor)
        with schema_context(profile.schema):
            connection.tenant = vendor  # type: ignore[attr-defined]
            if not User.objects.exists():
                with transaction.atomic():
                    fill(profile, say=self.stderr.write)
                    qbrs.make(profile)

    def _say(self, profile: Profile) -> None:
        self.stdout.write(f"{profile.name}: {site_url(profile.host, '/')}")
        for role in profile.people:
            self.stdout.write(f"  {role.label!s:26} {role.value}@{profile.domain}")
        first, second = profile.showcases
        for role in Role:
            if role.is_partner_side:
                address = f"{role.removeprefix('partner_')}@{first.domain}"
                self.stdout.write(f"  {role.label!s:26} {address:32} {first.name}")
        self.stdout.write(f"  {Role.PARTNER_CHAMPION.label!s:26} champion@{second.domain:23} {second.name}\n\n")
