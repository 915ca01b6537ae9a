"""The cells of the whitespace matrix: hundreds on a page, so they are written in Python."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accountplans.whitespace import Cell, State
from prm.common.templatetags.signs import icon

register = template.Library()

STRENGTHS = 5  # shades of a score


def state_words(cell: Cell) -> str:
    """What a cell is, in a word or two."""
    if cell.state == State.PIPELINE:
        return open_words(cell.opens[0].kind)
    return {
        State.OWNED: _("Owned"),
        State.TARGET: _("Target"),
        State.RULED_OUT: _("Ruled out"),
        State.EMPTY: "–",
    }[cell.state]


def open_words(kind: str) -> str:
    words = {"deal": _("Deal open"), "lead": _("Lead open"), "registration": _("Registered")}
    return words.get(kind, kind)


register.filter("state_words", state_words)
register.filter("open_words", open_words)


def strength(points: int) -> int:
    """1 to 5: how strong the ground of a score is."""
    return min(STRENGTHS, points * STRENGTHS // 100 + 1)


@register.simple_tag
def whitespace_cell(cell: Cell, base: str) -> SafeString:
    """A cell of the matrix; `base` is the address of the customer's page."""
    address = f"{base}lines/{cell.line.pk}/"
    if cell.state == State.EMPTY and cell.points is not None:
        name = _("%(line)s: chance %(points)s of 100") % {"line": cell.line.name, "points": cell.points}
        return format_html(
            '<td class="ws"><a class="ws-score ws-{}" href="{}" aria-label="{}">{}</a></td>',
            strength(cell.points), address, name, cell.points,
        )  # fmt: skip
    words = state_words(cell)
    sign: Any = icon("check") if cell.state == State.OWNED else ""
    return format_html(
        '<td class="ws"><a class="ws-{}" href="{}" aria-label="{}">{}{}</a></td>',
        cell.state, address, f"{cell.line.name}: {words}", sign, words,
    )  # fmt: skip
