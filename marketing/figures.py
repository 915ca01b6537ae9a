"""What a waterfall comes to as people read it: named figures, "–" with the reason where there is none, each explained."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import pgettext

from marketing.waterfall import RATES, STAGES, Figure, Lack, Outcome, Plan, of, together
from planning.forecast.rows import rounded
from prm.common.explain import Explanation, Term
from prm.common.money import minor_units
from prm.common.templatetags.numbers import MISSING, format_number

STAGE_NAMES: dict[str, Any] = {
    "reach": _l("Reach"),
    "inquiries": _l("Inquiries"),
    "mqls": _l("MQLs"),
    "sals": _l("SALs"),
    "mgos": _l("MGOs"),
    "wins": _l("Wins"),
}
RATE_NAMES: dict[str, Any] = {
    "response": _l("Response rate"),
    "mql": _l("MQL rate"),
    "sal": _l("SAL rate"),
    "sql": _l("SQL rate"),
    "win": _l("Win rate"),
}
FIGURES: dict[str, Any] = {
    **STAGE_NAMES,
    "revenue": _l("Revenue"),
    "gross_margin": _l("Gross margin"),
    "vendor_revenue": _l("What the vendor keeps"),
    "cost": _l("Cost"),
    "mdf": _l("MDF"),
    "revenue_roi": _l("Revenue ROI"),
    "margin_roi": _l("Margin ROI"),
    "mdf_roi": _l("Vendor’s ROI on MDF"),
    "cost_per_inquiry": _l("Cost per inquiry"),
    "cost_per_mql": _l("Cost per MQL"),
    "cost_per_mgo": _l("Cost per MGO"),
    "cost_per_win": _l("Cost per win"),
}
ROIS = ("revenue_roi", "margin_roi", "mdf_roi")
LACKS: dict[Lack, Any] = {
    Lack.REACH: _l("No audience entered"),
    Lack.RESPONSE: _l("No response rate"),
    Lack.MQL: _l("No MQL rate"),
    Lack.SAL: _l("No SAL rate"),
    Lack.SQL: _l("No SQL rate"),
    Lack.WIN: _l("No win rate"),
    Lack.DEAL_SIZE: _l("No deal size"),
    Lack.MARGIN: _l("No margin"),
    Lack.NO_COST: _l("No cost planned"),
    Lack.NO_MDF: _l("No MDF asked"),
    Lack.NO_INQUIRIES: _l("No inquiries expected"),
    Lack.NO_MQLS: _l("No MQLs expected"),
    Lack.NO_MGOS: _l("No MGOs expected"),
    Lack.NO_WINS: _l("No wins expected"),
    Lack.NO_RATE: _l("MDF was paid in a currency without a rate"),
}


@dataclass(frozen=True)
class Shown:
    """A figure of the page: `text` as it is read, or "–" with the `reason`; `url` explains it."""

    key: str
    label: str
    text: str
    reason: str = ""
    url: str = ""


def figure_of(outcome: Outcome, key: str) -> Figure:
    """The figure by its key in FIGURES."""
    if key in STAGES:
        return outcome.stages[key]
    found = getattr(outcome, key)
    return found if isinstance(found, Figure) else Figure(found)


def places_of(key: str, currency: str) -> int:
    """Decimals a figure is shown with: counts of a forecast and ratios one, reach none, money its minor unit."""
    if key == "reach":
        return 0
    return 1 if key in STAGES or key in ROIS else minor_units(currency)


def text_of(figure: Figure, key: str, currency: str) -> str:
    if figure.value is None:
        return MISSING
    places = places_of(key, currency)
    return format_number(rounded(figure.value, places), places)


def shown(
    outcome: Outcome, currency: str, keys: Sequence[str], url: Callable[[str], str] = lambda key: ""
) -> dict[str, Shown]:
    """The figures by key; `url` gives the address that explains one."""
    found = {}
    for key in keys:
        figure = figure_of(outcome, key)
        reason = "" if figure.lack is None else str(LACKS[figure.lack])
        found[key] = Shown(key, str(FIGURES[key]), text_of(figure, key, currency), reason, url(key))
    return found


# ── Explained ────────────────────────────────────────────────────────────────────────────────────────────────────────

BEFORE = dict(
    zip(STAGES[1:], zip(STAGES, RATES, strict=False), strict=True)
)  # stage → the stage before, the rate into it
PARTS: dict[str, tuple[str, tuple[str, str]]] = {
    "revenue_roi": ("({0} − {1}) ÷ {1}", ("revenue", "cost")),
    "margin_roi": ("({0} − {1}) ÷ {1}", ("gross_margin", "cost")),
    "mdf_roi": ("({0} − {1}) ÷ {1}", ("vendor_revenue", "mdf")),
    "cost_per_inquiry": ("{0} ÷ {1}", ("cost", "inquiries")),
    "cost_per_mql": ("{0} ÷ {1}", ("cost", "mqls")),
    "cost_per_mgo": ("{0} ÷ {1}", ("cost", "mgos")),
    "cost_per_win": ("{0} ÷ {1}", ("cost", "wins")),
}
EXACT = 6  # decimals of what is shown in a formula: enough to see that nothing was rounded on the way


@dataclass(frozen=True)
class Named:
    """An activity to be explained: its name, what it is planned with, its budget lines, where its numbers came from in words, and
    where it is explained by itself."""

    name: str
    plan: Plan
    budget: Sequence[tuple[str, Decimal]] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    url: Callable[[str], str] = lambda key: ""


class Explainer:
    """Explains the figures of one activity, or of several together."""

    def __init__(self, named: Sequence[Named], currency: str, as_of: dt.date, *, alone: bool) -> None:
        self.named, self.currency, self.as_of, self.alone = named, currency, as_of, alone
        self.outcome = of(named[0].plan) if alone else together([each.plan for each in named])

    def explain(self, key: str) -> Explanation:
        """Raises KeyError for what is no figure."""
        if key not in FIGURES:
            raise KeyError(key)
        if key in PARTS:
            formula, parts = PARTS[key]
            return self._made(
                key, formula, [self._term(part) for part in parts], [self.explain(part) for part in parts]
            )
        return self._of_one(key, self.named[0]) if self.alone else self._of_all(key)

    def _of_one(self, key: str, one: Named) -> Explanation:
        plan = one.plan
        if key in BEFORE:
            stage, rate = BEFORE[key]
            terms = [self._term(stage), self._percent(_told(RATE_NAMES[rate], one, rate), getattr(plan, rate))]
            return self._made(key, "{0} × {1}", terms, [self.explain(stage)] if stage != "reach" else [])
        if key == "revenue":
            terms = [self._term("wins"), self._money(_told(_("Average deal"), one, "deal_size"), plan.deal_size)]
            return self._made(key, "{0} × {1}", terms, [self.explain("wins")])
        if key in ("gross_margin", "vendor_revenue"):
            terms = [self._term("revenue"), self._percent(_told(_("Partner’s margin"), one, "margin"), plan.margin)]
            formula = "{0} × {1}" if key == "gross_margin" else "{0} × (1 − {1})"
            return self._made(key, formula, terms, [self.explain("revenue")])
        if key == "cost":
            return self._sum(key, [self._money(what, amount) for what, amount in one.budget])
        label = _told(FIGURES[key], one, key)
        value = figure_of(self.outcome, key).value
        return self._made(key, "{0}", [Term(label, None if value is None else _decimal(value), self._unit(key))], [])

    def _of_all(self, key: str) -> Explanation:
        terms = []
        for one in self.named:
            value = figure_of(of(one.plan), key).value
            terms.append(
                Term(one.name, None if value is None else _decimal(value), self._unit(key), one.url(key) or None)
            )
        return self._sum(key, terms)

    def _sum(self, key: str, terms: list[Term]) -> Explanation:
        if not terms:
            return self._made(key, "0", [], [])
        return self._made(key, " + ".join(f"{{{n}}}" for n in range(len(terms))), terms, [])

    def _made(self, key: str, formula: str, terms: list[Term], children: list[Explanation]) -> Explanation:
        figure = figure_of(self.outcome, key)
        result = None if figure.value is None else rounded(figure.value, places_of(key, self.currency))
        return Explanation(
            title=FIGURES[key],
            formula=formula,
            terms=tuple(terms),
            as_of=self.as_of,
            result=result,
            unit=self._unit(key),
            why_missing=None if figure.lack is None else LACKS[figure.lack],
            children=tuple(_unrepeated(children)),
        )

    def _term(self, key: str) -> Term:
        value = figure_of(self.outcome, key).value
        return Term(FIGURES[key], None if value is None else _decimal(value), self._unit(key))

    def _money(self, label: Any, amount: Any) -> Term:
        return Term(label, None if amount is None else _decimal(Fraction(amount)), self.currency)

    def _percent(self, label: Any, rate: Any) -> Term:
        """As words: what is over 10 % would be shown whole, and the formula not come to its result."""
        if rate is None:
            return Term(label, None, "%")
        hundred = _decimal(Fraction(rate) * 100).normalize()
        places = min(max(0, -int(hundred.as_tuple().exponent)), 2)
        return Term(label, pgettext("percent", "%(number)s%%") % {"number": format_number(hundred, places)})

    def _unit(self, key: str) -> str:
        return "" if key in STAGES or key in ROIS else self.currency


def _told(label: Any, one: Named, name: str) -> str:
    """A label with where the number came from."""
    source = one.sources.get(name)
    return _("%(label)s (%(source)s)") % {"label": label, "source": source} if source else str(label)


def _decimal(value: Fraction) -> Decimal:
    return rounded(value, EXACT)


def _unrepeated(children: list[Explanation]) -> list[Explanation]:
    """Each figure once, the ones it stands on after it: a page reads them one below the other."""
    found: dict[str, Explanation] = {}

    def take(each: Explanation) -> None:
        found.setdefault(str(each.title), each)
        for child in each.children:
            take(child)

    for child in children:
        take(child)
    return list(found.values())
