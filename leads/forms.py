"""Forms over leads. What they hold is written by `leads.actions`."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from leads import people
from leads.models import Lead
from partners.forms import PartnerPick, date_input
from pipeline.models import ProductLine
from prm.common.countries import COUNTRIES
from prm.common.merging import MergingMixin
from prm.common.vendor import today

VERTICALS = 200  # suggested while typing
LONGEST = 300


class LeadForm(MergingMixin, forms.ModelForm):
    """A lead, new or as it stands. Who holds it is no part of it."""

    country = forms.ChoiceField(
        label=_("Country"), required=False, choices=[("", "–"), *sorted(COUNTRIES.items(), key=lambda item: item[1])]
    )
    product_lines = forms.ModelMultipleChoiceField(
        ProductLine.objects.all(), label=_("Product lines"), required=False, widget=forms.CheckboxSelectMultiple
    )

    SECTIONS = (
        (_("The company"), ("company", "domain", "country", "city", "region", "vertical", "employees")),
        (_("What it needs"), ("need", "product_lines", "activity")),
        (_("Where it came from"), ("source", "campaign", "score")),
        (_("The person"), ("person", "job_title", "email", "phone", "consent_from", "consent_on")),
    )  # fmt: skip

    class Meta:
        model = Lead
        fields = [
            "company", "domain", "country", "city", "region", "vertical", "employees", "need", "product_lines", "activity",
            "source", "campaign", "score", "person", "job_title", "email", "phone", "consent_from", "consent_on",
        ]  # fmt: skip
        widgets = {
            "need": forms.Textarea(attrs={"rows": 3}),
            "activity": forms.Textarea(attrs={"rows": 2}),
            "vertical": forms.TextInput(attrs={"list": "vertical-options", "autocomplete": "off"}),
            "consent_on": date_input(),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["region"].empty_label = _("Not said")
        fields["consent_on"].widget.attrs["max"] = today().isoformat()
        if self.instance.pk:
            self.initial["score"] = f"{self.instance.score.normalize():f}"
            self.remember_shown()
        else:
            fields["score"].required = False
            fields["score"].help_text = _("0 to 100. Leave it empty for the source’s own.")
        known = Lead.objects.unscoped("words, of no lead in particular").exclude(vertical="").order_by("vertical")
        self.verticals = list(known.values_list("vertical", flat=True).distinct()[:VERTICALS])

    @property
    def sections(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields as a person thinks of them: (heading, fields)."""
        return [(title, [self[name] for name in names]) for title, names in self.SECTIONS]

    def clean_product_lines(self) -> list[ProductLine]:
        return list(self.cleaned_data["product_lines"])

    def show_conflict(self, current: Any, clash: Mapping[str, Any], who: str) -> None:
        lines = list(current.product_lines.all())
        told = {name: ", ".join(map(str, value)) if name == "product_lines" else value for name, value in clash.items()}
        shown = SimpleNamespace(**{name: getattr(current, name) for name in self.fields if name != "product_lines"})
        shown.product_lines = lines
        super().show_conflict(shown, told, who)
        bound, data = self["product_lines"], self.data
        data.setlist(bound.html_initial_name, [str(line.pk) for line in lines])
        if "product_lines" not in self.edits()[0]:
            data.setlist(bound.html_name, [str(line.pk) for line in lines])


def _reason(label: Any, help_text: Any = "", *, required: bool = True) -> forms.CharField:
    return forms.CharField(label=label, max_length=LONGEST, required=required, help_text=help_text)


class ReasonForm(forms.Form):
    """Why; kept in the lead's history."""

    reason = _reason(_("Reason"))


class DeclineForm(forms.Form):
    reason = forms.CharField(
        label=_("Why not"), max_length=LONGEST, widget=forms.TextInput(attrs={"list": "decline-options", "autocomplete": "off"})
    )  # fmt: skip
    OFTEN = (
        _("No capacity right now"),
        _("Outside our region"),
        _("Not our industry"),
        _("Too small"),
        _("Conflict of interest"),
    )


class NoteForm(forms.Form):
    note = forms.CharField(label=_("Note"), max_length=LONGEST, required=False)


class OfferForm(forms.Form):
    """A partner to offer the lead to by hand."""

    partner = forms.Field()

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = PartnerPick("partner", user, None, label=_("Partner"))
        field.required = True
        field.error_messages["required"] = _("Say which partner.")
        self.fields["partner"] = field


class DirectForm(forms.Form):
    """A person of the vendor who takes the lead; an open offer that ends by it needs a reason."""

    person: Any = forms.ModelChoiceField(queryset=None, label=_("Who works on it"), empty_label=None)

    def __init__(self, *args: Any, user: User, lead: Lead, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["person"]
        rows = people.who_can_hold()
        field.queryset = rows if lead.person_direct_id is None else rows.exclude(pk=lead.person_direct_id)
        field.initial = user.pk
        if lead.state == Lead.State.OFFERED:
            self.fields["reason"] = _reason(_("Why the offer ends"))


class ClosedForm(forms.Form):
    """What came of the vendor's own sale."""

    won = forms.TypedChoiceField(
        label=_("Outcome"), choices=[("yes", _("Won")), ("no", _("Lost"))], coerce=lambda value: value == "yes", empty_value=None
    )  # fmt: skip
    on = forms.DateField(label=_("On"), widget=date_input(), required=False)
    reason = _reason(_("Why lost"), required=False)


class CapacityForm(forms.Form):
    """What holds for one partner."""

    capacity = forms.IntegerField(
        label=_("Open leads at once"), required=False, min_value=0, max_value=10_000,
        help_text=_("Leave it empty for the default; 0: it gets none."),
    )  # fmt: skip
    turns = forms.IntegerField(
        label=_("Turns in a round"), min_value=1, max_value=20, help_text=_("Where leads are given out in turn.")
    )
