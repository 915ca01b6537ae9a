"""The charts of a plan, as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from planning.forecast.result import Forecast
from planning.forecast.rows import rounded
from planning.forecast.sensitivity import Effect
from planning.labels import SCENARIOS
from planning.outcome.statement import DEALS_PLACES, Span, columns
from prm.charts import Bar, Bars, Chart, Columns, ColumnSeries, Lines, Series, Tone
from prm.common.templatetags.numbers import format_number


def cumulative(forecasts: Mapping[str, Forecast], chosen: str, first_month: date, currency: str) -> Chart:
    """The running profit of the three scenarios; each one's break-even is marked."""
    heads = columns(Span.MONTH, first_month)
    tones = {name: Tone.MAIN if name == chosen else Tone.GREY for name in forecasts}
    series = tuple(Series(str(SCENARIOS[name]), forecasts[name].cumulative, tones[name]) for name in forecasts)
    title = _("Cumulative profit, %(currency)s") % {"currency": currency}
    return Lines(id="plan-cumulative", title=title, periods=tuple(head.label for head in heads), series=series)


def mix(forecast: Forecast, first_month: date, currency: str) -> Chart:
    """Revenue by plan quarter: products, services, managed services."""
    heads = columns(Span.QUARTER, first_month)
    spans = forecast.quarters()
    parts = (
        (_("Products"), tuple(span.product_revenue for span in spans), Tone.MAIN),
        (_("Services"), tuple(span.services_revenue for span in spans), Tone.SOFT),
        (_("Managed services"), tuple(span.managed_revenue for span in spans), Tone.GREY),
    )
    return Columns(
        id="plan-mix",
        title=_("Revenue by quarter of the plan, %(currency)s") % {"currency": currency},
        periods=tuple(head.label for head in heads),
        series=tuple(ColumnSeries(*part) for part in parts),
    )


def capacity(forecast: Forecast, first_month: date) -> Chart:
    """Deals the plan wants against deals its sellers can close, by month."""
    heads = columns(Span.MONTH, first_month)

    def shown(values: Sequence[object]) -> tuple[Decimal, ...]:
        return tuple(rounded(value, DEALS_PLACES) for value in values)  # type: ignore[arg-type]

    return Lines(
        id="plan-capacity",
        title=_("Deals planned and deals the sellers can close"),
        periods=tuple(head.label for head in heads),
        series=(
            Series(_("Planned"), shown(forecast.deals)),
            Series(_("Sellers can close"), shown(forecast.capacity), Tone.DARK),
        ),
        formatter=lambda value: format_number(value, DEALS_PLACES),
    )


def tornado(effects: Sequence[tuple[str, Effect]], currency: str) -> Chart:
    """What each assumption a tenth less or more does to the profit; each effect with its number's name, the largest first."""
    bars = tuple(Bar(name, effect.largest) for name, effect in effects)
    return Bars(
        id="plan-tornado", title=_("What the profit hangs on, %(currency)s") % {"currency": currency}, bars=bars
    )
