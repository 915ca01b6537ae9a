"""What each number of a business plan is called, its unit and what it means in a few words: one list for forms, tornado, paper,
workbook and API."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from planning.forecast.assumptions import BASE, BLEAK, STRETCH, Assumptions
from planning.forecast.sensitivity import Number

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MONEY, PERCENT, MONTH, MONTHS, NONE = "money", "percent", "month", "months", ""
UNIT_MONTHS = _l("mo.")


@dataclass(frozen=True)
class Label:
    """`text` names a field, `hint` says what to enter; `unit` is MONEY (the plan's currency), PERCENT, MONTH (which of the 36),
    MONTHS (how many) or NONE; `empty` says what it means where nothing is entered."""

    text: StrOrPromise
    unit: str = NONE
    hint: StrOrPromise = ""
    empty: StrOrPromise = ""


GROUPS: dict[str, StrOrPromise] = {
    "texts": _l("Joint goals in words"),
    "lines": _l("Product lines"),
    "sellers": _l("Sellers"),
    "people": _l("Other people"),
    "training": _l("Training and certification"),
    "marketing": _l("Marketing"),
    "other": _l("Other costs"),
    "terms": _l("Payment terms"),
    "scenarios": _l("Scenarios"),
}
SCENARIOS: dict[str, StrOrPromise] = {BLEAK: _l("Bleak"), BASE: _l("Base"), STRETCH: _l("Stretch")}
TEXTS: dict[str, Label] = {
    "value_proposition": Label(_l("Why customers buy from you both"), hint=_l("The joint value proposition, in a sentence or two")),
    "verticals": Label(_l("Target verticals"), hint=_l("Where you will sell: industries, sizes, regions")),
    "competitors": Label(_l("Competitors"), hint=_l("Who else the customer asks, and what you say then")),
    "strengths": Label(_l("Strengths and weaknesses"), hint=_l("What you build on, and what has to get better")),
}  # fmt: skip
DEALS = {"ramp": _l("Ramp"), "capacity": _l("Capacity")}
SALE = {"one_time": _l("One-time"), "recurring": _l("Recurring")}
SCENARIO: dict[str, Label] = {
    "deals": Label(_l("Deals"), hint=_l("New deals are multiplied by this, after cap and capacity")),
    "deal_size": Label(_l("Deal size"), hint=_l("Deal size and monthly price; not services")),
    "margin": Label(_l("Margin"), hint=_l("All margins; never above 100 %")),
    "cost": Label(_l("Cost"), hint=_l("People, training, marketing and other costs")),
    "delay": Label(_l("Delay"), MONTHS, _l("Months by which product lines start later")),
}

# By the path of a field without the row's number: "lines.deals.first".
LABELS: dict[str, Label] = {
    "lines.name": Label(_l("Product line")),
    "lines.start": Label(_l("Starts in month"), MONTH, _l("The first month with new deals, 1 to 36")),
    "lines.deals.first": Label(_l("First month's deals"), hint=_l("New deals in the first month")),
    "lines.deals.growth": Label(_l("Growth"), PERCENT, _l("More deals each month, in percent of the month before")),
    "lines.deals.cap": Label(_l("Cap"), hint=_l("Never more new deals than this in a month"), empty=_l("none")),
    "lines.deals.share": Label(_l("Share of capacity"), PERCENT, _l("How much of what the sellers can close goes to this line")),
    "lines.sale.deal_size": Label(_l("Average deal size"), MONEY, _l("What the customer pays the partner for one deal")),
    "lines.sale.run_rate": Label(_l("Opening run rate"), MONEY, _l("Revenue a month from before the plan")),
    "lines.sale.erosion": Label(_l("Erosion"), PERCENT, _l("How much of the run rate is lost each month")),
    "lines.sale.price": Label(_l("Monthly price"), MONEY, _l("What a customer pays the partner each month")),
    "lines.sale.churn": Label(_l("Churn"), PERCENT, _l("Customers who leave each month")),
    "lines.sale.opening_base": Label(_l("Opening base"), hint=_l("Active customers on the first day of the plan")),
    "lines.margin": Label(_l("Margin"), PERCENT, _l("The partner's margin on product revenue")),
    "lines.rebate": Label(_l("Rebate"), PERCENT, _l("Of product revenue, paid by the vendor")),
    "lines.services.attach": Label(_l("Attach rate"), PERCENT, _l("Of the deals that take services along")),
    "lines.services.lag": Label(_l("Delivery lag"), MONTHS, _l("Months from the deal to its services")),
    "lines.services.price": Label(_l("Services a deal"), MONEY, _l("One-time services revenue of such a deal")),
    "lines.services.margin": Label(_l("Services margin"), PERCENT, _l("Before the salaries of delivery people listed under costs")),
    "lines.services.managed_price": Label(_l("Managed services"), MONEY, _l("Each month, of such a deal")),
    "lines.services.managed_margin": Label(_l("Managed margin"), PERCENT, _l("Before the salaries of people listed under costs")),
    "lines.services.managed_churn": Label(
        _l("Managed churn"), PERCENT, _l("Managed customers who leave each month"), _l("as the line")
    ),
    "sellers.name": Label(_l("Role")),
    "sellers.count": Label(_l("People"), hint=_l("How many; half a person is 0.5")),
    "sellers.start": Label(_l("Start month"), MONTH, _l("The first month they are there and paid, 1 to 36")),
    "sellers.rate": Label(_l("Deals a month"), hint=_l("Each, when fully productive")),
    "sellers.ramp": Label(_l("Ramp-up"), MONTHS, _l("Months until fully productive; 0 is at once")),
    "sellers.cost": Label(_l("Cost a year"), MONEY, _l("Loaded cost of one person: salary, commission, overhead")),
    "people.name": Label(_l("Role")),
    "people.count": Label(_l("People"), hint=_l("How many; half a person is 0.5")),
    "people.start": Label(_l("Start month"), MONTH, _l("The first month they are paid, 1 to 36")),
    "people.cost": Label(_l("Cost a year"), MONEY, _l("Loaded cost of one person")),
    "training.name": Label(_l("Training")),
    "training.cost": Label(_l("Cost"), MONEY, _l("All of it, paid in one month")),
    "training.month": Label(_l("Month"), MONTH, _l("When it is paid, 1 to 36")),
    "marketing.name": Label(_l("Activity")),
    "marketing.monthly": Label(_l("A month"), MONEY, _l("Spent every month")),
    "marketing.mdf_share": Label(_l("MDF share"), PERCENT, _l("Of the spend that the vendor pays back")),
    "other.name": Label(_l("Cost")),
    "other.cost": Label(_l("Amount"), MONEY, _l("Each month, or once")),
    "other.month": Label(_l("Only in month"), MONTH, _l("Empty: every month"), _l("every")),
    "terms": Label(_l("Customers pay after"), MONTHS, _l("Whole months until what is sold is paid; changes cash only")),
}  # fmt: skip


def place_of(path: Sequence[str | int]) -> str:
    """The key in LABELS of a path: ("lines", 0, "sale", "deal_size") → "lines.sale.deal_size"."""
    return ".".join(str(part) for part in path if not isinstance(part, int))


def name_of(number: Number, assumptions: Assumptions) -> str:
    """A number of the plan as people call it, with its row: "Security suite: margin"."""
    label = str(LABELS[place_of(number.path)].text)
    if not number.row:
        return label
    group, index = number.path[0], number.path[1]
    rows: Any = getattr(assumptions, str(group))
    return _("%(row)s: %(field)s") % {"row": rows[int(index)].name, "field": label[:1].lower() + label[1:]}


def month_name(first_month: dt.date, month: int) -> str:
    """The calendar month of a plan's month: of a plan from January 2026, month 4 is "Apr 2026"."""
    year, of_year = divmod(first_month.year * 12 + first_month.month - 1 + month - 1, 12)
    return date_format(dt.date(year, of_year + 1, 1), "M Y") if 1 <= year <= 9999 else ""
