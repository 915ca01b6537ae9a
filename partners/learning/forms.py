"""Forms over certifications and required tasks. What they hold is written by `partners.learning.actions`."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from partners.forms import date_input
from partners.list_forms import MORE
from partners.models import Certification, Contact, Partner, Task
from prm.common.merging import MergingMixin
from prm.common.vendor import today

MORE["certificates"] = {
    "months_valid": forms.IntegerField(
        required=False,
        min_value=1,
        max_value=600,
        label=_("months valid"),
        widget=forms.NumberInput(attrs={"placeholder": _("months")}),
    )
}


class CertificationForm(MergingMixin, forms.ModelForm):
    """A certification; a new one may add its person with it."""

    new_name = forms.CharField(label=_("Or somebody new: name"), required=False, max_length=150)
    new_email = forms.EmailField(label=_("Their e-mail"), required=False, max_length=254)

    class Meta:
        model = Certification
        fields = ["contact", "certificate", "level", "earned_on", "expires_on"]
        widgets = {"earned_on": date_input(), "expires_on": date_input()}

    def __init__(self, *args: Any, partner: Partner, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["contact"].queryset = partner.contacts.all()
        fields["contact"].empty_label = _("The partner itself")
        day = today().isoformat()
        fields["earned_on"].widget.attrs["max"] = day
        if self.instance.pk:
            del fields["new_name"], fields["new_email"]
            fields["expires_on"].help_text = _("Leave empty where it doesn’t expire.")
            self.remember_shown()
        else:
            fields["certificate"].empty_label = _("Choose …")
            self.initial.setdefault("earned_on", day)
            fields["never"] = forms.BooleanField(label=_("It never expires"), required=False)
            fields["expires_on"].help_text = _("Leave empty for what the certificate says.")
            self.order_fields(
                ["certificate", "contact", "new_name", "new_email", "level", "earned_on", "expires_on", "never"]
            )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("new_name") and values.get("contact"):
            self.add_error("new_name", _("Choose a person or name a new one, not both."))
        if values.get("new_email") and not values.get("new_name"):
            self.add_error("new_name", _("Say whose e-mail this is."))
        if values.get("never") and values.get("expires_on"):
            self.add_error("never", _("There is a day on which it expires."))
        return values

    def fields_of_new(self) -> Mapping[str, Any]:
        """What `add_certification` takes."""
        values = self.cleaned_data
        fields = {name: values[name] for name in ("contact", "certificate", "level", "earned_on")}
        if values["expires_on"] or values["never"]:
            fields["expires_on"] = values["expires_on"]
        if values["new_name"]:
            fields["person"] = {"name": values["new_name"], "email": values["new_email"]}
        return fields


class DoneForm(forms.Form):
    """A required task is done: when, by whom at the partner."""

    on = forms.DateField(label=_("Done on"), widget=date_input())
    who = forms.CharField(label=_("Done by"), required=False, max_length=150)
    note = forms.CharField(label=_("Note"), required=False, max_length=300)

    def __init__(self, data: Any = None, *, task: Task, people: list[Contact]) -> None:
        day = today()
        super().__init__(data, prefix=f"task{task.pk}", initial={"on": day})
        self.fields["on"].widget.attrs["max"] = day.isoformat()
        if people:
            self.fields["who"].widget.attrs |= {"list": "people-options", "autocomplete": "off"}


class TaskForm(forms.ModelForm):
    """A task of the catalogue."""

    class Meta:
        model = Task
        fields = ["name", "detail", "tier", "stage", "order"]
        widgets = {"detail": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["tier"].empty_label, fields["stage"].empty_label = _("Any tier"), _("Any life stage")
        fields["tier"].help_text = _("Required of partners assigned this tier.")
        if not self.instance.pk:
            del fields["order"]
