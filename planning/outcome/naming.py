"""What the numbers of a plan are called, for the tornado, the workbook and the PDF."""

from __future__ import annotations

from django.utils.translation import gettext as _

from planning.forecast.assumptions import Assumptions
from planning.forecast.sensitivity import Number, Path


def field_names() -> dict[str, str]:
    """Field ("sale.price"; in a group that has its own word for it, "training.month") → its name."""
    return {
        "start": _("Start month"),
        "deals.first": _("Deals in the first month"),
        "deals.growth": _("Growth of deals a month, %"),
        "deals.cap": _("Most deals a month"),
        "deals.share": _("Share of the sellers' capacity, %"),
        "sale.deal_size": _("Average deal size"),
        "sale.run_rate": _("Opening run rate a month"),
        "sale.erosion": _("Erosion of the run rate a month, %"),
        "sale.price": _("Monthly price per deal"),
        "sale.churn": _("Churn a month, %"),
        "sale.opening_base": _("Active customers at the start"),
        "margin": _("Margin, %"),
        "rebate": _("Rebate, %"),
        "services.attach": _("Deals with services, %"),
        "services.lag": _("Months until delivery"),
        "services.price": _("One-time services per deal"),
        "services.margin": _("Services margin, %"),
        "services.managed_price": _("Managed services a month per deal"),
        "services.managed_margin": _("Managed services margin, %"),
        "services.managed_churn": _("Managed services churn a month, %"),
        "count": _("How many"),
        "rate": _("Deals a month at full productivity"),
        "ramp": _("Months until full productivity"),
        "cost": _("Cost"),
        "sellers.cost": _("Cost a year each"),
        "people.cost": _("Cost a year each"),
        "month": _("Month"),
        "monthly": _("Spend a month"),
        "mdf_share": _("Paid by MDF, %"),
        "terms": _("Months until customers pay"),
    }


def field_name(path: Path) -> str:
    """The name of the number at a path ("lines", 0, "sale", "price")."""
    names = field_names()
    field = ".".join(part for part in path[1:] if isinstance(part, str)) or str(path[0])
    return names.get(f"{path[0]}.{field}") or names[field]


def number_name(number: Number, assumptions: Assumptions) -> str:
    """A number with its row's name: "Backup: margin, %"; of the plan's own, its name alone."""
    name = field_name(number.path)
    if not number.row:
        return name
    row = getattr(assumptions, str(number.path[0]))[int(number.path[1])]
    return _("%(row)s: %(number)s") % {"row": row.name, "number": name[:1].lower() + name[1:]}
