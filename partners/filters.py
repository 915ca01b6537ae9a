"""The one filter over partners: lists and roll-ups read the same address, so a figure can link to exactly its rows.

A roll-up filters with `PartnerFilter(request.GET, user=request.user)` and links a figure to
`reverse("partners:list") + filter.query_string(region="west", …)`. What no field of the bar can say ("red in support") is a
`Narrowing`, registered by the tool it belongs to; lists apply it and show it as a chip.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Role
from partners import queries
from partners.models import Action, Contact, LifeStage, Partner, PartnerType, Region, Tier
from prm.common.countries import COUNTRIES
from prm.common.filters import FilterForm, MenuField
from prm.common.fiscal import FiscalCalendar, FiscalQuarter
from prm.common.names import fold
from prm.common.vendor import today, vendor_settings

NOBODY = "none"
QUARTERS_BACK, QUARTERS_AHEAD = 11, 1


@dataclass(frozen=True)
class Narrowing:
    """Something a figure narrows by that has no field of its own.

    `clean(text)` gives the value or raises ValidationError; `apply(queryset of partners, value, filter)` narrows;
    `describe(text, filter)` says it in words for the chip, and only what the filter's user may know.
    """

    key: str
    label: Any
    clean: Callable[[str], Any]
    apply: Callable[[QuerySet[Partner], Any, "PartnerFilter"], QuerySet[Partner]]
    describe: Callable[[str, "PartnerFilter"], str] = lambda text, filter: text


_narrowings: dict[str, Narrowing] = {}


def narrowing(entry: Narrowing) -> Narrowing:
    """Registers a narrowing; the key becomes a parameter of every list's address."""
    _narrowings[entry.key] = entry
    return entry


class NarrowingField(forms.CharField):
    def __init__(self, entry: Narrowing) -> None:
        super().__init__(required=False, label=entry.label, max_length=200, widget=forms.HiddenInput)
        self.entry = entry

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return self.entry.clean(text) if text else None


