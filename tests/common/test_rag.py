import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.common.rag import DEFAULT_THRESHOLDS, Rag, Thresholds


@pytest.mark.parametrize(
    ("family", "displayed", "rag"),
    [
        ("capability", 100, Rag.GREEN),
        ("capability", 80, Rag.GREEN),
        ("capability", 79, Rag.AMBER),
        ("capability", 50, Rag.AMBER),
        ("capability", 49, Rag.RED),
        ("attainment", 90, Rag.GREEN),
        ("attainment", 89, Rag.AMBER),
        ("attainment", 70, Rag.AMBER),
        ("attainment", 69, Rag.RED),
        ("attainment", -12, Rag.RED),
        ("attainment", None, None),
    ],
)
def test_default_thresholds(family, displayed, rag):
    assert DEFAULT_THRESHOLDS[family].rag(displayed) == rag


@given(st.integers(), st.integers(), st.integers(), st.integers())
def test_a_higher_figure_never_has_a_worse_colour(a, b, one, other):
    thresholds = Thresholds(green=max(a, b), amber=min(a, b))
    order = [Rag.RED, Rag.AMBER, Rag.GREEN]
    low, high = sorted([one, other])
    assert order.index(thresholds.rag(low)) <= order.index(thresholds.rag(high))


def test_colour_never_stands_alone():
    assert [str(rag.word) for rag in Rag] == ["on track", "watch", "at risk"]
    assert [rag.icon for rag in Rag] == ["▲", "◆", "▼"]


def test_amber_above_green_is_refused():
    with pytest.raises(ValueError):
        Thresholds(green=50, amber=80)
