"""Text in a PPTX: paragraphs with every measure said, so that they stand as they were laid out whatever the template says."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from pptx.oxml import parse_xml

from prm.charts.svg import clean
from prm.documents.slide_text import AFTER, INDENT, SIGNS
from prm.documents.slides import Tone

A = "http://schemas.openxmlformats.org/drawingml/2006/main"
NS = f'xmlns:a="{A}" xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
POINT = 12_700
HUNDREDTHS = 100  # sizes are hundredths of a point
LANGUAGES = {
    "en": "en-US", "de": "de-DE", "fr": "fr-FR", "es": "es-ES", "it": "it-IT", "nl": "nl-NL", "pt": "pt-PT", "pl": "pl-PL",
    "sv": "sv-SE", "da": "da-DK", "nb": "nb-NO", "fi": "fi-FI", "cs": "cs-CZ", "tr": "tr-TR", "ja": "ja-JP", "ko": "ko-KR",
    "he": "he-IL", "ar": "ar-SA", "fa": "fa-IR", "ru": "ru-RU", "uk": "uk-UA",
}  # fmt: skip
RIGHT_TO_LEFT = ("ar", "he", "fa", "ur")

# Status colours on light and on dark ground, as the pages have them; the theme's own for all else.
STATUS = {
    False: {Tone.GOOD: "1A6F36", Tone.WATCH: "7F5200", Tone.BAD: "B0241B"},
    True: {Tone.GOOD: "5FD082", Tone.WATCH: "E3B341", Tone.BAD: "FF8D84"},
}


@dataclass(frozen=True)
class Ink:
    """Colours as XML: of text, of what matters less, of grounds, and of a status."""

    dark: bool = False  # whether the slides are

    @property
    def text(self) -> str:
        return _scheme("tx1")

    @property
    def muted(self) -> str:
        return _scheme("tx1", lumMod=75000) if self.dark else _scheme("tx1", lumMod=65000, lumOff=35000)

    @property
    def panel(self) -> str:
        return _scheme("bg1", lumMod=85000, lumOff=15000) if self.dark else _scheme("bg1", lumMod=95000)

    @property
    def line(self) -> str:
        return _scheme("bg1", lumMod=65000, lumOff=35000) if self.dark else _scheme("bg1", lumMod=85000)

    @property
    def accent(self) -> str:
        return _scheme("accent1")

    def status(self, tone: Tone) -> str:
        if tone is Tone.NONE:
            return self.text
        return f'<a:solidFill><a:srgbClr val="{STATUS[self.dark][tone]}"/></a:solidFill>'


def _scheme(name: str, **changes: int) -> str:
    inner = "".join(f'<a:{what} val="{value}"/>' for what, value in changes.items())
    return f'<a:solidFill><a:schemeClr val="{name}">{inner}</a:schemeClr></a:solidFill>'


@dataclass(frozen=True)
class Run:
    text: str
    fill: str = ""  # XML of the colour; "" for what the place has
    bold: bool = False


@dataclass(frozen=True)
class Words:
    """Writes paragraphs in the deck's language."""

    language: str
    ink: Ink

    @property
    def tag(self) -> str:
        base, _dash, region = self.language.replace("_", "-").partition("-")
        return f"{base}-{region.upper()}" if region else LANGUAGES.get(base, base or "en-US")

    @property
    def right_to_left(self) -> bool:
        return self.language.partition("-")[0] in RIGHT_TO_LEFT

    def paragraph(
        self,
        runs: Sequence[Run],
        size: float,
        *,
        align: str = "start",
        sign: Tone | None = None,
        after: float | None = None,
    ) -> Any:
        """One `a:p`. `sign`: drawn before the text in its colour (a dot for none), the text standing beside it."""
        plain = "".join(run.text for run in runs)
        turned = self.right_to_left or first_is_right_to_left(plain)
        # A name in Arabic reads from the right yet stands where the column begins.
        sides = {
            "start": "r" if self.right_to_left else "l",
            "end": "l" if self.right_to_left else "r",
            "center": "ctr",
        }
        indent = round(INDENT * size * POINT) if sign is not None else 0
        margin = f'marL="{indent if not turned else 0}" marR="{indent if turned else 0}"'
        space = round((AFTER * size if after is None else after) * HUNDREDTHS)
        bullet = "<a:buNone/>"
        if sign is not None:
            fill = self.ink.muted if sign is Tone.NONE else self.ink.status(sign)
            colour = fill.removeprefix("<a:solidFill>").removesuffix("</a:solidFill>")
            mark = SIGNS[sign] or "•"
            bullet = f'<a:buClr>{colour}</a:buClr><a:buSzPct val="100000"/><a:buFont typeface="Arial"/><a:buChar char="{mark}"/>'
        text = "".join(self._run(run, size) for run in runs if run.text)
        return parse_xml(
            f'<a:p {NS}><a:pPr {margin} indent="{-indent}" algn="{sides[align]}" rtl="{int(turned)}">'
            f'<a:lnSpc><a:spcPct val="100000"/></a:lnSpc><a:spcBef><a:spcPts val="0"/></a:spcBef>'
            f'<a:spcAft><a:spcPts val="{space}"/></a:spcAft>{bullet}</a:pPr>{text}'
            f'<a:endParaRPr lang="{self.tag}" sz="{round(size * HUNDREDTHS)}"/></a:p>'
        )

    def _run(self, run: Run, size: float) -> str:
        return (
            f'<a:r><a:rPr lang="{script_of(run.text) or self.tag}" sz="{round(size * HUNDREDTHS)}" b="{int(run.bold)}" dirty="0">'
            f"{run.fill}</a:rPr><a:t>{escape(clean_run(run.text))}</a:t></a:r>"
        )

    def fill(self, body: Any, paragraphs: Sequence[Any], *, anchor: str = "", flat: bool = True) -> None:
        """Puts the paragraphs in place of a text body's own. `flat`: without margins inside."""
        properties = body.find(f"{{{A}}}bodyPr")
        for child in list(properties):
            properties.remove(child)
        if flat:
            for name in ("lIns", "tIns", "rIns", "bIns"):
                properties.set(name, "0")
        properties.set("wrap", "square")
        if anchor:
            properties.set("anchor", anchor)
        properties.append(parse_xml(f"<a:noAutofit {NS}/>"))
        for old in body.findall(f"{{{A}}}p"):
            body.remove(old)
        for new in paragraphs or [self.paragraph([], 12)]:
            body.append(new)


def clean_run(text: str) -> str:
    """As `clean`, with the spaces at the ends kept: they part this run from the next."""
    inner = clean(text)
    return (" " if text[:1] == " " else "") + inner + (" " if text[-1:] == " " and inner else "")


def first_is_right_to_left(text: str) -> bool:
    """Whether the first letter that has a direction is written from the right."""
    for letter in text:
        way = unicodedata.bidirectional(letter)
        if way in ("R", "AL"):
            return True
        if way == "L":
            return False
    return False


def script_of(text: str) -> str:
    """The language a text in another script is marked as, so that it is spoken and spelled as such; "" for the deck's own."""
    for letter in text:
        if letter.isalpha():
            name = unicodedata.name(letter, "").partition(" ")[0]
            return {
                "HEBREW": "he-IL",
                "ARABIC": "ar-SA",
                "HIRAGANA": "ja-JP",
                "KATAKANA": "ja-JP",
                "HANGUL": "ko-KR",
            }.get(name, "")
    return ""
