"""How few partners make how much: the Pareto curve of actuals, who makes the 80 %, and how that moved since a year before."""

from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from partners.models import Partner
from prm.charts import Pareto
from prm.charts.pareto import Curve
from prm.common.numbers import percent_of
from prm.common.templatetags.numbers import format_delta, format_number, format_percent
from prm.documents.table import Column, Table
from scorecards.performance_rollups.figures import Slot, Sums
from scorecards.performance_rollups.page import PerformancePage, amount
from scorecards.performance_rollups.ranks import Concentration, Place, concentration, ranked
from scorecards.rollups.grid import Figure, Grid, Line, integer, percent

SHARE = 80  # percent
LARGEST, ALL = 20, 10**9  # rows


class ConcentrationPage(PerformancePage):
    tab = "concentration"
    template = "scorecards/performance_concentration.html"
    own = ("groups", "family")

    def __init__(self, user: User, query: Any) -> None:
        super().__init__(user, query)
        self.now, self.before = concentration(self.scope, self.period, SHARE)

    @property
    def heading(self) -> str:
        return _("Share of revenue by share of partners, %(period)s") % {"period": self.period.label}

    @property
    def chart(self) -> Pareto:
        return Pareto(
            id="concentration",
            title=self.heading,
            values=Curve(self.now.points) if self.now.points else (),
            previous=Curve(self.before.points) if self.before.points else (),
            threshold=SHARE,
            name=self.period.label,
            previous_name=_("A year before"),
            members=_("Share of partners, largest first"),
            measure=_("Share of revenue"),
        )

    @property
    def tiles(self) -> list[dict[str, Any]]:
        """How many make the share now and a year before, and of how many."""
        share = format_percent(SHARE)
        return [
            self._tile(_("Make %(share)s") % {"share": share}, self.now, self.list_url(top=SHARE)),
            self._tile(_("A year before"), self.before),
            {"label": _("Movement"), "value": self._movement, "note": _("partners that make %(share)s") % {"share": share}, "url": ""},
        ]  # fmt: skip

    def _tile(self, label: str, found: Concentration, url: str = "") -> dict[str, Any]:
        if not found.needed:
            return {"label": label, "value": None, "note": _("Nothing was sold."), "url": ""}
        part = percent_of(Decimal(found.needed), Decimal(found.members))
        note = _("%(part)s of %(all)s partners") % {
            "part": format_percent(part, 1),
            "all": format_number(found.members),
        }
        return {"label": label, "value": found.needed, "note": note, "url": url}

    @property
    def _movement(self) -> str | None:
        if not (self.now.needed and self.before.needed):
            return None
        return format_delta(self.now.needed - self.before.needed)

    @property
    def note(self) -> str:
        """What the curve leaves out."""
        if not self.now.lacking:
            return ""
        return ngettext(
            "%(n)s partner counts as 0, because some of its sales have no rate.",
            "%(n)s partners count as 0, because some of their sales have no rate.",
            self.now.lacking,
        ) % {"n": self.now.lacking}

    @cached_property
    def grid(self) -> Grid:
        """The largest."""
        return self._grid(self.largest(LARGEST))

    def largest(self, size: int) -> tuple[list[Place], Sums]:
        found = ranked(self.scope, self.period, (Slot.ACTUAL, Slot.BEFORE), sort="-actual", top=SHARE, size=size)
        return found.rows, found.total

    def _grid(self, found: tuple[list[Place], Sums]) -> Grid:
        rows, _total = found
        partners = {
            row.pk: row for row in Partner.objects.visible_to(self.user).filter(pk__in=[each.root for each in rows])
        }
        columns = [
            Column(_("Partner")), integer(_("Place")), amount(_("Actual")), percent(_("Share")), percent(_("Together")),
            amount(_("A year before")), percent(_("Growth")),
        ]  # fmt: skip
        whole, running, lines = self.now.whole, Decimal(0), []
        for each in rows:
            own = each.sums.amount(Slot.ACTUAL)
            running += own.value or 0
            lines.append(
                Line(
                    self.row_name(partners[each.root], each.branches),
                    (
                        Figure(each.place),
                        self.money(own),
                        Figure(_nine(percent_of(own.value or Decimal(0), whole))),
                        Figure(_nine(percent_of(running, whole))),
                        self.money(each.sums.amount(Slot.BEFORE)),
                        self.growth(each.sums.growth),
                    ),
                    self.partner_url(each.root),
                )
            )
        return Grid(_("Who makes %(share)s") % {"share": format_percent(SHARE)}, columns, lines)

    @property
    def more(self) -> str:
        """The way to the others that make the share."""
        return self.list_url(top=SHARE) if self.now.needed > LARGEST else ""

    @property
    def how(self) -> list[str]:
        return [
            _("Partners stand by their actual, the largest first; the curve says what share of the revenue the first ones make together. Who had none counts among the partners, and credits count as 0."),
            _("A parent and its branches are one.") if self.filter.family_as_one else _("Each partner stands by itself."),
            self.placed_how,
        ]  # fmt: skip

    @property
    def total_rows(self) -> int:
        return self.now.needed

    def sheets(self) -> list[Table]:
        return [self._grid(self.largest(ALL)).sheet(), self._curve_sheet()]

    def _curve_sheet(self) -> Table:
        columns = [
            percent(_("Share of partners, largest first")),
            percent(_("Share of revenue")),
            percent(_("A year before")),
        ]
        now, before = (Curve(found.points) if found.points else None for found in (self.now, self.before))
        rows = [
            [tenth, *(_nine(curve.at(tenth)) if curve else None for curve in (now, before))]
            for tenth in map(Decimal, range(10, 101, 10))
        ]
        return Table(_("Curve"), columns, rows)


def _nine(value: Any) -> Any:
    return None if value is None else round(value, 9)
