"""What a new vendor starts with: where leads come from."""

from typing import Any

from django.dispatch import receiver
from django.utils.translation import gettext as _

from leads.models import LeadSource
from prm.tenancy.signals import vendor_provisioned


@receiver(vendor_provisioned)
def start_sources(vendor: Any, **kwargs: Any) -> None:
    """May run again: what is there stays as it is."""
    sources = [
        ("web", _("Web"), 40),
        ("event", _("Event"), 40),
        ("campaign", _("Campaign"), 30),
        ("referral", _("Referral"), 60),
        ("other", _("Other"), 20),
    ]
    for order, (key, name, score) in enumerate(sources, 1):
        LeadSource.objects.get_or_create(key=key, defaults={"name": name, "order": order, "default_score": score})
