"""{% load cadence %}: how a conversation stands, as sign and words."""

import datetime as dt
from functools import lru_cache

from django import template
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from cadence.completion import DONE, OPEN, SKIPPED
from cadence.matrix import LATE, NONE, Cell

register = template.Library()

SIGNS = {DONE: "●", OPEN: "◌", LATE: "▼", SKIPPED: "⊘", NONE: "–"}


@register.simple_tag
def stands(cell: Cell, url: str = "", what: str = "", short: bool = False, terse: bool = False) -> SafeString:
    """A cell as sign and words, a link where it leads somewhere. `what` says of which conversation, for those who hear the page
    and in the title; `short` abbreviates the words that are seen, `terse` leaves the number of days and the sign."""
    title, inside = _said(cell, what, short, terse, get_language())
    if url:
        return format_html('<a class="dot dot-{}" href="{}" title="{}">{}</a>', cell.state, url, title, inside)
    return format_html('<span class="dot dot-{}" title="{}">{}</span>', cell.state, title, inside)


@register.simple_tag
def matrix_cells(cells: list[tuple[str, str, Cell, str]]) -> SafeString:
    """The cells of a row of the matrix (`home.Line`). Without a template: there are hundreds."""
    return format_html_join(
        "",
        '<td data-label="{}">{}</td>',
        ((short, stands(cell, url=url, what=label, terse=True)) for short, label, cell, url in cells),
    )


@lru_cache(maxsize=4096)  # a page has hundreds of cells and few that differ
def _said(cell: Cell, what: str, short: bool, terse: bool, language: str | None) -> tuple[str, SafeString]:
    """The title, and what stands in the cell, in the active `language`."""
    words = in_words(cell)
    seen: str = _short(cell) if short else words
    if terse:
        template = '<span aria-hidden="true">{}</span><span class="visually-hidden">{}</span>'
        seen = format_html(template, _terse(cell), words)
    title = f"{what}: {words}" if what else words
    if cell.due_on and cell.state in (LATE, OPEN):
        title += _(", due %(day)s") % {"day": _day(cell.due_on)}
    inside = format_html(
        '<span class="dot-sign" aria-hidden="true">{}</span>{}{}',
        SIGNS[cell.state],
        format_html('<span class="visually-hidden">{}: </span>', what) if what else "",
        format_html('<span class="visually-hidden">{}</span>', words) if short and cell.state == NONE else seen,
    )
    return title, inside


def in_words(cell: Cell) -> str:
    """How it stands, in a few words."""
    if cell.state == DONE:
        return (
            _("done today")
            if not cell.days
            else _days(ngettext("done %(n)s day ago", "done %(n)s days ago", cell.days), cell)
        )
    if cell.state == LATE:
        return _days(ngettext("%(n)s day late", "%(n)s days late", cell.days), cell)
    if cell.state == OPEN:
        return (
            _("due today")
            if not cell.days
            else _days(ngettext("due in %(n)s day", "due in %(n)s days", cell.days), cell)
        )
    return _("skipped") if cell.state == SKIPPED else _("not asked now")


def _short(cell: Cell) -> str:
    if cell.state == DONE:
        return _("today") if not cell.days else _days(_("%(n)s d ago"), cell)
    if cell.state == LATE:
        return _days(_("%(n)s d late"), cell)
    if cell.state == OPEN:
        return _("due today") if not cell.days else _days(_("%(n)s d left"), cell)
    return _("skipped") if cell.state == SKIPPED else ""


def _terse(cell: Cell) -> str:
    if cell.state in (DONE, LATE, OPEN):
        return str(cell.days or 0)
    return "–" if cell.state == SKIPPED else ""


def _days(words: str, cell: Cell) -> str:
    return words % {"n": cell.days}


def _day(day: dt.date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")
