"""A vendor's accent colour: how readable it is. Contrast is WCAG 2's ratio, 1 to 21; text needs 4.5."""

DEFAULT = "#3355cc"
NEEDED = 4.5
WHITE, BLACK = "#ffffff", "#000000"


def contrast(one: str, other: str) -> float:
    """The contrast of two colours written #rrggbb."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def text_on(ground: str) -> str:
    """White or black, whichever is easier to read on the colour. One of them always reaches what text needs."""
    return max((WHITE, BLACK), key=lambda text: contrast(text, ground))


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
