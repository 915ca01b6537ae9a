"""One look over a whole file, column by column: enough to ask what its columns mean without reading it again."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from prm.imports.formats import Evidence, date_evidence, decimal_evidence
from prm.imports.messages import BadValue
from prm.imports.values import Cell, plain

MOST_LISTED = 200  # different values of a column that can be one of choices
LONGEST_LISTED = 100  # characters of such a value
MOST_KEPT = 10_000  # different values of a column that are looked at
SAMPLES = 4
LONGEST_SAMPLE = 60


@dataclass(frozen=True, slots=True)
class ColumnSurvey:
    """A column's cells: how many rows fill it, a few of them as text, all different ones with their number of rows (None:
    too many or too long to be choices), and what they tell of the column's formats."""

    filled: int
    samples: tuple[str, ...]
    values: dict[str, int] | None
    dates: Evidence
    decimals: Evidence

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "ColumnSurvey":
        return cls(
            data["filled"],
            tuple(data["samples"]),
            data["values"],
            Evidence(**data["dates"]),
            Evidence(**data["decimals"]),
        )


def survey(rows: Iterable[Sequence[Cell]], width: int) -> list[ColumnSurvey]:
    """A survey of each of the `width` columns."""
    filled = [0] * width
    kept: list[Counter[Cell]] = [Counter() for _index in range(width)]
    for cells in rows:
        for index in range(width):
            cell = cells[index]
            if cell is None or cell == "":
                continue
            filled[index] += 1
            counter = kept[index]
            if cell in counter or len(counter) < MOST_KEPT:
                counter[cell] += 1
    return [_column(*column) for column in zip(filled, kept, strict=True)]


def _column(filled: int, cells: Counter[Cell]) -> ColumnSurvey:
    values: dict[str, int] = {}
    listed = True
    for cell, count in cells.items():
        text = _text(cell)
        if len(text) > LONGEST_LISTED or len(values) == MOST_LISTED:
            listed = False
            break
        if text:
            values[text] = values.get(text, 0) + count
    texts = (" ".join(_text(cell).split()) for cell in cells)
    samples = list(islice(dict.fromkeys(text[:LONGEST_SAMPLE] for text in islice(texts, MOST_LISTED) if text), SAMPLES))
    return ColumnSurvey(
        filled, tuple(samples), values if listed else None, date_evidence(cells), decimal_evidence(cells)
    )


def _text(cell: Cell) -> str:
    try:
        return plain(cell)
    except BadValue:
        return str(cell)
