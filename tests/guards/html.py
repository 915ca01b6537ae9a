"""A page as a tree, and what every page must keep to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
UNNAMED_INPUTS = {"hidden", "submit", "button", "reset", "image"}
# What Python writes for nothing. An option may be called so, and what has no region.
NOT_MEANT = {"None", "[]", "{}", "()"}
OPTION = "option-label"
REFERENCES = (
    "for",
    "aria-labelledby",
    "aria-describedby",
    "aria-controls",
    "popovertarget",
    "list",
    "form",
    "commandfor",
)


@dataclass(eq=False)
class Element:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)
    parent: Element | None = None

    def __getitem__(self, name: str) -> str:
        return self.attributes.get(name, "")

    def __contains__(self, name: str) -> bool:
        return name in self.attributes

    def all(self, *tags: str) -> Iterator[Element]:
        """This element and all under it, of these tags (none: of any), in order."""
        if not tags or self.tag in tags:
            yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.all(*tags)

    @property
    def text(self) -> str:
        parts = (child if isinstance(child, str) else child.text for child in self.children)
        return " ".join(" ".join(parts).split())

    def inside(self, *tags: str) -> Element | None:
        """The nearest element around it of one of these tags."""
        around = self.parent
        while around is not None and around.tag not in tags:
            around = around.parent
        return around

    def plain(self) -> object:
        """What is compared: order of attributes and classes, and white space, don't matter."""
        attributes = {name: " ".join(sorted(value.split())) for name, value in self.attributes.items()}
        children = [" ".join(c.split()) if isinstance(c, str) else c.plain() for c in self.children]
        return (self.tag, tuple(sorted(attributes.items())), tuple(child for child in children if child))

    def __str__(self) -> str:
        return f"<{self.tag} {' '.join(f'{k}={v!r}' for k, v in self.attributes.items())}>{self.text[:60]}"


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = self.here = Element("")
        self.problems: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.here = self.here.children[-1]  # type: ignore[assignment]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, times in Counter(name for name, _value in attrs).items():
            if times > 1:
                self.problems.append(f"<{tag}> has {name} twice (line {self.getpos()[0]})")
        element = Element(tag, {name: value or "" for name, value in attrs}, parent=self.here)
        self.here.children.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID or tag != self.here.tag:
            self.problems.append(f"</{tag}> where </{self.here.tag}> should be (line {self.getpos()[0]})")
            return
        assert self.here.parent is not None
        self.here = self.here.parent

    def handle_data(self, data: str) -> None:
        self.here.children.append(data)


def parse(source: str) -> tuple[Element, list[str]]:
    """The tree, and where tags don't match."""
    builder = _Builder()
    builder.feed(source)
    builder.close()
    if builder.here is not builder.root:
        builder.problems.append(f"<{builder.here.tag}> is not closed")
    return builder.root, builder.problems


def ids(root: Element) -> dict[str, Element]:
    return {element["id"]: element for element in root.all() if "id" in element}


def problems_of_page(root: Element) -> Iterator[str]:
    """What is wrong with a whole page."""
    html = next(root.all("html"), Element(""))
    if not html["lang"]:
        yield "no lang"
    title = next((element.text for element in root.all("title") if not element.inside("svg")), "")
    if not title or title.startswith("Cadence ·"):
        yield f"the title says nothing: {title!r}"
    headings = [element.text for element in root.all("h1") if element.inside("template") is None]
    if len(headings) != 1 or not headings[0]:
        yield f"one h1 is needed, not {headings}"
    yield from problems_of_part(root)


def problems_of_part(root: Element) -> Iterator[str]:
    """What is wrong with a page or a fragment, as far as it can be seen from the part alone."""
    known = ids(root)
    for name, times in Counter(element["id"] for element in root.all() if "id" in element).items():
        if times > 1 or not name or " " in name:
            yield f"id {name!r} {times} times"
    labelled = {label["for"] for label in root.all("label") if label.text}
    for element in root.all():
        yield from _forbidden(element)
        yield from _unnamed(element, labelled)
        meant = OPTION in element["class"] or element["href"].endswith("=none")
        for text in element.children:
            odd = isinstance(text, str) and (text.strip() in NOT_MEANT or "{{" in text or "{%" in text)
            if odd and not meant:
                yield f"text {text!r} in {element}"
        if element.tag == "form" and element["method"].lower() == "post":
            names = {field["name"] for field in element.all("input")}
            if "csrfmiddlewaretoken" not in names:
                yield f"form without CSRF token: {element}"
        if "hx-post" in element and element.tag != "form" and element.inside("form") is None:
            yield f"hx-post without a form: {element}"
        if (
            "hx-get" in element
            and element.tag not in ("a", "form", "input", "select")
            and "every" not in element["hx-trigger"]
        ):
            yield f"hx-get that is no link: {element}"
    if next(root.all("html"), None):
        for element in root.all():
            for attribute in REFERENCES:
                for name in element[attribute].split():
                    if name not in known:
                        yield f"{attribute} points to {name!r}, which isn't there: {element}"


def _forbidden(element: Element) -> Iterator[str]:
    for name, value in element.attributes.items():
        if name.startswith(("on", "hx-on")) or name == "style":
            yield f"inline {name}: {element}"
        if value.strip().lower().startswith("javascript:"):
            yield f"javascript: in {name}: {element}"
    if element.tag == "style" or (element.tag == "script" and "src" not in element and "json" not in element["type"]):
        yield f"inline <{element.tag}>"


def _unnamed(element: Element, labelled: set[str]) -> Iterator[str]:
    if element.tag == "img" and "alt" not in element:
        yield f"img without alt: {element}"
    named = element["aria-label"] or element["aria-labelledby"]
    if element.tag in ("input", "select", "textarea"):
        around = element.inside("label")
        has_label = named or element["id"] in labelled or (around is not None and around.text)
        if element["type"] not in UNNAMED_INPUTS and not has_label:
            yield f"no label: {element}"
    if (
        element.tag in ("a", "button", "summary")
        and element.inside("template") is None
        and element["aria-hidden"] != "true"
    ):
        pictures = any(image["alt"] for image in element.all("img")) or any(
            svg["aria-label"] for svg in element.all("svg")
        )
        if not (named or element.text or pictures):
            yield f"nothing to read in {element} under {element.parent}"
        if element.tag == "a" and element["href"] == "#":
            yield f"link to nowhere: {element}"
