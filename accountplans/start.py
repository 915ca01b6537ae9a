"""What a new vendor starts with: verticals and plays."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from django.utils.translation import gettext as _

from accountplans.models import Play, Vertical
from prm.tenancy.signals import vendor_provisioned


@receiver(vendor_provisioned)
def start_lists(vendor: Any, **kwargs: Any) -> None:
    """May run again: what is there stays as it is."""
    verticals = {
        "manufacturing": _("Manufacturing"),
        "finance": _("Financial services"),
        "healthcare": _("Healthcare"),
        "retail": _("Retail"),
        "public": _("Public sector"),
        "education": _("Education"),
        "professional": _("Professional services"),
        "technology": _("Technology"),
        "energy": _("Energy and utilities"),
        "transport": _("Transport and logistics"),
    }
    for order, (key, name) in enumerate(verticals.items(), 1):
        Vertical.objects.get_or_create(key=key, defaults={"name": name, "order": order})
    plays = {
        "expand": (_("Expand"), _("Start from a product they own and like: show what it does together with this one.")),
        "renewal": (_("At the renewal"), _("Talk three months before a contract renews, and put both into one offer.")),
        "replace": (_("Replace"), _("Find what the present product costs them, and prove the change on one site.")),
        "project": (_("New project"), _("Be there when the project is planned: a workshop with their architects.")),
    }
    for order, (key, (name, text)) in enumerate(plays.items(), 1):
        Play.objects.get_or_create(key=key, defaults={"name": name, "text": text, "order": order})
