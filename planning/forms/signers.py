"""Who signs a plan."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from partners.models import Contact
from planning import queries
from planning.models import BusinessPlan, Side

USER, CONTACT = "user", "contact"
STEP_FORM = "plan-form"  # that of the page's step: the scenario is sent with whom to ask


class AskForm(forms.Form):
    """One person of each side, of those who may sign; a contact without access is invited by being asked."""

    vendor_signer = forms.ChoiceField(label=gettext_lazy("For you"))
    partner_signer = forms.ChoiceField(label=gettext_lazy("For the partner"))

    def __init__(self, plan: BusinessPlan, user: User, data: Any = None) -> None:
        asked = {side: queries.asked(plan, side) for side in Side}
        self.ours = {f"{USER}-{each.pk}": each for each in queries.vendor_signers(plan.partner)}
        people = {f"{USER}-{each.pk}": each for each in queries.partner_signers(plan.partner)}
        contacts = {f"{CONTACT}-{each.pk}": each for each in queries.contacts_to_invite(user, plan.partner)}
        self.theirs: dict[str, User | Contact] = {**people, **contacts}
        first = {
            side: f"{USER}-{request.user_id}" if request else next(iter(known), "")
            for side, request, known in (
                (Side.VENDOR, asked[Side.VENDOR], [f"{USER}-{user.pk}"] if f"{USER}-{user.pk}" in self.ours else self.ours),
                (Side.PARTNER, asked[Side.PARTNER], self.theirs),
            )
        }  # fmt: skip
        super().__init__(data, initial={"vendor_signer": first[Side.VENDOR], "partner_signer": first[Side.PARTNER]})
        ours: Any = self.fields["vendor_signer"]
        ours.choices = [(key, each.display_name) for key, each in self.ours.items()]
        theirs: Any = self.fields["partner_signer"]
        theirs.choices = [(key, each.display_name) for key, each in people.items()]
        if contacts:
            invited = [(key, f"{each.name}, {each.email}") for key, each in contacts.items()]
            theirs.choices = [*theirs.choices, (_("Contacts, invited by this"), invited)]
        for each in self.fields.values():
            each.widget.attrs["form"] = STEP_FORM

    @property
    def vendor_user(self) -> User:
        return self.ours[self.cleaned_data["vendor_signer"]]

    @property
    def partner_person(self) -> User | Contact:
        return self.theirs[self.cleaned_data["partner_signer"]]


class SignForm(forms.Form):
    """A signature: the name as typed, under the version that was shown."""

    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=150,
        help_text=gettext_lazy("Typed in full, this is your signature."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    content_hash = forms.CharField(max_length=64, widget=forms.HiddenInput)
