"""Forms over objectives. What they hold is written by `partners.objectives.actions`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from partners.models import Objective
from partners.objectives.actions import MOST_PERCENT
from partners.objectives.progress import plain
from partners.objectives.queries import Line, Proposal
from prm.common.fiscal import FiscalYear
from prm.common.merging import MergingMixin


def number(label: Any = "", **kwargs: Any) -> forms.DecimalField:
    """A number by an objective's yardstick."""
    widget = forms.NumberInput(attrs={"step": "any"})
    return forms.DecimalField(label=label, required=False, max_digits=16, decimal_places=2, widget=widget, **kwargs)


class ObjectiveForm(MergingMixin, forms.ModelForm):
    """An objective: what is to be reached, by which yardstick, and from where to where where that can be said in numbers."""

    class Meta:
        model = Objective
        fields = ["side", "fiscal_year", "title", "yardstick", "unit", "baseline", "goal"]
        help_texts = {
            "yardstick": _("What you look at to see how far it is: “deals won”, “days to answer”, “certified people”."),
        }

    def __init__(
        self, *args: Any, sides: Sequence[tuple[str, Any]] = (), years: Sequence[FiscalYear] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        for name in ("baseline", "goal"):
            fields[name].widget = forms.NumberInput(attrs={"step": "any"})
            if (known := getattr(self.instance, name)) is not None:
                self.initial[name] = plain(known)
        fields["unit"].widget.attrs["placeholder"] = _("people, days, % …")
        fields["title"].widget.attrs["autofocus"] = True
        if self.instance.pk:
            del fields["side"], fields["fiscal_year"]
            self.remember_shown()
            return
        fields["side"].choices = list(sides)
        fields["fiscal_year"] = forms.TypedChoiceField(
            label=fields["fiscal_year"].label, coerce=int, choices=[(year.year, year.label) for year in years]
        )
        if len(sides) == 1:
            fields["side"].widget = forms.HiddenInput()
            fields["side"].initial = sides[0][0]
        self.order_fields(self.Meta.fields)

    def _get_validation_exclusions(self) -> set[str]:
        # Whether start and goal fit is the action's to say, on the field that it is about.
        return {*super()._get_validation_exclusions(), "baseline", "goal"}  # type: ignore[misc]  # of ModelForm


class ProgressForm(MergingMixin, forms.Form):
    """How far objectives are at the end of one quarter: a value and a note of each."""

    def __init__(self, data: Any = None, *, lines: Sequence[Line], quarter: int) -> None:
        super().__init__(data)
        self.lines, self.quarter = lines, quarter
        for line in lines:
            one, entry = line.objective, line.slots[quarter - 1]
            said: dict[str, Any] = {"title": one.title, "unit": one.unit or "%" if one.goal is None else one.unit}
            label = _now("%(title)s: reached, %(unit)s") if said["unit"] else _now("%(title)s: reached")
            value = number(label % said, initial=plain(entry.value) if entry else None)
            if one.goal is None:
                value.widget.attrs |= {"min": 0, "max": int(MOST_PERCENT)}
            note = forms.CharField(
                label=_now("%(title)s: note") % said,
                required=False,
                max_length=300,
                initial=entry.note if entry else "",
            )
            self.fields[f"value_{one.pk}"], self.fields[f"note_{one.pk}"] = value, note
        self.remember_shown()

    @property
    def rows(self) -> list[tuple[Line, forms.BoundField, forms.BoundField]]:
        return [(line, self[f"value_{line.objective.pk}"], self[f"note_{line.objective.pk}"]) for line in self.lines]

    def entered(self) -> tuple[dict[int, dict[str, Any]], dict[int, dict[str, Any]]]:
        """(changes, seen) by objective's id, as `enter_progress` takes them."""
        changes, seen = self.edits()
        return _by_objective(changes), _by_objective(seen)


def _by_objective(values: Mapping[str, Any]) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for key, value in values.items():
        name, pk = key.split("_")
        found.setdefault(int(pk), {})[name] = value
    return found


class DropForm(forms.Form):
    """Why an objective is given up."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class TakeOverForm(forms.Form):
    """The objectives of the year before, as they could go on: which of them, and from where to where."""

    def __init__(self, data: Any = None, *, proposals: Sequence[Proposal]) -> None:
        super().__init__(data)
        self.proposals = proposals
        for proposal in proposals:
            one = proposal.before
            said = {"title": one.title}
            self.fields[f"take_{one.pk}"] = forms.BooleanField(
                label=_now("Take over: %(title)s") % said, required=False, initial=True
            )
            self.fields[f"title_{one.pk}"] = forms.CharField(
                label=_now("Objective: %(title)s") % said, max_length=200, initial=one.title
            )
            if proposal.aim.baseline is not None and proposal.aim.goal is not None:
                self.fields[f"baseline_{one.pk}"] = number(
                    _now("%(title)s: from") % said, initial=plain(proposal.aim.baseline)
                )
                self.fields[f"goal_{one.pk}"] = number(_now("%(title)s: to") % said, initial=plain(proposal.aim.goal))

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [
            {
                "proposal": proposal,
                **{
                    name: self[key] if (key := f"{name}_{proposal.before.pk}") in self.fields else None
                    for name in ("take", "title", "baseline", "goal")
                },
            }
            for proposal in self.proposals
        ]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        for pk in self._taken(values):
            if f"goal_{pk}" not in self.fields or self.errors.keys() & {f"goal_{pk}", f"baseline_{pk}"}:
                continue
            start, goal = values[f"baseline_{pk}"], values[f"goal_{pk}"]
            if (start is None) != (goal is None):
                self.add_error(f"goal_{pk}", _("Give both a start and a goal, or neither."))
            elif goal is not None and start == goal:
                self.add_error(f"goal_{pk}", _("The goal is where it starts: let them differ."))
        if not self._taken(values):
            self.add_error(None, _("Choose at least one."))
        return values

    def _taken(self, values: Mapping[str, Any]) -> list[int]:
        return [one.before.pk for one in self.proposals if values.get(f"take_{one.before.pk}")]

    def taken(self) -> list[dict[str, Any]]:
        """What `take_over` takes as its rows."""
        values, rows = self.cleaned_data, {one.before.pk: one.before for one in self.proposals}
        return [
            {
                "side": rows[pk].side,
                "title": values[f"title_{pk}"],
                "yardstick": rows[pk].yardstick,
                "unit": rows[pk].unit,
                "baseline": values.get(f"baseline_{pk}"),
                "goal": values.get(f"goal_{pk}"),
            }
            for pk in self._taken(values)
        ]
