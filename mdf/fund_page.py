"""What the pages of a fund and of an account show beside its ledger."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mdf.models import Fund
from mdf.queries.funds import Figures, KindSum
from prm.common.templatetags.numbers import format_money, format_number
from prm.common.vendor import fiscal_calendar


@dataclass(frozen=True)
class KindRow:
    """A line of how figures came about: amounts in words, by column; "" where nothing moved."""

    kind: str
    label: str
    cells: tuple[str, ...]


COLUMNS = ("credited", "available", "reserved", "spent", "expired")


def how(fund: Fund, sums: Iterable[KindSum], whole: Any) -> list[KindRow]:
    """Each kind of entry with what it added to each figure, and at the end the figures themselves."""
    rows = [
        KindRow(row.kind, row.label, tuple(_delta(fund, getattr(row.change, name)) for name in COLUMNS)) for row in sums
    ]
    total = tuple(format_money(fund.money(getattr(whole, name)), fund.currency) for name in COLUMNS)
    return [*rows, KindRow("", _("Together"), total)]


def _delta(fund: Fund, amount: Decimal) -> str:
    if not amount:
        return ""
    shown = format_money(fund.money(amount), fund.currency)
    return f"+{shown}" if amount > 0 else shown


def tiles(fund: Fund, figures: Figures) -> list[dict[str, Any]]:
    """The figures of a fund; each but the first with its part of all."""
    whole = figures.credited
    budget = _("Budget %(budget)s, accrued %(accrued)s") % {
        "budget": _money(fund, figures.budget),
        "accrued": _money(fund, figures.accrued),
    }
    found = [{"label": _("Came in"), "value": _money(fund, whole), "note": budget if fund.accrues else ""}]
    for name, label in (
        ("available", _("Available")),
        ("reserved", _("Reserved")),
        ("spent", _("Spent")),
        ("expired", _("Expired")),
    ):
        amount = getattr(figures, name)
        note = _("%(percent)s%% of all") % {"percent": format_number(amount * 100 / whole)} if whole else ""
        found.append({"label": label, "value": _money(fund, amount), "note": note})
    return found


def facts(fund: Fund) -> list[tuple[str, str]]:
    """(term, value) of its rules."""
    span = fiscal_calendar().parse(fund.period).label
    days = f"{date_format(fund.starts_on, 'SHORT_DATE_FORMAT')} – {date_format(fund.ends_on, 'SHORT_DATE_FORMAT')}"
    found = [
        (_("Fiscal period"), f"{span}, {days}"),
        (_("Kind"), str(fund.get_kind_display())),
        (_("Currency"), fund.currency),
        (_("Expires on"), date_format(fund.expires_on, "DATE_FORMAT")),
        (_("Pays back"), _("%(percent)s of what was spent") % {"percent": percent(fund.share)}),
        (_("Least ROI asked"), "–" if fund.minimum_roi is None else format_number(fund.minimum_roi, 1)),
        (
            _("To be claimed"),
            ngettext("within %(n)s day after the activity", "within %(n)s days after the activity", fund.claim_days) % {"n": fund.claim_days},
        ),
        (_("Tactics"), ", ".join(str(tactic) for tactic in fund.tactics.all()) or _("all")),
    ]  # fmt: skip
    if fund.accrual_rate is not None:
        found.append((_("Accrues"), _("%(percent)s of a month’s results") % {"percent": percent(fund.accrual_rate)}))
        if fund.accrual_months is not None:
            lasts = ngettext("%(n)s month after its month", "%(n)s months after its month", fund.accrual_months)
            found.append((_("An accrual lasts"), lasts % {"n": fund.accrual_months}))
        if fund.needs_signed_plan:
            found.append((_("Accrues for"), _("partners with a signed business plan")))
    return found


def percent(share: Decimal) -> str:
    """A fraction as people read it: 0.025 is 2.5%."""
    shown = (share * 100).normalize()
    places = max(0, -int(shown.as_tuple().exponent))
    return _("%(number)s%%") % {"number": format_number(shown, places)}


def _money(fund: Fund, amount: Decimal) -> str:
    return format_money(fund.money(amount), fund.currency)
