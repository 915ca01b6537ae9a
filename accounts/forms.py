from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.sign_in_forms import PASSWORD_HELP
from accounts.tokens import Scope
from prm.common import timezones
from prm.common.models import VendorSettings
from prm.common.vendor import today


def language_choices() -> list[tuple[str, str]]:
    """Each language under its own name."""
    return [(code, get_language_info(code)["name_local"].capitalize()) for code, _name in settings.LANGUAGES]


class PreferencesForm(forms.ModelForm):
    """Language and time zone; an empty time zone means the vendor's."""

    language = forms.ChoiceField(label=_("Language"))
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)

    def __init__(self, *args, vendor: VendorSettings, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        same = _("Same as %(vendor)s (%(zone)s)") % {"vendor": vendor.name, "zone": vendor.time_zone.replace("_", " ")}
        fields: Any = self.fields
        fields["language"].choices = language_choices()
        fields["time_zone"].choices = [("", same), *timezones.choices(today(vendor))]


class AcceptForm(PreferencesForm):
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=PASSWORD_HELP,
    )

    class Meta:
        model = User
        fields = ["name", "language", "time_zone"]
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}

    field_order = ["name", "password", "language", "time_zone"]

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        password = self.cleaned_data.get("password")
        if password:
            try:
                password_validation.validate_password(password, self.instance)
            except ValidationError as error:
                self.add_error("password", error)


class ProfileForm(PreferencesForm):
    theme = forms.ChoiceField(
        label=_("Theme"),
        choices=[("auto", _("As the device says")), ("light", _("Light")), ("dark", _("Dark"))],
        required=False,
        widget=forms.RadioSelect,
        help_text=_("For this browser."),
    )

    class Meta:
        model = User
        fields = ["name", "phone", "language", "time_zone"]
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "phone": forms.TextInput(attrs={"autocomplete": "tel"}),
        }


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("What it is for, so that you know it again: “CRM sync”.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("May"),
        choices=[(scope.value, scope.label) for scope in Scope],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Never more than you may do yourself."),
    )
    days = forms.TypedChoiceField(
        label=_("Ends after"),
        coerce=int,
        choices=[(30, _("30 days")), (90, _("90 days")), (365, _("a year"))],
        initial=90,
    )
