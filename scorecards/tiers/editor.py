"""The editor of a program as a form without code. A field's name is its place in the document ("tiers.0.requirements.2.minimum"),
so what is posted is the document, and a problem's place is the field it stands at. Works without script: adding, removing and
moving are buttons that send the whole form and get it back changed, not saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scorecards.tiers.computed import COMPUTED

Document = dict[str, Any]

TYPES = {
    "metric": gettext_lazy("Metric"),
    "people": gettext_lazy("People"),
    "n_of": gettext_lazy("Some of a list"),
    "score": gettext_lazy("Weighted score"),
}
WINDOWS = {
    "as_of": gettext_lazy("Up to today"),
    "ytd": gettext_lazy("This fiscal year"),
    "quarter": gettext_lazy("This quarter"),
    "last_quarter": gettext_lazy("Last quarter"),
    "last_year": gettext_lazy("Last fiscal year"),
    "3_months": gettext_lazy("3 months"),
    "6_months": gettext_lazy("6 months"),
    "12_months": gettext_lazy("12 months"),
    "24_months": gettext_lazy("24 months"),
    "30_days": gettext_lazy("30 days"),
    "90_days": gettext_lazy("90 days"),
}
AGGREGATES = {
    "latest": gettext_lazy("Latest value"),
    "sum": gettext_lazy("Sum"),
    "average": gettext_lazy("Average"),
    "median": gettext_lazy("Median"),
    "min": gettext_lazy("Lowest"),
    "max": gettext_lazy("Highest"),
    "count": gettext_lazy("Number of values"),
}


@dataclass(frozen=True)
class Choices:
    """What the vendor has to choose from: (key, name) each."""

    tiers: Sequence[tuple[str, str]]
    metrics: Sequence[tuple[str, str]]
    certificates: Sequence[tuple[str, str]]  # also "key:level"


@dataclass(frozen=True)
class Input:
    """One field. `kind`: text, number, select, flag, menu (several), hidden."""

    name: str
    label: str
    kind: str
    value: Any = ""
    choices: Sequence[tuple[str, str]] = ()
    help: str = ""
    errors: Sequence[str] = ()

    @property
    def id(self) -> str:
        return identify(self.name)

    @property
    def chosen(self) -> list[str]:
        return [name for key, name in self.choices if key in self.value]


@dataclass(frozen=True)
class Adder:
    """A button that adds to a list."""

    op: str
    label: str


@dataclass(frozen=True)
class Group:
    """A list of blocks, and what can be added to it."""

    name: str
    title: str
    blocks: "Sequence[Block]"
    adders: Sequence[Adder]
    errors: Sequence[str] = ()

    @property
    def id(self) -> str:
        return identify(self.name)


@dataclass(frozen=True)
class Block:
    """A tier, requirement, kind, track or metric: its fields, those seldom needed, and the lists within it."""

    name: str
    title: str
    depth: int
    fields: Sequence[Input]
    more: Sequence[Input] = ()
    groups: Sequence[Group] = ()
    errors: Sequence[str] = ()
    first: bool = False
    last: bool = False

    @property
    def id(self) -> str:
        return identify(self.name)

    @property
    def open_more(self) -> bool:
        return any(each.errors for each in self.more)


def identify(name: str) -> str:
    return f"f-{name.replace('.', '-').replace(':', '-')}"


# ── What is shown ────────────────────────────────────────────────────────────────────────────────────────────────────


class Form:
    """The fields of a document with what is wrong with them (`problems`: texts by place)."""

    def __init__(self, document: Document, choices: Choices, problems: Mapping[str, list[str]] | None = None) -> None:
        self.document = document
        self.choices = choices
        self.problems = dict(problems or {})
        self.placed: set[str] = set()
        self.name = self._input(document, "", "name", _("Name of the program"), "text")
        self.tiers = self._group(
            document, "", "tiers", _("Tiers, from the lowest"), self._tier, [Adder("add:tiers:", _("Add a tier"))]
        )

    @property
    def summary(self) -> list[tuple[str, str]]:
        """(id of the place, text) of everything that is wrong; "" where it stands at no field."""
        return [
            (identify(place) if place in self.placed else "", text)
            for place, texts in self.problems.items()
            for text in texts
        ]

    def _input(
        self, data: Mapping[str, Any], path: str, name: str, label: str, kind: str, *,
        choices: Sequence[tuple[str, str]] = (), help: str = "",
    ) -> Input:  # fmt: skip
        place = f"{path}.{name}" if path else name
        value = data.get(name)
        value = ([] if kind == "menu" else "") if value is None else value
        if kind == "menu" and not isinstance(value, list):
            value = [str(value)]
        errors = list(self.problems.get(place, ()))
        for other, texts in self.problems.items():
            if kind == "menu" and other.startswith(f"{place}."):
                errors += texts
                self.placed.add(other)
        self.placed.add(place)
        known = [key for key, _name in choices]
        given = value if kind == "menu" else [value]
        strange = [(str(each), str(each)) for each in given if each and str(each) not in known] if choices else []
        return Input(place, label, kind, value, [*choices, *strange], help, errors)

    def _group(
        self, data: Mapping[str, Any], path: str, name: str, title: str, make: Any, adders: list[Adder]
    ) -> Group:
        place = f"{path}.{name}" if path else name
        rows = data.get(name)
        rows = rows if isinstance(rows, list) else []
        self.placed.add(place)
        blocks = []
        for number, row in enumerate(rows):
            block = make(row if isinstance(row, dict) else {}, f"{place}.{number}", number)
            blocks.append(block)
        last = len(blocks) - 1
        blocks = [replace(block, first=not number, last=number == last) for number, block in enumerate(blocks)]
        return Group(place, title, blocks, adders, self.problems.get(place, ()))

    def _block_errors(self, path: str) -> list[str]:
        self.placed.add(path)
        return self.problems.get(path, [])

    def _tier(self, row: Document, path: str, number: int) -> Block:
        name = dict(self.choices.tiers).get(str(row.get("tier", "")), _("Tier %(number)s") % {"number": number + 1})
        wanted = row.get("certificates")
        wanted = wanted if isinstance(wanted, Mapping) else {}
        keys = [(key, label) for key, label in self.choices.certificates if ":" not in key]
        keys += [(str(key), str(key)) for key in wanted if str(key) not in dict(keys)]
        self.placed.add(f"{path}.certificates")
        return Block(
            path, name, 2,
            [self._input(row, path, "tier", _("Tier"), "select", choices=[("", "–"), *self.choices.tiers])],
            more=[
                self._input(wanted, f"{path}.certificates", key, _("%(certificate)s: how many") % {"certificate": label}, "number")
                for key, label in keys
            ],
            groups=[self._requirements(row, path, _("Requirements"), 1)],
            errors=[*self._block_errors(path), *self.problems.get(f"{path}.certificates", [])],
        )  # fmt: skip

    def _requirements(self, row: Document, path: str, title: str, depth: int) -> Group:
        types = list(TYPES) if depth == 1 else ["metric", "people"]
        return self._group(
            row, path, "requirements", title, lambda data, at, number: self._requirement(data, at, depth),
            [Adder(f"add:{path}.requirements:{kind}", str(TYPES[kind])) for kind in types],
        )  # fmt: skip

    def _requirement(self, row: Document, path: str, depth: int) -> Block:
        kind = str(row.get("type", "metric"))
        fields = [self._input(row, path, "name", _("Name"), "text")]
        groups: list[Group] = []
        more: list[Input] = []
        if kind == "metric":
            fields += [
                *self._source(row, path),
                self._number(row, path, "minimum", _("At least")),
                self._number(row, path, "maximum", _("or at most")),
            ]
        elif kind == "people":
            fields += [
                self._number(row, path, "minimum", _("How many at least")),
                self._certificates(row, path, _("Who hold any of")),
                self._input(row, path, "once", _("Nobody counts for two kinds"), "flag"),
            ]
            more.append(
                self._input(row, path, "own", _("Count the partner's own certificates instead of people"), "flag")
            )
            groups.append(
                self._group(
                    row,
                    path,
                    "kinds",
                    _("Of them of each kind"),
                    self._kind,
                    [Adder(f"add:{path}.kinds:", _("Add a kind"))],
                )
            )
        elif kind == "n_of":
            fields.append(self._number(row, path, "minimum", _("How many of the list")))
            groups.append(self._requirements(row, path, _("The list"), depth + 1))
        else:
            fields += [
                self._number(row, path, "minimum", _("Points at least")),
                self._input(row, path, "every_above_zero", _("Every metric above 0"), "flag"),
            ]
            groups.append(
                self._group(
                    row,
                    path,
                    "tracks",
                    _("Tracks: any one is enough"),
                    self._track,
                    [Adder(f"add:{path}.tracks:", _("Add a track"))],
                )
            )
        hidden = [self._input({"type": kind}, path, "type", "", "hidden"), self._input(row, path, "key", "", "hidden")]
        efforts = [] if kind in ("n_of", "score") else self._efforts(row, path)
        return Block(
            path, f"{TYPES.get(kind, kind)}", 3 if depth == 1 else 4, [*hidden, *fields],
            more=[*more, *efforts], groups=groups, errors=self._block_errors(path),
        )  # fmt: skip

    def _kind(self, row: Document, path: str, number: int) -> Block:
        fields = [
            self._input(row, path, "name", _("Kind"), "text"),
            self._number(row, path, "minimum", _("How many at least")),
            self._certificates(row, path, _("Who hold any of")),
        ]
        return Block(path, _("Kind %(number)s") % {"number": number + 1}, 4, fields, errors=self._block_errors(path))

    def _track(self, row: Document, path: str, number: int) -> Block:
        fields = [self._input(row, path, "name", _("Track"), "text"), self._input(row, path, "key", "", "hidden")]
        adders = [
            Adder(f"add:{path}.metrics:metric", _("Add a metric")),
            Adder(f"add:{path}.metrics:people", _("Add a number of people")),
        ]
        group = self._group(row, path, "metrics", _("Metrics"), self._score_metric, adders)
        return Block(
            path,
            _("Track %(number)s") % {"number": number + 1},
            4,
            fields,
            groups=[group],
            errors=self._block_errors(path),
        )

    def _score_metric(self, row: Document, path: str, number: int) -> Block:
        by_people = "certificates" in row and "metric" not in row
        measure = [self._certificates(row, path, _("Who hold any of"))] if by_people else self._source(row, path)
        fields = [
            self._input(row, path, "key", "", "hidden"),
            self._input(row, path, "name", _("Name"), "text"),
            *measure,
            self._number(row, path, "per_unit", _("Points a unit")),
            self._number(row, path, "threshold", _("Full points from")),
            self._number(row, path, "cap", _("Full points")),
        ]
        more = [self._input(row, path, "whole_units", _("Whole units only"), "flag"), *self._efforts(row, path)]
        title = _("People") if by_people else _("Metric")
        return Block(path, title, 5, fields, more=more, errors=self._block_errors(path))

    # ── Fields ──

    def _number(self, row: Document, path: str, name: str, label: str) -> Input:
        return self._input(row, path, name, label, "number")

    def _source(self, row: Document, path: str) -> list[Input]:
        if row.get("metric") in COMPUTED:
            row = {**row, "aggregate": ""}  # one number: nothing to take together
        return [
            self._input(row, path, "metric", _("Metric"), "select", choices=[("", "–"), *self.choices.metrics]),
            self._input(
                row, path, "aggregate", _("Its values"), "select",
                choices=[("", _("As usual")), *((key, str(name)) for key, name in AGGREGATES.items())],
            ),
            self._input(
                row, path, "window", _("Over"), "select",
                choices=[("", _("As usual")), *((key, str(name)) for key, name in WINDOWS.items())],
            ),
        ]  # fmt: skip

    def _certificates(self, row: Document, path: str, label: str) -> Input:
        return self._input(row, path, "certificates", label, "menu", choices=self.choices.certificates or [("", "–")])

    def _efforts(self, row: Document, path: str) -> list[Input]:
        return [
            self._input(row, path, "effort", _("Effort"), "number", help=_("For the cheapest path: days, say.")),
            self._input(row, path, "effort_per", _("for so many units"), "number", help=_("1 where left empty.")),
            self._input(row, path, "unit", _("What is counted, several"), "text", help=_("“certified engineers”")),
            self._input(row, path, "unit_one", _("What is counted, one"), "text", help=_("“certified engineer”")),
        ]
