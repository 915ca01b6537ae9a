"""A business plan as a document: texts, assumptions and scenarios, read from JSON with a message for each field that is wrong, and
written again. Numbers are strings, so that nothing is lost on the way; percentages as they are written (35 is 35 %).

    {"texts": {"value_proposition": "", "verticals": "", "competitors": "", "strengths": ""},
     "lines": [{"key": "a1", "name": "…", "product": 3, "start": 1,
                "deals": {"kind": "ramp", "first": "2", "growth": "5", "cap": null} or {"kind": "capacity", "share": "40"},
                "sale": {"kind": "one_time", "deal_size": …, "run_rate": …, "erosion": …}
                     or {"kind": "recurring", "price": …, "churn": …, "opening_base": …},
                "margin": …, "rebate": …,
                "services": {"attach": …, "lag": 0, "price": …, "margin": …, "managed_price": …, "managed_margin": …, "managed_churn": null}}],
     "sellers": […], "people": […], "training": […], "marketing": […], "other": […], "terms": 1,
     "scenarios": {"bleak": {"deals": "0.6", "deal_size": "0.9", "margin": "0.95", "cost": "1", "delay": 2}, "base": …, "stretch": …}}
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from decimal import Decimal, InvalidOperation
from itertools import count
from typing import Any

from django.utils.translation import gettext as _

from planning.forecast.assumptions import (
    DEFAULT_SCENARIOS,
    MONTHS,
    Assumptions,
    CapacityShare,
    Kind,
    Line,
    Marketing,
    OneTime,
    OtherCost,
    Person,
    Ramp,
    Recurring,
    Scenario,
    Seller,
    Services,
    Training,
)
from planning.forecast.result import Forecast, forecast

TEXTS = ("value_proposition", "verticals", "competitors", "strengths")
TEXT_LENGTH, NAME_LENGTH, ROWS = 2000, 120, 40
DECIMALS = 4
MOST = {
    Kind.MONEY: Decimal(10) ** 12,
    Kind.COUNT: Decimal(10) ** 9,
    Kind.PERCENT: Decimal(100),
    Kind.GROWTH: Decimal(1000),
}
MULTIPLIER = Decimal(10)  # the most a scenario may multiply by
DIGITS = 15  # of all amounts of a plan together: what a spreadsheet's cell still holds to the minor unit
MOST_DEALS = Decimal(10) ** 9  # of a line in a month

GROUPS: dict[str, type] = {
    "lines": Line,
    "sellers": Seller,
    "people": Person,
    "training": Training,
    "marketing": Marketing,
    "other": OtherCost,
}
CHOICES: dict[str, dict[str, type]] = {
    "deals": {"ramp": Ramp, "capacity": CapacityShare},
    "sale": {"one_time": OneTime, "recurring": Recurring},
}
_KEY = re.compile(r"[a-z0-9]{1,12}")
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")  # what neither a database nor UTF-8 can hold
_NUMBER = str | int | float | Decimal


@dataclass(frozen=True)
class Plan:
    """What a document says. `texts` has all of TEXTS, `scenarios` bleak, base and stretch."""

    assumptions: Assumptions = field(default_factory=Assumptions)
    scenarios: Mapping[str, Scenario] = field(default_factory=lambda: dict(DEFAULT_SCENARIOS))
    texts: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(TEXTS, ""))


class Invalid(ValueError):
    """A document that can't be a plan. `errors`: place ("lines.0.margin") → what is wrong there, in the reader's language."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(f"{place}: {message}" for place, message in errors.items()))
        self.errors = errors


def read(data: Any, places: int) -> Plan:
    """The plan in `data`; what is left out has its default, a row without a key gets one. `places` are the decimals of the currency's minor unit.

    Raises Invalid with every mistake there is: names and numbers, ranges, shares of the capacity above 100 %, keys used twice,
    an amount too large to be kept.
    """
    reader = _Reader()
    data = reader.mapping(data, "")
    reader.known(data, {"texts", "terms", "scenarios", *GROUPS}, "")
    reader.sent = {str(row.get("key")) for name in GROUPS for row in _rows(data.get(name)) if isinstance(row, Mapping)}
    groups = {name: reader.rows(data.get(name, []), kind, name) for name, kind in GROUPS.items()}
    assumptions = Assumptions(
        **groups, terms=reader.number(data, Assumptions.__dataclass_fields__["terms"], "terms"), places=places
    )
    reader.capacity_shares(assumptions)
    found = Plan(assumptions, reader.scenarios(data.get("scenarios", {})), reader.texts(data.get("texts", {})))
    if not reader.errors:
        reader.amounts(found)
    if reader.errors:
        raise Invalid(reader.errors)
    return found


def write(plan: Plan) -> dict[str, Any]:
    """The document of a plan: `read` of it gives the plan again."""
    whole = {name: [_written(row) for row in getattr(plan.assumptions, name)] for name in GROUPS}
    scenarios = {name: _written(scenario) for name, scenario in plan.scenarios.items()}
    return {"texts": dict(plan.texts), **whole, "terms": plan.assumptions.terms, "scenarios": scenarios}


