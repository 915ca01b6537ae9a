"""Figures of roll-ups as addresses and as people read them."""

from decimal import Decimal

from django.utils.formats import date_format

from prm.common.fiscal import FiscalQuarter
from prm.common.numbers import percent_of, whole
from scorecards.models import Questionnaire


def text(kind: str, questionnaire: Questionnaire, quarter: FiscalQuarter, *parts: str) -> str:
    """The value of the parameter `figure` that narrows a list to the partners behind a figure: see behind.py."""
    return "~".join((kind, questionnaire.key, quarter.key, *parts))


def share(part: Decimal | int, base: Decimal | int) -> Decimal | None:
    """In percent; None of nothing."""
    return percent_of(Decimal(part), Decimal(base))


def minutes(seconds: Decimal | int) -> str:
    """A time as on a watch: 4:32."""
    found = whole(Decimal(seconds))
    return f"{found // 60}:{found % 60:02d}"


def minutes_number(value: Decimal) -> str:
    """A number of minutes as on a watch."""
    return minutes(value * 60)


def quarter_days(quarter: FiscalQuarter) -> dict[str, str]:
    return {
        "first": date_format(quarter.start, "DATE_FORMAT"),
        "last": date_format(quarter.end, "DATE_FORMAT"),
    }
