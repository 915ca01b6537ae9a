"""Whose actuals, or attainment, rose and fell most against the same days a year before."""

from decimal import Decimal
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _

from accounts.models import User
from partners.models import Partner
from prm.common import explain
from prm.common.money import Money
from prm.common.templatetags.numbers import format_delta, format_money
from prm.documents.table import Column, Table
from scorecards.performance_rollups.figures import Slot
from scorecards.performance_rollups.page import PerformancePage, amount
from scorecards.performance_rollups.ranks import Moves, Place, movers
from scorecards.rollups.grid import Figure, decimal, percent

PAGE, ALL = 25, 10**9  # rows


class MoversPage(PerformancePage):
    tab = "movers"
    template = "scorecards/performance_movers.html"
    own = ("of", "groups", "family")

    def __init__(self, user: User, query: Any) -> None:
        super().__init__(user, query)
        self.moves = self.read(size=PAGE, up=_number(query.get("up")), down=_number(query.get("down")))

    @property
    def of(self) -> str:
        """What moved: "" the actuals, "attainment"."""
        return "attainment" if self.filter.data.get("of") == "attainment" else ""

    def read(self, *, size: int, **page: int) -> Moves:
        return movers(self.scope, self.period, self.of, size=size, **page)

    @cached_property
    def partners(self) -> dict[int, Partner]:
        shown = [each.root for each in (*self.moves.up, *self.moves.down)]
        rows = Partner.objects.visible_to(self.user).select_related("cam").filter(pk__in=shown)
        return {partner.pk: partner for partner in rows}

    @property
    def tiles(self) -> list[dict[str, Any]]:
        """How many rose, fell and stayed, each with the way to them."""
        names = {"up": _("Rose"), "down": _("Fell"), "same": _("Stayed the same")}
        return [
            {"label": label, "value": self.moves.counts[key], "url": self._url(key) if self.moves.counts[key] else ""}
            for key, label in names.items()
        ]

    def _url(self, direction: str) -> str:
        return self.list_url(moved=f"{self.of}-{direction}" if self.of else direction)

    @property
    def lists(self) -> list[dict[str, Any]]:
        """Who rose and who fell, each with its page of all."""
        return [
            self._list_of("up", _("Rose most"), _("Nobody rose.")),
            self._list_of("down", _("Fell most"), _("Nobody fell.")),
        ]

    def _list_of(self, direction: str, title: str, nobody: str) -> dict[str, Any]:
        page: Page[Any] = Paginator(range(self.moves.counts[direction]), PAGE).get_page(self.query.get(direction))
        rows = [
            {
                "partner": self.partners[each.root],
                "url": self.partner_url(each.root),
                "name": self.row_name(self.partners[each.root], each.branches),
                "cells": self._cells(each),
            }
            for each in getattr(self.moves, direction)
        ]
        return {"name": direction, "title": title, "nobody": nobody, "rows": rows, "page": page}

    def figures_of(self, each: Place) -> list[explain.Figure]:
        """Before, now, and the change."""
        sums = each.sums
        if self.of:
            return [sums.attainment_before, sums.attainment, sums.attainment_change]
        return [sums.amount(Slot.BEFORE), sums.amount(Slot.ACTUAL), sums.change]

    def _cells(self, each: Place) -> list[Any]:
        before, now, change = self.figures_of(each)
        moved = change.value or Decimal(0)
        if self.of:
            return [*(self.attained(figure).sign for figure in (before, now)), format_delta(moved)]
        shown = format_money(Money(moved, self.currency), self.currency)
        return [self.money(before).text, self.money(now).text, f"+{shown}" if moved > 0 else shown]

    @property
    def heads(self) -> list[str]:
        return [_("A year before"), self.period.label, _("Points") if self.of else _("Change")]

    @property
    def how(self) -> list[str]:
        what = (
            _("A partner’s change is its attainment less that of the same days a year before, each actual ÷ plan. One without a plan in both is no mover.")
            if self.of
            else _("A partner’s change is its actual less that of the same days a year before.")
        )  # fmt: skip
        family = (
            _("A parent and its branches are one.")
            if self.filter.family_as_one
            else _("Each partner stands by itself.")
        )
        return [f"{what} {family}", self.placed_how]

    @property
    def total_rows(self) -> int:
        return self.moves.counts["up"] + self.moves.counts["down"]

    def sheets(self) -> list[Table]:
        self.moves = self.read(size=ALL)
        self.__dict__.pop("partners", None)
        kind = percent if self.of else amount
        columns = [
            Column(_("Partner")),
            Column(_("CAM")),
            *(kind(head) for head in self.heads[:2]),
            (decimal if self.of else amount)(self.heads[2]),
        ]
        return [
            Table(title, columns, [self._sheet_row(each) for each in moves])
            for title, moves in ((_("Rose"), self.moves.up), (_("Fell"), self.moves.down))
        ]

    def _sheet_row(self, each: Place) -> list[Any]:
        partner = self.partners[each.root]
        value = _nine if self.of else self.money
        cam = partner.cam.display_name if partner.cam else ""
        return [self.row_name(partner, each.branches), cam, *(value(figure).value for figure in self.figures_of(each))]


def _nine(figure: explain.Figure) -> Figure:
    return Figure(round(figure.value or Decimal(0), 9))


def _number(text: str | None) -> int:
    """The page asked for; the first where that is nonsense."""
    return max(1, int(text)) if text and text.isascii() and text.isdigit() and len(text) < 7 else 1
