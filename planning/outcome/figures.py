"""The key figures of a plan, each with its explanation: formula, the plan's own numbers, result."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from planning.forecast.assumptions import MONTHS
from planning.forecast.result import BreakEven, Forecast
from planning.forecast.rows import Amounts
from planning.outcome.statement import month_name
from prm.common.explain import Explanation
from prm.common.fiscal import Month
from prm.common.templatetags.numbers import format_percent, format_quantity
from scorecards.performance.telling import PERCENT, Formula


@dataclass(frozen=True)
class KeyFigure:
    """A figure of the result panel. `text` is how it is shown ("–" where there is none; then `explanation.why_missing` says
    why), `detail` a word beside it (the calendar month of a break-even)."""

    key: str
    label: str
    text: str
    explanation: Explanation
    detail: str = ""

    @property
    def is_negative(self) -> bool:
        return self.explanation.result is not None and self.explanation.result < 0


def figures(forecast: Forecast, first_month: date, currency: str, as_of: date) -> tuple[KeyFigure, ...]:
    """All key figures, the most asked for first: profit, break-even, peak investment, ROI; revenue, gross profit, costs; cash."""
    return tuple(_Told(forecast, first_month, currency, as_of).all())


class _Told:
    def __init__(self, forecast: Forecast, first_month: date, currency: str, as_of: date) -> None:
        self.forecast, self.currency, self.as_of = forecast, currency, as_of
        self.start = Month(first_month.year, first_month.month)
        self.whole = forecast.totals(1, MONTHS)

    def all(self) -> Iterator[KeyFigure]:
        found = self.forecast
        yield self._figure("cumulative", self._profit())
        yield self._break_even("break_even", _("Break-even month"), found.break_even, found.cumulative, _("profit"))
        yield self._peak("peak_investment", _("Peak investment"), found.cumulative, _("lowest cumulative profit"))
        yield self._roi()
        yield self._figure("revenue", self._revenue())
        yield self._figure("gross_profit", self._gross_profit())
        yield self._figure("costs", self._costs())
        yield self._cash()
        yield self._break_even(
            "cash_break_even", _("Break-even month, cash"), found.cash_break_even, found.cash_cumulative, _("cash")
        )
        yield self._peak("cash_peak", _("Peak investment, cash"), found.cash_cumulative, _("lowest cumulative cash"))

    def _figure(self, key: str, told: Explanation, detail: str = "") -> KeyFigure:
        return KeyFigure(key, str(told.title), format_quantity(told.result, str(told.unit)), told, detail)

    def _sum(
        self, title: str, terms: list[tuple[str, Decimal]], less: list[tuple[str, Decimal]] | None = None
    ) -> Explanation:
        formula = Formula(self.currency)
        places = [formula.put(label, value) for label, value in terms]
        off = [formula.put(label, value) for label, value in less or []]
        formula.text = " + ".join(places) + "".join(f" − {place}" for place in off)
        total = sum((value for _label, value in terms), Decimal(0)) - sum((v for _label, v in less or []), Decimal(0))
        return formula.told(title, self.as_of, total, self.currency)

    def _revenue(self) -> Explanation:
        whole = self.whole
        return self._sum(
            _("Revenue over 36 months"),
            [
                (_("products"), whole.product_revenue),
                (_("services"), whole.services_revenue),
                (_("managed services"), whole.managed_revenue),
            ],
        )

    def _gross_profit(self) -> Explanation:
        whole = self.whole
        return self._sum(
            _("Gross profit over 36 months"),
            [
                (_("products"), whole.product_profit),
                (_("services"), whole.services_profit),
                (_("managed services"), whole.managed_profit),
                (_("rebates"), whole.rebates),
            ],
        )

    def _costs(self) -> Explanation:
        whole = self.whole
        return self._sum(
            _("Costs over 36 months"),
            [
                (_("people"), whole.people),
                (_("training and certification"), whole.training),
                (_("marketing"), whole.marketing),
                (_("other"), whole.other),
            ],
            [(_("MDF"), whole.mdf)],
        )

    def _profit(self) -> Explanation:
        formula, gross, costs = Formula(self.currency), self._gross_profit(), self._costs()
        earned, spent = self.whole.gross_profit, self.whole.costs
        formula.text = f"{formula.put(gross.title, earned)} − {formula.put(costs.title, spent)}"
        formula.children = [gross, costs]
        return formula.told(_("Profit over 36 months"), self.as_of, earned - spent, self.currency)

    def _roi(self) -> KeyFigure:
        formula, roi, costs = Formula(self.currency), self.forecast.roi, self._costs()
        profit = formula.put(_("profit over 36 months"), self.whole.cumulative)
        formula.text = f"{profit} ÷ {formula.put(costs.title, self.whole.costs)} × 100"
        formula.children = [costs]
        value = None if roi is None else self.whole.cumulative * 100 / self.whole.costs
        why = _("The plan has no costs.")
        told = formula.told(_("Return on investment"), self.as_of, value, PERCENT, why=why)
        text = format_percent(value)
        return KeyFigure("roi", str(told.title), text, told)

    def _peak(self, key: str, title: str, running: Amounts, what: str) -> KeyFigure:
        formula = Formula(self.currency)
        lowest = min(running)
        formula.text = f"max(0, −{formula.put(what, lowest)})"
        told = formula.told(title, self.as_of, max(Decimal(0), -lowest), self.currency)
        return self._figure(key, told, self._calendar(running.index(lowest) + 1) if lowest < 0 else "")

    def _break_even(self, key: str, title: str, found: BreakEven, running: Amounts, what: str) -> KeyFigure:
        formula = Formula()
        last = max((m for m, value in enumerate(running, start=1) if value < 0), default=0)
        words = _("last month whose cumulative %(what)s is below 0 (0: none is)") % {"what": what}
        formula.text = f"{formula.put(words, last)} + 1"
        why = _("Nothing is planned yet.")
        if found.planned:
            why = _("Not within the 36 months: the cumulative %(what)s is below 0 at the end.") % {"what": what}
        told = formula.told(title, self.as_of, found.month, "", why=why)
        detail = self._calendar(found.month) if found.month else ""
        return KeyFigure(key, str(told.title), format_quantity(told.result), told, detail)

    def _cash(self) -> KeyFigure:
        formula, terms = Formula(self.currency), self.forecast.terms
        paid = sum(self.forecast.gross_profit[: MONTHS - terms], Decimal(0))
        words = _("gross profit of months 1 to %(last)s, paid by month 36") % {"last": MONTHS - terms}
        formula.text = f"{formula.put(words, paid)} − {formula.put(_('costs'), self.whole.costs)}"
        told = formula.told(_("Cash after 36 months"), self.as_of, paid - self.whole.costs, self.currency)
        return self._figure("cash", told)

    def _calendar(self, month: int) -> str:
        return month_name(self.start.shift(month - 1).start)
