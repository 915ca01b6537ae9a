"""The heat map: a table coloured by status, each cell a way to what is behind it."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from prm.charts.base import Cell, Chart, DataTable
from prm.charts.figures import Formatter, Value, number, reason, show, tell, whole
from prm.charts.svg import PAPER, Palette, rag_word
from prm.common.rag import Rag


@dataclass(frozen=True)
class HeatCell:
    """A figure, its status, how many it is made of ("14 of 20"), and where it leads."""

    value: Value
    rag: Rag | None = None
    count: int | None = None
    of: int | None = None
    href: str = ""
    formatter: Formatter = whole

    @property
    def figure(self) -> str:
        return show(self.value, self.formatter)

    @property
    def reason(self) -> str:
        return "" if number(self.value) is not None else reason(self.value)

    @property
    def counted(self) -> str:
        if self.count is None:
            return ""
        if self.of is None:
            return show(self.count)
        return _("%(count)s of %(total)s") % {"count": show(self.count), "total": show(self.of)}

    @property
    def colour(self) -> str:
        return self.rag.value if self.rag else "none"


@dataclass(frozen=True)
class HeatRow:
    """A row's name, its cells from left to right, and where its name leads."""

    label: str
    cells: tuple[HeatCell, ...]
    href: str = ""


@dataclass(frozen=True, kw_only=True)
class HeatMap(Chart):
    """Rows × columns of figures: a table on every medium, so `svg()` is empty. ValueError for an uneven row."""

    corner: str
    columns: tuple[str, ...]
    rows: tuple[HeatRow, ...]

    template_name: ClassVar[str] = "charts/heatmap.html"
    widths: ClassVar[tuple[int, ...]] = ()

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row.cells) != len(self.columns):
                raise ValueError(f"{row.label}: {len(row.cells)} cells for {len(self.columns)} columns")

    def svg(self, width: int = 0, palette: Palette = PAPER) -> SafeString:
        return mark_safe("")

    def table(self) -> DataTable:
        rows = tuple(
            (Cell(str(row.label), row.href), *(Cell(self._text(cell), cell.href) for cell in row.cells))
            for row in self.rows
        )
        return DataTable(self.title, (str(self.corner), *map(str, self.columns)), rows)

    def _text(self, cell: HeatCell) -> str:
        parts = [tell(cell.value, cell.formatter), rag_word(cell.rag) if cell.rag else "", cell.counted]
        return ", ".join(part for part in parts if part)
