"""The form over the rules of approval, and over delegations."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from mdf.models import ApprovalStep, Fund
from mdf.steps import MOST_DAYS, MOST_MONEY, Level, Rules, Step
from partners.forms import date_input


def _amount(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=False, min_value=Decimal(0), max_value=MOST_MONEY, max_digits=15, decimal_places=2, localize=True,
        help_text=_("Empty: no such step."),
    )  # fmt: skip


class RulesForm(forms.Form):
    """Who decides above which amount, and how quickly. The lowest of those who decide does so from the first cent on."""

    cam = forms.BooleanField(label=_("The channel account manager decides first"), required=False)
    marketing = _amount(_("The marketing manager, too, above"))
    chief = _amount(_("The channel chief, too, above"))
    sla_days = forms.IntegerField(label=_("Each decides within, working days"), min_value=1, max_value=MOST_DAYS)
    escalation_days = forms.IntegerField(
        label=_("Escalated after, working days"), min_value=0, max_value=MOST_DAYS,
        help_text=_("After the day it was to be decided by. 0: at once."),
    )  # fmt: skip
    starts_on = forms.DateField(
        label=_("In force from"), widget=date_input(), help_text=_("What was submitted before keeps its steps.")
    )

    def __init__(self, data: Any = None, *, rules: Rules, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        above = {step.level: step.above for step in rules.steps}
        self.initial.setdefault("cam", Level.CAM in above)
        for level in (Level.MARKETING, Level.CHIEF):
            if level in above:
                self.initial.setdefault(level.value, Decimal(f"{above[level].normalize():f}"))
        self.initial.setdefault("sla_days", rules.sla_days)
        self.initial.setdefault("escalation_days", rules.escalation_days)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if self.errors:
            return values
        marketing, chief = values["marketing"], values["chief"]
        if not values["cam"] and marketing is None and chief is None:
            raise forms.ValidationError(_("Somebody has to decide: name at least one."))
        if marketing is not None and chief is not None and chief <= marketing:
            self.add_error("chief", _("This is to be above what the marketing manager decides."))
        first = "cam" if values["cam"] else "marketing" if marketing is not None else "chief"
        if first != "cam" and values.get(first) != 0:
            self.add_error(first, _("Nobody decides what is smaller: enter 0."))
        if values["cam"]:
            for name in ("marketing", "chief"):
                if values.get(name) == 0:
                    self.add_error(
                        name, _("Enter an amount above 0: the channel account manager decides from there on.")
                    )
        return values

    @property
    def rules(self) -> Rules:
        values = self.cleaned_data
        steps = [Step(Level.CAM, Decimal(0))] if values["cam"] else []
        steps += [
            Step(level, values[level.value])
            for level in (Level.MARKETING, Level.CHIEF)
            if values[level.value] is not None
        ]
        return Rules(tuple(steps), values["sla_days"], values["escalation_days"])


class FundPick(forms.Form):
    """Whose rules: the vendor's, or those of one fund."""

    fund = forms.ModelChoiceField(Fund.objects.none(), label=_("Rules of"), required=False, empty_label=_("All funds"))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        field: Any = self.fields["fund"]
        field.queryset = Fund.objects.order_by("-starts_on", "name", "pk")


class DelegationForm(forms.Form):
    """Who decides in whose place, from one day to another. Only those who look after the settings choose for somebody else."""

    person = forms.ModelChoiceField(User.objects.none(), label=_("Away"))
    delegate = forms.ModelChoiceField(User.objects.none(), label=_("Decides in their place"))
    starts_on = forms.DateField(label=_("From"), widget=date_input())
    ends_on = forms.DateField(
        label=_("To"), required=False, widget=date_input(), help_text=_("Empty: until you end it.")
    )

    def __init__(self, data: Any = None, *, user: User, people: Any, for_others: bool, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["delegate"].queryset = people if for_others else people.exclude(pk=user.pk)
        fields["person"].queryset = people
        self.initial.setdefault("person", user.pk)
        if not for_others:
            del fields["person"]


def level_words(step: Step) -> str:
    return str(ApprovalStep.Level(step.level.value).label)
