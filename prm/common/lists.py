"""Lists: one description of columns gives the sortable page and the CSV and XLSX of all that the filter finds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, Protocol, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Case, F, Func, QuerySet
from django.db.models.expressions import BaseExpression
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from prm.common import jobs
from prm.common.filters import FilterForm
from prm.common.money import Money
from prm.common.templatetags.numbers import format_money, format_number, format_percent
from prm.common.templatetags.signs import ago
from prm.documents import table as tables
from prm.documents.csv import write_csv
from prm.documents.table import Kind, Table, Value
from prm.documents.xlsx import workbook

PAGE_SIZE = 50
DIRECT_ROWS = 2_000  # an export of more goes to a background job
CHUNK = 500
NUMBERS = {Kind.INTEGER, Kind.DECIMAL, Kind.MONEY, Kind.PERCENT}
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Column:
    """A column of a list. `value` goes into files; the page shows `cell`, or the value as its kind is read.

    `sort`: names or expressions that order by it, ascending; () means the page doesn't sort by it. `nullable`: empty values
    stand last in both directions. `annotate`: what the queryset must be annotated with for it. `shown` False: in files only.
    """

    key: str
    title: Any
    value: Callable[[Any], Value]
    kind: Kind = Kind.TEXT
    cell: Callable[[Any], str] | None = None
    sort: tuple[str | Func | Case, ...] = ()
    nullable: bool = False
    annotate: Mapping[str, BaseExpression] = field(default_factory=dict)
    shown: bool = True
    heads_row: bool = False

    @property
    def is_number(self) -> bool:
        return self.kind in NUMBERS

    def order(self, descending: bool) -> list[Any]:
        nulls = {"nulls_last": True} if self.nullable else {}
        terms = [F(term) if isinstance(term, str) else term for term in self.sort]
        return [term.desc(**nulls) if descending else term.asc(**nulls) for term in terms]

    def tags(self) -> tuple[str, str]:
        """What stands before and after each cell."""
        style = "num" if self.is_number else "nowrap" if self.kind in (Kind.DATE, Kind.DATETIME) else ""
        if self.heads_row:
            return format_html('<th scope="row"{}>', format_html(' class="{}"', style) if style else ""), "</th>"
        return format_html('<td class="{}" data-label="{}">', style, self.title), "</td>"

    def content(self, row: Any) -> SafeString:
        """What the row's cell shows."""
        return conditional_escape(self.cell(row) if self.cell else shown_value(self.value(row), self.kind))


def shown_value(value: Value, kind: Kind) -> str:
    """A value as people read it; "–" for none."""
    if value is None or value == "":
        return "–"
    if isinstance(value, Money):
        return format_money(value)
    if kind is Kind.DATETIME:
        return ago(value)  # type: ignore[arg-type]
    if kind is Kind.DATE:
        return date_format(value, "SHORT_DATE_FORMAT")  # type: ignore[arg-type]
    if kind is Kind.PERCENT and isinstance(value, int | Decimal):
        return format_percent(value)
    if kind in NUMBERS and isinstance(value, int | Decimal):
        return format_number(value, 0 if kind is Kind.INTEGER else 1)
    return str(value)


@dataclass(frozen=True)
class Row:
    """A row of the page: its key and name for the checkbox, its cells as HTML."""

    pk: Any
    name: str
    cells: SafeString


