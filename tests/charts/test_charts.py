"""Every chart, with figures and labels as they really come: missing, huge, negative, long, hostile."""

import itertools
import re
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from django.template import Context, Template
from hypothesis import given, settings
from hypothesis import strategies as st

from prm.charts import (
    Bar,
    Bars,
    Chart,
    Columns,
    ColumnSeries,
    Dial,
    Distribution,
    HeatCell,
    HeatMap,
    HeatRow,
    Lines,
    Mark,
    Missing,
    Mix,
    Pareto,
    Part,
    Series,
    Sparkline,
    Stacked,
    Step,
    StepKind,
    Swing,
    Tone,
    Tornado,
    Waterfall,
    percent,
)
from prm.charts.svg import SIZE, text_width
from prm.common.rag import Rag

SVG = "{http://www.w3.org/2000/svg}"
NASTY = [
    "Northwind",
    "",
    "<script>alert(1)</script>&\"'",
    "Donaudampfschifffahrtsgesellschaftskapitänswitwenrente",
    "a label of so many words that it can never fit beside its bar, nor on two lines below one another, in no chart",
    "שלום עולם",
    "日本語のとても長いラベルがここにありますよねそうですよね",
    "nul\x00 bell\x07 lone\ud800 line\nbreak\ttab",
    "🙂👩‍👩‍👧‍👦" * 9,
    "]]>",
]
NUMBERS = [
    0,
    Decimal("-3.5"),
    Decimal("0.0004"),
    Decimal("12345678901234567890123456789"),
    Decimal("-1E+25"),
    Decimal("NaN"),
    float("inf"),
    None,
    Missing("no target <set>"),
    61,
]


def gallery(labels: list[str], values: list, rag: Rag | None = Rag.AMBER) -> list[Chart]:
    """One chart of each type made of these labels and values."""
    pairs = list(zip(labels, values, strict=True))
    names, figures = tuple(labels), tuple(values)
    backwards = figures[::-1]
    return [
        Dial(id="a", title=labels[0], value=values[0], rag=rag, target=values[-1], delta=values[0], since=labels[-1]),
        Bars(id="b", title=labels[0], bars=tuple(Bar(x, v, rag, best=v, peers=values[0], detail=x) for x, v in pairs)),
        Bars(id="c", title=labels[0], maximum=100, bars=tuple(Bar(x, v) for x, v in pairs), best_name=labels[-1]),
        Columns(
            id="d",
            title=labels[0],
            periods=names,
            series=(ColumnSeries(labels[0], figures), ColumnSeries(labels[-1], backwards, Tone.GREY)),
            targets=backwards,
        ),
        Lines(
            id="e",
            title=labels[0],
            periods=names,
            series=(Series(labels[0], figures), Series(labels[-1], backwards, Tone.DASHED)),
            zero=False,
            marks=tuple(Mark(n % 2, n, x) for n, x in enumerate(labels)),
        ),
        Sparkline(id="f", title=labels[0], values=figures),
        Waterfall(
            id="g",
            title=labels[0],
            steps=tuple(
                Step(x, v, StepKind.TOTAL if n % 3 == 0 else StepKind.CHANGE, x) for n, (x, v) in enumerate(pairs)
            ),
        ),
        Pareto(id="h", title=labels[0], values=figures, previous=backwards[:2], members=labels[0], measure=labels[-1]),
        Stacked(
            id="j",
            title=labels[0],
            periods=names,
            series=(ColumnSeries(labels[0], figures), ColumnSeries(labels[-1], backwards, Tone.GREY)),
        ),
        Tornado(
            id="k",
            title=labels[0],
            swings=tuple(Swing(x, v, w, x, x) for (x, v), w in zip(pairs, backwards, strict=True)),
        ),
        Distribution(
            id="i",
            title=labels[0],
            rows=tuple(Mix(x, (Part(labels[0], n, rag), Part("none", n * n))) for n, x in enumerate(labels)),
        ),
    ]


def drawings(chart: Chart) -> list[ET.Element]:
    return [ET.fromstring(chart.svg(width)) for width in chart.widths]


