"""What a worksheet shows: what the revenue needs in each column, how it is shared out, and what stands against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Sum
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from accounts.models import User
from accounts.permissions import Permission
from marketing.facts import DELIVERED, PLANNED
from marketing.models import Worksheet
from marketing.program import reading
from marketing.program.document import Case, Sheet, Way
from marketing.program.form import CASES, LABELS, WAYS, AheadForm, WorksheetForm
from marketing.program.reading import Share, Span
from marketing.worksheet import DEAL, INTO, REVENUE, Counts, Stage, backward, forward, split
from partners.models import Fact, Partner
from planning.forecast.rows import rounded
from prm.common.fiscal import FiscalQuarter
from prm.common.money import Money, minor_units
from prm.common.templatetags.numbers import format_money, format_number, format_percent

ON_PAGE = 50
STAGES: dict[Stage, Any] = {
    Stage.WIN: _l("Wins"),
    Stage.COUNTED: _l("MGOs that count"),
    Stage.MGO: _l("MGOs"),
    Stage.SAL: _l("SALs"),
    Stage.MQL: _l("MQLs"),
    Stage.INQUIRY: _l("Inquiries"),
    Stage.REACH: _l("Reach"),
}
FORMULAS: dict[Stage, Any] = {
    Stage.WIN: _l("revenue ÷ average deal"),
    Stage.COUNTED: _l("wins ÷ win rate"),
    Stage.MGO: _l("÷ the factors together"),
    Stage.SAL: _l("MGOs ÷ SAL to MGO"),
    Stage.MQL: _l("SALs ÷ MQL to SAL"),
    Stage.INQUIRY: _l("MQLs ÷ inquiry to MQL"),
    Stage.REACH: _l("inquiries ÷ response"),
}


@dataclass(frozen=True)
class Cell:
    """A number as text, or "–" with the reason."""

    text: str
    reason: str = ""


@dataclass(frozen=True)
class Row:
    label: Any
    note: Any
    cells: list[Cell]
    strong: bool = False


@dataclass(frozen=True)
class PartnerRow:
    share: Share
    planned: Decimal
    delivered: int


def why(lack: str) -> str:
    """Why a number is unknown, by the name of what it lacks."""
    if lack == REVENUE:
        return _("No revenue is entered.")
    return _("No number, or 0: %(name)s.") % {"name": LABELS.get(lack, lack)}


class ProgramPage:
    """The worksheet of a period, for somebody who sees marketing."""

    def __init__(self, user: User, span: Span, query: Mapping[str, Any]) -> None:
        """`query`: "case" and "page" of what is shared out, "stage" and "count" of where the way forward begins."""
        self.user, self.span, self.asked_page = user, span, query.get("page")
        case = query.get("case", "")
        self.ahead = AheadForm(query if "count" in query else None)
        self.sheet, self.row = reading.worksheet(span)
        self.case = Case(case) if case in list(Case) else Case.BASE
        self.may_edit = user.can(Permission.EDIT_MARKETING_RULES)

    @property
    def currency(self) -> str:
        return self.row.currency if self.row else reading.currency()

    @property
    def revision(self) -> int:
        return self.row.revision if self.row else 0

    @cached_property
    def form(self) -> WorksheetForm:
        return self.form_of(None)

    def form_of(self, data: Any) -> WorksheetForm:
        return WorksheetForm(data, sheet=self.sheet, currency=self.currency, revision=self.revision)

    def kept(self, row: Worksheet, sheet: Sheet) -> None:
        """Shows what was saved just now."""
        self.row, self.sheet = row, sheet
        for name in ("form", "needs"):
            self.__dict__.pop(name, None)

    # ── Which period, and which column is shared out ─────────────────────────────────────────────────────────────────

    @property
    def periods(self) -> list[tuple[str, str, bool]]:
        return [(each.key, each.label, each == self.span) for each in reading.spans()]

    @property
    def cases(self) -> list[dict[str, Any]]:
        here = reverse("marketing:worksheet")
        return [
            {
                "label": name,
                "url": f"{here}?period={self.span.key}&case={case.value}#split",
                "current": case is self.case,
            }
            for case, name in CASES.items()
        ]

    @property
    def case_titles(self) -> list[Any]:
        return list(CASES.values())

    # ── What it needs ────────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def needs(self) -> dict[Case, Counts]:
        revenue = None if self.sheet.revenue is None else Fraction(self.sheet.revenue)
        return {case: backward(revenue, column) for case, column in self.sheet.columns.items()}

    @property
    def rows(self) -> list[Row]:
        """What the revenue needs, from the wins back to the reach."""
        with_factor = any(column.factor is not None for column in self.sheet.columns.values())
        return [
            Row(
                name,
                FORMULAS[stage],
                [self._count(counts, stage) for counts in self.needs.values()],
                stage is Stage.MGO,
            )
            for stage, name in STAGES.items()
            if with_factor or stage is not Stage.COUNTED
        ]

    @property
    def explained(self) -> list[str]:
        """Each step of the column that is shared out, with its own numbers."""
        counts, column = self.needs[self.case], self.sheet.column(self.case)
        found = []
        amount, by, shown = counts.revenue, column.deal, DEAL
        for stage in reversed(Stage):
            reached = counts.get(stage)
            if amount is not None and by and reached is not None:
                found.append(
                    _("%(name)s: %(amount)s ÷ %(by)s = %(exact)s, up to %(whole)s") % {
                        "name": STAGES[stage], "amount": _short(amount),
                        "by": _short(by) if shown == DEAL else f"{_short(by * 100)}%", "exact": _short(amount / by),
                        "whole": _short(reached),
                    }
                )  # fmt: skip
            shown = INTO.get(stage, "")
            amount, by = reached, getattr(column, shown) if shown else None
        return found

    @staticmethod
    def _count(counts: Counts, stage: Stage) -> Cell:
        found = counts.get(stage)
        if found is None:
            return Cell("–", why(counts.missing[stage]))
        return Cell(format_number(Decimal(int(found))))

    @property
    def factor_cells(self) -> list[Cell]:
        """All factors together, in each column."""
        found = []
        for column in self.sheet.columns.values():
            if column.factor is None:
                found.append(Cell("–", _("There is no factor: all MGOs count.")))
            else:
                found.append(Cell(format_percent(_decimal(column.factor * 100), 1)))
        return found

    @property
    def read_rows(self) -> list[Row]:
        """The numbers of the columns, for those who only read."""
        found = []
        for name, label in LABELS.items():
            cells = []
            for column in self.sheet.columns.values():
                value = getattr(column, name)
                if value is None:
                    cells.append(Cell("–", _("Nothing is entered.")))
                elif name == DEAL:
                    cells.append(Cell(format_money(Money(_decimal(value), self.currency).rounded(), self.currency)))
                else:
                    cells.append(Cell(f"{format_number(_decimal(value * 100), 1)}%"))
            found.append(Row(label, self.currency if name == DEAL else "", cells))
        return found

    @property
    def revenue(self) -> Cell:
        if self.sheet.revenue is None:
            return Cell("–", why(REVENUE))
        return Cell(format_money(Money(self.sheet.revenue, self.currency)))

    # ── Against it ───────────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def against(self) -> reading.Against:
        return reading.against(self.user, self.span)

    @property
    def against_rows(self) -> list[Row]:
        """Planned and delivered, as a part of what is needed; and the revenue the planned ones would bring."""
        found = [
            Row(
                _("Planned in approved plans"),
                format_number(self.against.planned, 1),
                self._parts(self.against.planned),
            ),
            Row(
                _("Delivered so far"),
                format_number(self.against.delivered),
                self._parts(Decimal(self.against.delivered)),
            ),
        ]
        cells = []
        for column in self.sheet.columns.values():
            counts = forward(column, Fraction(self.against.planned), Stage.MGO)
            if counts.revenue is None:
                cells.append(Cell("–", why(counts.missing[REVENUE])))
            else:
                places = minor_units(self.currency)
                cells.append(Cell(format_number(rounded(counts.revenue, places), places)))
        found.append(Row(_("Revenue the planned ones would bring"), self.currency, cells))
        return found

    # ── Forward ──────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def ahead_query(self) -> str:
        """Of the address, so that what follows a change keeps it."""
        return (
            urlencode({name: self.ahead.data.get(name, "") for name in ("stage", "count")})
            if self.ahead.is_bound
            else ""
        )

    @property
    def ahead_rows(self) -> list[Row]:
        """What comes of so many at a stage, unrounded from step to step; nothing as long as nobody has asked."""
        if not self.ahead.is_valid():
            return []
        start, amount = Stage(self.ahead.cleaned_data["stage"]), Fraction(self.ahead.cleaned_data["count"])
        columns = self.sheet.columns.values()
        counts = [forward(column, amount, start) for column in columns]
        with_factor = any(column.factor is not None for column in columns)
        rows = [
            Row(
                STAGES[stage], "", [self._ahead(each, stage, each.get(stage), 1) for each in counts], stage is Stage.MGO
            )
            for stage in list(Stage)[list(Stage).index(start) :]
            if with_factor or stage is not Stage.COUNTED
        ]
        places = minor_units(self.currency)
        revenue = [self._ahead(each, REVENUE, each.revenue, places) for each in counts]
        return [*rows, Row(_("Revenue"), self.currency, revenue)]

    @staticmethod
    def _ahead(counts: Counts, what: str, value: Fraction | None, places: int) -> Cell:
        if value is None:
            return Cell("–", why(counts.missing[what]))
        return Cell(format_number(rounded(value, places), places))

    def _parts(self, mgos: Decimal) -> list[Cell]:
        cells = []
        for counts in self.needs.values():
            needed = counts.get(Stage.MGO)
            if not needed:
                cells.append(Cell("–", why(counts.missing[Stage.MGO]) if needed is None else _("None are needed.")))
            else:
                cells.append(Cell(format_percent(mgos * 100 / int(needed))))
        return cells

    # ── Shared out ───────────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def mgos(self) -> int | None:
        """Those of the column that is shared out."""
        found = self.needs[self.case].get(Stage.MGO)
        return None if found is None else int(found)

    @property
    def why_not(self) -> str:
        """Why there is nothing to share out."""
        return why(self.needs[self.case].missing[Stage.MGO])

    @cached_property
    def quarters(self) -> list[tuple[FiscalQuarter, int]]:
        """The MGOs of each quarter of the period."""
        return [] if self.mgos is None else reading.by_quarter(self.mgos, self.span)

    @property
    def months(self) -> list[tuple[str, int, list[tuple[str, int]]]]:
        """Each quarter with its months: their MGOs are the quarter's, split."""
        return [
            (quarter.label, mgos, [(date_format(month.start, "M Y"), part) for month, part in zip(quarter.months, split(mgos, [1, 1, 1]) or [], strict=True)])
            for quarter, mgos in self.quarters
        ]  # fmt: skip

    @property
    def weeks(self) -> list[tuple[str, list[int]]]:
        """Each quarter with its thirteen weeks."""
        return [(quarter.label, split(mgos, [1] * reading.WEEKS) or []) for quarter, mgos in self.quarters]

    @property
    def week_numbers(self) -> list[int]:
        return list(range(1, reading.WEEKS + 1))

    @cached_property
    def partners(self) -> Page[PartnerRow] | None:
        """The partners the reader sees, with their part, and what they plan and delivered; None where nothing shares them out."""
        found = None if self.mgos is None else reading.shares(self.sheet, self.mgos, self.span)
        if found is None:
            return None
        if Partner.visible_q(self.user):
            seen = set(Partner.objects.visible_to(self.user).order_by().values_list("pk", flat=True))
            found = [share for share in found if share.partner_id in seen]
        page: Page[Any] = Paginator(found, ON_PAGE).get_page(self.asked_page)
        done = self._done([share.partner_id for share in page.object_list])
        page.object_list = [
            PartnerRow(
                share,
                done.get((share.partner_id, PLANNED), Decimal(0)),
                int(done.get((share.partner_id, DELIVERED), 0)),
            )
            for share in page.object_list
        ]
        return page

    def _done(self, partners: list[int]) -> Mapping[tuple[int, str], Decimal]:
        rows = Fact.objects.unscoped("of partners that the reader sees").filter(
            partner__in=partners, metric__in=(PLANNED, DELIVERED), month__range=(self.span.start, self.span.end)
        )
        return {
            (pk, metric): total
            for pk, metric, total in rows.order_by().values_list("partner", "metric").annotate(total=Sum("value"))
        }

    @property
    def way(self) -> str:
        return str(WAYS[self.sheet.way])

    @property
    def by_heading(self) -> str:
        if self.sheet.way is Way.TARGET:
            return _("Target, %(currency)s") % {"currency": self.currency}
        return _("Weight")

    @property
    def no_share(self) -> str:
        if self.sheet.way is Way.TIER:
            return _("No partner has a tier with a weight.")
        if currency := reading.without_rate(self.span):
            return _("A revenue target in %(currency)s has no rate.") % {"currency": currency}
        return _("No partner has a revenue target for the period.")


def _short(value: Fraction) -> str:
    """With two decimals where it has any."""
    return format_number(_decimal(value), 0 if value.denominator == 1 else 2)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
