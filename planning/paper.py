"""A plan on two pages: what it is to bring, its figures and signatures; then profit and loss, what it hangs on, what it assumes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from planning import reading, signing
from planning.assumption_list import Read, assumption_groups
from planning.labels import SCENARIO, SCENARIOS, TEXTS
from planning.models import BusinessPlan, Side
from planning.outcome import Outcome, Row, Span, Statement
from planning.signature_state import Signer
from prm.common.templatetags.numbers import format_number
from prm.documents.pdf import Paper, render

LINES = {Paper.A4: 46, Paper.LETTER: 38}  # of text, for the assumptions on the second page
WIDE = 165  # characters that fit on one of them
MOST_LINES = 3  # for one row, as the template cuts it
OBJECTIVES = 8
ROOMY = {Paper.A4: 6, Paper.LETTER: 4}  # objectives that may take two lines each
TORNADO = 10
NAME = 18  # characters of a row's name in the tornado, so that the number it is about has room
QUARTERLY = ("revenue", "gross_profit", "costs", "operating_profit", "cumulative", "cash_cumulative", "deals")


@dataclass(frozen=True)
class Told:
    """A row of the assumptions in a few lines of text."""

    name: str
    text: str

    @property
    def lines(self) -> int:
        return min(MOST_LINES, 1 + (len(self.name) + len(self.text)) // WIDE)


@dataclass(frozen=True)
class Group:
    title: str
    rows: list[Told]


@dataclass(frozen=True)
class Goal:
    """An objective of a side: what, and how it is measured."""

    title: str
    measure: str


def paper(
    plan: BusinessPlan, found: Outcome, signers: Sequence[Signer], *, vendor: str, accent: str, size: Paper
) -> bytes:
    """The PDF, two pages of that size. What the vendor keeps is on it only where the outcome has it. Raises PdfUnavailable."""
    groups, left = _fitting(_groups(found), LINES[size])
    quarters = found.statement(Span.QUARTER)
    turned, told, goals = _turned(quarters), years(found), _goals(plan)
    context: dict[str, Any] = {
        "plan": plan,
        "found": found,
        "title": _("Business plan of %(partner)s") % {"partner": plan.partner.name},
        "vendor": vendor,
        "as_of": timezone.localtime(),
        "accent": accent,
        "letter": size is Paper.LETTER,
        "scenario": SCENARIOS[plan.scenario],
        "texts": [(label.text, text) for key, label in TEXTS.items() if (text := found.plan.texts[key].strip())],
        "goals": goals,
        "roomy": sum(len(rows) for _name, rows, _more in goals) <= ROOMY[size],
        "signers": signers,
        "years": told,
        "quarter_rows": [quarters.row(key) for key in QUARTERLY],
        "quarters": turned,
        "tornado": found.tornado_chart(TORNADO, NAME),
        "small": _size(
            [text for row in turned for text in row[2]] + [text for _row, row in told for text in row], 48, 6.5
        ),
        "tile": _size([figure.text for figure in found.figures], 92, 8.4),
        "groups": groups,
        "left": left,
    }
    return render("planning/plan_pdf.html", context, paper=size)


def years(found: Outcome) -> list[tuple[Row, tuple[str, ...]]]:
    """The rows of the profit and loss by year, each with its figures and, last, that of all 36 months."""
    statement = found.statement(Span.YEAR)
    rows = []
    for row in statement.telling_rows:
        running = row.key in ("cumulative", "cash_cumulative")
        whole = row.values[-1] if running else sum(row.values, start=row.values[0] * 0)
        rows.append((row, (*row.texts, Row(row.key, row.label, row.level, (whole,), row.places).texts[0])))
    return rows


def _size(texts: list[str], room: float, usual: float) -> float:
    """The size of type, in points, in which the longest text fits `room` points, as cutting a figure would falsify it."""
    return round(min(usual, room / (0.66 * max(map(len, texts)))), 2)


def _turned(statement: Statement) -> list[tuple[str, str, list[str]]]:
    """A row per quarter: its name, its months, its figures."""
    rows = [statement.row(key).texts for key in QUARTERLY]
    return [(column.label, column.detail, [texts[n] for texts in rows]) for n, column in enumerate(statement.columns)]


def _goals(plan: BusinessPlan) -> list[tuple[str, list[Goal], int]]:
    """The objectives of both sides, so many as fit, and how many more there are."""
    rows = reading.objectives_of(plan) if plan.is_fixed else signing.current_objectives(plan)
    words = {Side.PARTNER: plan.partner.name, Side.VENDOR: _("The vendor")}
    found = []
    for side, name in words.items():
        own = [Goal(row["title"], _measure(row)) for row in rows if row["side"] == side]
        found.append((name, own[: OBJECTIVES // 2], len(own[OBJECTIVES // 2 :])))
    return found


def _measure(row: dict[str, Any]) -> str:
    """ "Certified engineers: from 2 to 6 (FY27)" """
    parts = [row["yardstick"]] if row["yardstick"] else []
    if row["to"] is not None:
        unit = f" {row['unit']}" if row["unit"] else ""
        numbers = {"start": _number(row["from"] or "0"), "goal": _number(row["to"]), "unit": unit}
        parts.append(_("from %(start)s to %(goal)s%(unit)s") % numbers)
    parts.append(_("by the end of %(year)s") % {"year": row["fiscal_year"]})
    return ", ".join(parts)


def _number(text: str) -> str:
    value = Decimal(text)
    return format_number(value, _places(value))


def _groups(found: Outcome) -> list[Group]:
    """All assumptions as text, the scenarios last."""
    groups = [
        Group(str(group.title), [_told(row) for row in group.rows])
        for group in assumption_groups(found.plan, found.currency, found.first_month)
    ]
    scenarios = []
    for name, scenario in found.plan.scenarios.items():
        multipliers = [
            f"{label.text} {'' if field == 'delay' else '×'}{format_number(value, _places(value))}"
            for field, label in SCENARIO.items()
            if (value := getattr(scenario, field)) is not None
        ]
        scenarios.append(Told(str(SCENARIOS[name]), " · ".join(multipliers)))
    terms = found.plan.assumptions.terms
    words = ngettext("after %(n)s month (cash only)", "after %(n)s months (cash only)", terms) % {"n": terms}
    return [*groups, Group(_("Scenarios"), [Told(_("Customers pay"), words), *scenarios])]


def _places(value: Decimal | int) -> int:
    """Decimals that it takes to show the number as it is."""
    return max(0, -int(Decimal(value).normalize().as_tuple().exponent))


def _told(row: Read) -> Told:
    words = [*row.kinds, *(f"{label} {text}" for label, text in row.numbers)]
    return Told(row.name, " · ".join(map(str, words)))


def _fitting(groups: list[Group], room: int) -> tuple[list[Group], int]:
    """As many rows as the page holds, the first of each group before the second of any, and how many are left out."""
    room -= len(groups)
    chosen: dict[int, int] = dict.fromkeys(range(len(groups)), 0)
    for n in range(max(len(group.rows) for group in groups)):
        for at, group in enumerate(groups):
            if n < len(group.rows) and chosen[at] == n and room >= group.rows[n].lines:
                room -= group.rows[n].lines
                chosen[at] += 1
    shown = [Group(group.title, group.rows[: chosen[at]]) for at, group in enumerate(groups) if chosen[at]]
    return shown, sum(len(group.rows) for group in groups) - sum(chosen.values())
