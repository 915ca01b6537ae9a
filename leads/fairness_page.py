"""The fairness report as a page and a workbook: the filter, the charts, the tables, each figure with the leads behind it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Count, Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext

from accounts.models import User
from leads import fairness
from leads.fairness import DIRECT, PARTNER, QUEUE, Cell, Made
from leads.filters import REACHABLE, begins
from leads.models import LeadOffer, LeadSource
from leads.policies import GRADES
from partners.forms import date_input
from partners.models import Partner, Region
from pipeline.models import ProductLine
from prm.charts import ColumnSeries, Stacked, Tone
from prm.common.filters import FilterForm, MenuField
from prm.common.numbers import round_half_away
from prm.common.saved_views import savable
from prm.common.vendor import today
from prm.documents import table as tables
from prm.documents.table import Kind, Table

MONTHS_BACK = 11
HOLDERS = {PARTNER: _l("Partners"), DIRECT: _l("Direct"), QUEUE: _l("Queue")}
TONES = {PARTNER: Tone.MAIN, DIRECT: Tone.DARK, QUEUE: Tone.GREY}
BY = ("month", "source", "to", "grade")  # what leads are counted by: fields of a fairness.Cell

savable("leads:report", _l("Fairness of leads"))


def usual_span() -> tuple[dt.date, dt.date]:
    """Twelve months: this one and the eleven before."""
    day = today()
    months = day.year * 12 + day.month - 1 - MONTHS_BACK
    return dt.date(months // 12, months % 12 + 1, 1), day


class ReportFilter(FilterForm):
    """Which leads the report is of; a day that is left out is that of the last twelve months."""

    since = forms.DateField(label=_l("From"), required=False, widget=date_input(), validators=REACHABLE)
    until = forms.DateField(label=_l("To"), required=False, widget=date_input(), validators=REACHABLE)
    source = MenuField(label=_l("Source"))
    region = MenuField(label=_l("Region"))
    line = MenuField(label=_l("Product line"))

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        for name, model in (("source", LeadSource), ("region", Region), ("line", ProductLine)):
            field: Any = self.fields[name]
            field.choices = [(row.key, row.name) for row in model.objects.all()]

    def narrow(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        raise NotImplementedError("The report is asked by `asked`.")

    @property
    def asked(self) -> fairness.Asked | None:
        """None where something of it can't be understood."""
        if not self.is_valid():
            return None
        first, last = usual_span()
        values = self.cleaned_data
        return fairness.Asked(
            since=values["since"] or first,
            until=values["until"] or last,
            sources=values["source"],
            regions=values["region"],
            lines=values["line"],
        )


@dataclass(frozen=True)
class Figure:
    """A number of leads and the list of exactly these."""

    leads: int
    url: str


@dataclass(frozen=True)
class Line:
    """A month or source: how many of each grade went to partners, stayed direct, or wait."""

    name: str
    partners: list[Figure]
    direct: list[Figure]
    waiting: Figure


def made_by(user: User, partner: Partner) -> Made:
    """What a partner made of the leads of twelve months, as far as the reader sees it; its offers are all it was made."""
    first, last = usual_span()
    rows = fairness.asked_leads(user, fairness.Asked(first, last)).filter(partner=partner)
    offers = LeadOffer.objects.visible_to(user).filter(partner=partner, offered_at__gte=begins(first))
    ended = offers.exclude(state__in=(LeadOffer.State.OPEN, LeadOffer.State.WITHDRAWN))
    counts = ended.aggregate(offers=Count("pk"), accepted=Count("pk", filter=Q(state=LeadOffer.State.ACCEPTED)))
    return replace(fairness.made_of(rows)[PARTNER, ""], **counts)


def percent(share: Fraction | None) -> Decimal | None:
    """A share from 0 to 1 as percent."""
    return None if share is None else Decimal(share.numerator * 100) / share.denominator


