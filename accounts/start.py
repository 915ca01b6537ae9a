"""What a new vendor starts with: its first admin, invited."""

from typing import Any

from django.dispatch import receiver

from accounts import actions
from accounts.models import User
from accounts.permissions import Role
from prm.tenancy.signals import vendor_provisioned


@receiver(vendor_provisioned)
def invite_first_admin(admin_email: str, **kwargs: Any) -> None:
    """May run again: who is there already isn't invited twice."""
    email = admin_email.strip().lower()
    if email and not User.objects.filter(email=email).exists():
        actions.invite(by=None, email=email, name=email.partition("@")[0], roles=[Role.ADMIN])
