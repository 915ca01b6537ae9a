"""Forms of the program's pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from partners.models import Tier
from scorecards.tiers.overrides import LONGEST


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


def _words(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, max_length=LONGEST, help_text=help_text, widget=forms.Textarea(attrs={"rows": 3})
    )


class StartForm(forms.Form):
    starts_on = forms.DateField(label=_("Holds from"), widget=DayInput())


class UploadForm(forms.Form):
    file = forms.FileField(label=_("File (YAML)"))


class OverrideForm(forms.Form):
    tier = forms.ModelChoiceField(Tier.objects.all(), label=_("Tier"))
    ends_on = forms.DateField(label=_("Until"), widget=DayInput())
    reason = _words(_("Reason"), _("The partner reads this."))


class AssignForm(forms.Form):
    """`seen`: the tier that the person was offered, so that nobody assigns another one unawares."""

    tier = forms.ModelChoiceField(Tier.objects.all(), widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)


class EndForm(forms.Form):
    tier = forms.ModelChoiceField(
        Tier.objects.all(), label=_("Assign then"), required=False, empty_label=_("Leave the tier as it is")
    )


class AppealForm(forms.Form):
    text = _words(_("Why you see it otherwise"), _("You can appeal once against an override."))


class DecisionForm(forms.Form):
    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[("upheld", _("Uphold: the override ends")), ("rejected", _("Reject: the override stays"))],
        widget=forms.RadioSelect,
    )
    tier = forms.ModelChoiceField(
        Tier.objects.all(), label=_("If upheld, assign"), required=False, empty_label=_("Leave the tier as it is")
    )
    answer = _words(_("Answer"), _("The partner reads this."))
