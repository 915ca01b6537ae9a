"""What a new vendor starts with: benchmarks of business plans by partner type."""

from typing import Any

from django.dispatch import receiver

from planning import actions
from prm.tenancy.signals import vendor_provisioned


@receiver(vendor_provisioned)
def start_benchmarks(vendor: Any, **kwargs: Any) -> None:
    """May run again: what is there stays as it is."""
    actions.make_missing_benchmarks()
