"""What the pages of roll-ups share: the filter, the names of groups, and the ways to the partners behind a figure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar, Protocol
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from partners.models import Partner
from prm.common.fiscal import FiscalQuarter
from prm.common.lists import CHUNK
from prm.common.saved_views import savable
from prm.common.vendor import today
from prm.documents.table import Table
from prm.documents.xlsx import workbook
from scorecards import definition, queries, rollup
from scorecards.filters import ROWS, RollupFilter
from scorecards.models import Questionnaire
from scorecards.rollups import families
from scorecards.rollups.groups import Groups
from scorecards.rollups.sql import Measure

TABS: Mapping[str, Any] = {
    "rollup": gettext_lazy("Heat map"),
    "distribution": gettext_lazy("Distribution"),
    "movers": gettext_lazy("Movers"),
    "investment": gettext_lazy("Investment"),
    "completion": gettext_lazy("Completion"),
    "time": gettext_lazy("Time"),
}


def address_name(tab: str) -> str:
    """The name of a tab's address in this app; its workbook's ends with `_xlsx`."""
    return tab if tab == "rollup" else f"rollup_{tab}"


for _tab, _label in TABS.items():
    savable(f"scorecards:{address_name(_tab)}", _label)


class Rollup(Groups):
    """One roll-up that an address asks for, as this user may see it."""

    family = families.CAPABILITIES
    tab: ClassVar[str]
    template: ClassVar[str] = "scorecards/rollup_grid.html"
    own: ClassVar[tuple[str, ...]] = ("by",)  # fields of the filter beside quarter and partners
    rows: ClassVar[Mapping[str, Any]] = ROWS

    def __init__(self, user: User, query: QueryDict) -> None:
        self.user, self.query = user, query
        version = next(iter(queries.published()), None)
        self.questionnaire: Questionnaire | None = version.questionnaire if version else None
        self.content: definition.Questionnaire | None = version.content if version else None
        self.filter = RollupFilter(query, user=user, own=self.own, rows=self.rows, content=self.content)
        self.limits = queries.thresholds()
        self.today = today()
        self._lists: dict[frozenset[str], str] = {}

    # ── What is asked for ────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def partners(self) -> Any:
        return self.filter.apply(Partner.objects.visible_to(self.user))

    @property
    def quarter(self) -> FiscalQuarter:
        return self.filter.quarter

    @cached_property
    def window(self) -> rollup.Window:
        return rollup.window(self.quarter, self.today)

    @property
    def measure(self) -> Measure:
        """Whose score is looked at."""
        return measure_of(self.content, self.filter.data.get("of", ""))

    @property
    def dimension(self) -> str:
        """What the rows stand for, in words."""
        return str(self.rows[self.filter.dimension])

    # ── The page ─────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def lead(self) -> str:
        return _("Latest score of each partner, %(first)s to %(last)s.") % self.days

    @property
    def days(self) -> dict[str, str]:
        return {
            "first": date_format(self.window.first, "DATE_FORMAT"),
            "last": date_format(self.window.last, "DATE_FORMAT"),
        }

    @property
    def how(self) -> list[str]:
        """How its figures are computed, in words."""
        raise NotImplementedError

    @property
    def tabs(self) -> list[dict[str, Any]]:
        by = self.filter.dimension if self.filter.dimension in ROWS and "by" in self.filter.data else None
        query = self.filter.query_string(by=by, category=None, sort=None)
        return [
            {"label": label, "url": reverse(f"scorecards:{address_name(name)}") + query, "current": name == self.tab}
            for name, label in TABS.items()
        ]

    @property
    def url_name(self) -> str:
        return f"scorecards:{address_name(self.tab)}"

    @property
    def url(self) -> str:
        return reverse(self.url_name)

    @property
    def file_url(self) -> str:
        return reverse(f"scorecards:{address_name(self.tab)}_xlsx") + self.filter.query_string(sort=None)

    # ── The partners behind ──────────────────────────────────────────────────────────────────────────────────────────

    def list_url(self, **narrowed: str) -> str:
        """The list of exactly the partners of the filter, narrowed by these parameters."""
        own = urlencode({name: value for name, value in narrowed.items() if value})
        return f"{self._without(frozenset(narrowed))}{own}"

    def _without(self, names: frozenset[str]) -> str:
        """The filter's partners as the list of scorecards takes them, ready for these parameters. A map has many cells."""
        if names not in self._lists:
            dropped: dict[str, Any] = dict.fromkeys((*RollupFilter.OWN, "period", "sort", *names))
            query = self.filter.query_string(**dropped)
            self._lists[names] = f"{reverse('scorecards:list')}{query}{'&' if query else '?'}"
        return self._lists[names]

    def group_url(self, group: int | None, **narrowed: str) -> str:
        """The list of exactly the partners of a row, narrowed further."""
        return self.list_url(**{self.filter.dimension: self.value(group)}, **narrowed)

    # ── The file ─────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def title(self) -> str:
        return str(TABS[self.tab])

    @property
    def file_name(self) -> str:
        return f"{self.title} {self.quarter.label}"

    @property
    def total_rows(self) -> int:
        """How many rows the file has, where they are many: then it is made in the background."""
        return 0

    def sheets(self) -> list[Table]:
        raise NotImplementedError


class Paged(Protocol):
    """A page that comes as a workbook."""

    @property
    def file_name(self) -> str: ...

    @property
    def total_rows(self) -> int: ...

    def sheets(self) -> list[Table]: ...


class File:
    """A roll-up as the export of lists takes it."""

    def __init__(self, page: Paged) -> None:
        self.page = page
        self.name = page.file_name

    @property
    def total(self) -> int:
        return self.page.total_rows

    def file(self, kind: str, *, progress: Callable[[int, int], None] = lambda done, total: None) -> bytes:
        sheets = [replace(sheet, rows=self._counted(sheet.rows, progress)) for sheet in self.page.sheets()]
        return workbook(sheets, title=self.name)

    def _counted(self, rows: Iterable[Any], progress: Callable[[int, int], None]) -> Iterator[Any]:
        for number, row in enumerate(rows):
            if number % CHUNK == 0:
                progress(min(number, self.total), self.total)
            yield row


def in_sentence(name: str) -> str:
    """What rows stand for, as it stands inside a sentence: "region", but "CAM"."""
    return name if name.isupper() else name.lower()


def measure_of(content: definition.Questionnaire | None, text: str) -> Measure:
    """What `of` in an address means; the overall where it is nothing known."""
    for category in content.categories if content else ():
        if text == f"category:{category.key}":
            return Measure("category", category.key, category.key, category.name)
        for topic in category.topics:
            if text == f"topic:{topic.key}":
                return Measure("topic", topic.key, category.key, topic.name)
    return Measure("overall", "", "", _("Overall"))
