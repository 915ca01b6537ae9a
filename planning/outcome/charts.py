"""The charts of a plan, as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from planning.forecast.assumptions import BASE, BLEAK, Kind
from planning.forecast.result import Forecast
from planning.forecast.rows import rounded
from planning.forecast.sensitivity import Effect
from planning.labels import SCENARIOS
from planning.outcome.statement import DEALS_PLACES, Span, columns
from prm.charts import Chart, ColumnSeries, Lines, Mark, Series, Stacked, Swing, Tone, Tornado
from prm.common.templatetags.numbers import MISSING, format_number


def cumulative(forecasts: Mapping[str, Forecast], chosen: str, first_month: date, currency: str) -> Chart:
    """The running profit of the three scenarios; each one's break-even is marked, and told in the note."""
    months = [head.label for head in columns(Span.MONTH, first_month)]
    series, marks, told = [], [], []
    for n, (name, found) in enumerate(forecasts.items()):
        label, month = str(SCENARIOS[name]), found.break_even.month
        series.append(Series(label, found.cumulative, _tone(name, chosen)))
        if month:
            marks.append(Mark(n, month - 1, _("break-even %(month)s") % {"month": months[month - 1]}))
        none = _("none") if found.planned else MISSING
        told.append(f"{label} {months[month - 1] if month else none}")
    return Lines(
        id="plan-cumulative",
        title=_("Cumulative profit, %(currency)s") % {"currency": currency},
        note=_("Break-even: %(scenarios)s") % {"scenarios": " · ".join(told)},
        periods=tuple(months),
        series=tuple(series),
        marks=tuple(marks),
    )


def _tone(name: str, chosen: str) -> Tone:
    """The chosen scenario is what the chart is about; of the two others the gloomier one is the paler."""
    if name == chosen:
        return Tone.MAIN
    return Tone.GREY if name == BLEAK or (name == BASE and chosen == BLEAK) else Tone.SOFT


def mix(forecast: Forecast, first_month: date, currency: str) -> Chart:
    """Revenue by plan quarter: products, services, managed services."""
    spans = forecast.quarters()
    parts = (
        (_("Products"), tuple(span.product_revenue for span in spans), Tone.MAIN),
        (_("Services"), tuple(span.services_revenue for span in spans), Tone.SOFT),
        (_("Managed services"), tuple(span.managed_revenue for span in spans), Tone.GREY),
    )
    return Stacked(
        id="plan-mix",
        title=_("Revenue by quarter of the plan, %(currency)s") % {"currency": currency},
        periods=tuple(_("Q%(number)s") % {"number": n} for n in range(1, len(spans) + 1)),
        series=tuple(ColumnSeries(*part) for part in parts),
        note=_("Quarter 1 begins in %(month)s.") % {"month": columns(Span.MONTH, first_month)[0].label},
    )


def capacity(forecast: Forecast, first_month: date) -> Chart:
    """Deals the plan wants against deals its sellers can close, by month."""

    def shown(values: Sequence[Fraction]) -> tuple[Decimal, ...]:
        return tuple(rounded(value, DEALS_PLACES) for value in values)

    return Lines(
        id="plan-capacity",
        title=_("New deals a month and what sellers can close"),
        periods=tuple(head.label for head in columns(Span.MONTH, first_month)),
        series=(
            Series(_("Planned"), shown(forecast.deals)),
            Series(_("Sellers can close"), shown(forecast.capacity), Tone.DARK),
        ),
        formatter=lambda value: format_number(value, DEALS_PLACES),
    )


def tornado(effects: Sequence[tuple[str, Effect]], currency: str) -> Chart:
    """What each assumption a tenth less or more does to the profit; each effect with its number's name, the largest first."""
    swings = tuple(
        Swing(
            name,
            effect.effect_less,
            effect.effect_more,
            _input(effect.less, effect.number.kind),
            _input(effect.more, effect.number.kind),
        )
        for name, effect in effects
    )
    return Tornado(
        id="plan-tornado",
        title=_("What the profit hangs on, %(currency)s") % {"currency": currency},
        note=_("Each number by itself 10% less and more, months by one."),
        swings=swings,
    )


def _input(value: Decimal | int, kind: Kind) -> str:
    """A number as it is entered, without rounding it."""
    found = Decimal(value).normalize()
    places = max(0, -int(found.as_tuple().exponent))
    text = format_number(found, places)
    return pgettext("percent", "%(number)s%%") % {"number": text} if kind in (Kind.PERCENT, Kind.GROWTH) else text
