"""The form over the policy of registrations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dealdesk.policy import HUNDRED, MOST_MONEY, WHOLE, RegistrationPolicy, Rfp
from partners.forms import date_input
from partners.models import Tier
from prm.common.vendor import vendor_settings

RFP = {
    Rfp.FIRST: _("The first one is protected"),
    Rfp.SHARED: _("Several may be approved"),
    Rfp.REFUSED: _("Can’t be registered"),
}
LABELS: dict[str, tuple[Any, Any]] = {
    "sla_days": (_("Decided within, working days"), ""),
    "escalation_days": (_("Escalated after, working days"), _("After the day it was to be decided by. 0: at once.")),
    "place_days": (_("Place kept when returned, working days"), ""),
    "protection_days": (_("Protected for, days"), ""),
    "renewals": (_("Renewals, at most"), ""),
    "progress_days": (_("Progress needed in the last, days"), _("A change of stage, or a proof that was accepted.")),
    "slots": (_("Places per partner"), _("Open and protected at once. Empty: as many as it likes.")),
}
SECTIONS = (
    (_("What can be registered"), ("minimum", "slots", "rfp")),
    (_("Deciding"), ("sla_days", "escalation_days", "place_days")),
    (_("Protection"), ("protection_days", "renewals", "progress_days", "reopens")),
    (_("What it brings"), ("second_share",)),
)


def _percent(label: Any, most: Decimal, **more: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=Decimal(0), max_value=most, max_digits=5, decimal_places=2, localize=True, **more
    )


class PolicyForm(forms.Form):
    """Everything at once: a version of the policy is a whole."""

    minimum = forms.DecimalField(
        min_value=Decimal(0), max_value=MOST_MONEY, max_digits=15, decimal_places=2, localize=True
    )
    rfp = forms.ChoiceField(label=_("Public tenders (RFP)"), choices=list(RFP.items()))
    reopens = forms.BooleanField(
        label=_("Open to others once the protection has ended"),
        required=False,
        help_text=_("Also while its deal is open."),
    )
    second_share = _percent(
        _("Second partner’s share, %"), Decimal("99.99"), help_text=_("Of the deal, where nothing else is said.")
    )
    starts_on = forms.DateField(label=_("In force from"), widget=date_input(), help_text=_("Today or later: what was approved before stays as it was."))  # fmt: skip

    def __init__(self, data: Any = None, *, policy: RegistrationPolicy, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        for name, (low, high) in WHOLE.items():
            label, help_text = LABELS[name]
            self.fields[name] = forms.IntegerField(
                label=label, help_text=help_text, min_value=low, max_value=high, required=name != "slots"
            )
            self.initial.setdefault(name, getattr(policy, name))
        reporting = vendor_settings().reporting_currency
        self.fields["minimum"].label = str(_("Smallest amount, %(currency)s")) % {"currency": reporting}
        for name in ("minimum", "second_share"):
            self.initial.setdefault(name, Decimal(f"{getattr(policy, name).normalize():f}"))
        self.initial.setdefault("rfp", policy.rfp.value)
        self.initial.setdefault("reopens", policy.reopens)
        self.tiers = {f"discount_{tier.pk}": tier for tier in Tier.objects.all()}
        for name, tier in self.tiers.items():
            label = str(_("Discount of %(tier)s, %%")) % {"tier": tier}
            self.fields[name] = _percent(label, HUNDRED, required=False)
            known = policy.discount(tier.key)
            self.initial[name] = None if known is None else Decimal(f"{known.normalize():f}")

    @property
    def sections(self) -> Iterator[tuple[Any, list[forms.BoundField]]]:
        """(heading, fields) as a person thinks of them."""
        for title, names in SECTIONS:
            more = list(self.tiers) if "second_share" in names else []
            yield title, [self[name] for name in (*names, *more)]

    @property
    def policy(self) -> RegistrationPolicy:
        values = self.cleaned_data
        whole: dict[str, Any] = {name: values[name] for name in WHOLE}
        discounts = {tier.key: values[name] for name, tier in self.tiers.items() if values.get(name) is not None}
        return replace(
            RegistrationPolicy(), **whole, minimum=values["minimum"], rfp=Rfp(values["rfp"]), reopens=values["reopens"],
            second_share=values["second_share"], discounts=MappingProxyType(discounts),
        )  # fmt: skip
