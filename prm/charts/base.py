"""What all charts have in common: a name, a drawing in several widths, and the same figures as a table."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from prm.charts.svg import PAPER, Palette

NARROW, MEDIUM, WIDE = 320, 520, 760
BREAK = 460  # from this width on a row's label stands beside its bar, below it on a line of its own


class Tone(StrEnum):
    """How a series stands out: one accent, the rest in greys. Status colours are for status only."""

    MAIN = "main"  # what the chart is about
    DARK = "dark"  # a plan or target
    SOFT = "soft"  # a second part of the main thing
    GREY = "grey"  # last year, other scenarios
    DASHED = "dashed"  # a forecast

    @property
    def ink(self) -> str:
        return {"main": "accent", "dark": "text", "soft": "soft", "grey": "grey", "dashed": "accent"}[self.value]


@dataclass(frozen=True)
class Cell:
    """One cell of a chart's table; `href` leads to the records behind it."""

    text: str
    href: str = ""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class DataTable:
    """The figures of a chart. The first column names the row."""

    caption: str
    headers: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def texts(self) -> list[list[str]]:
        return [[cell.text for cell in row] for row in self.rows]


@dataclass(frozen=True, kw_only=True)
class Chart(ABC):
    """A chart as a value.

    `id` must be unique on the page and start with a letter; `title` says what is shown; `note` (as of, source) stands
    below. `svg()` draws it `width` user units wide, with text 12.5 units high; `table()` is the same figures as text.
    """

    id: str
    title: str
    note: str = ""

    template_name: ClassVar[str] = "charts/chart.html"
    widths: ClassVar[tuple[int, ...]] = (NARROW, MEDIUM, WIDE)

    @abstractmethod
    def svg(self, width: int = WIDE, palette: Palette = PAPER) -> SafeString: ...

    @abstractmethod
    def table(self) -> DataTable: ...

    def describe(self) -> str:
        """The figures in one breath, for who hears the chart."""
        table = self.table()
        parts = [f"{row[0]}: {', '.join(cell.text for cell in row[1:] if cell.text)}" for row in table.rows[:12]]
        rest = len(table.rows) - 12
        if rest > 0:
            parts.append(_("and %(number)s more in the table") % {"number": rest})
        return "; ".join(parts) or _("No figures yet")


def cells(*texts: object, href: str = "") -> tuple[Cell, ...]:
    """A row of a table; `href` goes to its first figure."""
    return tuple(Cell(str(text), href if at == 1 else "") for at, text in enumerate(texts))
