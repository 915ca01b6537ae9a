"""A vendor's colour on paper and slides: dark enough to be seen, and its shades. Colours are written #rrggbb."""

from prm.common import accent

SEEN = 3.0  # the contrast that what is drawn needs


def visible(colour: str) -> str:
    """The colour, darker where it couldn't be told from a white ground."""
    found = colour
    for share in range(0, 100, 5):
        found = mixed(colour, accent.BLACK, share / 100)
        if accent.contrast(found, accent.WHITE) >= SEEN:
            break
    return found


def mixed(one: str, other: str, share: float) -> str:
    """`share` (0 to 1) of the other colour in the first."""
    pairs = ((int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)
