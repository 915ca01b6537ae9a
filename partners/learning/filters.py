"""Which certifications: of which partners, in what, and how they stand."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from partners.certified import State
from partners.filters import PartnerFilter
from partners.learning.queries import state_q
from partners.models import Certificate, Partner
from prm.common.filters import MenuField
from prm.common.vendor import today


class CertificationFilter(PartnerFilter):
    """Of all partners one sees, or of those the partner filter finds."""

    q = forms.CharField(label=_("Search"), required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Person or partner"), "autocomplete": "off"}))  # fmt: skip
    certificate = MenuField(label=_("Certificate"))
    state = MenuField(
        label=_("State"),
        choices=[
            (State.VALID, _("Valid")),
            (State.EXPIRING, _("Expiring within 60 days")),
            (State.EXPIRED, _("Expired")),
        ],
    )
    holder = forms.ChoiceField(
        label=_("Held by"),
        required=False,
        choices=[("", _("Anybody")), ("person", _("A person")), ("partner", _("The partner itself"))],
    )
    field_order = ["q", "certificate", "state", "holder"]

    def __init__(self, data: Mapping[str, Any], *, user: User) -> None:
        super().__init__(data, user=user)
        self.certificates = {row.key: row for row in Certificate.objects.all()}
        field: Any = self.fields["certificate"]
        field.choices = [(key, row.name) for key, row in self.certificates.items()]

    def narrow(self, queryset: Any) -> Any:
        """Expects certifications."""
        values = self.cleaned_data
        queryset = queryset.filter(partner__in=self._partners().order_by().values("pk"))
        if values["certificate"]:
            queryset = queryset.filter(certificate__in=[self.certificates[key].pk for key in values["certificate"]])
        if values["state"]:
            day = today()
            queryset = queryset.filter(Q(*(state_q(state, day) for state in values["state"]), _connector=Q.OR))
        if values["holder"]:
            queryset = queryset.filter(contact__isnull=values["holder"] == "partner")
        if text := values["q"].strip():
            queryset = queryset.filter(Q(contact__name__icontains=text) | Q(partner__name__icontains=text))
        return queryset

    def _partners(self) -> QuerySet[Partner]:
        asked = self.cleaned_data
        self.cleaned_data = {**asked, "q": ""}  # what is searched for may be a person's name
        try:
            return PartnerFilter.narrow(self, Partner.objects.visible_to(self.user))
        finally:
            self.cleaned_data = asked
