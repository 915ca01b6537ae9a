"""What a new vendor starts with: the stages of deals."""

from typing import Any

from django.dispatch import receiver
from django.utils.translation import gettext as _

from pipeline.models import DealStage
from prm.tenancy.signals import vendor_provisioned


@receiver(vendor_provisioned)
def start_stages(vendor: Any, **kwargs: Any) -> None:
    """May run again: what is there stays as it is."""
    stages = [
        ("qualified", _("Qualified"), 20, DealStage.Outcome.OPEN),
        ("proof", _("Proof"), 40, DealStage.Outcome.OPEN),
        ("proposal", _("Proposal"), 60, DealStage.Outcome.OPEN),
        ("negotiation", _("Negotiation"), 80, DealStage.Outcome.OPEN),
        ("won", _("Won"), 100, DealStage.Outcome.WON),
        ("lost", _("Lost"), 0, DealStage.Outcome.LOST),
    ]
    for order, (key, name, probability, outcome) in enumerate(stages, 1):
        DealStage.objects.get_or_create(
            key=key, defaults={"name": name, "order": order, "probability": probability, "outcome": outcome}
        )
