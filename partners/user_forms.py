from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.forms import language_choices
from accounts.models import User
from accounts.permissions import PARTNER_ROLES, Role
from partners import users
from partners.models import Partner, Region
from prm.common.filters import FilterForm, MenuField


def _role_choices(roles: Any) -> list[tuple[str, Any]]:
    return [(role.value, role.label) for role in roles]


class RolesForm(forms.Form):
    """Roles, and for those who may be chiefs the regions they are limited to."""

    roles = forms.TypedMultipleChoiceField(
        label=_("Roles"),
        coerce=Role,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("More than one is fine: they add up."),
    )
    regions = forms.ModelMultipleChoiceField(
        label=_("A chief sees only"),
        queryset=Region.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick none for all regions. Matters only for a channel chief who is nothing else."),
    )

    def __init__(self, *args: Any, offered: Any, with_regions: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["roles"].choices = _role_choices(offered)
        fields["regions"].queryset = Region.objects.all()
        if not with_regions or not Region.objects.exists():
            del self.fields["regions"]


class InviteForm(RolesForm):
    name = forms.CharField(label=_("Name"), max_length=150)
    email = forms.EmailField(label=_("E-mail"), help_text=_("The invitation goes there. It works for seven days."))
    language = forms.ChoiceField(label=_("Language"), help_text=_("Of the invitation; they may change it."))

    field_order = ["partner", "name", "email", "roles", "regions", "language"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["language"].choices = language_choices()


class InviteToPartnerForm(InviteForm):
    partner = forms.ModelChoiceField(label=_("Partner"), queryset=Partner.objects.none(), empty_label=_("Choose one"))

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, offered=users.MEMBER_ROLES, **kwargs)
        fields: Any = self.fields
        fields["partner"].queryset = Partner.objects.visible_to(by)


STATES = {
    "active": (_("Active"), Q(is_active=True) & ~Q(password__startswith="!")),
    "invited": (_("Invited"), Q(is_active=True, password__startswith="!")),
    "off": (_("Deactivated"), Q(is_active=False)),
}


class UserFilter(FilterForm):
    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=200,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": _("Name, e-mail, partner"), "autocomplete": "off"}
        ),
    )
    side = forms.ChoiceField(
        label=_("Side"), required=False, choices=[("", _("Both")), ("vendor", _("Ours")), ("partner", _("Partners’"))]
    )
    role = MenuField(label=_("Role"), choices=_role_choices(Role))
    state = MenuField(label=_("State"), choices=[(key, label) for key, (label, _q) in STATES.items()])

    def narrow(self, queryset: QuerySet[User]) -> QuerySet[User]:
        data = self.cleaned_data
        if text := data["q"]:
            found = Q(name__icontains=text) | Q(email__icontains=text) | Q(membership__partner__name__icontains=text)
            queryset = queryset.filter(found)
        if data["side"]:
            partners = User.objects.filter(groups__name__in=PARTNER_ROLES)
            queryset = queryset.filter(Q(pk__in=partners) if data["side"] == "partner" else ~Q(pk__in=partners))
        if data["role"]:
            queryset = queryset.filter(pk__in=User.objects.filter(groups__name__in=data["role"]))
        if data["state"]:
            wanted = Q()
            for state in data["state"]:
                wanted |= STATES[state][1]
            queryset = queryset.filter(wanted)
        return queryset
