"""The vendor's lists that sales figures refer to, among its other lists: product lines, stages of deals, metrics."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from partners.catalogue import LISTS, Entry, VendorList
from partners.list_forms import MORE
from pipeline.models import Deal, DealStage, Metric, MetricValue, ProductLine, TargetVersion
from pipeline.targets import DEALS, REVENUE


def _refuse_stages(rows: Mapping[int, Any], entries: Sequence[Entry]) -> dict[str, str]:
    """Deals in a stage are open, won or lost with it; and each of these has to have a stage."""
    errors = {}
    changed = [entry for entry in entries if entry.pk and entry.more["outcome"] != rows[entry.pk].outcome]
    deals = Deal.objects.unscoped("counted for the vendor's own lists")
    for entry in changed:
        if deals.filter(stage=entry.pk).exists():
            errors[str(entry.pk)] = _(
                "Deals are in this stage: whether they are won, lost or open can’t change with it."
            )
    told = {entry.pk for entry in entries}
    outcomes = {entry.more["outcome"] for entry in entries} | {
        row.outcome for pk, row in rows.items() if pk not in told
    }
    if missing := [choice for choice in DealStage.Outcome if choice not in outcomes]:
        last = str(changed[0].pk) if changed else "new"
        words = _("One stage has to be: %(outcome)s.") % {"outcome": missing[0].label.lower()}
        errors.setdefault(last, words)
    return errors


def _only_stage(row: DealStage) -> str:
    if DealStage.objects.filter(outcome=row.outcome).exclude(pk=row.pk).exists():
        return ""
    return _("One stage has to be: %(outcome)s.") % {"outcome": row.get_outcome_display().lower()}


def _refuse_metrics(rows: Mapping[int, Any], entries: Sequence[Entry]) -> dict[str, str]:
    """The unit of figures that are there stays; and no metric takes the name of those there always are."""
    errors = {}
    values = MetricValue.objects.unscoped("counted for the vendor's own lists")
    for entry in entries:
        row = rows.get(entry.pk or 0)
        if row and entry.more["unit"] != row.unit and (values.filter(metric=row).exists() or _has_targets(row)):
            errors[str(row.pk)] = _("There are figures or targets of it: its unit stays.")
        elif not row and entry.name.strip().casefold() in (REVENUE, DEALS):
            errors["new"] = _("This metric there is already.")
    return errors


def _has_targets(row: Metric) -> bool:
    return TargetVersion.objects.unscoped("counted for the vendor's own lists").filter(metric=row.key).exists()


def _targeted(row: Metric) -> str:
    return _("There are targets for “%(name)s”.") % {"name": row.name} if _has_targets(row) else ""


LISTS |= {
    "products": VendorList(
        ProductLine,
        _l("Product lines"),
        _l("What partners sell, as coarse as targets and plans look at it."),
        keyed=True,
    ),
    "deal-stages": VendorList(
        DealStage,
        _l("Deal stages"),
        _l("The steps of a deal, in order, with the probability of winning it and what it means to be there."),
        fields=("probability", "outcome"),
        keyed=True,
        refuse=_refuse_stages,
        stays=_only_stage,
    ),
    "metrics": VendorList(
        Metric,
        _l("Metrics"),
        _l("Figures kept elsewhere: app usage, recurring revenue, plan signed. Internal ones no partner sees."),
        fields=("unit", "summary", "lower_is_better", "internal"),
        keyed=True,
        reserved=frozenset({REVENUE, DEALS}),
        refuse=_refuse_metrics,
        stays=_targeted,
    ),
}

MORE |= {
    "deal-stages": {
        "probability": forms.DecimalField(
            label=_l("Probability, %"), min_value=0, max_value=100, max_digits=5, decimal_places=2, initial=0
        ),
        "outcome": forms.ChoiceField(label=_l("Outcome"), choices=DealStage.Outcome.choices, initial="open"),
    },
    "metrics": {
        "unit": forms.ChoiceField(label=_l("Unit"), choices=Metric.Unit.choices, initial="number"),
        "summary": forms.ChoiceField(label=_l("In a period"), choices=Metric.Summary.choices, initial="latest"),
        "lower_is_better": forms.BooleanField(required=False, label=_l("lower is better")),
        "internal": forms.BooleanField(required=False, label=_l("internal")),
    },
}
