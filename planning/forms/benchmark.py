"""The forms of what plans start from."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _l

from partners.models import PartnerType
from planning.document import GROUPS
from planning.forms.steps import Step
from planning.models import PlanBenchmark

CONTENT = Step("benchmark", _l("Benchmark"), (*GROUPS, "terms", "scenarios"))


class KindForm(forms.Form):
    """For whom a new benchmark holds; one that is there already is refused."""

    partner_type = forms.ModelChoiceField(
        PartnerType.objects.all(), label=_l("Partner type"), required=False, empty_label=_l("Any type")
    )
    size = forms.ChoiceField(
        label=_l("Size"), required=False, choices=[("", _l("Any size")), *PlanBenchmark.Size.choices]
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if not self.errors and PlanBenchmark.objects.filter(
            partner_type=given.get("partner_type"), size=given.get("size", "")
        ):
            self.add_error(None, _l("There is a benchmark for this type and size."))
        return given
