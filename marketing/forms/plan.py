"""What is typed of a plan itself: which quarters, its goals."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _l

from accounts.models import User
from marketing.forms.fields import AmountField
from marketing.models import MarketingPlan
from partners.forms import PartnerPick
from pipeline.models import ProductLine
from prm.common.fiscal import FiscalCalendar
from prm.common.money import minor_units

BACK, AHEAD = 1, 5  # quarters that can be chosen, from the present one


def quarter_choices(calendar: FiscalCalendar, day: Any) -> list[tuple[str, str]]:
    """The quarter before, the present one, and those to come."""
    current = calendar.quarter_of(day)
    every = [current.shift(step) for step in range(-BACK, AHEAD + 1)]
    return [(quarter.key, quarter.label) for quarter in every]


class StartForm(forms.Form):
    """For which quarters; the next one is chosen already."""

    first_quarter = forms.ChoiceField(label=_l("Quarter"))
    quarters = forms.ChoiceField(
        label=_l("For"), choices=[("1", _l("one quarter")), ("2", _l("two quarters in a row"))]
    )

    def __init__(self, data: Any = None, *, calendar: FiscalCalendar, day: Any) -> None:
        following = calendar.quarter_of(day).shift(1)
        super().__init__(data, initial={"first_quarter": following.key, "quarters": "1"})
        field: Any = self.fields["first_quarter"]
        field.choices = quarter_choices(calendar, day)


class PartnerForm(forms.Form):
    """Whose plan it is."""

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data)
        self.fields["partner"] = PartnerPick("partner", user, None, label=_l("Partner"))
        self.fields["partner"].required = True
        self.fields["partner"].error_messages["required"] = _l("Say whose plan it is.")


class GoalsForm(forms.Form):
    """What the plan is for. `of_vendor`: with what the vendor notes for itself."""

    title = forms.CharField(label=_l("Title"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    message = forms.CharField(
        label=_l("Message"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    audience = forms.CharField(
        label=_l("Audience"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    product_lines = forms.ModelMultipleChoiceField(
        ProductLine.objects.all(), label=_l("Product lines"), required=False, to_field_name="key",
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    vendor_note = forms.CharField(
        label=_l("Internal note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_l("The partner never sees it."),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, plan: MarketingPlan, of_vendor: bool) -> None:
        super().__init__(data, initial=initial_of(plan), prefix="goals")
        places = minor_units(plan.currency)
        for name, label in (("pipeline_goal", _l("Pipeline wanted")), ("revenue_goal", _l("Revenue wanted"))):
            self.fields[name] = AmountField(label=label, currency=plan.currency, places=places, figure=True)
        if not of_vendor:
            del self.fields["vendor_note"]

    @property
    def changes(self) -> dict[str, Any]:
        """What was changed, as `actions.save` takes it."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name in self.cleaned_data}

    def clean_product_lines(self) -> list[str]:
        return [line.key for line in self.cleaned_data["product_lines"]]

    @property
    def revision(self) -> int | None:
        """That of the plan the writer started from; None where it doesn't say."""
        found = str(self.data.get("goals-revision", ""))
        return int(found) if re.fullmatch(r"[0-9]{1,9}", found) else None

    @property
    def wrong(self) -> dict[str, str]:
        """Messages by the id of the field; "" for what is no field's."""
        return {
            "" if name == "__all__" else self[name].auto_id or "": " ".join(str(error) for error in errors)
            for name, errors in self.errors.items()
        }


def initial_of(plan: MarketingPlan) -> dict[str, Any]:
    names = ("title", "message", "audience", "vendor_note", "pipeline_goal", "revenue_goal")
    found = {name: getattr(plan, name) for name in names}
    return {**found, "product_lines": [line.key for line in plan.product_lines.all()]}
