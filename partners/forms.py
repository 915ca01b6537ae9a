"""Forms over partners, their contacts and the work with them. What they hold is written by `partners.actions`."""

import re
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission
from partners import queries
from partners.actions import ASSIGNED
from partners.models import Action, Contact, LifeStage, Partner, Region, Tier, Touch
from prm.common.countries import COUNTRIES
from prm.common.currencies import MINOR_UNITS
from prm.common.merging import MergingMixin
from prm.common.names import normalised
from prm.common.vendor import today

_NUMBERED = re.compile(r"#(\d{1,18})\)?\s*$")


def date_input() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class PartnerPick(forms.Field):
    """Another partner, by name, with suggestions while typing: ten thousand don't fit in a select."""

    def __init__(self, name: str, user: User, kept: Partner | None, **kwargs: Any) -> None:
        address = reverse_lazy("partners:pick")
        attrs = {
            "list": f"{name}-options",
            "autocomplete": "off",
            "placeholder": _("Name of a partner"),
            "hx-get": f"{address}?for={name}",
            "hx-trigger": "input changed delay:200ms",
            "hx-target": f"#{name}-options",
        }
        super().__init__(required=False, widget=forms.TextInput(attrs=attrs), **kwargs)
        self.rows: QuerySet[Partner] = Partner.objects.visible_to(user)
        self.kept = kept  # stays choosable even where this person doesn't see it

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Partner):
            value = value.pk
        if not isinstance(value, int):
            return value
        found = self.rows.filter(pk=value).first()
        return option_text(found) if found else f"#{value}"

    def to_python(self, value: Any) -> Partner | None:
        text = str(value or "").replace("\x00", "").strip()[:250]
        if not text:
            return None
        if number := _NUMBERED.search(text):
            pk = int(number[1])
            found = self.kept if self.kept and self.kept.pk == pk else self.rows.filter(pk=pk).first()
            if found:
                return found
        same = list(self.rows.filter(Q(name_key=normalised(text)) | Q(external_id=text))[:2])
        if len(same) == 1:
            return same[0]
        raise forms.ValidationError(
            _("Two partners have this name: choose one from the list.")
            if same
            else _("There is no partner of this name.")
        )


def option_text(partner: Partner) -> str:
    return f"{partner.name} (#{partner.pk})"


class PartnerForm(MergingMixin, forms.ModelForm):
    country = forms.ChoiceField(
        label=_("Country"), required=False, choices=[("", "–"), *sorted(COUNTRIES.items(), key=lambda item: item[1])]
    )
    annual_revenue_currency = forms.ChoiceField(
        label=_("Currency"), required=False, choices=[("", "–"), *((code, code) for code in sorted(MINOR_UNITS))]
    )

    SECTIONS = (
        (_("Who they are"), ("name", "external_id", "domain", "phone", "address", "city", "country")),
        (_("Where they stand"), ("partner_type", "tier", "stage", "region", "cam", "cover", "signed_on", "parent", "distributor")),
        (_("Their business"), ("employees", "sales_reps", "annual_revenue", "annual_revenue_currency", "year_opened")),
        (_("For us only"), ("internal_note",)),
    )  # fmt: skip

    class Meta:
        model = Partner
        fields = [
            "name", "external_id", "domain", "partner_type", "tier", "stage", "region", "cam", "cover", "signed_on",
            "parent", "distributor", "country", "city", "address", "phone", "employees", "sales_reps",
            "annual_revenue",
            "annual_revenue_currency", "year_opened", "internal_note",
        ]  # fmt: skip
        widgets = {"signed_on": date_input(), "internal_note": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("parent", "distributor"):
            kept = getattr(self.instance, name) if self.instance.pk else None
            self.fields[name] = PartnerPick(name, user, kept, label=self.fields[name].label)
        if user.can(Permission.ASSIGN_PARTNERS):
            for name in ("cam", "cover"):
                field: Any = self.fields[name]
                current = Q(pk=getattr(self.instance, f"{name}_id"))
                field.queryset = User.objects.filter(Q(pk__in=queries.cams().order_by().values("pk")) | current)
                field.empty_label = _("Nobody")
        else:
            for name in ASSIGNED:
                del self.fields[name]
        if self.instance.pk:
            del self.fields["stage"]  # a change of stage has a date and a reason: a form of its own
            self.remember_shown()

    @property
    def sections(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields as a person thinks of them: (heading, fields)."""
        return [(title, [self[name] for name in names if name in self.fields]) for title, names in self.SECTIONS]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("annual_revenue") is not None and not values.get("annual_revenue_currency"):
            self.add_error("annual_revenue_currency", _("Say which currency the revenue is in."))
        return values


class ContactForm(MergingMixin, forms.ModelForm):
    class Meta:
        model = Contact
        fields = ["name", "email", "phone", "title", "function", "is_primary"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.remember_shown()


class TouchForm(forms.ModelForm):
    class Meta:
        model = Touch
        fields = ["on", "kind", "purpose", "people", "minutes", "note", "shared"]
        widgets = {"on": date_input(), "note": forms.TextInput()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        day = today()
        self.fields["on"].initial = day
        self.fields["on"].widget.attrs["max"] = day.isoformat()


class ActionForm(MergingMixin, forms.ModelForm):
    resource = forms.URLField(label=_("Resource"), required=False, max_length=200, assume_scheme="https")

    class Meta:
        model = Action
        fields = ["title", "detail", "owner", "due_on", "status", "resource", "shared"]
        widgets = {"due_on": date_input(), "detail": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, partner: Partner, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["owner"]
        owner.queryset = queries.action_owners(partner)
        owner.empty_label = _("Nobody yet")
        if self.instance.pk:
            self.remember_shown()
        else:
            del self.fields["status"]


class StageForm(forms.Form):
    """A change of life stage, from a day on, and why."""

    stage = forms.ModelChoiceField(LifeStage.objects.all(), label=_("Life stage"), empty_label=None)
    on = forms.DateField(label=_("From"), widget=date_input())
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        day = today()
        self.fields["on"].initial = day
        self.fields["on"].widget.attrs["max"] = day.isoformat()


class MoveForm(forms.Form):
    """One thing changed for many partners: to what, and why. Nothing is chosen beforehand, "nobody" neither."""

    value = forms.ChoiceField()
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args: Any, what: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        label, rows, empty = {
            "cam": (_("New CAM"), queries.cams(), _("Nobody")),
            "cover": (_("New cover"), queries.cams(), _("Nobody")),
            "tier": (_("New tier"), Tier.objects.all(), _("No tier")),
            "region": (_("New region"), Region.objects.all(), _("No region")),
            "stage": (_("New life stage"), LifeStage.objects.all(), None),
        }[what]
        self.rows: dict[str, Any] = {str(row.pk): row for row in rows}
        if empty:
            self.rows["none"] = None
        named = [(pk, str(row or empty)) for pk, row in self.rows.items()]
        value: Any = self.fields["value"]
        value.label, value.choices = label, [("", _("Choose …")), *named]

    def clean_value(self) -> Any:
        return self.rows[self.cleaned_data["value"]]
