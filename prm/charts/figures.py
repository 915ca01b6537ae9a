"""Figures as charts take and show them: a number or the reason there is none, scales, ticks, short numbers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from decimal import Context as DecimalContext

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from prm.charts.svg import SIZE, text_width
from prm.common.templatetags.numbers import MISSING, format_number, format_percent


@dataclass(frozen=True)
class Missing:
    """A figure that can't be computed, and why: shown as "–" with the reason, never as 0."""

    reason: str


Value = Decimal | int | float | Missing | None
Formatter = Callable[[Decimal], str]

SHORT = DecimalContext(prec=2, rounding=ROUND_HALF_UP)

whole: Formatter = format_number
percent: Formatter = format_percent


def number(value: Value) -> Decimal | None:
    """The number, or None where there is none (also for NaN and infinity)."""
    if value is None or isinstance(value, Missing):
        return None
    found = value if isinstance(value, Decimal) else Decimal(str(value))
    return found if found.is_finite() else None


def reason(value: Value) -> str:
    return str(value.reason) if isinstance(value, Missing) else _("no figure")


def show(value: Value, formatter: Formatter = whole, width: float = 0) -> str:
    """The figure as text, "–" where there is none; short (1.2M) where the text would be wider than `width` (0: any)."""
    found = number(value)
    if found is None:
        return MISSING
    if found.adjusted() > 18:
        return compact(found)
    text = formatter(found)
    return compact(found) if width and text_width(text) > width else text


def signed(value: Value, formatter: Formatter = whole, width: float = 0) -> str:
    """A change: as `show`, with a plus sign where it is up."""
    text, found = show(value, formatter, width), number(value)
    return f"+{text}" if found is not None and found > 0 and text != show(0, formatter) else text


def tell(value: Value, formatter: Formatter = whole) -> str:
    """The figure for a table or a screen reader: with the reason where there is none and one is known."""
    return f"{MISSING} ({reason(value)})" if isinstance(value, Missing) else show(value, formatter)


def compact(value: Decimal) -> str:
    """A number in a few characters: 950, 1.2k, 34M, 5.6bn, 7T, then powers of ten."""
    if not value:
        return "0"
    if value.adjusted() > 14:
        return f"{SHORT.plus(value):.1E}".replace("E+", "E").replace("-", "−")
    suffixes = [
        "",
        pgettext("thousand", "k"),
        pgettext("million", "M"),
        pgettext("billion", "bn"),
        pgettext("trillion", "T"),
    ]
    steps = max(value.adjusted(), 0) // 3
    scaled = value.scaleb(-3 * steps)
    if steps < 4 and abs(scaled) >= Decimal("999.5"):
        steps, scaled = steps + 1, scaled.scaleb(-3)
    places = 1 if abs(scaled) < 10 and abs(scaled - round(scaled)) >= Decimal("0.05") else 0
    return format_number(scaled, places) + suffixes[steps]


@dataclass(frozen=True)
class Scale:
    """Maps lo…hi to the user units start…end."""

    lo: Decimal
    hi: Decimal
    start: float
    end: float

    def __call__(self, value: Decimal) -> float:
        share = float((value - self.lo) / (self.hi - self.lo))
        return self.start + min(max(share, 0.0), 1.0) * (self.end - self.start)


def span(
    values: Iterable[Decimal | None], *, zero: bool = True, at_least: Decimal | None = None
) -> tuple[Decimal, Decimal]:
    """The least and greatest of the values, with 0 among them unless `zero` is False; never of no extent."""
    found = [value for value in values if value is not None]
    if zero or not found:
        found.append(Decimal(0))
    if at_least is not None:
        found.append(at_least)
    lo, hi = min(found), max(found)
    if lo == hi:
        return (lo, lo + (abs(lo) or 1)) if zero else (lo - (abs(lo) or 1), hi + (abs(hi) or 1))
    return lo, hi


def ticks(lo: Decimal, hi: Decimal, about: int = 4) -> list[Decimal]:
    """Round numbers (1, 2, 2.5 or 5 times a power of ten) that enclose lo…hi in about `about` steps."""
    raw = (hi - lo) / about
    power = Decimal(1).scaleb(raw.adjusted())
    step = next(
        power * m for m in (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10)) if power * m >= raw
    )
    first = (lo / step).to_integral_value(ROUND_FLOOR)
    last = (hi / step).to_integral_value(ROUND_CEILING)
    return [(first + n) * step for n in range(int(last - first) + 1)]


def widest(texts: Iterable[str], size: float = SIZE) -> float:
    return max((text_width(text, size) for text in texts), default=0)


def tick_texts(values: list[Decimal], formatter: Formatter) -> list[str]:
    """Labels of an axis: in the chart's own format if short and telling, else as short numbers."""
    texts = [formatter(value) if value.adjusted() < 18 else compact(value) for value in values]
    if len(set(texts)) < len(texts):
        places = max(-int(value.normalize().as_tuple().exponent) for value in values)
        return (
            [format_number(value, places) for value in values] if places < 8 else [compact(value) for value in values]
        )
    return texts if widest(texts) <= 7 * SIZE * 0.62 else [compact(value) for value in values]
