"""Forms of the performance scorecard: the day it is looked at, the note of a review, and who gets it by mail."""

import datetime as dt
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission
from partners.forms import date_input
from partners.models import Contact, Partner
from prm.common.vendor import today
from scorecards.models import PerformanceReview

FIRST_DAY = dt.date(2000, 1, 1)


class DayForm(forms.Form):
    """The day the figures stand for, and whether branches are counted in: both from the address."""

    on = forms.DateField(label=_("As of"), required=False, widget=date_input())
    family = forms.BooleanField(required=False, widget=forms.HiddenInput())

    def __init__(self, data: QueryDict) -> None:
        self.today = today()
        given = {"on": data.get("on") or self.today.isoformat(), "family": data.get("family", "")}
        super().__init__(given, auto_id="day_%s")
        self.fields["on"].widget.attrs["max"] = self.today.isoformat()

    def clean_on(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["on"]
        if day is not None and day > self.today:
            raise forms.ValidationError(_("Choose today or a day before."))
        if day is not None and day < FIRST_DAY:
            raise forms.ValidationError(_("Choose a day from the year 2000 on."))
        return day

    @property
    def day(self) -> dt.date:
        """The day asked for; today where none is, or none that can be."""
        found: dt.date | None = self.cleaned_data.get("on") if self.is_valid() else None
        return found or self.today

    @property
    def with_family(self) -> bool:
        self.is_valid()
        return bool(self.cleaned_data.get("family"))


class ReviewForm(forms.ModelForm):
    class Meta:
        model = PerformanceReview
        fields = ["on", "note", "shared"]
        widgets = {"on": date_input(), "note": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = today()
        self.fields["on"].widget.attrs["max"] = today().isoformat()


class MailForm(forms.Form):
    """To one of the partner's users or contacts; who is both stands there once, as a user."""

    to = forms.ChoiceField(label=_("To"))
    message = forms.CharField(
        label=_("Your words to it"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, partner: Partner, data: Any = None) -> None:
        super().__init__(data, prefix="mail")
        self.people: dict[str, User | Contact] = {}
        users = User.objects.filter(membership__partner=partner, is_active=True).prefetch_related("groups")
        for user in users.order_by("name", "pk"):
            if user.can(Permission.PORTAL):
                self.people[f"user-{user.pk}"] = user
        known = {person.email.casefold() for person in self.people.values()}
        for contact in partner.contacts.exclude(email=""):
            if contact.email.casefold() not in known:
                self.people[f"contact-{contact.pk}"] = contact
        chosen: Any = self.fields["to"]
        chosen.choices = [(key, _label(person)) for key, person in self.people.items()]

    def clean_to(self) -> User | Contact:
        return self.people[self.cleaned_data["to"]]


def _label(person: User | Contact) -> str:
    if isinstance(person, User):
        return f"{person.display_name} ({person.email})"
    title = f", {person.title}" if person.title else ""
    return f"{person.name}{title} ({person.email})"
