"""Forms over registrations. What they hold is written by `dealdesk.actions`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dealdesk import queries
from dealdesk.actions import FIELDS
from dealdesk.models import Registration
from marketing.models import Activity
from partners.forms import PartnerPick, date_input
from pipeline.models import Deal, ProductLine
from prm.common.countries import COUNTRIES
from prm.common.currencies import MINOR_UNITS
from prm.common.vendor import vendor_settings

TYPED = ("customer_name", "domain", "country", "product_lines", "amount", "expected_close", "need")
MORE = ("activity_id", "contact_name", "contact_email", "is_rfp")
LARGEST = Decimal("99999999999999.99")


class RegistrationForm(forms.Form):
    """What is typed of a registration: seven fields, and a few more for who has more to say.

    `draft`: kept as far as it is typed; only what stands there is looked at.
    """

    customer_name = forms.CharField(
        label=_("Company"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    domain = forms.CharField(
        label=_("Web domain"),
        required=False,
        max_length=253,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "placeholder": "contoso.com"}),
    )
    country = forms.ChoiceField(
        label=_("Country"), choices=[("", "–"), *sorted(COUNTRIES.items(), key=lambda item: item[1])]
    )
    product_lines = forms.ModelMultipleChoiceField(
        ProductLine.objects.all(), label=_("Product lines"), widget=forms.CheckboxSelectMultiple
    )
    amount = forms.DecimalField(
        label=_("Amount"), min_value=Decimal(0), max_value=LARGEST, max_digits=16, decimal_places=2, localize=True
    )
    expected_close = forms.DateField(label=_("Expected close"), widget=date_input())
    need = forms.CharField(
        label=_("What they need"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"})
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in sorted(MINOR_UNITS)])
    contact_name = forms.CharField(label=_("Contact there"), required=False, max_length=150)
    contact_email = forms.EmailField(label=_("Their e-mail"), required=False)
    is_rfp = forms.BooleanField(
        label=_("It is a public tender (RFP)"), required=False, help_text=_("Others may bid for it, too.")
    )
    activity_id = forms.TypedChoiceField(label=_("Came from"), required=False, coerce=int, empty_value=None)
    draft = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
    revision = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)
    lead = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
    target = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        initial: Mapping[str, Any] | None = None,
        draft: bool = False,
        activities: Iterable[Activity] = (),
    ) -> None:
        """`activities`: of the partner's marketing, that it may say the deal came from; without any it isn't asked."""
        super().__init__(data, initial={"currency": vendor_settings().reporting_currency, **(initial or {})})
        offered = [(each.pk, f"{each.title}, {each.plan.first_quarter}") for each in activities]
        choice: Any = self.fields["activity_id"]
        choice.choices = [("", _("No marketing activity")), *offered]
        if not offered:
            del self.fields["activity_id"]
        if draft:
            for field in self.fields.values():
                field.required = False

    @property
    def typed(self) -> list[forms.BoundField]:
        return [self[name] for name in TYPED]

    @property
    def more(self) -> list[forms.BoundField]:
        return [self[name] for name in MORE if name in self.fields]

    @property
    def more_is_open(self) -> bool:
        """Whether something stands there that wasn't there from the beginning."""
        return any(bound.errors or bound.value() for bound in self.more)

    @property
    def values(self) -> dict[str, Any]:
        """For `actions.save_draft`: every field, as far as it could be read."""
        found = {name: self.cleaned_data[name] for name in FIELDS if name in self.cleaned_data}
        if "product_lines" in found:
            found["product_lines"] = list(found["product_lines"])
        return found

    @property
    def is_untouched(self) -> bool:
        """Nothing was sent that somebody typed; the country is filled in beforehand."""
        return not any(self.data.get(name) for name in TYPED if name != "country")


def initial_of(registration: Registration) -> dict[str, Any]:
    """What the form begins with of a registration that is there."""
    found: dict[str, Any] = {name: getattr(registration, name) for name in FIELDS if name != "product_lines"}
    found["product_lines"] = [line.pk for line in registration.product_lines.all()]
    found["currency"] = registration.currency or vendor_settings().reporting_currency
    if registration.amount is not None:
        found["amount"] = Decimal(f"{registration.amount.normalize():f}")
    return {**found, "draft": registration.pk, "revision": registration.revision}


class ReasonForm(forms.Form):
    """Why; seen by both sides."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}), help_text=_("Both sides read it.")
    )


class ReleaseForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}), help_text=_("Both sides read it.")
    )  # fmt: skip


class ProofForm(forms.Form):
    """What has moved, said by the partner."""

    text = forms.CharField(
        label=_("What has moved"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("A trial that runs, a meeting that was held. Your CAM takes it as progress, or asks."),
    )  # fmt: skip


class DecisionForm(forms.Form):
    """Approve, return or reject, with the reason. What only an approval needs is left alone by the others."""

    APPROVE, RETURN, REJECT = "approve", "return", "reject"

    decision = forms.ChoiceField(
        choices=[(APPROVE, _("Approve")), (RETURN, _("Return")), (REJECT, _("Reject"))], widget=forms.HiddenInput
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The partner reads it."),
    )
    override = forms.BooleanField(
        label=_("Approve it all the same"), required=False,
        help_text=_("Another one came first. That you decided so is kept and shown to the partners."),
    )  # fmt: skip
    deal = forms.ModelChoiceField(
        Deal.everything.none(), label=_("Deal"), required=False, empty_label=_("Make a new one"),
        help_text=_("Link one that is there already, so that it isn't counted twice."),
    )  # fmt: skip
    second_share = forms.DecimalField(
        label=_("Its share, %"), required=False, min_value=Decimal("0.01"), max_value=Decimal("99.99"), max_digits=4,
        decimal_places=2,
    )  # fmt: skip

    def __init__(self, data: Any = None, *, registration: Registration, user: User, share: Decimal) -> None:
        super().__init__(data, initial={"second_share": f"{share.normalize():f}"})
        fields: dict[str, Any] = self.fields
        fields["deal"].queryset = queries.linkable_deals(registration, user)
        fields["second_partner"] = PartnerPick("second_partner", user, None, label=_("Second partner"))
        fields["second_partner"].help_text = _("One that helps to win it, and gets a share of the deal.")
        if registration.flag != Registration.Flag.FLAGGED:
            del fields["override"]

    @property
    def more_is_open(self) -> bool:
        return self.is_bound and any(self[name].errors or self.data.get(name) for name in ("deal", "second_partner"))


class PartnerForm(forms.Form):
    """Whose deal it is."""

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data)
        self.fields["partner"] = PartnerPick("partner", user, None, label=_("Partner"))
        self.fields["partner"].required = True
        self.fields["partner"].error_messages["required"] = _("Say whose deal it is.")


class InviteForm(forms.Form):
    """Whom of the partner to mail the link by which a registration needs no sign-in."""

    person = forms.ChoiceField(label=_("To"))
    message = forms.CharField(
        label=_("Your words"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, data: Any = None, *, people: Mapping[str, Any], contacts: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.known = {**people, **contacts}
        person: Any = self.fields["person"]
        person.choices = [(key, each.display_name) for key, each in people.items()]
        if contacts:
            invited = [(key, f"{each.name}, {each.email}") for key, each in contacts.items()]
            person.choices = [*person.choices, (_("Contacts, invited by this"), invited)]

    @property
    def whom(self) -> Any:
        return self.known[self.cleaned_data["person"]]
