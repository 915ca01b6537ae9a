"""The small forms of the pages that follow a plan."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from planning.models import BusinessPlan, Reforecast


class ReforecastForm(forms.Form):
    """Confirms what is seen; `mark` says which figures that were."""

    note = forms.CharField(
        label=gettext_lazy("Note"),
        help_text=gettext_lazy("What you agreed on, if anything. Both sides see it."),
        required=False,
        max_length=Reforecast._meta.get_field("note").max_length,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    mark = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def show_again(self, mark: str) -> None:
        """After a refusal: the page shows today's figures, and the next attempt is about those."""
        self.data = {**dict(self.data.items()), "mark": mark}


class VersionForm(forms.Form):
    """Which earlier version to compare with. What isn't one of them is the version that was followed, or the one before."""

    version = forms.ChoiceField(label=gettext_lazy("Compare with"), required=False)

    def __init__(self, data: Mapping[str, Any], *, versions: Sequence[BusinessPlan], follows: int | None) -> None:
        by_number = {str(plan.number): plan for plan in versions}
        default = next((plan for plan in versions if plan.pk == follows), versions[0] if versions else None)
        self.chosen: Any = by_number.get(data.get("version", ""), default)
        super().__init__({"version": str(self.chosen.number) if self.chosen else ""})
        field: Any = self.fields["version"]
        field.choices = [
            (
                number,
                _("Version %(number)s, %(state)s") % {"number": number, "state": plan.get_status_display().lower()},
            )
            for number, plan in by_number.items()
        ]
