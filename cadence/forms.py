"""Forms of the cadence: why an item is skipped, a version of the policy, whom partners are handed to."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cadence import policies, tools
from cadence.actions.policy import WORDS, found_wrong
from cadence.schedule import NO_TIER, Rule
from partners import queries as partner_queries
from partners.forms import date_input
from partners.models import LifeStage, Tier
from prm.common.filters import CheckMenu, MenuField

EVERY = [
    ("month", _("Every month")),
    ("quarter", _("Every quarter")),
    ("half", _("Every half-year")),
    ("year", _("Every year")),
]
EMPTY_RULES = 2  # lines to add rules in


class SkipForm(forms.Form):
    reason = forms.CharField(
        label=_("Why"), max_length=300, help_text=_("A skipped item no longer counts; the reason stays with it.")
    )


class VersionForm(forms.Form):
    starts_on = forms.DateField(
        label=_("In force from"),
        widget=date_input(),
        help_text=_("For the periods that start on this day or later. What is due by then stays as it is."),
    )


class RuleForm(forms.Form):
    """One rule of the policy; a line left empty is none."""

    task = forms.ChoiceField(label=_("Task"), required=False)
    every = forms.ChoiceField(label=_("How often"), required=False, choices=[("", "–"), *EVERY])
    tiers = MenuField(label=_("Tiers"), any_label=_("All tiers"))
    stages = MenuField(label=_("Life stages"), any_label=_("All life stages"))
    offset = forms.IntegerField(
        label=_("Offset, working days"), required=False, min_value=-policies.FARTHEST, max_value=policies.FARTHEST
    )

    def __init__(self, *args: Any, choices: dict[str, list[tuple[str, Any]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, offered in choices.items():
            field: Any = self.fields[name]
            field.choices = offered
        for field in self.fields.values():
            if isinstance(field.widget, CheckMenu):
                field.widget.label = field.label

    @property
    def rule(self) -> Rule:
        values = self.cleaned_data
        return Rule(
            task=values.get("task", ""),
            every=values.get("every", ""),
            tiers=frozenset(values["tiers"]) if values.get("tiers") else None,
            stages=frozenset(values["stages"]) if values.get("stages") else None,
            offset=values.get("offset"),
        )


class BaseRules(forms.BaseFormSet):
    """The rules of a version, in order; those without anything in them, or to be removed, are left out."""

    def __init__(self, data: Any = None, *, rules: Sequence[Rule] = ()) -> None:
        initial = [
            {
                "task": rule.task,
                "every": rule.every,
                "tiers": sorted(rule.tiers or ()),
                "stages": sorted(rule.stages or ()),
                "offset": rule.offset,
            }
            for rule in rules
        ]
        super().__init__(data, initial=initial, prefix="rules", form_kwargs={"choices": _choices()})

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = _("Remove")

    @property
    def kept(self) -> list[Any]:
        return [
            form
            for form in self.forms
            if form not in self.deleted_forms and any(form.cleaned_data.get(name) for name in ("task", "every", "tiers", "stages"))
        ]  # fmt: skip

    @property
    def rules(self) -> list[Rule]:
        return [form.rule for form in self.kept]

    def clean(self) -> None:
        if any(self.errors):
            return
        kept = self.kept
        for problem in found_wrong([form.rule for form in kept]):
            words = WORDS[problem.field, problem.code]
            if problem.rule is None:
                raise forms.ValidationError(words)
            kept[problem.rule].add_error(problem.field, words)


def _choices() -> dict[str, list[tuple[str, Any]]]:
    tiers = [(tier.key, tier.name) for tier in Tier.objects.all()]
    return {
        "task": [("", "–"), *((tool.task, tool.label) for tool in tools.tools())],
        "tiers": [*tiers, (NO_TIER, _("No tier"))],
        "stages": [(stage.key, stage.name) for stage in LifeStage.objects.all()],
    }


RuleFormSet: Any = forms.formset_factory(
    RuleForm, formset=BaseRules, extra=EMPTY_RULES, can_delete=True, can_delete_extra=False, max_num=policies.MOST_RULES
)


class HandoverForm(forms.Form):
    """Whom to, and what the new CAM should know."""

    cam: Any = forms.ModelChoiceField(label=_("New CAM"), queryset=None, empty_label=_("Choose …"))
    note = forms.CharField(
        label=_("Note for the new CAM"),
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What isn’t in the system: what they want, what to mind. The partner never sees it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["cam"]
        field.queryset = partner_queries.cams()
