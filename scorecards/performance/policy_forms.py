"""Forms over the policies behind the figures."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from partners.forms import date_input
from partners.models import LifeStage, PartnerType
from pipeline.models import Metric
from scorecards.performance.coverage import Window
from scorecards.performance.figures import ATTAINMENTS, NAMES
from scorecards.performance.policies import DEFAULT, MOST, Composite, Coverage

WINDOWS = {Window.REST: _("Rest of the fiscal year"), Window.NEXT: _("Next four quarters")}


def _starts_on() -> forms.DateField:
    return forms.DateField(label=_("In force from"), widget=date_input(), help_text=_("Today or later."))


def _number(label: Any, initial: Decimal | None, **more: Any) -> forms.DecimalField:
    known: dict[str, Any] = {"min_value": Decimal(0), "max_digits": 18, "decimal_places": 4, "localize": True}
    return forms.DecimalField(label=label, initial=initial, **known | more)


class CoverageForm(forms.Form):
    prefix = "coverage"

    window = forms.ChoiceField(label=_("Window"), choices=list(WINDOWS.items()))
    starts_on = _starts_on()

    def __init__(self, *args: Any, now: Coverage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["window"] = now.window
        self.fields["index"] = _number(
            _("Coverage that makes 100%"), now.index, max_value=MOST,
            help_text=_("3: a pipeline of three times what remains of the target."),
        )  # fmt: skip
        self.order_fields(["index", "window", "starts_on"])

    @property
    def coverage(self) -> Coverage:
        return Coverage(self.cleaned_data["index"], Window(self.cleaned_data["window"]))


class StageChoice(forms.Form):
    """Which life stage's weights are looked at."""

    stage = forms.ChoiceField(label=_("Life stage"), required=False)

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data, auto_id="choose_%s")
        stages = dict(LifeStage.objects.values_list("key", "name"))
        self.names: dict[str, Any] = {DEFAULT: _("All without weights of their own"), **stages}
        field: Any = self.fields["stage"]
        field.choices = list(self.names.items())

    @property
    def asked(self) -> str:
        stage = self.data.get("stage", "")
        return stage if stage in self.names else DEFAULT


class WeightsForm(forms.Form):
    """The weights of one life stage, empty ones weighing nothing, and the cap of all."""

    prefix = "weights"

    starts_on = _starts_on()

    def __init__(self, *args: Any, now: Composite, stage: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = now.stages.get(stage, {})
        self.keys = weighable(own)
        for key, name in self.keys.items():
            self.fields[f"w-{key}"] = _number(name, own.get(key), required=False, max_value=MOST)
        self.fields["cap"] = _number(
            _("Cap, %"), now.cap, max_value=MOST, help_text=_("More than this counts as this. In all life stages.")
        )
        self.order_fields([*(f"w-{key}" for key in self.keys), "cap", "starts_on"])

    @property
    def weights(self) -> dict[str, Decimal]:
        typed = {key: self.cleaned_data.get(f"w-{key}") for key in self.keys}
        return {key: weight for key, weight in typed.items() if weight}


def weighable(own: Mapping[str, Decimal]) -> dict[str, Any]:
    """What may have a weight, by key: figures in percent, the vendor's metrics, and what has one already."""
    figures = {key: name for key, name in NAMES.items() if key in ATTAINMENTS or key in own}
    return {**figures, **dict(Metric.objects.values_list("key", "name"))}


class BenchmarkForm(forms.Form):
    """Sales per rep of the types that sell."""

    prefix = "benchmark"

    starts_on = _starts_on()

    def __init__(self, *args: Any, now: Mapping[str, Decimal], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.types = dict(PartnerType.objects.filter(transacts=True).values_list("key", "name"))
        for key, name in self.types.items():
            self.fields[f"t-{key}"] = _number(name, now.get(key), required=False)
        self.order_fields([*(f"t-{key}" for key in self.types), "starts_on"])

    @property
    def amounts(self) -> dict[str, Decimal]:
        typed = {key: self.cleaned_data.get(f"t-{key}") for key in self.types}
        return {key: amount for key, amount in typed.items() if amount is not None}
