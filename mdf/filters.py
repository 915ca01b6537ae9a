"""Which requests, claims and lines: by what they are, the fund they are paid from, and the partners they are of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from marketing.models import Tactic
from mdf.models import ApprovalStep, Claim, Fund, Line, Request
from partners.filters import NarrowingField, PartnerFilter, matches
from partners.models import Partner
from prm.common.filters import FilterForm, MenuField
from prm.common.vendor import today

LATE, TO_PAY, UNCLAIMED, ENDING, UNFUNDED = "late", "to_pay", "unclaimed", "ending", "unfunded"
ENDING_DAYS = 14
PARTNER_FIELDS = ("region", "cam", "tier", "type", "stage")


def _search(placeholder: Any) -> forms.CharField:
    attrs = {"type": "search", "placeholder": placeholder, "autocomplete": "off"}
    return forms.CharField(label=_("Search"), required=False, max_length=200, widget=forms.TextInput(attrs=attrs))


def late_steps(kind: str) -> QuerySet[Any]:
    """Keys of the requests or claims whose step wasn't decided in time."""
    rows = ApprovalStep.objects.unscoped("narrows rows that are scoped")
    rows = rows.filter(state=ApprovalStep.State.WAITING, decide_by__lt=timezone.now(), **{f"{kind}__isnull": False})
    return rows.order_by().values(kind)