def _written(node: Any) -> Any:
    if isinstance(node, Decimal):
        return f"{node:f}"
    if not is_dataclass(node):
        return node
    kinds = {kind: name for choices in CHOICES.values() for name, kind in choices.items()}
    which = {"kind": kinds[type(node)]} if type(node) in kinds else {}
    return which | {each.name: _written(getattr(node, each.name)) for each in fields(node)}


def _rows(data: Any) -> list[Any]:
    return data if isinstance(data, list) else []


class _Reader:
    """Goes through a document and gathers what is wrong, place by place."""

    def __init__(self) -> None:
        self.errors: dict[str, str] = {}
        self.keys: set[str] = set()
        self.sent: set[str] = set()  # by rows still to come too, so that no made-up key is theirs

    def mapping(self, data: Any, place: str) -> Mapping[str, Any]:
        if isinstance(data, Mapping):
            return data
        self.errors[place] = _("This must be an object.")
        return {}

    def known(self, data: Mapping[str, Any], names: set[str], place: str) -> None:
        for name in sorted(set(map(str, data)) - names):
            self.errors[f"{place}{name}"] = _("There is no such field.")

    def rows(self, data: Any, kind: type, group: str) -> tuple[Any, ...]:
        if not isinstance(data, list):
            self.errors[group] = _("This must be a list.")
            return ()
        if len(data) > ROWS:
            self.errors[group] = _("At most %(count)s rows.") % {"count": ROWS}
            return ()
        return tuple(self.node(row, kind, f"{group}.{i}.") for i, row in enumerate(data))

    def node(self, data: Any, kind: type, place: str) -> Any:
        data = self.mapping(data, place.removesuffix("."))
        given: dict[str, Any] = {}
        for each in fields(kind):
            here = f"{place}{each.name}"
            if each.name == "key":
                given["key"] = self.key(data.get("key"), here)
            elif each.name == "name":
                given["name"] = self.name(data.get("name"), here)
            elif each.name == "product":
                given["product"] = self.product(data.get("product"), here)
            elif each.name in CHOICES:
                given[each.name] = self.choice(data.get(each.name, {}), each.name, here)
            elif each.name == "services":
                given["services"] = self.node(data.get("services", {}), Services, f"{here}.")
            else:
                given[each.name] = self.number(data, each, here)
        self.known(data, {each.name for each in fields(kind)}, place)
        return kind(**given)

    def choice(self, data: Any, name: str, place: str) -> Any:
        data = self.mapping(data, place)
        choices = CHOICES[name]
        kind = data.get("kind", next(iter(choices)))
        if not isinstance(kind, str) or kind not in choices:
            self.errors[f"{place}.kind"] = _("Choose one of: %(choices)s.") % {"choices": ", ".join(choices)}
            kind = next(iter(choices))
        return self.node({key: value for key, value in data.items() if key != "kind"}, choices[kind], f"{place}.")

    def key(self, value: Any, place: str) -> str:
        """The row's key; one of its own where it was sent without."""
        if value is None:
            value = next(key for n in count(1) if (key := f"r{n}") not in self.keys | self.sent)
        if not isinstance(value, str) or not _KEY.fullmatch(value):
            self.errors[place] = _("A key is 1 to 12 small letters and digits.")
        elif value in self.keys:
            self.errors[place] = _("Another row has this key.")
        else:
            self.keys.add(value)
        return str(value)

    def name(self, value: Any, place: str) -> str:
        text = " ".join(value.split()) if isinstance(value, str) else ""
        if not text:
            self.errors[place] = _("Give it a name.")
        elif len(text) > NAME_LENGTH:
            self.errors[place] = _("At most %(count)s characters.") % {"count": NAME_LENGTH}
        elif _UNWRITABLE.search(text):
            self.errors[place] = _("This holds a character that is none.")
        return text

    def product(self, value: Any, place: str) -> int | None:
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63):
            return value
        self.errors[place] = _("This is no product line.")
        return None

    def number(self, data: Mapping[str, Any], each: Any, place: str) -> Any:
        """The number of a field; its default where it is left out, or wrong."""
        kind, least = each.metadata["kind"], each.metadata["least"]
        default = each.default if each.default is not MISSING else Decimal(0)
        value = data.get(each.name, default)
        if value is None or value == "":
            if default is not None and each.name in data:
                self.errors[place] = _("Enter a number.")
            return default
        if kind in (Kind.START, Kind.MONTHS):
            found = self.decimal(value, place, least, MONTHS, 0)
            return default if found is None else int(found)
        found = self.decimal(value, place, least, MOST[kind], DECIMALS)
        return default if found is None else found

    def decimal(
        self, value: Any, place: str, least: Decimal | int, most: Decimal | int, decimals: int
    ) -> Decimal | None:
        try:
            # A float is read as it was written: 0.1 is a tenth.
            is_one = isinstance(value, _NUMBER) and not isinstance(value, bool) and "_" not in str(value)
            found = Decimal(str(value)) if is_one else None
        except (InvalidOperation, ValueError):
            found = None
        if found is None or not found.is_finite():
            self.errors[place] = _("Enter a number.")
        elif found < least:
            self.errors[place] = _("At least %(least)s.") % {"least": f"{least:,}"}
        elif found > most:
            self.errors[place] = _("At most %(most)s.") % {"most": f"{most:,}"}
        elif found != round(found, decimals):
            self.errors[place] = (
                _("A whole number.") if not decimals else _("At most %(count)s decimals.") % {"count": decimals}
            )
        else:
            return found + 0  # no "-0"
        return None

    def texts(self, data: Any) -> dict[str, str]:
        data = self.mapping(data, "texts")
        self.known(data, set(TEXTS), "texts.")
        found = {}
        for name in TEXTS:
            value = data.get(name, "")
            if not isinstance(value, str):
                self.errors[f"texts.{name}"] = _("This must be text.")
            elif len(value) > TEXT_LENGTH:
                self.errors[f"texts.{name}"] = _("At most %(count)s characters.") % {"count": TEXT_LENGTH}
            elif _UNWRITABLE.search(value):
                self.errors[f"texts.{name}"] = _("This holds a character that is none.")
            found[name] = value
        return found

    def scenarios(self, data: Any) -> dict[str, Scenario]:
        data = self.mapping(data, "scenarios")
        self.known(data, set(DEFAULT_SCENARIOS), "scenarios.")
        found = {}
        for name, default in DEFAULT_SCENARIOS.items():
            place = f"scenarios.{name}"
            one = self.mapping(data.get(name, {}), place)
            self.known(one, {each.name for each in fields(Scenario)}, f"{place}.")
            given: dict[str, Any] = {}
            for each in fields(Scenario):
                whole = each.name == "delay"
                value = self.decimal(
                    one.get(each.name, getattr(default, each.name)),
                    f"{place}.{each.name}",
                    0,
                    MONTHS if whole else MULTIPLIER,
                    0 if whole else DECIMALS,
                )
                if value is not None:
                    given[each.name] = int(value) if whole else value
            found[name] = Scenario(**given)
        return found

    def capacity_shares(self, assumptions: Assumptions) -> None:
        shares = {
            i: line.deals.share for i, line in enumerate(assumptions.lines) if isinstance(line.deals, CapacityShare)
        }
        total = sum(shares.values(), Decimal(0))
        if total > 100:
            message = _("The shares of all lines on capacity come to %(total)s %%; at most 100 %%.") % {
                "total": f"{total:f}"
            }
            self.errors.update({f"lines.{i}.deals.share": message for i in shares})

    def amounts(self, plan: Plan) -> None:
        """All amounts together must stay below what is kept to the minor unit, and the deals below what a target holds."""
        most = Decimal(10) ** (DIGITS - plan.assumptions.places)
        for scenario in plan.scenarios.values():
            found = forecast(plan.assumptions, scenario)
            sizes = dict(_sizes(plan.assumptions, found))
            whole = sum(sizes.values(), Decimal(0))
            # Where no row is too large by itself, the largest one is named.
            worst = max(sizes.values(), default=Decimal(0))
            for place, size in sizes.items():
                if whole >= most and size >= min(worst, most):
                    self.errors[place] = _("With this the plan comes to %(most)s or more in 36 months.") % {
                        "most": f"{most:,}"
                    }
            for i, line in enumerate(plan.assumptions.lines):
                if max(found.lines[line.key].deals) > MOST_DEALS:
                    field = "first" if isinstance(line.deals, Ramp) else "share"
                    self.errors[f"lines.{i}.deals.{field}"] = _(
                        "This comes to more than %(most)s deals in a month."
                    ) % {"most": f"{MOST_DEALS:,}"}


def _sizes(assumptions: Assumptions, found: Forecast) -> Iterator[tuple[str, Decimal]]:
    """What each amount a person enters comes to in 36 months: its place → revenue or cost."""
    for i, line in enumerate(assumptions.lines):
        months = found.lines[line.key]
        price = "deal_size" if isinstance(line.sale, OneTime) else "price"
        yield f"lines.{i}.sale.{price}", sum(months.product, Decimal(0))
        yield f"lines.{i}.services.price", sum(months.services, Decimal(0))
        yield f"lines.{i}.services.managed_price", sum(months.managed, Decimal(0))
    for group in ("sellers", "people", "training", "marketing", "other"):
        for i, row in enumerate(getattr(assumptions, group)):
            field = "monthly" if group == "marketing" else "cost"
            yield f"{group}.{i}.{field}", sum(found.costs_of[row.key].cost, Decimal(0))