class PartnerFilter(FilterForm):
    """Which partners: name, region, CAM, tier, type, life stage; for roll-ups (`with_period`) also the fiscal quarter."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=200,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": _("Name, domain, id, contact"), "autocomplete": "off"}
        ),
    )
    region = MenuField(label=_("Region"))
    cam = MenuField(label=_("CAM"))
    tier = MenuField(label=_("Tier"))
    type = MenuField(label=_("Type"))
    stage = MenuField(label=_("Life stage"))
    period = forms.ChoiceField(label=_("Quarter"), required=False)

    # By which of a partner's own columns these fields narrow. A roll-up that looks at where it stood then leaves some out.
    columns: ClassVar[Mapping[str, str]] = {
        "region": "region", "tier": "tier", "type": "partner_type", "stage": "stage", "cam": "cam",
    }  # fmt: skip

    def __init__(self, data: Mapping[str, Any], *, user: User, with_period: bool = False) -> None:
        super().__init__(data)
        self.user = user
        self.rows: dict[str, dict[str, Any]] = {}
        for name, model, empty in (
            ("region", Region, _("No region")),
            ("tier", Tier, _("No tier")),
            ("type", PartnerType, None),
            ("stage", LifeStage, None),
        ):
            rows = {row.key: row for row in model.objects.all()}
            self._offer(name, rows, [(key, row.name) for key, row in rows.items()], empty)
        people = {str(person.pk): person for person in self._cams()}
        self._offer("cam", people, [(pk, person.display_name) for pk, person in people.items()], _("Nobody"))
        self._offer_quarters(with_period)
        for key, entry in _narrowings.items():
            if key in self.data:
                self.fields[key] = NarrowingField(entry)

    def _offer(self, name: str, rows: dict[str, Any], choices: list[tuple[str, Any]], empty: Any) -> None:
        self.rows[name] = rows
        field: Any = self.fields[name]
        field.choices = [*choices, (NOBODY, empty)] if empty else choices

    def _cams(self) -> QuerySet[User]:
        """Those who own partners this user sees; all CAMs for those who see all partners."""
        seen = Partner.objects.visible_to(self.user).filter(cam__isnull=False).order_by().values("cam")
        owners = Q(pk__in=seen)
        if any(role.sees_all_partners for role in self.user.roles) and not self.user.region_limits.exists():
            owners |= Q(pk__in=User.objects.filter(groups__name=Role.CAM).order_by().values("pk"))
        return User.objects.filter(owners).only("name", "email").order_by("name", "id")

    def _offer_quarters(self, shown: bool) -> None:
        settings = vendor_settings()
        day = today(settings)
        calendar = FiscalCalendar(settings.fiscal_start_month)
        current = calendar.quarter_of(day)
        quarters = [current.shift(-back) for back in range(-QUARTERS_AHEAD, QUARTERS_BACK + 1)]
        self.current_quarter = current
        self.quarters = {quarter.key: quarter for quarter in quarters}
        field: Any = self.fields["period"]
        field.choices = [("", _("This quarter")), *((quarter.key, quarter.label) for quarter in quarters)]
        if not shown:
            field.widget = forms.HiddenInput()
            if not self.data.get("period"):
                del self.fields["period"]

    @property
    def quarter(self) -> FiscalQuarter:
        """The fiscal quarter asked for; the current one when none, or nonsense, is."""
        return self.quarters.get(self.data.get("period", ""), self.current_quarter)

    def narrow(self, queryset: QuerySet[Partner]) -> QuerySet[Partner]:
        """Expects a queryset of partners; other tables filter by `partner__in`."""
        queryset = self.standing(queryset)
        text = self.cleaned_data.get("q")
        return queryset.filter(matches(text)) if text else queryset

    def standing(self, queryset: QuerySet[Partner]) -> QuerySet[Partner]:
        """Partners by everything but the search, which in other tables finds other things, too."""
        for name, column in self.columns.items():
            if values := self.cleaned_data.get(name):
                wanted = Q(**{f"{column}__in": [self.rows[name][value].pk for value in values if value != NOBODY]})
                queryset = queryset.filter(wanted | Q(**{f"{column}__isnull": True}) if NOBODY in values else wanted)
        for name, field in self.fields.items():
            if isinstance(field, NarrowingField) and (value := self.cleaned_data.get(name)) is not None:
                queryset = field.entry.apply(queryset, value, self)
        return queryset

    def describe(self, name: str, value: str) -> str:
        field = self.fields[name]
        return field.entry.describe(value, self) if isinstance(field, NarrowingField) else super().describe(name, value)

    def list_url(self, **changes: Any) -> str:
        """The list of exactly the partners this filter, with `changes`, finds."""
        return reverse("partners:list") + self.query_string(**{"sort": None, **changes})


def matches(text: str) -> Q:
    """Partners whose name has all the words of `text`, or whose domain, external id or a contact has it as it stands."""
    plain = text.strip()
    people = Contact.objects.unscoped("narrows partners the caller has scoped").order_by()
    people = people.filter(Q(name__icontains=plain) | Q(email__icontains=plain))
    found = Q(domain__icontains=plain) | Q(external_id__iexact=plain) | Q(pk__in=people.values("partner"))
    if words := fold(plain).split():
        found |= Q(*(Q(name_key__contains=word) for word in words))
    return found


class ActionFilter(FilterForm):
    """Which items of action plans: those still open, unless the status says otherwise."""

    q = forms.CharField(label=_("Search"), required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Action or partner"), "autocomplete": "off"}))  # fmt: skip
    status = MenuField(label=_("Status"), choices=Action.Status.choices, any_label=_("Open and in progress"))
    owner = MenuField(label=_("Owner"))
    due = forms.ChoiceField(
        label=_("Due"),
        required=False,
        choices=[("", _("Any time")), ("late", _("Late")), ("week", _("Next 7 days")), ("none", _("No date"))],
    )

    def __init__(self, data: Mapping[str, Any], *, user: User) -> None:
        super().__init__(data)
        owners = User.objects.filter(pk__in=queries.actions(user).order_by().values("owner")).order_by("name", "id")
        if any(role.sees_all_partners for role in user.roles):
            # Partners' people would be thousands: only those the address asks for.
            asked = [int(one) for one in self.data.getlist("owner") if one.isdecimal() and len(one) < 19]
            owners = owners.filter(Q(membership=None) | Q(pk__in=asked))
        owner: Any = self.fields["owner"]
        owner.choices = [
            ("me", _("Me")),
            *((str(one.pk), one.display_name) for one in owners if one != user),
            (NOBODY, _("Nobody")),
        ]
        self.user = user

    def narrow(self, queryset: QuerySet[Action]) -> QuerySet[Action]:
        values = self.cleaned_data
        queryset = queryset.filter(status__in=values["status"] or Action.LIVE)
        if values["owner"]:
            ids = [self.user.pk if one == "me" else int(one) for one in values["owner"] if one != NOBODY]
            wanted = Q(owner__in=ids)
            queryset = queryset.filter(wanted | Q(owner__isnull=True) if NOBODY in values["owner"] else wanted)
        day = today()
        if values["due"] == "late":
            queryset = queryset.filter(due_on__lt=day)
        elif values["due"] == "week":
            queryset = queryset.filter(due_on__range=(day, day + dt.timedelta(days=7)))
        elif values["due"] == "none":
            queryset = queryset.filter(due_on__isnull=True)
        if text := values["q"]:
            queryset = queryset.filter(Q(title__icontains=text) | Q(partner__name__icontains=text))
        return queryset


def _partner_id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise forms.ValidationError(_("That is not the number of a partner."))
    return int(text)


def _partner_name(text: str, chosen: PartnerFilter) -> str:
    pk = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    found = Partner.objects.visible_to(chosen.user).filter(pk=pk).first()
    return found.name if found else text


def _country(text: str) -> str:
    if text not in COUNTRIES:
        raise forms.ValidationError(_("That is not the code of a country."))
    return text


narrowing(
    Narrowing("branches_of", _("Branches of"), _partner_id, lambda rows, pk, _f: rows.filter(parent=pk), _partner_name)
)
narrowing(
    Narrowing(
        "distributor", _("Distributor"), _partner_id, lambda rows, pk, _f: rows.filter(distributor=pk), _partner_name
    )
)
narrowing(
    Narrowing(
        "country",
        _("Country"),
        _country,
        lambda rows, code, _f: rows.filter(country=code),
        lambda code, _f: COUNTRIES.get(code, code),
    )
)