class _Filter(FilterForm):
    """What filters of requests, claims and lines share: the fund."""

    fund_path = "fund"
    fund = MenuField(label=_("Fund"))

    def __init__(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        fields: dict[str, Any] = self.fields
        rows = Fund.objects.order_by("-starts_on", "name", "pk")
        fields["fund"].choices = [(str(pk), name) for pk, name in rows.values_list("pk", "name")]

    def narrow(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if funds := self.cleaned_data.get("fund"):
            queryset = queryset.filter(**{f"{self.fund_path}__in": funds})
        if text := self.cleaned_data["q"].strip():
            queryset = queryset.filter(self._named(text))
        return queryset

    def _named(self, text: str) -> Q:
        raise NotImplementedError


class RequestFilter(_Filter):
    """By state, fund and what is to be looked at."""

    q = _search(_("Reference or plan"))
    state = MenuField(label=_("State"), choices=Request.State.choices)
    look = MenuField(
        label=_("Look at"), choices=[(LATE, _("Not decided in time")), (UNFUNDED, _("Asks for no money"))], any_label=_("All")
    )  # fmt: skip
    field_order = ["q", "state", "fund", "look"]

    def narrow(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        queryset, values = super().narrow(queryset), self.cleaned_data
        if values["state"]:
            queryset = queryset.filter(state__in=values["state"])
        if values["look"]:
            queryset = queryset.filter(Q(*(self._look(look) for look in values["look"]), _connector=Q.OR))
        return queryset

    def _look(self, look: str) -> Q:
        return Q(pk__in=late_steps("request")) if look == LATE else Q(fund__isnull=True)

    def _named(self, text: str) -> Q:
        return Q(reference__iexact=text) | Q(plan__title__icontains=text)


class ClaimFilter(_Filter):
    """By state, fund, tactic and what is to be looked at."""

    fund_path = "request__fund"
    q = _search(_("Reference or activity"))
    state = MenuField(label=_("State"), choices=Claim.State.choices)
    tactic = MenuField(label=_("Tactic"))
    look = MenuField(
        label=_("Look at"), choices=[(LATE, _("Not decided in time")), (TO_PAY, _("To be paid"))], any_label=_("All")
    )
    field_order = ["q", "state", "fund", "tactic", "look"]

    def __init__(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["tactic"].choices = list(Tactic.objects.values_list("key", "name"))

    def narrow(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        queryset, values = super().narrow(queryset), self.cleaned_data
        if values["state"]:
            queryset = queryset.filter(state__in=values["state"])
        if values["tactic"]:
            queryset = queryset.filter(line__activity__tactic__key__in=values["tactic"])
        if values["look"]:
            queryset = queryset.filter(Q(*(self._look(look) for look in values["look"]), _connector=Q.OR))
        return queryset

    def _look(self, look: str) -> Q:
        return Q(pk__in=late_steps("claim")) if look == LATE else Q(state=Claim.State.APPROVED)

    def _named(self, text: str) -> Q:
        return (
            Q(reference__iexact=text)
            | Q(request__reference__iexact=text)
            | Q(line__activity__title__icontains=text)
            | Q(paid_reference__iexact=text)
        )


class PortalRequestFilter(RequestFilter):
    """The partner's: it isn't told of funds it has no part in."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        del self.fields["fund"]


class PortalClaimFilter(ClaimFilter):
    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        del self.fields["fund"]


class LineFilter(_Filter):
    """Lines of requests: by fund, tactic, and how far their money came."""

    fund_path = "request__fund"
    q = _search(_("Activity or request"))
    tactic = MenuField(label=_("Tactic"))
    look = MenuField(
        label=_("Look at"),
        choices=[(UNCLAIMED, _("Approved, not claimed yet")), (ENDING, _("To be claimed soon")), (TO_PAY, _("To be paid"))],
        any_label=_("All"),
    )  # fmt: skip
    field_order = ["q", "fund", "tactic", "look"]

    def __init__(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["tactic"].choices = list(Tactic.objects.values_list("key", "name"))

    def tactic_keys(self) -> list[tuple[int, str]]:
        return list(Tactic.objects.values_list("pk", "key"))

    def narrow(self, queryset: QuerySet[Line]) -> QuerySet[Line]:
        queryset, values = super().narrow(queryset), self.cleaned_data
        if values["tactic"]:
            queryset = queryset.filter(activity__tactic__key__in=values["tactic"])
        if values["look"]:
            queryset = queryset.filter(Q(*(self._look(look) for look in values["look"]), _connector=Q.OR))
        return queryset

    def _look(self, look: str) -> Q:
        open_now = Q(request__state=Request.State.APPROVED, approved__gt=0)
        if look == UNCLAIMED:
            return open_now & Q(claimed=0)
        if look == ENDING:
            day = today()
            return open_now & Q(claim_until__range=(day, day + dt.timedelta(days=ENDING_DAYS)), claimed=0)
        to_pay = Claim.objects.unscoped("narrows lines that are scoped").filter(state=Claim.State.APPROVED)
        return Q(pk__in=to_pay.order_by().values("line"))

    def _named(self, text: str) -> Q:
        return Q(activity__title__icontains=text) | Q(request__reference__iexact=text)


class _OfPartners(PartnerFilter):
    """Adds the fields of the partner filter to one over what partners own. First in the bases."""

    own: type[_Filter]

    def __init__(self, data: Mapping[str, Any], *, user: User) -> None:
        super().__init__(data, user=user)
        if "partner" in self.data:
            self.fields["partner"] = forms.IntegerField(
                label=_("Partner"), required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput
            )

    def narrow(self, queryset: Any) -> Any:
        queryset = self.own.narrow(self, queryset)  # type: ignore[arg-type]
        path = queryset.model.partner_path
        if pk := self.cleaned_data.get("partner"):
            queryset = queryset.filter(**{path: pk})
        more = [name for name, field in self.fields.items() if isinstance(field, NarrowingField)]
        if any(self.cleaned_data.get(name) not in (None, "", []) for name in (*PARTNER_FIELDS, *more)):
            partners = self.standing(Partner.objects.visible_to(self.user))
            queryset = queryset.filter(**{f"{path}__in": partners.order_by().values("pk")})
        return queryset

    def describe(self, name: str, value: str) -> str:
        if name == "partner" and value.isascii() and value.isdigit() and len(value) < 19:
            found = Partner.objects.visible_to(self.user).filter(pk=int(value)).first()
            return found.name if found else value
        return super().describe(name, value)

    def _partners(self, text: str) -> QuerySet[Any]:
        return Partner.objects.visible_to(self.user).filter(matches(text)).order_by().values("pk")


class RequestListFilter(_OfPartners, RequestFilter):
    own = RequestFilter
    q = _search(_("Reference, plan or partner"))
    field_order = [*RequestFilter.field_order, *PARTNER_FIELDS]

    def _named(self, text: str) -> Q:
        return RequestFilter._named(self, text) | Q(partner__in=self._partners(text))


class ClaimListFilter(_OfPartners, ClaimFilter):
    own = ClaimFilter
    q = _search(_("Reference, activity or partner"))
    field_order = [*ClaimFilter.field_order, *PARTNER_FIELDS]

    def _named(self, text: str) -> Q:
        return ClaimFilter._named(self, text) | Q(partner__in=self._partners(text))


class LineListFilter(_OfPartners, LineFilter):
    own = LineFilter
    q = _search(_("Activity, request or partner"))
    field_order = [*LineFilter.field_order, *PARTNER_FIELDS]

    def _named(self, text: str) -> Q:
        return LineFilter._named(self, text) | Q(request__partner__in=self._partners(text))
