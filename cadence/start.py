"""What a new vendor starts with: Cadence's own policy, from the fiscal year it is set up in."""

from typing import Any

from django.dispatch import receiver

from cadence import policies
from prm.common.models import Policy
from prm.common.vendor import fiscal_calendar, today
from prm.tenancy.signals import vendor_provisioned


@receiver(vendor_provisioned)
def start_cadence(vendor: Any, **kwargs: Any) -> None:
    """May run again: what is there stays as it is. Nothing is due for the time before a partner was entered."""
    if not Policy.objects.filter(kind=policies.KIND).exists():
        start = fiscal_calendar().year_of(today()).start
        Policy.objects.create(kind=policies.KIND, starts_on=start, data=policies.DEFAULT)
