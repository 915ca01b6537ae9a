"""One customer: who it is, what is known of it, what it owns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from accountplans.actions import OF_ACCOUNT, OF_CUSTOMER
from accountplans.models import Account, ComplementaryProduct, Size, Vertical
from accountplans.opportunity import Thing
from partners.forms import date_input
from pipeline.models import Customer, ProductLine
from prm.common.countries import COUNTRIES
from prm.common.merging import MergingMixin


class AccountForm(MergingMixin, forms.Form):
    """What is known of a customer. Of one that is there only what was changed is written."""

    name = forms.CharField(label=_l("Customer"), max_length=200)
    domain = forms.CharField(label=_l("Web domain"), max_length=253, required=False)
    country = forms.ChoiceField(
        label=_l("Country"), required=False, choices=[("", "–"), *sorted(COUNTRIES.items(), key=lambda item: item[1])]
    )
    vertical = forms.ModelChoiceField(Vertical.objects.none(), label=_l("Vertical"), required=False, empty_label="–")
    size = forms.ChoiceField(label=_l("Size"), required=False, choices=[("", "–"), *Size.choices])
    relationship = forms.ChoiceField(label=_l("Relationship"), choices=Account.Relationship.choices, initial="none")
    who_knows_whom = forms.CharField(
        label=_l("Who knows whom"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    note = forms.CharField(label=_l("Note"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, data: Any = None, *, customer: Customer | None = None, account: Account | None = None) -> None:
        initial: dict[str, Any] = {}
        if customer is not None:
            initial = {name: getattr(customer, name) for name in OF_CUSTOMER}
            initial |= {name: getattr(account or Account(), name) for name in OF_ACCOUNT}
        super().__init__(data, initial=initial)
        vertical: Any = self.fields["vertical"]
        vertical.queryset = Vertical.objects.all()
        if customer is not None:
            self.remember_shown()


class OwnedForm(forms.Form):
    """Which products the customer owns: a box and a day for each of the vendor's lines and complementary products.

    What the vendor's own sales say (`sold`) can't be unticked.
    """

    def __init__(
        self,
        data: Any = None,
        *,
        owned: Mapping[Thing, date | None] | None = None,
        sold: frozenset[int] | set[int] = frozenset(),
    ) -> None:
        owned = owned or {}
        self.groups: list[tuple[Any, list[Thing]]] = []
        self.names: dict[Thing, str] = {}
        self.sold = {Thing.line(pk) for pk in sold}
        initial: dict[str, Any] = {}
        rows: list[tuple[Any, list[tuple[Thing, str]]]] = [
            (_("Our product lines"), [(Thing.line(row.pk), row.name) for row in ProductLine.objects.all()]),
            (
                _("Other products"),
                [(Thing.complementary(row.pk), row.name) for row in ComplementaryProduct.objects.all()],
            ),
        ]
        for title, things in rows:
            if things:
                self.groups.append((title, [thing for thing, _name in things]))
                self.names |= dict(things)
        for thing in self.names:
            initial[self.key(thing)] = thing in owned or thing in self.sold
            initial[f"{self.key(thing)}-renews"] = owned.get(thing)
        super().__init__(data, initial=initial)
        for thing, name in self.names.items():
            self.fields[self.key(thing)] = forms.BooleanField(
                label=name, required=False, disabled=thing in self.sold, show_hidden_initial=True
            )
            self.fields[f"{self.key(thing)}-renews"] = forms.DateField(
                label=_("%(product)s renews on") % {"product": name},
                required=False,
                widget=date_input(),
                show_hidden_initial=True,
            )

    @staticmethod
    def key(thing: Thing) -> str:
        return f"{thing.kind}-{thing.pk}"

    @property
    def lines(self) -> list[tuple[Any, list[dict[str, Any]]]]:
        """(heading, rows): each with its box, its day, and whether the vendor sold it."""
        return [
            (
                title,
                [
                    {"box": self[self.key(thing)], "day": self[f"{self.key(thing)}-renews"], "sold": thing in self.sold}
                    for thing in things
                ],
            )
            for title, things in self.groups
        ]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        for thing in self.names:
            key = self.key(thing)
            if values.get(f"{key}-renews") and not values.get(key):
                self.add_error(f"{key}-renews", _("It renews only where it is owned: tick it."))
        return values

    def outcome(self) -> tuple[dict[Thing, date | None], frozenset[Thing]]:
        """(owned with the day of renewal, not owned), of what this person changed."""
        owned: dict[Thing, date | None] = {}
        gone: set[Thing] = set()
        for thing in self.names:
            key = self.key(thing)
            if key not in self.changed_data and f"{key}-renews" not in self.changed_data:
                continue
            day = self.cleaned_data.get(f"{key}-renews")
            if self.cleaned_data.get(key):
                owned[thing] = day
            else:
                gone.add(thing)
        return owned, frozenset(gone)
