"""The lists of sales data as places: of all partners one sees, and the same of one partner."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from partners import history, hub
from partners.models import Partner


@dataclass(frozen=True)
class Place:
    """A list. `name`: of its address, "pipeline:<name>" for all partners and "pipeline:partner_<name>" for one."""

    name: str
    title: Any
    empty_title: Any
    empty_text: Any
    savable: bool = True


PLACES = {
    place.name: place
    for place in (
        Place(
            "results",
            _("Results"),
            _("No sales results yet"),
            _("What was sold, line by line, credit notes with it. They come by import, or are typed in on a partner’s page."),
        ),
        Place(
            "targets",
            _("Targets"),
            _("No targets yet"),
            _("What each partner is to sell, month by month. They come by import, from the year before, or are set on a partner’s page."),
        ),
        Place(
            "customers",
            _("End customers"),
            _("No end customers yet"),
            _("The companies that partners sell to. They come with results and deals."),
            savable=False,
        ),
        Place(
            "values",
            _("Metric values"),
            _("No metric values yet"),
            _("Figures kept elsewhere, such as app usage. They come by import, or are typed in on a partner’s page."),
        ),
    )
}  # fmt: skip

hub.tab(hub.Tab("sales", _("Sales data"), "pipeline:partner_results", Permission.SEE_PERFORMANCE, 40))


def tabs(current: str, partner: Partner | None = None) -> list[dict[str, Any]]:
    """The lists beside each other, of all partners or of one."""
    return [
        {
            "label": place.title,
            "url": reverse(f"pipeline:partner_{name}", args=[partner.pk]) if partner else reverse(f"pipeline:{name}"),
            "current": name == current,
        }
        for name, place in PLACES.items()
    ]


history.VERBS |= {
    "result.added": _("Sales result added: %(name)s"),
    "result.changed": _("Sales result changed: %(name)s"),
    "result.removed": _("Sales result removed: %(name)s"),
    "customer.added": _("End customer added: %(name)s"),
    "customer.removed": _("End customer removed: %(name)s"),
    "metric_value.added": _("Metric value added: %(name)s"),
    "metric_value.changed": _("Metric value changed: %(name)s"),
    "metric_value.removed": _("Metric value removed: %(name)s"),
    "targets.set": _("Targets set: %(name)s"),
    "targets.generated": _("Targets generated: %(name)s"),
}
