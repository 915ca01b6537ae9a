"""A program as the document that is stored, edited, sent and filed: JSON or YAML. Pure; what goes in comes out equal.

name: Services path
tiers:                                  # from the lowest
  - tier: silver                        # key of one of the vendor's tiers
    certificates: {foundational: 2}     # how many the tier wants of each (the figure of training counts against it)
    requirements:
      - {type: metric, name: Revenue, metric: revenue, aggregate: sum, window: 12_months, minimum: 1500}
      - {type: people, name: Accredited people, certificates: [technical, business], minimum: 4, once: true,
         kinds: [{name: Technical, certificates: [technical], minimum: 2}]}
      - {type: n_of, name: Validations, minimum: 1, requirements: [...]}
      - {type: score, name: Capability score, minimum: 70, every_above_zero: true,
         tracks: [{name: Enterprise, metrics: [{name: Growth, metric: growth, per_unit: 1, threshold: 30, cap: 30}]}]}
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import count
from typing import Any

from prm.imports.messages import _, shown
from scorecards.tiers import windows
from scorecards.tiers.blocks import Block, Reader
from scorecards.tiers.program import (
    Aggregate,
    Effort,
    Holders,
    InvalidProgram,
    Kind,
    Measure,
    MetricRequirement,
    PeopleRequirement,
    Program,
    Requirement,
    ScoreMetric,
    ScoreRequirement,
    SomeOf,
    Source,
    TierRules,
    Track,
)

MOST_TIERS, MOST_REQUIREMENTS, MOST_TRACKS, MOST_METRICS, MOST_NESTED, MOST_CERTIFICATES = 20, 60, 10, 40, 3, 200
KEY = 60
FALLBACK = "as_of"


@dataclass(frozen=True)
class Fixed:
    """A metric that Cadence computes: over its own window where `window` is set, else over the one the program names."""

    window: str | None = None


@dataclass(frozen=True)
class Known:
    """What a vendor has that a program may name. Keys of tiers come in their order, the lowest first."""

    tiers: Sequence[str]
    certificates: Collection[str]
    computed: Mapping[str, Fixed]
    metrics: Mapping[str, str]  # stored ones, with what their values in a window come to where the program doesn't say


def parse(data: Any, known: Known | None = None) -> Program:
    """The program in a document; raises InvalidProgram with every problem and its place. Without `known` what it names is
    taken as it is: for a document that was checked when it was stored."""
    reader = _Reader(known)
    program = reader.program(data)
    if reader.problems:
        raise InvalidProgram(reader.problems)
    return program


class _Reader(Reader):
    def __init__(self, known: Known | None) -> None:
        super().__init__()
        self.known = known

    # ── Levels ──

    def program(self, data: Any) -> Program:
        block = Block(self, data, "")
        tiers = block.items("tiers", MOST_TIERS, self._tier, least=1)
        name = block.text("name", required=True)
        block.end()
        keys = [tier.tier for tier in tiers]
        self._twice(keys, "tiers", "tier")
        if self.known:
            order = list(self.known.tiers)
            places = [order.index(key) for key in keys if key in order]
            for number in range(1, len(places)):
                if len(places) == len(keys) and places[number] < places[number - 1]:
                    self.report(
                        f"tiers.{number}.tier",
                        _("Tiers go from the lowest: “%(this)s” stands below “%(that)s” in your list of tiers."),
                        this=keys[number],
                        that=keys[number - 1],
                    )
        return Program(name=name, tiers=tuple(tiers))

    def _tier(self, data: Any, path: str) -> TierRules:
        block = Block(self, data, path)
        tier = block.text("tier", required=True, most=KEY)
        if self.known and tier and tier not in self.known.tiers:
            self.report(f"{path}.tier", _("There is no tier with the key “%(key)s”."), key=shown(tier))
        requirements = block.items("requirements", MOST_REQUIREMENTS, lambda each, at: self._requirement(each, at, 1))
        certificates = self._certificate_counts(block)
        block.end()
        return TierRules(
            tier=tier, requirements=tuple(self._keyed(requirements, f"{path}.requirements")), certificates=certificates
        )

    def _certificate_counts(self, block: Block) -> tuple[tuple[str, int], ...]:
        found = block.take("certificates")
        if found is None:
            return ()
        at = f"{block.path}.certificates"
        if not isinstance(found, Mapping):
            self.report(at, _("Here must be a mapping of certificates to how many are wanted."))
            return ()
        counts = []
        for key, value in found.items():
            self._certificate(str(key), f"{at}.{key}", level=False)
            counts.append((str(key), self.whole(value, f"{at}.{key}", least=1)))
        return tuple(sorted(counts))

    def _requirement(self, data: Any, path: str, depth: int) -> Requirement | None:
        block = Block(self, data, path)
        kind = block.text("type", required=True)
        readers: dict[str, Callable[[Block, dict[str, Any], int], Requirement]] = {
            "metric": self._metric,
            "people": self._people,
            "n_of": self._some,
            "score": self._score,
        }
        if kind not in readers:
            if kind:
                self.report(
                    f"{path}.type", _("“%(type)s” is no type: choose metric, people, n_of or score."), type=shown(kind)
                )
            return None
        common = self._common(block)
        found = readers[kind](block, common, depth)
        block.end()
        return found

    def _common(self, block: Block) -> dict[str, Any]:
        return {
            "key": block.text("key", most=KEY),
            "name": block.text("name", required=True),
            "unit": block.text("unit"),
            "unit_one": block.text("unit_one"),
            "effort": self._effort(block),
        }

    def _effort(self, block: Block) -> Effort | None:
        effort = block.number("effort", least=Decimal())
        per = block.number("effort_per", above=Decimal())
        if effort is None:
            if per is not None:
                self.report(f"{block.path}.effort", _("Say what effort these units take."))
            return None
        return Effort(effort, per if per is not None else Decimal(1))

    def _metric(self, block: Block, common: dict[str, Any], depth: int) -> Requirement:
        source = self._source(block)
        one = block.has("minimum") != block.has("maximum")
        minimum, maximum = block.number("minimum"), block.number("maximum")
        if not one:
            self.report(f"{block.path}.minimum", _("Say either the least it must be (minimum) or the most (maximum)."))
        if not one or (minimum is None and maximum is None):
            minimum, maximum = Decimal(), None
        return MetricRequirement(**common, source=source, minimum=minimum, maximum=maximum)

    def _source(self, block: Block) -> Source:
        metric = block.text("metric", required=True, most=KEY)
        given, window = block.text("aggregate"), block.text("window")
        aggregate = Aggregate.LATEST
        if given and given not in set(Aggregate):
            self.report(
                f"{block.path}.aggregate",
                _("“%(aggregate)s” is not one of %(choices)s."),
                aggregate=shown(given),
                choices=", ".join(Aggregate),
            )
        elif given:
            aggregate = Aggregate(given)
        if window and not windows.known(window):
            self.report(
                f"{block.path}.window",
                _(
                    "“%(window)s” is no window: choose as_of, ytd, quarter, last_quarter, last_year, 12_months, 90_days …"
                ),
                window=shown(window),
            )
            window = ""
        if self.known and metric:
            if fixed := self.known.computed.get(metric):
                return self._computed(block, metric, fixed, given, window)
            if metric not in self.known.metrics:
                self.report(f"{block.path}.metric", _("There is no metric “%(key)s”."), key=shown(metric))
            elif not given:
                aggregate = Aggregate(self.known.metrics[metric])
        return Source(metric, aggregate, window or FALLBACK)

    def _computed(self, block: Block, metric: str, fixed: Fixed, aggregate: str, window: str) -> Source:
        """A computed metric is one number: nothing to take together, and some know one window only."""
        if aggregate and aggregate != Aggregate.LATEST:
            self.report(f"{block.path}.aggregate", _("This metric is computed: leave the aggregate out."))
        if fixed.window:
            if window and window != fixed.window:
                self.report(
                    f"{block.path}.window",
                    _("This metric is always of the window %(window)s: leave the window out."),
                    window=fixed.window,
                )
            return Source(metric, Aggregate.LATEST, fixed.window)
        if window == FALLBACK:
            self.report(f"{block.path}.window", _("This metric needs days to be counted in: ytd, 12_months, quarter …"))
        return Source(metric, Aggregate.LATEST, window or "12_months")

    def _people(self, block: Block, common: dict[str, Any], depth: int) -> Requirement:
        kinds = block.items("kinds", MOST_TRACKS, self._kind)
        certificates = self._certificates(block, required=not kinds)
        own = block.flag("own")
        once = block.flag("once")
        least = max([0, *(kind.minimum for kind in kinds)])
        minimum = block.whole("minimum", least=0)
        if minimum is None:
            minimum = sum(kind.minimum for kind in kinds) if once else least
            if not kinds:
                self.report(f"{block.path}.minimum", _("Say how many at least."))
        self._twice([kind.name for kind in kinds], f"{block.path}.kinds", "name")
        return PeopleRequirement(
            **common, certificates=certificates, minimum=minimum, kinds=tuple(kinds), once=once, own=own
        )

    def _kind(self, data: Any, path: str) -> Kind:
        block = Block(self, data, path)
        kind = Kind(
            block.text("name", required=True),
            self._certificates(block, required=True),
            block.whole("minimum", least=1, required=True) or 0,
        )
        block.end()
        return kind

    def _some(self, block: Block, common: dict[str, Any], depth: int) -> Requirement:
        parts: list[Requirement | None] = []
        at = f"{block.path}.requirements"
        if depth >= MOST_NESTED:
            block.take("requirements")
            self.report(at, _("Lists within lists go no deeper than this."))
        else:
            parts = block.items(
                "requirements", MOST_REQUIREMENTS, lambda each, path: self._requirement(each, path, depth + 1), least=1
            )
        minimum = block.whole("minimum", least=1, required=True) or 1
        if parts and minimum > len(parts):
            self.report(
                f"{block.path}.minimum",
                _("%(count)s are asked for, and the list has %(length)s."),
                count=minimum,
                length=len(parts),
            )
        return SomeOf(**common, minimum=minimum, requirements=tuple(self._keyed(parts, at)))

    def _score(self, block: Block, common: dict[str, Any], depth: int) -> Requirement:
        tracks = block.items("tracks", MOST_TRACKS, self._track)
        single = block.take("metrics")
        if single is not None and tracks:
            self.report(f"{block.path}.metrics", _("Metrics stand within their tracks where there are tracks."))
        elif single is not None:
            name = common["name"] or "-"
            tracks = [self._track({"key": "track1", "name": name, "metrics": single}, block.path)]
        elif not tracks:
            self.report(f"{block.path}.tracks", _("A score needs at least one track with metrics."))
        minimum = block.number("minimum", above=Decimal(), required=True) or Decimal()
        above = block.flag("every_above_zero")
        self._twice([track.name for track in tracks], f"{block.path}.tracks", "name")
        tracks = self._keyed(tracks, f"{block.path}.tracks", stem="track")
        best = [_most(track) for track in tracks]
        if best and all(each is not None and each < minimum for each in best):
            top = max(each for each in best if each is not None)
            self.report(
                f"{block.path}.minimum",
                _("No track can reach this: the caps of its metrics add up to %(most)s."),
                most=f"{top.normalize():f}",
            )
        return ScoreRequirement(**common, minimum=minimum, tracks=tuple(tracks), every_above_zero=above)

    def _track(self, data: Any, path: str) -> Track:
        block = Block(self, data, path)
        metrics = block.items("metrics", MOST_METRICS, self._score_metric, least=1)
        track = Track(
            key=block.text("key", most=KEY),
            name=block.text("name", required=True),
            metrics=tuple(self._keyed(metrics, f"{path}.metrics", stem="metric")),
        )
        block.end()
        return track

    def _score_metric(self, data: Any, path: str) -> ScoreMetric:
        block = Block(self, data, path)
        measure: Measure
        if block.has("certificates") or ("certificates" in block.data and not block.has("metric")):
            measure = Holders(self._certificates(block, required=True))
            if block.has("metric"):
                self.report(f"{path}.metric", _("Name either a metric or certificates, not both."))
                block.take("metric")
        else:
            measure = self._source(block)
        per_unit = block.number("per_unit", above=Decimal())
        threshold = block.number("threshold", above=Decimal())
        cap = block.number("cap", above=Decimal())
        if per_unit is None and (threshold is None or cap is None):
            self.report(f"{path}.per_unit", _("Say the points for each unit, or a threshold and the cap it gives."))
            per_unit = Decimal(1)
        metric = ScoreMetric(
            key=block.text("key", most=KEY),
            name=block.text("name", required=True),
            measure=measure,
            per_unit=per_unit,
            threshold=threshold,
            cap=cap,
            whole_units=block.flag("whole_units"),
            unit=block.text("unit"),
            unit_one=block.text("unit_one"),
            effort=self._effort(block),
        )
        block.end()
        return metric

    # ── Parts ──

    def _certificates(self, block: Block, *, required: bool) -> tuple[str, ...]:
        found, at = block.take("certificates"), f"{block.path}.certificates"
        if found is None or found in ("", []):
            if required:
                self.report(at, _("Name at least one certificate."))
            return ()
        if not isinstance(found, list) or len(found) > MOST_CERTIFICATES:
            self.report(at, _("Here must be a list of at most %(most)s certificates."), most=MOST_CERTIFICATES)
            return ()
        names = []
        for number, each in enumerate(found):
            if not isinstance(each, str) or not each.strip():
                self.report(f"{at}.{number}", _("Here must be the key of a certificate."))
                continue
            names.append(self._certificate(each.strip(), f"{at}.{number}", level=True))
        return tuple(dict.fromkeys(names))

    def _certificate(self, name: str, path: str, *, level: bool) -> str:
        key, colon, of_level = name.partition(":")
        if self.known and (key not in self.known.certificates or (colon and not level)):
            self.report(path, _("There is no certificate with the key “%(key)s”."), key=shown(name if colon else key))
        return f"{key.strip()}:{level_key(of_level)}" if colon else key

    def _keyed(self, items: Sequence[Any], path: str, stem: str = "r") -> list[Any]:
        """Those that could be read; keys are made up where none was given, and must differ."""
        found = [each for each in items if each is not None]
        taken = {each.key for each in found if each.key}
        self._twice([each.key for each in found], path, "key")
        free = (f"{stem}{number}" for number in count(1) if f"{stem}{number}" not in taken)
        return [each if each.key else replace(each, key=next(free)) for each in found]

    def _twice(self, values: Sequence[str], path: str, name: str) -> None:
        for number, value in enumerate(values):
            if value and value in values[:number]:
                self.report(f"{path}.{number}.{name}", _("“%(value)s” is there twice."), value=shown(value))


def level_key(level: str) -> str:
    """A certificate's level as programs name it: levels are free text, and "Professional" is "professional"."""
    return " ".join(level.split()).casefold()


def _most(track: Track) -> Decimal | None:
    """The most points a track can have; None where one of its metrics has no cap."""
    caps = [metric.cap for metric in track.metrics]
    return None if None in caps else sum((cap for cap in caps if cap is not None), Decimal())