class Listing:
    """The rows of a filtered `queryset`, sorted and paged as `query` (the address) says. A `sort` unknown is the default's.

    `filter`: what filtered them, for the bar over the list. `unfiltered`: the rows before, where filtering takes long.
    """

    def __init__(
        self,
        queryset: QuerySet[Any],
        columns: Sequence[Column],
        query: QueryDict,
        *,
        name: Any,
        default: str,
        page_size: int = PAGE_SIZE,
        filter: FilterForm | None = None,
        unfiltered: QuerySet[Any] | None = None,
    ) -> None:
        self.queryset = queryset
        self.unfiltered = queryset if unfiltered is None else unfiltered
        self.filter = filter
        self.columns = columns
        self.query = query
        self.name = name
        self.default = default
        self.page_size = page_size
        known = {column.key: column for column in columns if column.sort}
        asked = query.get("sort", "")
        self.sort = asked if asked.removeprefix("-") in known else default
        self._by = known[self.sort.removeprefix("-")]

    @property
    def shown(self) -> list[Column]:
        return [column for column in self.columns if column.shown]

    @cached_property
    def total(self) -> int:
        return self.queryset.order_by().count()

    @staticmethod
    def _annotated(queryset: QuerySet[Any], columns: Sequence[Column]) -> QuerySet[Any]:
        for column in {column.key: column for column in columns}.values():
            if column.annotate:
                queryset = queryset.annotate(**column.annotate)
        return queryset

    def _rows(self, columns: Sequence[Column]) -> QuerySet[Any]:
        queryset = self._annotated(self.queryset, (*columns, self._by))
        descending = self.sort.startswith("-")
        return queryset.order_by(*self._by.order(descending), "-pk" if descending else "pk")

    @cached_property
    def page(self) -> Page[Row]:
        """The page asked for, the nearest there is when it isn't."""
        # First which rows, then what is in them: a column that takes a subquery costs nothing for the rows before.
        paginator = Paginator(self._rows(()).values_list("pk", flat=True), self.page_size)
        paginator.__dict__["count"] = self.total
        page = paginator.get_page(self.query.get("page"))
        found = list(page.object_list)
        rows = {obj.pk: obj for obj in self._annotated(self.unfiltered, self.shown).filter(pk__in=found)}
        page.object_list = [self._row(rows[pk]) for pk in found if pk in rows]
        return page

    def _row(self, obj: Any) -> Row:
        cells = "".join(f"{before}{column.content(obj)}{after}" for column, (before, after) in self._cells)
        return Row(obj.pk, str(obj), mark_safe(cells))

    @cached_property
    def _cells(self) -> list[tuple[Column, tuple[str, str]]]:
        return [(column, column.tags()) for column in self.shown]

    def rows(self) -> QuerySet[Any]:
        """All rows in the order of the page."""
        return self._rows(())

    def records(self) -> Iterator[list[Value]]:
        """All rows as values, in the order of the page, read in pieces."""
        for obj in self._rows(self.columns).iterator(chunk_size=CHUNK):
            yield [column.value(obj) for column in self.columns]

    def file(self, kind: str, *, progress: Callable[[int, int], None] = lambda done, total: None) -> bytes:
        """All rows as a file: "csv" or "xlsx"."""
        columns = [tables.Column(str(column.title), column.kind) for column in self.columns]
        rows = self._counted(progress)
        if kind == "csv":
            return "".join(write_csv(columns, rows)).encode()
        return workbook([Table(str(self.name), columns, rows)], title=str(self.name))

    def _counted(self, progress: Callable[[int, int], None]) -> Iterator[list[Value]]:
        for number, row in enumerate(self.records()):
            if number % CHUNK == 0:
                progress(number, self.total)
            yield row


class Exportable(Protocol):
    """What can be exported: `total` rows (more than DIRECT_ROWS go to the background), and the file of a kind."""

    name: Any

    @property
    def total(self) -> int: ...

    def file(self, kind: str, *, progress: Callable[[int, int], None]) -> bytes: ...


Builder = Callable[[Any, QueryDict], Exportable]
_exports: dict[str, Builder] = {}


B = TypeVar("B", bound=Builder)


def exportable(key: str) -> Callable[[B], B]:
    """Registers (user, query) → Listing, so that a background job can make the same list again for the same person."""

    def register(build: B) -> B:
        _exports[key] = build
        return build

    return register


def _unwatched(done: int, total: int) -> None:
    """Nobody is told how far a file is that is sent at once."""


def export(request: HttpRequest, key: str, kind: str) -> HttpResponse:
    """The list `key`, filtered as the address says, as a file. A long one is made in the background, once the person asks for it."""
    if kind not in CONTENT_TYPES:
        raise Http404
    listing = _exports[key](request.user, request.GET)
    if listing.total <= DIRECT_ROWS:
        response = HttpResponse(listing.file(kind, progress=_unwatched), content_type=CONTENT_TYPES[kind])
        response["Content-Disposition"] = f'attachment; filename="{_file_name(listing, kind)}"'
        return response
    if request.method != "POST":
        return render(request, "common/export.html", {"listing": listing, "kind": kind.upper()})
    title = ngettext("%(list)s: %(n)s row as %(kind)s", "%(list)s: %(n)s rows as %(kind)s", listing.total) % {
        "list": listing.name,
        "n": format_number(listing.total),
        "kind": kind.upper(),
    }
    params = {"list": key, "kind": kind, "query": request.GET.urlencode()}
    return redirect("common:job", pk=jobs.start("lists.export", by=request.user, title=title, params=params).pk)


@jobs.kind("lists.export")
def export_job(job: jobs.JobContext) -> None:
    """Makes the file as its owner would see it: their rows, their language, their time zone."""
    user, kind = job.by, job.params["kind"]
    with translation.override(user.language), timezone.override(user.time_zone or timezone.get_current_timezone()):
        listing = _exports[job.params["list"]](user, QueryDict(job.params["query"]))
        content = listing.file(kind, progress=lambda done, total: job.progress(done, total, _("Writing rows")))
    job.save_file(_file_name(listing, kind), content)


def _file_name(listing: Exportable, kind: str) -> str:
    return f"{slugify(str(listing.name)) or 'list'}-{timezone.localdate():%Y-%m-%d}.{kind}"
