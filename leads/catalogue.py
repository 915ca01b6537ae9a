"""Where leads come from, among the vendor's other lists."""

from django import forms
from django.utils.translation import gettext_lazy as _l

from leads.models import LeadSource
from partners.catalogue import LISTS, VendorList
from partners.list_forms import MORE

LISTS["lead-sources"] = VendorList(
    LeadSource,
    _l("Lead sources"),
    _l("Where leads come from, and the score of one that comes without."),
    fields=("default_score",),
    required=True,
    keyed=True,
)

MORE["lead-sources"] = {
    "default_score": forms.DecimalField(
        label=_l("Score"), min_value=0, max_value=100, max_digits=5, decimal_places=2, initial=30
    ),
}
