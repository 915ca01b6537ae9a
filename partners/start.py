"""What a new vendor starts with: life stages, partner types, tiers. All can be renamed, added to and reordered."""

from typing import Any

from django.dispatch import receiver
from django.utils.translation import gettext as _

from partners.models import LifeStage, PartnerType, Tier
from prm.common.models import VendorSettings
from prm.tenancy.signals import vendor_provisioned


@receiver(vendor_provisioned)
def start_data(vendor: Any, **kwargs: Any) -> None:
    """May run again: what is there stays as it is."""
    VendorSettings.objects.get_or_create(pk=1, defaults={"name": vendor.name})
    stages = [
        ("recruit", _("Recruit")),
        ("onboard", _("Onboard")),
        ("activate", _("Activate")),
        ("accelerate", _("Accelerate")),
        ("mature", _("Mature")),
        ("lapsed", _("Lapsed")),
    ]
    types = [
        ("reseller", _("Reseller"), True),
        ("msp", _("Managed service provider"), True),
        ("integrator", _("Systems integrator"), True),
        ("isv", _("Independent software vendor"), False),
        ("distributor", _("Distributor"), True),
        ("referral", _("Referral partner"), False),
        ("agency", _("Agency"), False),
    ]
    tiers = [("silver", _("Silver")), ("gold", _("Gold")), ("platinum", _("Platinum"))]
    for order, (key, name) in enumerate(stages, 1):
        LifeStage.objects.get_or_create(
            key=key,
            defaults={"name": name, "order": order, "is_lapsed": key == "lapsed"},
        )
    for order, (key, name, transacts) in enumerate(types, 1):
        PartnerType.objects.get_or_create(key=key, defaults={"name": name, "order": order, "transacts": transacts})
    for order, (key, name) in enumerate(tiers, 1):
        Tier.objects.get_or_create(key=key, defaults={"name": name, "order": order})
