"""A score in words: products, shares, what matches. Never a customer's name, and numbers of customers for the vendor's side only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accountplans.models import Account, ComplementaryProduct
from accountplans.opportunity import ENOUGH, PRIOR, Affinity, Basis, Lack, Score, Thing
from accountplans.whitespace import Cell
from pipeline.models import ProductLine
from prm.common.money import Money
from prm.common.templatetags.numbers import format_money, format_number, format_percent


@dataclass(frozen=True)
class Part:
    """A line of the explanation: what, why, its number (0 to 1) as shown, and the sum behind it where there is one."""

    label: str
    words: str
    figure: str
    formula: str = ""


class Names:
    """Of the products, read once."""

    def __init__(self) -> None:
        self.lines: dict[int, str] = {row.pk: row.name for row in ProductLine.objects.all()}
        self.others: dict[int, str] = {row.pk: row.name for row in ComplementaryProduct.objects.all()}

    def of(self, thing: Thing) -> str:
        rows: Mapping[int, str] = self.lines if thing.kind == "line" else self.others
        return rows.get(thing.pk, _("a product that is gone"))


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / value.denominator


def figure(value: Fraction | None, places: int = 2) -> str:
    """0 to 1, with two decimals; the exact one is multiplied."""
    return "–" if value is None else format_number(_decimal(value), places)


def share(value: Fraction) -> str:
    return format_percent(_decimal(value * 100))


def lack(found: Lack | None, line: str) -> str:
    """Why there is no score."""
    if found == Lack.OWNERS:
        return _("No customer is known to own any product line yet.")
    if found == Lack.DEALS:
        return _("No deal of %(line)s was won in three years, so there is no average to go by.") % {"line": line}
    return ""


def brief(cell: Cell, names: Names) -> str:
    """The reasons in one line."""
    score = cell.score
    if score is None:
        return ""
    if score.lack:
        return lack(score.lack, cell.line.name)
    words = [_close(score.affinity, cell.line.name, names)] if score.affinity else []
    return " ".join([*words, _fits(score), _knows(score)])


def _close(found: Affinity, line: str, names: Names) -> str:
    if found.through is None:
        words = _("%(share)s of all customers own %(line)s.")
        return words % {"share": share(found.share), "line": line}
    words = _("%(share)s of those that own %(other)s own %(line)s, too.")
    return words % {"share": share(found.share), "other": names.of(found.through), "line": line}


def _fits(score: Score) -> str:
    if score.vertical_fits and score.size_fits:
        return _("Vertical and size fit.")
    if score.vertical_fits:
        return _("The vertical fits, the size doesn’t.")
    if score.size_fits:
        return _("The size fits, the vertical doesn’t.")
    return _("Neither vertical nor size fits.")


def _knows(score: Score) -> str:
    words = {
        Fraction(1): _("The relationship is strong."),
        Fraction(3, 4): _("Known there."),
        Fraction(1, 2): _("No relationship yet."),
    }
    return words[score.relationship]


def parts(cell: Cell, account: Account | None, basis: Basis, names: Names, *, numbers: bool) -> list[Part]:
    """The four parts with their own numbers. `numbers`: with how many customers stand behind a share, and what deals come to: for the
    vendor's side."""
    score = cell.score
    if score is None:
        return []
    known: Any = account.get_relationship_display() if account else Account.Relationship.NONE.label
    value = score.value
    worth = (
        _("An average deal of it is %(share)s of the line’s with the largest deals.") % {"share": share(value)}
        if value is not None
        else lack(Lack.DEALS, cell.line.name)
    )
    close = score.affinity
    return [
        Part(_("Fit"), _fits(score), figure(score.fit)),
        Part(
            _("Affinity"),
            _close(close, cell.line.name, names) if close else lack(Lack.OWNERS, cell.line.name),
            figure(close.value if close else None),
            _sum(close, basis, cell.line.pk) if close and numbers else _held(close) if close else "",
        ),
        Part(_("Value"), worth, figure(value), _size(basis, cell.line.pk) if numbers else ""),
        Part(_("Relationship"), str(known), figure(score.relationship)),
    ]


def _held(found: Affinity) -> str:
    words = {"share": share(found.share), "largest": share(found.largest), "n": PRIOR}
    return _("%(share)s ÷ %(largest)s, the largest of any product. The share is held towards the overall one by %(n)s customers.") % words  # fmt: skip


def _sum(found: Affinity, basis: Basis, line: int) -> str:
    overall = basis.overall(line)
    words = {
        "both": format_number(found.both),
        "owners": format_number(found.owners),
        "prior": PRIOR,
        "overall": share(overall),
        "share": share(found.share),
        "largest": share(found.largest),
        "enough": ENOUGH,
        "own": format_number(basis.owners.get(Thing.line(line), 0)),
        "all": format_number(basis.customers),
    }
    if found.through is None:
        return _("%(own)s ÷ %(all)s = %(share)s; none of its products has %(enough)s owners behind it. ÷ %(largest)s, the largest of any product.") % words  # fmt: skip
    return _("(%(both)s + %(prior)s × %(overall)s) ÷ (%(owners)s + %(prior)s) = %(share)s. ÷ %(largest)s, the largest of any product.") % words  # fmt: skip


MOST_LACKS = 3


def _size(basis: Basis, line: int) -> str:
    """The averages behind a value, and what isn't in them for want of a rate."""
    average, lacks = basis.average.get(line), basis.lacks.get(line, ())
    words = []
    if average is not None and basis.reporting:
        own, largest = (
            format_money(Money(amount, basis.reporting).rounded()) for amount in (average, basis.largest_average)
        )
        words.append(_("%(own)s ÷ %(largest)s, the averages of the deals won in three years.") % {"own": own, "largest": largest})  # fmt: skip
    for lack in lacks[:MOST_LACKS]:
        told = {"n": lack.deals, "currency": lack.currency, "day": date_format(lack.on, "SHORT_DATE_FORMAT")}
        words.append(ngettext("%(n)s deal is left out: there is no rate for %(currency)s on %(day)s.", "%(n)s deals are left out: there is no rate for %(currency)s on %(day)s.", lack.deals) % told)  # fmt: skip
    if more := sum(lack.deals for lack in lacks[MOST_LACKS:]):
        words.append(ngettext("%(n)s more likewise.", "%(n)s more likewise.", more) % {"n": more})
    return " ".join(words)


def product(score: Score) -> str:
    """The multiplication that ends in the points; "" where there is none."""
    if score.exact is None or score.affinity is None:
        return ""
    numbers = (score.fit, score.affinity.value, score.value, score.relationship)
    return " × ".join(["100", *(figure(each) for each in numbers)]) + f" = {figure(score.exact, 1)}"
