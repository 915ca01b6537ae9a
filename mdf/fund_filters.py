"""Which funds, and which lines of a ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from mdf.models import Account, Entry, Fund, Posting
from partners.forms import date_input
from prm.common.filters import FilterForm, MenuField
from prm.common.vendor import today

OPEN, EXPIRED = "open", "expired"
_SEARCH = {"type": "search", "autocomplete": "off"}


class FundFilter(FilterForm):
    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={**_SEARCH, "placeholder": _("Name of a fund")}),
    )
    state = MenuField(label=_("State"), choices=[(OPEN, _("Open")), (EXPIRED, _("Expired"))])
    kind = MenuField(label=_("Kind"), choices=Fund.Kind.choices)

    def narrow(self, queryset: QuerySet[Fund]) -> QuerySet[Fund]:
        values = self.cleaned_data
        if len(values["state"]) == 1:
            still = Q(expires_on__gte=today())
            queryset = queryset.filter(still if values["state"] == [OPEN] else ~still)
        if values["kind"]:
            queryset = queryset.filter(kind__in=values["kind"])
        if text := values["q"].strip():
            queryset = queryset.filter(name__icontains=text)
        return queryset


class LedgerFilter(FilterForm):
    """By kind, account (of a fund's ledger) and day."""

    kind = MenuField(label=_("Kind"), choices=Entry.Kind.choices)
    account = MenuField(label=_("Account"))
    since = forms.DateField(label=_("From"), required=False, widget=date_input())
    until = forms.DateField(label=_("To"), required=False, widget=date_input())

    def __init__(self, data: Mapping[str, Any], *, accounts: Iterable[Account] = (), **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        fields: dict[str, Any] = self.fields
        choices = [(str(account.pk), str(account)) for account in accounts]
        if choices:
            fields["account"].choices = choices
        else:
            del fields["account"]

    def narrow(self, queryset: QuerySet[Posting]) -> QuerySet[Posting]:
        values = self.cleaned_data
        if values["kind"]:
            queryset = queryset.filter(entry__kind__in=values["kind"])
        if values.get("account"):
            queryset = queryset.filter(account__in=values["account"])
        if values["since"]:
            queryset = queryset.filter(entry__on__gte=values["since"])
        if values["until"]:
            queryset = queryset.filter(entry__on__lte=values["until"])
        return queryset
