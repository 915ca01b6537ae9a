"""A vendor's accent colour made readable: from one colour, the four the pages use, in light and in dark.

Contrast is WCAG 2's: 4.5 for text. The vendor's colour itself stays the ground of buttons; text on it turns black or white,
and the accent as text is darkened (in dark: lightened) as far as it needs.
"""

from dataclasses import dataclass

DEFAULT = "#3355cc"
TEXT_CONTRAST = 4.5
GROUND_CONTRAST = 1.25  # a button may be pale, but not the colour of the page

WHITE, INK = "#ffffff", "#1b1f24"
LIGHT_SURFACE, DARK_SURFACE = "#ffffff", "#16191d"
# The grounds an accent-coloured text may stand on: bg, surface-2, surface-3 of the style sheet.
LIGHT_GROUNDS = ("#ffffff", "#f7f8f9", "#f1f3f5")
DARK_GROUNDS = ("#16191d", "#0e1013", "#1f2328")


@dataclass(frozen=True)
class Colours:
    """`ground` of buttons, `text` on it, the accent as text (`ink`), and the ground of what is selected (`soft`)."""

    ground: str
    text: str
    ink: str
    soft: str


@dataclass(frozen=True)
class Palette:
    light: Colours
    dark: Colours


def palette(accent: str) -> Palette:
    """The colours for an accent written #rrggbb. ValueError for anything else."""
    accent = _hex(_rgb(accent))
    light_soft, dark_soft = _mix(accent, LIGHT_SURFACE, 0.10), _mix(accent, DARK_SURFACE, 0.20)
    return Palette(
        light=_colours(accent, LIGHT_SURFACE, light_soft, LIGHT_GROUNDS, towards="#000000"),
        dark=_colours(accent, DARK_SURFACE, dark_soft, DARK_GROUNDS, towards=WHITE),
    )


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two colours, 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _colours(accent: str, surface: str, soft: str, grounds: tuple[str, ...], *, towards: str) -> Colours:
    ground = _until(accent, towards, lambda colour: contrast(colour, surface) >= GROUND_CONTRAST)
    text = max((WHITE, INK), key=lambda colour: contrast(colour, ground))
    ink = _until(accent, towards, lambda colour: all(contrast(colour, g) >= TEXT_CONTRAST for g in (*grounds, soft)))
    return Colours(ground, text, ink, soft)


def _until(colour: str, towards: str, enough) -> str:  # type: ignore[no-untyped-def]
    for step in range(51):
        mixed = _mix(towards, colour, step / 50)
        if enough(mixed):
            return mixed
    return towards


def _mix(colour: str, with_: str, share: float) -> str:
    pairs = zip(_rgb(colour), _rgb(with_), strict=True)
    return _hex(tuple(round(a * share + b * (1 - share)) for a, b in pairs))


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if (c := value / 255) <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for value in _rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _rgb(colour: str) -> tuple[int, ...]:
    if len(colour) != 7 or colour[0] != "#":
        raise ValueError(f"{colour!r} is not a colour")
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def _hex(rgb: tuple[int, ...]) -> str:
    return "#" + "".join(f"{value:02x}" for value in rgb)
