"""Looking at a page: accessibility, nothing wider than the screen, pictures to look at afterwards."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, Page

ROOT = Path(__file__).resolve().parents[2]
PICTURES = Path(os.environ.get("PRM_PICTURES", ROOT / "var/pictures"))
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True)
class Variant:
    """A screen: its width, and light or dark."""

    width: int = 1280
    scheme: str = "light"
    height: int = 800
    touch: bool = False

    @property
    def name(self) -> str:
        return f"{self.width}-{self.scheme}"


LIGHT, DARK = Variant(), Variant(scheme="dark")
PHONE, PHONE_DARK = Variant(360, height=740, touch=True), Variant(360, "dark", height=740, touch=True)
ALL = (LIGHT, DARK, PHONE, PHONE_DARK)


def axe(page: Page) -> None:
    """Fails with every violation of WCAG 2.2 AA that axe finds, and where."""
    page.evaluate("scrollTo(0, 0)")  # a page that scrolled to its field has others half under the top bar
    options = {"runOnly": RULES, "resultTypes": ["violations"]}
    try:
        found = Axe().run(page, options=options)
    except Error:  # the page changed what axe was about to read, as a page filled in by two does
        found = Axe().run(page, options=options)
    violations = [
        f"{violation['id']}: {node['target']} {node['html'][:160]} – {node['failureSummary']}"
        for violation in found.response["violations"]
        for node in violation["nodes"][:3]
    ]
    assert not violations, f"{page.url}\n" + "\n".join(violations)


CUT = """() => {
  const wide = document.scrollingElement.scrollWidth - window.innerWidth;
  const cut = [];
  const over = wide > 0
    ? [...document.querySelectorAll("body *")].filter((node) => node.getBoundingClientRect().right > window.innerWidth + 1)
      .map((node) => `${node.tagName}.${node.className}`).slice(0, 8)
    : [];
  for (const node of document.querySelectorAll("main *, header *, nav *")) {
    const style = getComputedStyle(node);
    if (style.visibility === "hidden" || !node.getClientRects().length) continue;
    if (style.clipPath !== "none" || style.textOverflow === "ellipsis" || node.closest("svg, .visually-hidden")) continue;
    const hides = style.overflowX === "hidden" && node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 0;
    if (hides && node.textContent.trim()) cut.push(`${node.tagName}.${node.className}: ${node.textContent.trim().slice(0, 60)}`);
  }
  return { wide, cut, over };
}"""


def no_overflow(page: Page) -> None:
    """Nothing is wider than the screen, and no text is cut off."""
    found = page.evaluate(CUT)
    assert found["wide"] <= 0, f"{page.url} is {found['wide']} px wider than {page.viewport_size}: {found['over']}"
    assert not found["cut"], f"{page.url} cuts off {found['cut']}"


SMALL = """() => {
  const small = [];
  for (const node of document.querySelectorAll("a[href], button, summary, select, textarea, input:not([type=hidden])")) {
    const target = node.matches("[type=radio], [type=checkbox]") ? node.closest("label") ?? node : node;
    if (!target.checkVisibility({ visibilityProperty: true, opacityProperty: false })) continue;
    if (target.closest(".visually-hidden, .skip-link")) continue;
    // A link in a sentence is as high as its line.
    const inline = getComputedStyle(target).display === "inline" && target.parentElement.textContent.trim() !== target.textContent.trim();
    if (inline) continue;
    const box = target.getBoundingClientRect();
    if (Math.min(box.width, box.height) < 24) small.push(`${target.outerHTML.slice(0, 120)}: ${box.width} × ${box.height}`);
  }
  return small;
}"""


def touchable(page: Page) -> None:
    """Everything one can press is at least 24 px wide and high."""
    small = page.evaluate(SMALL)
    assert not small, f"{page.url}: too small to press: {small}"


def screens(page: Page, variants: Sequence[Variant]) -> Iterator[Variant]:
    """The page in each of these variants, one after the other; afterwards as it was."""
    before = page.viewport_size
    for variant in variants:
        page.emulate_media(color_scheme=variant.scheme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": variant.width, "height": variant.height})
        yield variant
    page.emulate_media(color_scheme="light")
    if before:
        page.set_viewport_size(before)


def pictures(page: Page, name: str, variants: Sequence[Variant] = (LIGHT, DARK, PHONE)) -> None:
    """Checks in each variant that nothing overflows, and keeps a picture of it."""
    for variant in screens(page, variants):
        page.evaluate("scrollTo(0, 0)")
        no_overflow(page)
        keep(page, name, variant)


def keep(page: Page, name: str, variant: Variant) -> None:
    """Keeps a picture of the page as <name>-<width>-<scheme>.png, but in CI, where nobody looks at them."""
    if not os.environ.get("CI"):
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}-{variant.name}.png", full_page=True)


def looked_at(page: Page, name: str, variants: Sequence[Variant] = (LIGHT, DARK, PHONE)) -> None:
    """All of it for one page: axe, overflow, pictures."""
    axe(page)
    pictures(page, name, variants)
