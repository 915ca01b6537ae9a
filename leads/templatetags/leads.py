"""How a lead's grade and its clocks are shown."""

import datetime as dt

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()

WEEK = 7


@register.filter
def clock(moment: dt.datetime | None) -> str:
    """A moment as one reads a deadline: today, tomorrow or the weekday within a week, else the date; with the time."""
    if moment is None:
        return "–"
    local = timezone.localtime(moment)
    days = (local.date() - timezone.localdate()).days
    if days == 0:
        day = _("today")
    elif days == 1:
        day = _("tomorrow")
    elif 1 < days < WEEK:
        day = date_format(local, "D")
    else:
        day = date_format(local, "j M")
    return f"{day} {date_format(local, 'H:i')}"


@register.simple_tag
def deadline(text: str, moment: dt.datetime | None) -> SafeString | str:
    """“contact by Thu 16:00”: `text` and the clock; once it has run out, marked as late. The exact time is in the title."""
    if moment is None:
        return ""
    exact = date_format(timezone.localtime(moment), "DATETIME_FORMAT")
    if moment < timezone.now():
        return format_html(
            '<span class="dot dot-late" title="{}"><span class="dot-sign" aria-hidden="true">▼</span>{} {}'
            '<span class="visually-hidden">, {}</span></span>',
            exact, text, clock(moment), _("late"),
        )  # fmt: skip
    return format_html('<span title="{}">{} {}</span>', exact, text, clock(moment))


@register.simple_tag
def grade(letter: str) -> SafeString:
    """The grade as a small sign."""
    said = _("Grade %(grade)s") % {"grade": letter}
    return format_html(
        '<span class="grade grade-{}" title="{}"><span class="visually-hidden">{} </span>{}</span>',
        letter.lower(), said, _("Grade"), letter,
    )  # fmt: skip
