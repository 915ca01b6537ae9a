from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from prm.common import logo, timezones
from prm.common.currencies import MINOR_UNITS
from prm.common.models import CurrencyRate, Holiday, VendorSettings
from prm.common.rag import DEFAULT_THRESHOLDS, Thresholds
from prm.common.saved_views import SHARES
from prm.common.vendor import today


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **attrs: Any) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class GeneralForm(forms.ModelForm):
    reporting_currency = forms.ChoiceField(
        label=_("Reporting currency"),
        choices=[(code, code) for code in sorted(MINOR_UNITS)],
        help_text=_("Amounts in other currencies are converted to this one with the rates under Currencies."),
    )
    fiscal_start_month = forms.TypedChoiceField(
        label=_("Fiscal year starts in"),
        coerce=int,
        choices=list(MONTHS.items()),
        help_text=_(
            "The year is named after the calendar year in which it ends. A change moves the quarters of all reports."
        ),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("For deadlines and clocks, and for people who chose none of their own.")
    )

    class Meta:
        model = VendorSettings
        fields = ["name", "reporting_currency", "fiscal_start_month", "time_zone", "opens_at", "closes_at", "accent"]
        widgets = {"opens_at": TimeInput(), "closes_at": TimeInput()}
        help_texts = {
            "name": _("As your partners see it, in the frame of every page and in mails."),
            "accent": _(
                "The colour of main buttons and links, as #rrggbb; empty for Cadence’s own. Where it would be hard to read, "
                "pages use a darker or lighter shade of it."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = timezones.choices(today())
        self.fields["accent"].widget.attrs |= {"placeholder": "#3355cc", "spellcheck": "false", "size": 9}


class LogoForm(forms.Form):
    logo = forms.FileField(
        label=_("New logo"),
        help_text=_("PNG, JPEG or WebP, at most 1 MB. It is shown 28 pixels high, on light and on dark."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )

    def clean_logo(self) -> bytes:
        file = self.cleaned_data["logo"]
        if file.size > logo.MAX_BYTES:
            raise ValidationError(_("The file is larger than 1 MB. A logo needs far less."))
        return logo.as_png(file.read())


class HolidayForm(forms.ModelForm):
    class Meta:
        model = Holiday
        fields = ["on", "name"]
        widgets = {"on": DateInput()}


class RateForm(forms.ModelForm):
    class Meta:
        model = CurrencyRate
        fields = ["currency", "on", "rate"]
        widgets = {"on": DateInput()}
        help_texts = {"on": _("Holds from this day until the next one you enter.")}

    currency = forms.ChoiceField(label=_("Currency"))
    rate = forms.DecimalField(
        label=_("Rate"), max_digits=20, decimal_places=10, min_value=Decimal("0.0000000001"), localize=True
    )

    def __init__(self, *args: Any, reporting: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = [(code, code) for code in sorted(MINOR_UNITS) if code != reporting]
        self.fields["currency"].choices = [("", _("Choose one")), *codes]
        self.fields["rate"].help_text = _("What 1 unit of it is worth in %(currency)s.") % {"currency": reporting}


class ThresholdsForm(forms.Form):
    starts_on = forms.DateField(
        label=_("In force from"),
        widget=DateInput(),
        help_text=_("Today or later: what was judged before stays as it was."),
    )
    capability_green = forms.IntegerField(label=_("Capability scores: green from"), min_value=1, max_value=100)
    capability_amber = forms.IntegerField(label=_("Capability scores: amber from"), min_value=1, max_value=100)
    attainment_green = forms.IntegerField(label=_("Attainments, in %: green from"), min_value=1, max_value=200)
    attainment_amber = forms.IntegerField(label=_("Attainments, in %: amber from"), min_value=1, max_value=200)
    recruit_green = forms.IntegerField(label=_("Candidates, fit: go from"), min_value=1, max_value=100)
    recruit_amber = forms.IntegerField(label=_("Candidates, fit: develop from"), min_value=1, max_value=100)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for family in DEFAULT_THRESHOLDS:
            green, amber = data.get(f"{family}_green"), data.get(f"{family}_amber")
            if green is not None and amber is not None and amber >= green:
                wrong = (
                    _("Develop has to begin below go.") if family == "recruit" else _("Amber has to begin below green.")
                )
                self.add_error(f"{family}_amber", wrong)
        return data

    @property
    def families(self) -> dict[str, Thresholds]:
        data = self.cleaned_data
        return {
            family: Thresholds(green=data[f"{family}_green"], amber=data[f"{family}_amber"])
            for family in DEFAULT_THRESHOLDS
        }


class ViewForm(forms.Form):
    """The name of a saved view and, for who may share, whether it is for everybody."""

    name = forms.CharField(label=_("Name"), max_length=60)
    shared = forms.BooleanField(label=_("For everybody"), required=False)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not user.can(SHARES):
            del self.fields["shared"]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        return values if "shared" in values else {**values, "shared": False}
