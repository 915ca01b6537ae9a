"""Which customers and which targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accountplans import queries
from accountplans.models import Account, AccountTarget, Play, Size, Vertical
from accounts.models import User
from partners.filters import PartnerFilter
from partners.models import Partner
from pipeline.models import Customer, ProductLine
from prm.common.filters import FilterForm, MenuField
from prm.common.names import fold
from prm.common.vendor import today


def named(user: User, text: str) -> Q:
    """Customers whose name has all the words, or whose domain has the text."""
    words = [Q(name_key__contains=word) for word in fold(text).split()]
    by_name = Q(*words) if words else Q(name__icontains=text.strip())
    return by_name | Q(domain__icontains=text.strip())


class CustomerFilter(FilterForm):
    """A partner's customers by name and by what is known of them, as far as the user sees it."""

    q = forms.CharField(label=_("Search"), required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Customer or domain"), "autocomplete": "off"}))  # fmt: skip
    vertical = MenuField(label=_("Vertical"))
    size = MenuField(label=_("Size"), choices=Size.choices)
    relationship = MenuField(label=_("Relationship"), choices=Account.Relationship.choices)

    def __init__(self, data: Mapping[str, Any], *, user: User) -> None:
        super().__init__(data)
        self.user = user
        vertical: Any = self.fields["vertical"]
        vertical.choices = [(row.key, row.name) for row in Vertical.objects.all()]

    def narrow(self, queryset: QuerySet[Customer]) -> QuerySet[Customer]:
        values = self.cleaned_data
        if text := values["q"].strip():
            queryset = queryset.filter(named(self.user, text))
        known = queries.accounts(self.user).select_related(None).order_by()
        if values["vertical"]:
            queryset = queryset.filter(pk__in=known.filter(vertical__key__in=values["vertical"]).values("customer"))
        if values["size"]:
            queryset = queryset.filter(pk__in=known.filter(size__in=values["size"]).values("customer"))
        if wanted := values["relationship"]:
            rows = known.filter(relationship__in=wanted).values("customer")
            found = Q(pk__in=rows)
            if Account.Relationship.NONE in wanted:  # of whom nothing is known, nobody is known
                found |= ~Q(pk__in=known.values("customer"))
            queryset = queryset.filter(found)
        return queryset


class OpportunityFilter(CustomerFilter):
    """The best chances: with which customers, of which lines, and whether targets are among them."""

    line = MenuField(label=_("Product line"))
    show = forms.ChoiceField(
        label=_("Show"), required=False, choices=[("", _("Empty and targets")), ("empty", _("Empty only"))]
    )

    def __init__(self, data: Mapping[str, Any], *, user: User) -> None:
        super().__init__(data, user=user)
        self.rows = {row.key: row for row in ProductLine.objects.all()}
        line: Any = self.fields["line"]
        line.choices = [(key, row.name) for key, row in self.rows.items()]

    @property
    def line_pks(self) -> list[int]:
        return [self.rows[key].pk for key in self.cleaned_data.get("line", ())] if self.is_valid() else []

    @property
    def with_targets(self) -> bool:
        return self.is_valid() and self.cleaned_data["show"] != "empty"


State = AccountTarget.State
WHEN = [("late", _("Late")), ("month", _("Next 30 days")), ("none", _("No date"))]


class TargetParts(FilterForm):
    """What is asked of the targets themselves."""

    state = MenuField(label=_("State"), choices=State.choices, any_label=_("Targets"))
    line = MenuField(label=_("Product line"))
    play = MenuField(label=_("Play"))
    when = forms.ChoiceField(label=_("Date"), required=False, choices=[("", _("Any time")), *WHEN])

    def offer(self) -> None:
        fields: dict[str, Any] = self.fields
        fields["line"].choices = [(row.key, row.name) for row in ProductLine.objects.all()]
        fields["play"].choices = [(row.key, row.name) for row in Play.objects.all()]

    def of_targets(self, rows: QuerySet[AccountTarget]) -> QuerySet[AccountTarget]:
        values = self.cleaned_data
        rows = rows.filter(state__in=values["state"] or [State.TARGET])
        if values["line"]:
            rows = rows.filter(product_line__key__in=values["line"])
        if values["play"]:
            rows = rows.filter(play__key__in=values["play"])
        day = today()
        if values["when"] == "late":
            rows = rows.filter(due_on__lt=day)
        elif values["when"] == "month":
            rows = rows.filter(due_on__gte=day, due_on__lte=day.fromordinal(day.toordinal() + 30))
        elif values["when"] == "none":
            rows = rows.filter(due_on=None)
        return rows


class OwnTargetFilter(TargetParts):
    """Targets of one partner."""

    q = forms.CharField(label=_("Search"), required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Customer"), "autocomplete": "off"}))  # fmt: skip
    field_order = ["q", "state", "line", "play", "when"]

    def __init__(self, data: Mapping[str, Any], *, user: User) -> None:
        super().__init__(data)
        self.user = user
        self.offer()

    def narrow(self, queryset: QuerySet[AccountTarget]) -> QuerySet[AccountTarget]:
        rows = self.of_targets(queryset)
        if text := self.cleaned_data["q"].strip():
            found = Customer.objects.visible_to(self.user).filter(named(self.user, text)).order_by()
            rows = rows.filter(customer__in=found.values("pk"))
        return rows


class TargetFilter(PartnerFilter, TargetParts):
    """Targets of all partners the user sees."""

    field_order = ["q", "state", "line", "play", "when", "region", "cam", "tier", "type", "stage"]

    def __init__(self, data: Mapping[str, Any], *, user: User) -> None:
        super().__init__(data, user=user)
        self.offer()
        self.fields["q"].widget.attrs["placeholder"] = _("Partner")

    def narrow(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        partners = super().narrow(Partner.objects.visible_to(self.user))
        rows = self.of_targets(queryset)
        return rows.filter(customer__partner__in=partners.order_by().values("pk"))