def span_words(span: dt.timedelta | None) -> str:
    """A time in days and hours, or hours and minutes; "–" for none."""
    if span is None:
        return "–"
    minutes = round(span.total_seconds() / 60)
    days, hours = divmod(minutes // 60, 24)
    if days:
        return _("%(days)s d %(hours)s h") % {"days": days, "hours": hours}
    return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes % 60}


class FairnessPage:
    """The report for one reader, as the address asks."""

    def __init__(self, user: User, query: QueryDict) -> None:
        self.user = user
        self.filter = ReportFilter(query)
        self.asked = self.filter.asked

    @cached_property
    def report(self) -> fairness.Report | None:
        return fairness.report(self.user, self.asked) if self.asked else None

    @property
    def found(self) -> fairness.Report:
        assert self.report is not None
        return self.report

    @property
    def days(self) -> dict[str, str]:
        assert self.asked is not None
        return {name: date_format(getattr(self.asked, name), "DATE_FORMAT") for name in ("since", "until")}

    # ── How much went where ──────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def _sums(self) -> Counter[tuple[Any, ...]]:
        """How many leads there are of each month, source, holder and grade, None standing for all of them."""
        found: Counter[tuple[Any, ...]] = Counter()
        for cell in self.found.cells:
            for key in product(*((getattr(cell, name), None) for name in BY)):
                found[key] += cell.leads
        return found

    def _sum(self, **which: Any) -> int:
        return self._sums[tuple(which.get(name) for name in BY)]

    @cached_property
    def total(self) -> int:
        return self._sum()

    @property
    def tiles(self) -> list[tuple[str, str, str, str]]:
        """(label, figure, what it is of, where its leads are)."""
        return [
            (str(label), f"{self._sum(to=to)}", self._share_of_all(self._sum(to=to)), self._url(holder=to))
            for to, label in HOLDERS.items()
        ]

    def _share_of_all(self, number: int) -> str:
        if not self.total:
            return ""
        return _("%(percent)s%% of %(all)s") % {"percent": round(100 * number / self.total), "all": self.total}

    @property
    def spread(self) -> Decimal | None:
        """Percent of the partners that can get leads that hold at least one A or B."""
        return percent(self.found.spread)

    @property
    def spread_note(self) -> str:
        found = self.found
        words = ngettext(
            "%(good)s of %(n)s partner that can get leads",
            "%(good)s of %(n)s partners that can get leads",
            found.partners,
        )
        return words % {"good": found.partners_with_good, "n": found.partners}

    @property
    def months(self) -> list[dt.date]:
        return sorted({cell.month for cell in self.found.cells})

    @property
    def by_month(self) -> list[Line]:
        return [
            self._line(date_format(month, "M Y"), {"month": month}, came_from=max(month, self._asked.since), came_to=min(_last(month), self._asked.until))
            for month in self.months
        ]  # fmt: skip

    @property
    def _asked(self) -> fairness.Asked:
        assert self.asked is not None
        return self.asked

    @property
    def by_source(self) -> list[Line]:
        names = dict(LeadSource.objects.values_list("key", "name"))
        keys = {cell.source for cell in self.found.cells}
        return [self._line(name, {"source": key}, source=key) for key, name in names.items() if key in keys]

    def _line(self, name: str, which: dict[str, Any], **narrowed: Any) -> Line:
        def figure(to: str, grade: str) -> Figure:
            return Figure(self._sum(to=to, grade=grade, **which), self._url(holder=to, grade=grade, **narrowed))

        return Line(
            name,
            [figure(PARTNER, grade) for grade in GRADES],
            [figure(DIRECT, grade) for grade in GRADES],
            Figure(self._sum(to=QUEUE, **which), self._url(holder=QUEUE, **narrowed)),
        )

    def _url(self, **narrowed: Any) -> str:
        """The list of exactly these leads, whatever became of them."""
        asked = self._asked
        query: dict[str, Any] = {
            "came_from": asked.since, "came_to": asked.until, "source": list(asked.sources), "region": list(asked.regions),
            "line": list(asked.lines), **narrowed,
        }  # fmt: skip
        return f"{reverse('leads:list')}?{urlencode(query, doseq=True)}"

    # ── Charts ───────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def month_chart(self) -> Stacked:
        return self._chart(
            "fairness-months",
            _("Leads by month, by who holds them"),
            "month",
            self.months,
            [date_format(month, "M y") for month in self.months],
        )

    @property
    def grade_chart(self) -> Stacked:
        return self._chart("fairness-grades", _("Leads by grade, by who holds them"), "grade", GRADES, GRADES)

    def _chart(self, id: str, title: str, name: str, keys: Sequence[Any], labels: Sequence[str]) -> Stacked:
        series = [
            ColumnSeries(str(label), tuple(Decimal(self._sum(**{"to": to, name: key})) for key in keys), TONES[to])
            for to, label in HOLDERS.items()
        ]
        return Stacked(id=id, title=title, periods=tuple(labels), series=tuple(series))

    # ── What was made of them ────────────────────────────────────────────────────────────────────────────────────────

    @property
    def made(self) -> list[tuple[str, list[Made]]]:
        """(partners or direct, what they made of all leads and of each grade)."""
        return [(str(HOLDERS[to]), [self.found.made[to, grade] for grade in ("", *GRADES)]) for to in (PARTNER, DIRECT)]

    # ── The workbook ─────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def file_name(self) -> str:
        return _("Fairness of leads")

    @property
    def total_rows(self) -> int:
        return 0

    def sheets(self) -> list[Table]:
        """What was made of the leads, and how many went where; without rows where the filter can't be understood."""
        return [made_table(self.made if self.report else []), self._cell_table()]

    def _cell_table(self) -> Table:
        names = dict(LeadSource.objects.values_list("key", "name"))
        columns = [
            tables.Column(_("Month"), Kind.DATE), tables.Column(_("Source")), tables.Column(_("Held by")),
            tables.Column(_("Grade")), tables.Column(_("Leads"), Kind.INTEGER),
        ]  # fmt: skip

        def row(cell: Cell) -> list[Any]:
            return [cell.month, names[cell.source], str(HOLDERS[cell.to]), cell.grade, cell.leads]

        return Table(_("Leads"), columns, [row(cell) for cell in (self.report.cells if self.report else ())])


