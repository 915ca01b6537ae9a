"""The colours of the product are readable: WCAG 2.2 AA contrast, counted for every pair in use, in both themes."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[2] / "static" / "css" / "tokens.css"
COLOUR = r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);"
TOKENS = {name: {"light": light, "dark": dark} for name, light, dark in re.findall(COLOUR, CSS.read_text())}

GROUNDS = ("bg", "surface", "surface-2")
TEXT = [
    *((ink, ground) for ink in ("text", "muted", "accent-ink", "green", "amber", "red") for ground in GROUNDS),
    *((ink, "accent-soft") for ink in ("text", "muted", "accent-ink", "green", "amber", "red")),
    *((ink, f"{status}-soft") for status in ("green", "amber", "red") for ink in (status, "text", "muted")),
    ("accent-text", "accent"),
    ("text", "surface-3"),
]
# Edges of controls, rings of focus, filled bars: 3:1 against what they stand on.
EDGES = [(edge, ground) for edge in ("line-strong", "accent-ink") for ground in GROUNDS] + [("accent-ink", "surface-3")]


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_counted_as_wcag_does():
    assert contrast("#ffffff", "#000000") == 21
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_is_readable(ink, ground, theme):
    assert contrast(TOKENS[ink][theme], TOKENS[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_edges_can_be_seen(edge, ground, theme):
    assert contrast(TOKENS[edge][theme], TOKENS[ground][theme]) >= 3
