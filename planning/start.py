"""What a new vendor starts with: benchmarks of business plans by partner type."""

from typing import Any

from django.dispatch import receiver

from partners.models import PartnerType
from planning import actions
from planning.defaults import benchmark, general
from planning.models import PlanBenchmark
from prm.common.vendor import vendor_settings
from prm.tenancy.signals import vendor_provisioned


@receiver(vendor_provisioned)
def start_benchmarks(vendor: Any, **kwargs: Any) -> None:
    """May run again: what is there stays as it is."""
    make_missing()


def make_missing() -> None:
    """The default benchmarks, for a vendor that has none at all: also one from before there were business plans."""
    if PlanBenchmark.objects.exists():
        return
    currency = vendor_settings().reporting_currency
    actions.set_benchmark(by=None, partner_type=None, size="", currency=currency, content=general())
    for row in PartnerType.objects.order_by("order", "id"):
        content = benchmark(row.key)
        if content is not None:
            actions.set_benchmark(by=None, partner_type=row, size="", currency=currency, content=content)
