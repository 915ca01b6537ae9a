"""A deck with every kind of block, ordinary and extreme."""

import datetime as dt
import io
from dataclasses import replace
from decimal import Decimal

from PIL import Image

from prm.documents.slides import (
    Cell,
    Chart,
    ChartKind,
    Deck,
    Point,
    Points,
    Series,
    Slide,
    Table,
    Tile,
    Tiles,
    Tone,
)

DAY = dt.date(2026, 9, 30)
QUARTERS = ("Q4 2025", "Q1 2026", "Q2 2026", "Q3 2026")
LONG = (
    "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch Managed Services and Consulting Holdings (Europe) Ltd"
)
HEBREW = "קבוצת שירותי ענן ישראל (Cloud) בע״מ"
ARABIC = "شركة الخليج لتقنية المعلومات 2026"


def logo(colour: str, size: tuple[int, int] = (300, 80)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


def numbers(*values: object) -> tuple[Decimal | None, ...]:
    return tuple(None if value is None else Decimal(str(value)) for value in values)


PLAN = Series("Plan", numbers(120000, 130000, 140000, 150000))
ACTUAL = Series("Actual", numbers(131500.5, 118000, 152250, None))
COLUMNS = Chart(
    "Sales against plan by quarter",
    ChartKind.COLUMNS,
    QUARTERS,
    (ACTUAL, PLAN),
    alt="Sales against plan: 131,500 in Q4 2025.",
)
COMBO = Chart(
    "Sales, plan as a line",
    ChartKind.COLUMNS,
    QUARTERS,
    (ACTUAL, replace(PLAN, line=True)),
    alt="Columns of sales with the plan as a line over them.",
)
STACKED = Chart(
    "Pipeline by stage",
    ChartKind.STACKED,
    ("Oct", "Nov", "Dec"),
    (
        Series("Qualify", numbers(40, 35, 20)),
        Series("Propose", numbers(30, 25, 60)),
        Series("Close", numbers(10, 0, 5)),
    ),
    alt="Pipeline by stage and month.",
)
BARS = Chart(
    "Capabilities against best practice",
    ChartKind.BARS,
    ("Fit with brand strategy", "End-customer business profile", "Capabilities", "Activation"),
    (Series("This time", numbers(74, 62, 81, 48)), Series("Last time", numbers(70, 60, 75, 52))),
    alt="Four categories.",
)
LINES = Chart(
    "Certified people",
    ChartKind.LINES,
    QUARTERS,
    (Series("People", numbers(12, 14, None, 19)),),
    alt="From 12 to 19.",
)
DEALS = Table(
    "Top open deals",
    ("Deal", "Customer", "Stage", "Close", "Amount", "Status"),
    (
        (
            Cell("Data centre renewal"),
            Cell("Northwind"),
            Cell("Propose"),
            Cell("12 Dec 2026"),
            Cell("125,000"),
            Cell("", Tone.GOOD, "On track"),
        ),
        (
            Cell("Zero trust roll-out"),
            Cell(HEBREW),
            Cell("Qualify"),
            Cell("1 Nov 2026"),
            Cell("80,500"),
            Cell("", Tone.WATCH, "Watch"),
        ),
        (
            Cell(LONG),
            Cell(ARABIC),
            Cell("Close"),
            Cell("3 Oct 2026"),
            Cell("1,234,567,890,123,456"),
            Cell("", Tone.BAD, "At risk"),
        ),
        (Cell("Total"), Cell(""), Cell(""), Cell(""), Cell("1,234,567,890,328,956"), Cell("")),
    ),
    numeric=frozenset({4}),
    total=True,
)
POINTS = Points(
    "Wins",
    (
        Point("Renewed the largest customer for three years", Tone.GOOD, "Won"),
        Point("Four people certified, one more than planned", Tone.GOOD, "Met"),
        Point("No security specialist yet", Tone.BAD, "Missing"),
    ),
)
TILES = Tiles(
    (
        Tile("Sales", "USD 402,000", "of USD 390,000", Tone.GOOD, "On plan"),
        Tile("Coverage", "2.1", "3.0 is the goal", Tone.WATCH, "Watch"),
        Tile("Certified people", "19", "two expire this quarter"),
        Tile("Return on marketing", "–", "no result reported yet", Tone.BAD, "At risk"),
    )
)
SENTENCES = (
    "Sales of USD 402,000 are 103% of plan.",
    "The third quarter made up for the second: USD 34,250 above plan.",
    "Pipeline covers 2.1 times what is left to sell; 3.0 is the goal.",
)


def long_table(rows: int, *, total: bool = False) -> Table:
    lines = [
        (Cell(f"Deal No. {n}"), Cell("Customer with a middling name"), Cell(f"{n * 1000:,}"))
        for n in range(1, rows + 1)
    ]
    if total:
        lines.append((Cell("Total"), Cell(""), Cell("9,999")))
    return Table(f"All {rows} deals", ("Deal", "Customer", "Amount"), tuple(lines), frozenset({2}), total)


def slide(
    key: str, *blocks: object, title: str = "", words: tuple[str, ...] = (), notes: tuple[str, ...] = ()
) -> Slide:
    return Slide(key, title or key.replace("_", " ").capitalize(), DAY, blocks, words, notes)  # type: ignore[arg-type]


def ordinary() -> Deck:
    """What a deck usually holds."""
    slides = (
        Slide("title", "Title", DAY, notes=("Welcome everybody.",)),
        slide(
            "agenda", Points("", tuple(Point(text) for text in ("Results", "Pipeline", "Capabilities", "Next quarter")))
        ),
        slide("glance", TILES, replace(POINTS, heading="People")),
        slide(
            "summary",
            POINTS,
            replace(POINTS, heading="Concerns"),
            words=SENTENCES[:1],
            notes=("Begin with the renewal.",),
        ),
        slide(
            "performance",
            COLUMNS,
            words=SENTENCES,
            notes=("Ask what made the third quarter.", "Plan is the signed one."),
        ),
        slide("pipeline", TILES, STACKED, LINES, words=SENTENCES[:2]),
        slide("deals", DEALS, words=SENTENCES[:1]),
        slide("capabilities", BARS, COMBO),
        slide("level", TILES, replace(DEALS, title="What the level asks")),
        slide("objectives", POINTS),
        Slide("marketing", "Marketing", DAY, missing="No marketing plan was made for this quarter."),
        slide("appendix", words=SENTENCES),
    )
    return Deck(
        "Quarterly business review Q3 2026", "Brightwater Solutions with Acme Software", "Acme Software", "Brightwater Solutions",
        "en", slides, "#0b7a75", logo("#0b7a75"), logo("#7a0b45", (120, 120)),
    )  # fmt: skip


def extreme() -> Deck:
    """What nobody means to put in, and somebody will."""
    many = Points(f"Concerns of {LONG}", tuple(Point(f"{n}. {LONG}", Tone.BAD, "At risk") for n in range(1, 15)))
    huge = Chart(
        LONG, ChartKind.COLUMNS, tuple(f"{ARABIC} {n}" for n in range(8)),
        tuple(Series(f"{LONG} {n}", numbers(*[123456789012345 * (m + 1) for m in range(8)])) for n in range(3)), alt=LONG,
    )  # fmt: skip
    below = Chart("Change", ChartKind.BARS, (LONG, HEBREW, "c"), (Series("Change", numbers(-5, 12, None)),), alt="x")
    wide = Table(
        LONG,
        tuple(f"Column {n} with a long head" for n in range(12)),
        tuple(tuple(Cell("123,456,789,012,345" if n else LONG) for n in range(12)) for _ in range(6)),
        frozenset(range(1, 12)),
    )
    tiles = Tiles(tuple(Tile(f"{LONG} {n}", "USD 123,456,789,012,345.67", LONG, Tone.WATCH, "Watch") for n in range(8)))
    slides = (
        slide("title", title=LONG),
        slide("a", many, title=f"{LONG} {HEBREW}", words=(LONG * 3,) * 4, notes=(LONG,)),
        slide("b", huge, words=(LONG,)),
        slide("c", wide, words=(LONG,)),
        slide("d", tiles, DEALS),
        slide("e", long_table(120, total=True), words=SENTENCES),
        slide("f", long_table(30), POINTS),
        slide("g", many, many, many),
        slide("h", COLUMNS, BARS, DEALS, TILES, words=SENTENCES),
        slide("i", below, replace(COLUMNS, series=(Series("Nothing", numbers(0, 0, 0, 0)),))),
        slide(
            "j",
            Points("Empty", (), "Nothing was agreed."),
            Table("None", ("A",), (), empty="No deals."),
            Chart("None", ChartKind.LINES, (), ()),
        ),
        slide("k", Points("", (Point("a" * 900),)), title="b" * 400),
        slide("l", Points("Control\x0b", (Point("bad \x00 \ud800 & <b>"),)), title="& <x>\x01"),
        slide("m", Points(HEBREW, (Point(HEBREW, Tone.GOOD, "בסדר"), Point(ARABIC))), title=ARABIC),
    )
    return Deck(
        f"QBR {LONG} {HEBREW}", LONG, LONG, ARABIC, "en", slides, "#ffee00", logo("#ffee00", (2000, 60)), logo("#111111", (40, 400)),
        "Vendor copy – do not give to the partner",
    )  # fmt: skip
