"""Which registrations: by what they are, and by the partners they are of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission
from dealdesk.models import Registration
from partners.filters import NarrowingField, PartnerFilter, matches
from partners.models import Partner
from pipeline.models import ProductLine
from prm.common.filters import FilterForm, MenuField
from prm.common.names import fold
from prm.common.vendor import today

State, Flag = Registration.State, Registration.Flag
LATE, ENDING, DUE_TODAY = "late", "ending", "today"
ENDING_DAYS = 14
PARTNER_FIELDS = ("region", "cam", "tier", "type", "stage")


def _search(placeholder: Any) -> forms.CharField:
    attrs = {"type": "search", "placeholder": placeholder, "autocomplete": "off"}
    return forms.CharField(label=_("Search"), required=False, max_length=200, widget=forms.TextInput(attrs=attrs))


class RegistrationFilter(FilterForm):
    """By state, product line, how it came and what is to be looked at."""

    q = _search(_("Company or reference"))
    state = MenuField(label=_("State"), choices=State.choices)
    line = MenuField(label=_("Product line"))
    look = MenuField(
        label=_("Look at"),
        choices=[
            (LATE, _("Not decided in time")),
            (DUE_TODAY, _("To decide today")),
            (ENDING, _("Protection ends soon")),
        ],
        any_label=_("All"),
    )
    field_order = ["q", "state", "line", "look", "flag", "channel"]

    def __init__(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self._offer_lines()

    def _offer_lines(self) -> None:
        self.lines = {row.key: row for row in ProductLine.objects.all()}
        fields: dict[str, Any] = self.fields
        fields["line"].choices = [(key, row.name) for key, row in self.lines.items()]

    def narrow(self, queryset: QuerySet[Registration]) -> QuerySet[Registration]:
        values = self.cleaned_data
        if values["state"]:
            queryset = queryset.filter(state__in=values["state"])
        if values["line"]:
            queryset = queryset.filter(pk__in=_with_lines([self.lines[key].pk for key in values["line"]]))
        if values["look"]:
            queryset = queryset.filter(Q(*(self._look(look) for look in values["look"]), _connector=Q.OR))
        if values.get("flag"):
            queryset = queryset.filter(flag__in=values["flag"])
        if values.get("channel"):
            queryset = queryset.filter(channel__in=values["channel"])
        if text := values["q"].strip():
            queryset = queryset.filter(self._named(text))
        return queryset

    def _look(self, look: str) -> Q:
        now, day = timezone.now(), today()
        if look == LATE:
            return Q(state=State.SUBMITTED, decide_by__lt=now)
        if look == DUE_TODAY:
            end = timezone.localtime(now).replace(hour=23, minute=59, second=59)
            return Q(state=State.SUBMITTED, decide_by__range=(now, end))
        return Q(state=State.APPROVED, expires_on__range=(day, day + dt.timedelta(days=ENDING_DAYS)))

    def _named(self, text: str) -> Q:
        words = [Q(name_key__contains=word) for word in fold(text).split()]
        found = Q(reference__iexact=text) | Q(customer_name__icontains=text)
        return found | Q(*words) if words else found


def _with_lines(lines: list[int]) -> QuerySet[Any]:
    through: Any = Registration.product_lines.through
    return through.objects.filter(productline__in=lines).order_by().values("registration")


class RegistrationListFilter(PartnerFilter, RegistrationFilter):
    """The vendor's: also by what the check found, how it came, and any field of the partner filter."""

    q = _search(_("Company, reference or partner"))
    flag = MenuField(
        label=_("Conflict"),
        choices=[(flag.value, flag.label) for flag in (Flag.CLEAR, Flag.POSSIBLE, Flag.FLAGGED)],
    )
    channel = MenuField(label=_("Came by"), choices=Registration.Channel.choices)
    field_order = [*RegistrationFilter.field_order, *PARTNER_FIELDS]

    def __init__(self, data: Mapping[str, Any], *, user: User) -> None:
        super().__init__(data, user=user)
        if not user.can(Permission.DECIDE_REGISTRATIONS):
            del self.fields["flag"]
        if "partner" in self.data:
            self.fields["partner"] = forms.IntegerField(
                label=_("Partner"), required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput
            )

    def narrow(self, queryset: Any) -> Any:
        queryset = RegistrationFilter.narrow(self, queryset)
        if pk := self.cleaned_data.get("partner"):
            queryset = queryset.filter(partner=pk)
        more = [name for name, field in self.fields.items() if isinstance(field, NarrowingField)]
        if any(self.cleaned_data.get(name) not in (None, "", []) for name in (*PARTNER_FIELDS, *more)):
            partners = self.standing(Partner.objects.visible_to(self.user))
            queryset = queryset.filter(partner__in=partners.order_by().values("pk"))
        return queryset

    def describe(self, name: str, value: str) -> str:
        if name == "partner" and value.isascii() and value.isdigit() and len(value) < 19:
            found = Partner.objects.visible_to(self.user).filter(pk=int(value)).first()
            return found.name if found else value
        return super().describe(name, value)

    def _named(self, text: str) -> Q:
        partners = Partner.objects.visible_to(self.user).filter(matches(text)).order_by()
        return super()._named(text) | Q(partner__in=partners.values("pk"))
