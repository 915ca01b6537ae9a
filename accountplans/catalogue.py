"""The vendor's lists that account plans refer to, among its other lists."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accountplans.models import ComplementaryProduct, Play, Vertical
from partners.catalogue import LISTS, VendorList
from partners.list_forms import MORE

LISTS |= {
    "verticals": VendorList(
        Vertical, _("Verticals"), _("The industries of end customers. Product lines name those they are made for."), keyed=True
    ),
    "complementary-products": VendorList(
        ComplementaryProduct,
        _("Complementary products"),
        _("What customers own beside your products, and that tells what they may buy next."),
        keyed=True,
    ),
    "plays": VendorList(
        Play, _("Plays"), _("Ways to win a target that have worked before, and how they go."), fields=("text",), keyed=True
    ),
}  # fmt: skip

MORE |= {"plays": {"text": forms.CharField(label=_("How it goes"), max_length=500, required=False)}}
