"""One table of records: the value that CSV, XLSX and API exports share."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from django.utils import timezone

from prm.common.money import Money

Value = str | int | float | Decimal | bool | dt.date | dt.datetime | Money | None


class Kind(StrEnum):
    """What a column holds. A percent column holds percents: 94 is shown as 94%."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    MONEY = "money"
    PERCENT = "percent"
    DATE = "date"
    DATETIME = "datetime"
    URL = "url"


@dataclass(frozen=True)
class Column:
    """A column: its heading, what it holds, its width in characters (None: from the contents)."""

    title: str
    kind: Kind = Kind.TEXT
    width: int | None = None


@dataclass(frozen=True)
class Table:
    """Named columns and their rows. `rows` may be a generator: it is read once, row by row.

    A column of money holds `Money` values or plain Decimals. Where currencies mix, give the currency a column of its
    own: CSV writes the amount only.
    """

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]

    def checked_rows(self) -> Iterator[Sequence[Value]]:
        """The rows, each as long as the columns; a longer or shorter one is a ValueError that names its number."""
        for number, row in enumerate(self.rows, start=1):
            if len(row) != len(self.columns):
                raise ValueError(f"{self.name}: row {number} has {len(row)} cells for {len(self.columns)} columns")
            yield row


def local(moment: dt.datetime, tz: dt.tzinfo | None = None) -> dt.datetime:
    """An aware time in `tz` (None: Django's current time zone); a naive one as it is."""
    return timezone.localtime(moment, tz) if timezone.is_aware(moment) else moment