def check(root: ET.Element) -> None:
    assert root.get("role") == "img"
    named = (root.get("aria-labelledby") or "").split()
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert [root.find(f"{SVG}title").get("id"), root.find(f"{SVG}desc").get("id")] == named
    assert len(ids) == len(set(ids))
    assert root.find(f"{SVG}desc").text
    assert not any("style" in element.attrib for element in root.iter())
    for element in root.iter():
        for name in ("x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "width", "height", "d", "points"):
            assert not re.search("nan|inf", element.get(name, "")), element.attrib
    _left, _top, width, height = map(float, root.get("viewBox").split())
    for element in root.iter(f"{SVG}text"):
        size = float(element.get("font-size", SIZE))
        x, wide = float(element.get("x")), text_width(element.text or "", size)
        start = {"middle": x - wide / 2, "end": x - wide}.get(element.get("text-anchor", "start"), x)
        assert size >= 11, element.text
        assert -1 <= start <= width + 1 - wide, (element.text, start, wide, width)
        assert 0 < float(element.get("y")) <= height, element.text
    for element in root.iter(f"{SVG}rect"):
        assert float(element.get("width")) >= 0
        assert float(element.get("x")) + float(element.get("width")) <= width + 0.5


@pytest.mark.parametrize("chart", gallery(NASTY, NUMBERS), ids=lambda c: type(c).__name__)
def test_nasty_labels_and_numbers(chart: Chart) -> None:
    for root in drawings(chart):
        check(root)
    assert chart.table().rows


@given(
    st.lists(
        st.tuples(
            st.text(max_size=60),
            st.one_of(
                st.none(),
                st.integers(-(10**30), 10**30),
                st.decimals(min_value=-(10**20), max_value=10**20),
                st.floats(),
                st.builds(Missing, st.text(max_size=30)),
            ),
        ),
        min_size=1,
        max_size=14,
    ),
    st.sampled_from([None, *Rag]),
)
@settings(max_examples=15, deadline=None)
def test_any_labels_and_numbers(pairs: list, rag: Rag | None) -> None:
    for chart in gallery([label for label, _ in pairs], [value for _, value in pairs], rag):
        for root in drawings(chart):
            check(root)
        for row in chart.table().texts():
            assert len(row) == len(chart.table().headers)


def test_hostile_text_is_escaped_on_the_page() -> None:
    chart = Bars(id="b", title="<b>Title</b>", bars=(Bar("<i>x</i>", 1, href="/p/?a=1&b=2"),), note="<u>")
    page = Template("{% load charts %}{% chart c %}").render(Context({"c": chart}))
    assert not re.search(r"<(b|i|u)>", page)
    assert 'href="/p/?a=1&amp;b=2"' in page


@pytest.mark.parametrize("chart", gallery(["Alpha", "Beta"], [1, 2]), ids=lambda c: type(c).__name__)
def test_the_page_has_unique_ids_and_the_table(chart: Chart) -> None:
    page = Template("{% load charts %}{% chart c %}").render(Context({"c": chart}))
    ids = Counter(re.findall(r'\bid="([^"]+)"', page))
    assert max(ids.values()) == 1
    assert page.count("<svg") == len(chart.widths)
    assert "style=" not in page
    for row in chart.table().texts():
        assert all(text in page for text in row)


def test_in_one_width_for_paper() -> None:
    chart = Bars(id="b", title="Scores", bars=(Bar("Fit", 74),))
    page = Template("{% load charts %}{% chart c 400 table=False %}").render(Context({"c": chart}))
    assert page.count("<svg") == 1
    assert 'width="400"' in page
    assert "<table" not in page


@pytest.mark.parametrize(
    "chart",
    [
        Bars(id="a", title="t", bars=()),
        Columns(id="b", title="t", periods=(), series=()),
        Lines(id="c", title="t", periods=("Q1",), series=(Series("x", (None,)),)),
        Sparkline(id="d", title="t", values=()),
        Waterfall(id="e", title="t", steps=()),
        Pareto(id="f", title="t", values=(0, None, -5)),
        Distribution(id="g", title="t", rows=()),
    ],
    ids=lambda c: type(c).__name__,
)
def test_no_figures_says_so(chart: Chart) -> None:
    for root in drawings(chart):
        check(root)
        assert "No figures yet" in "".join(root.itertext()) or "–" in "".join(root.itertext())


def texts(chart: Chart, width: int = 760) -> list[str]:
    return [element.text or "" for element in ET.fromstring(chart.svg(width)).iter(f"{SVG}text")]


def test_a_dial_shows_figure_status_and_change() -> None:
    dial = Dial(id="d", title="Score", value=61, rag=Rag.AMBER, target=75, delta=-4, since="since Q2")
    assert texts(dial, 140) == ["61", "Watch", "−4 since Q2"]
    assert dial.table().texts() == [["Now", "61", "Watch"], ["Target", "75", ""], ["Change", "−4 since Q2", ""]]


def test_a_dial_says_since_when_in_full() -> None:
    dial = Dial(id="d", title="Score", value=61, delta=23, since="since 10 November 2026")
    lines = texts(dial, 140)[1:]
    assert " ".join(lines) == "+23 since 10 November 2026"
    heights = [float(ET.fromstring(each.svg()).attrib["height"]) for each in (dial, replace(dial, since=""))]
    assert heights[0] > heights[1]


def test_a_dial_without_a_figure_gives_the_reason_not_zero() -> None:
    dial = Dial(id="d", title="Plan", value=Missing("no target set"), rag=None, formatter=percent)
    assert texts(dial, 140) == ["–", "no target set"]
    assert dial.table().texts()[0][1] == "– (no target set)"


def arc_end(dial: Dial) -> str:
    paths = [p.get("d") for p in ET.fromstring(dial.svg()).iter(f"{SVG}path")]
    return paths[1].split()[-2:] if len(paths) > 1 else []


def test_a_dial_stops_at_its_ends() -> None:
    full = Dial(id="d", title="t", value=100)
    assert arc_end(replace(full, value=250)) == arc_end(full)
    assert arc_end(replace(full, value=-5)) == arc_end(replace(full, value=0)) == []


def widths(chart: Chart, ink: str) -> list[float]:
    root = ET.fromstring(chart.svg(760))
    return [float(r.get("width")) for r in root.iter(f"{SVG}rect") if r.get("class") == f"ch-{ink}"]


def test_bars_are_in_proportion_from_zero() -> None:
    one, two, track = (
        *widths(bars := Bars(id="b", title="t", bars=(Bar("a", 25), Bar("b", 50)), maximum=100), "accent"),
        0,
    )
    track = widths(bars, "track")[0]
    assert one == pytest.approx(track / 4, abs=0.02)
    assert two == pytest.approx(track / 2, abs=0.02)


def test_negative_bars_leave_zero_to_the_left() -> None:
    chart = Bars(id="b", title="t", bars=(Bar("a", 10), Bar("b", -10)))
    root = ET.fromstring(chart.svg(760))
    up, down = (r for r in root.iter(f"{SVG}rect") if r.get("class") == "ch-accent")
    assert float(down.get("x")) + float(down.get("width")) == pytest.approx(float(up.get("x")), abs=0.02)


def test_a_small_figure_is_still_seen_and_zero_is_not() -> None:
    assert widths(Bars(id="b", title="t", bars=(Bar("a", 100000), Bar("b", 1), Bar("c", 0))), "accent")[1:] == [2.0]


def test_status_is_shape_and_word_beside_its_colour() -> None:
    chart = Bars(id="b", title="t", bars=tuple(Bar(rag.name, 1, rag) for rag in Rag))
    shapes = [p.get("points").split() for p in ET.fromstring(chart.svg()).iter(f"{SVG}polygon")]
    assert sorted(map(len, shapes)) == [3, 3, 4]
    assert {"On track", "Watch", "At risk"} <= set(texts(chart))
    lines = [row[2] for row in chart.table().texts()]
    assert lines == ["On track", "Watch", "At risk"]


def test_a_table_has_only_the_columns_that_are_filled() -> None:
    chart = Bars(id="b", title="t", bars=(Bar("Fit", 74, best=80), Bar("Reach", Missing("no answers"))))
    assert chart.table().headers == ("Name", "Figure", "Best practice")
    assert chart.table().texts() == [["Fit", "74", "80"], ["Reach", "– (no answers)", "–"]]


def test_the_key_names_the_marks() -> None:
    chart = Bars(id="b", title="t", bars=(Bar("Fit", 74, best=80, peers=61),), best_name="Verified")
    assert {"Verified", "Peers, median"} <= set(texts(chart))
    assert "Verified" not in texts(replace(chart, bars=(Bar("Fit", 74),)))


def test_columns_label_all_figures_or_none() -> None:
    few = Columns(id="c", title="t", periods=("Q1", "Q2"), series=(ColumnSeries("x", (350, 362)),))
    assert {"350", "362"} <= set(texts(few))
    many = replace(few, periods=tuple(map(str, range(60))), series=(ColumnSeries("x", tuple(range(12345, 12405))),))
    assert not {"12,345", "12k"} & set(texts(many, 340))


def test_period_labels_never_touch() -> None:
    months = tuple(f"September {year}" for year in range(2000, 2036))
    for width in (320, 520, 760):
        chart = Lines(id="c", title="t", periods=months, series=(Series("x", tuple(range(36))),))
        places = [
            (float(t.get("x")), text_width(t.text or ""))
            for t in ET.fromstring(chart.svg(width)).iter(f"{SVG}text")
            if (t.text or "").startswith("September")
        ]
        places.sort()
        assert len(places) > 1
        for (x, wide), (next_x, next_wide) in itertools.pairwise(places):
            assert x + wide / 2 < next_x - next_wide / 2


def test_a_line_breaks_where_a_figure_is_missing() -> None:
    chart = Lines(id="c", title="t", periods=tuple("abcde"), series=(Series("x", (1, 2, None, 4, 5)),))
    assert len(list(ET.fromstring(chart.svg()).iter(f"{SVG}path"))) == 2


def test_names_at_the_ends_of_lines_stand_apart() -> None:
    series = tuple(Series(f"Line {n}", (1, 50)) for n in range(4))
    chart = Lines(id="c", title="t", periods=("a", "b"), series=series)
    heights = sorted(
        float(t.get("y")) for t in ET.fromstring(chart.svg()).iter(f"{SVG}text") if (t.text or "").startswith("Line")
    )
    assert len(heights) == 4
    assert all(b - a >= 15 for a, b in itertools.pairwise(heights))


def test_a_value_for_each_period_or_an_error() -> None:
    with pytest.raises(ValueError, match="1 values for 2 periods"):
        Columns(id="c", title="t", periods=("Q1", "Q2"), series=(ColumnSeries("x", (1,)),))
    with pytest.raises(ValueError, match="3 values for 2 periods"):
        Columns(id="c", title="t", periods=("Q1", "Q2"), series=(), targets=(1, 2, 3))
    with pytest.raises(ValueError, match="EMEA: 1 cells for 2 columns"):
        HeatMap(id="h", title="t", corner="Region", columns=("a", "b"), rows=(HeatRow("EMEA", (HeatCell(1),)),))


def test_a_waterfall_step_starts_where_the_one_before_ended() -> None:
    chart = Waterfall(
        id="w",
        title="t",
        steps=(
            Step("Gross", 100, StepKind.TOTAL),
            Step("Discount", -30),
            Step("Promotions", Missing("not entered")),
            Step("Rebate", 10),
            Step("Net", 80, StepKind.TOTAL),
        ),
    )
    gross, discount, rebate, net = [
        (float(r.get("x")), float(r.get("x")) + float(r.get("width")))
        for r in ET.fromstring(chart.svg()).iter(f"{SVG}rect")
    ]
    assert discount[1] == pytest.approx(gross[1], abs=0.02)
    assert rebate[0] == pytest.approx(discount[0], abs=0.02)
    assert net[1] == pytest.approx(rebate[1], abs=0.02)
    assert [row[1] for row in chart.table().texts()] == ["100", "−30", "– (not entered)", "+10", "80"]


def test_a_distribution_counts_and_sums() -> None:
    parts = (Part("on track", 14, Rag.GREEN, href="/x/"), Part("at risk", 1, Rag.RED), Part("not scored", 5))
    chart = Distribution(id="d", title="t", rows=(Mix("EMEA", parts),))
    assert chart.table().headers == ("Name", "on track", "at risk", "not scored", "Total")
    assert chart.table().texts() == [["EMEA", "14", "1", "5", "20"]]
    assert chart.table().rows[0][1].href == "/x/"
    assert "at risk 1" in texts(chart, 320)


def heat() -> HeatMap:
    cells = (
        HeatCell(74, Rag.AMBER, count=14, of=20, href="/cell/"),
        HeatCell(Missing("no partner scored"), count=0, of=20),
    )
    return HeatMap(
        id="h", title="By region", corner="Region", columns=("Fit", "Reach"), rows=(HeatRow("EMEA", cells, "/emea/"),)
    )


def test_a_heat_map_is_a_table_whose_cells_lead_on() -> None:
    page = Template("{% load charts %}{% chart c %}").render(Context({"c": heat()}))
    assert "<svg" not in page
    assert page.count('<th scope="col"') == 3
    assert page.count('<th scope="row"') == 1
    assert 'href="/cell/"' in page
    assert 'href="/emea/"' in page
    assert "14 of 20" in page
    assert "watch" in page
    assert "◆" in page
    assert 'title="no partner scored"' in page


def test_a_heat_map_in_words() -> None:
    assert heat().table().texts() == [["EMEA", "74, Watch, 14 of 20", "– (no partner scored), 0 of 20"]]


def test_numbers_follow_the_language() -> None:
    from django.utils import translation

    with translation.override("de"):
        assert "1.234.567" in texts(Bars(id="b", title="t", bars=(Bar("x", 1234567),)))


def test_stacked_parts_end_where_their_sum_does_and_the_whole_is_told() -> None:
    chart = Stacked(
        id="s",
        title="Revenue",
        periods=("Q1", "Q2"),
        series=(
            ColumnSeries("Products", (30, 10)),
            ColumnSeries("Services", (10, 0), Tone.SOFT),
            ColumnSeries("None", (0, 0)),
        ),
    )
    rects = [e for e in ET.fromstring(chart.svg()).iter(f"{SVG}rect") if e.find(f"{SVG}title") is not None]
    heights = {e.find(f"{SVG}title").text: float(e.get("height")) for e in rects}
    assert heights["Q1, Products: 30"] == pytest.approx(3 * heights["Q1, Services: 10"])
    assert "Q2, Services: 0" not in heights
    products, services = rects[0], rects[1]
    assert float(services.get("y")) + float(services.get("height")) == pytest.approx(float(products.get("y")))
    assert chart.table().texts() == [["Q1", "30", "10", "0", "40"], ["Q2", "10", "0", "0", "10"]]
    assert "None" not in "".join(e.text or "" for e in ET.fromstring(chart.svg()).iter(f"{SVG}text"))


def test_a_tornado_goes_to_both_sides_of_nothing_and_shows_the_smaller_of_two_on_one_side() -> None:
    chart = Tornado(
        id="t", title="What it hangs on", swings=(Swing("Price", -40, 20, "9", "11"), Swing("Cap", -10, -30))
    )
    root = ET.fromstring(chart.svg())
    bars = {e.find(f"{SVG}title").text: e for e in root.iter(f"{SVG}rect") if e.find(f"{SVG}title") is not None}
    less, more = bars["Price, Less: −40"], bars["Price, More: +20"]
    assert float(less.get("width")) == pytest.approx(2 * float(more.get("width")))
    assert float(less.get("x")) + float(less.get("width")) == pytest.approx(float(more.get("x")), abs=0.1)
    assert list(bars) == ["Price, Less: −40", "Price, More: +20", "Cap, More: −30", "Cap, Less: −10"]
    assert chart.table().texts() == [["Price", "9", "−40", "11", "+20"], ["Cap", "", "−10", "", "−30"]]


def test_a_mark_stands_on_its_line_and_says_what_it_is() -> None:
    series = (Series("Base", (-1, 0, 1)), Series("Bleak", (-1, None, -3), Tone.GREY))
    chart = Lines(
        id="m",
        title="Profit",
        periods=("1", "2", "3"),
        series=series,
        marks=(Mark(0, 1, "break-even"), Mark(1, 1, "none")),
    )
    dots = [e for e in ET.fromstring(chart.svg()).iter(f"{SVG}circle") if e.get("r") == "4"]
    assert [e.find(f"{SVG}title").text for e in dots] == ["Base: break-even"]