def made_table(made: Sequence[tuple[str, Sequence[Made]]]) -> Table:
    """What was made of the leads, for a workbook."""
    columns = [
        tables.Column(_("Held by")), tables.Column(_("Grade")), tables.Column(_("Given"), Kind.INTEGER),
        tables.Column(_("Offers answered or run out"), Kind.INTEGER), tables.Column(_("Accepted"), Kind.INTEGER),
        tables.Column(_("Acceptance"), Kind.PERCENT), tables.Column(_("Contacted"), Kind.INTEGER),
        tables.Column(_("First contact, hours"), Kind.DECIMAL), tables.Column(_("Converted"), Kind.INTEGER),
        tables.Column(_("Conversion"), Kind.PERCENT), tables.Column(_("Won"), Kind.INTEGER), tables.Column(_("Win"), Kind.PERCENT),
    ]  # fmt: skip

    def row(name: str, each: Made) -> list[Any]:
        hours = None if each.contact is None else round_half_away(Decimal(each.contact.total_seconds()) / 3600, 1)
        return [
            name, each.grade or _("All"), each.given, each.offers, each.accepted, percent(each.acceptance), each.contacted, hours,
            each.converted, percent(each.conversion), each.won, percent(each.win),
        ]  # fmt: skip

    return Table(_("What was made of them"), columns, [row(name, each) for name, rows in made for each in rows])


def _last(month: dt.date) -> dt.date:
    return (month.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
