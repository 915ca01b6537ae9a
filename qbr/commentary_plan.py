"""Sentences for what was agreed and what comes next: objectives, the business plan, the next quarter. Pure: figures in, sentences out; each
names its figure, and a figure that isn't known gives none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from prm.common.money import Money
from prm.common.templatetags.numbers import format_money, format_number, format_percent


@dataclass(frozen=True)
class Side:
    """The objectives of one side: how many, of how many progress was entered, how many are met."""

    objectives: int = 0
    entered: int = 0
    met: int = 0


@dataclass(frozen=True)
class Objectives:
    """`behind`: the objective furthest from its goal, and how much of the way it is, as displayed."""

    partner: str
    vendor: str
    year: str
    own: Side
    vendors: Side
    behind: str = ""
    behind_percent: int | None = None


def objectives(of: Objectives) -> list[str]:
    found = []
    for whose, side in ((of.partner, of.own), (of.vendor, of.vendors)):
        if not side.objectives:
            continue
        words = ngettext(
            "%(met)s of %(n)s objective of %(whose)s for %(year)s is met.",
            "%(met)s of %(n)s objectives of %(whose)s for %(year)s are met.",
            side.objectives,
        )
        found.append(
            words
            % {
                "met": format_number(side.met),
                "n": format_number(side.objectives),
                "whose": whose,
                "year": of.year,
            }
        )
    silent = of.own.objectives - of.own.entered + of.vendors.objectives - of.vendors.entered
    if silent:
        words = ngettext("%(n)s has no progress entered.", "%(n)s have no progress entered.", silent)
        found.append(words % {"n": format_number(silent)})
    if of.behind and of.behind_percent is not None:
        words = _("Furthest behind: “%(title)s”, at %(percent)s of the way.")
        found.append(words % {"title": of.behind, "percent": format_percent(of.behind_percent)})
    return found


# ── The business plan ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class BusinessPlan:
    """`months` that are over; attainments of them in percent; `change` of the re-forecast against the plan, of all months."""

    months: int
    attainment: Decimal | None = None
    deals_attainment: Decimal | None = None
    reforecast: Money | None = None
    change: Money | None = None


def business_plan(of: BusinessPlan) -> list[str]:
    found = []
    if of.months and of.attainment is not None:
        words = ngettext(
            "Revenue is at %(percent)s of the plan in the %(n)s month that is over.",
            "Revenue is at %(percent)s of the plan in the %(n)s months that are over.",
            of.months,
        )
        found.append(words % {"percent": format_percent(of.attainment), "n": format_number(of.months)})
    if of.months and of.deals_attainment is not None:
        found.append(_("Deals won are at %(percent)s of the plan.") % {"percent": format_percent(of.deals_attainment)})
    if of.reforecast is not None and of.change is not None:
        total, amount = format_money(of.reforecast), of.change.amount
        if amount > 0:
            words = _("The re-forecast is %(total)s, %(change)s above the plan.")
        elif amount < 0:
            words = _("The re-forecast is %(total)s, %(change)s below the plan.")
        else:
            words = _("The re-forecast is %(total)s, as planned.")
        found.append(words % {"total": total, "change": format_money(Money(abs(amount), of.change.currency))})
    return found


# ── The next quarter ─────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Target:
    """What a metric is to come to, as it reads."""

    name: str
    value: str


@dataclass(frozen=True)
class Next:
    """`first`: when the first of the commitments is due."""

    quarter: str
    targets: Sequence[Target] = ()
    commitments: int = 0
    first: dt.date | None = None


def following(of: Next) -> list[str]:
    found = [
        _("The target of %(quarter)s: %(name)s %(value)s.")
        % {"quarter": of.quarter, "name": target.name, "value": target.value}
        for target in of.targets
    ]
    if of.commitments and of.first is not None:
        words = ngettext(
            "%(n)s commitment, due on %(day)s.", "%(n)s commitments, the first due on %(day)s.", of.commitments
        )
        found.append(words % {"n": format_number(of.commitments), "day": date_format(of.first, "DATE_FORMAT")})
    return found
