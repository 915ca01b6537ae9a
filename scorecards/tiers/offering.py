"""What the pages of the rules offer: the versions with their state, what each asks for in words, a place to start from."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from partners.models import Certificate, Certification, Tier
from pipeline.models import Metric
from prm.common.models import Policy
from prm.common.vendor import today
from scorecards.tiers import actions, document, editor, programs, standing, words
from scorecards.tiers.computed import COMPUTED
from scorecards.tiers.program import (
    Holders,
    InvalidProgram,
    Measure,
    MetricRequirement,
    PeopleRequirement,
    Program,
    Requirement,
    ScoreRequirement,
    SomeOf,
)
from scorecards.tiers.programs import Version
from scorecards.tiers.qualifying import Facts, outcome

EXAMPLE = "example"


@dataclass(frozen=True)
class Listed:
    """A version and its state on a day."""

    policy: Policy
    current: Version | None
    day: dt.date

    @property
    def state(self) -> str:
        """ "future", "current" or "past"."""
        if self.policy.starts_on > self.day:
            return "future"
        return "current" if self.current and self.current.policy.pk == self.policy.pk else "past"

    @property
    def state_name(self) -> str:
        return {"future": _("To start"), "current": _("In force"), "past": _("Over")}[self.state]

    @property
    def name(self) -> str:
        return str(self.policy.data.get("name", ""))

    @property
    def tiers(self) -> str:
        names = dict(Tier.objects.values_list("key", "name"))
        return ", ".join(names.get(tier["tier"], tier["tier"]) for tier in self.policy.data.get("tiers", []))


def listed(day: dt.date) -> list[Listed]:
    current = programs.in_force(day)
    return [Listed(policy, current, day) for policy in programs.versions()]


def first_day() -> dt.date:
    """When a new version starts unless somebody says otherwise: today where there is none, else the first of next month."""
    day = today()
    if not programs.versions().exists():
        return day
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def start_of(what: str) -> dict[str, Any]:
    """The document to start from: a version's (its number), the example, else the last version's or nothing."""
    if what == EXAMPLE:
        return example()
    rows = programs.versions()
    chosen = rows.filter(pk=int(what)).first() if what.isdecimal() and len(what) < 10 else None
    if chosen is None and what != "blank":
        chosen = rows.first()
    return dict(chosen.data) if chosen else {"name": "", "tiers": [{"requirements": []}]}


def example() -> dict[str, Any]:
    """Something to change: what is sold, won and done, rising from tier to tier of the vendor's own."""

    def tier(key: str, place: int) -> dict[str, Any]:
        rows = [
            {
                "type": "metric", "name": _("Revenue"), "metric": "revenue", "window": "12_months",
                "minimum": str(50_000 * 4**place), "effort": "1", "effort_per": "5000",
            },
            {
                "type": "metric", "name": _("Deals won"), "metric": "won_deals", "window": "12_months",
                "minimum": str(3 * 3**place), "unit": _("won deals"), "unit_one": _("won deal"), "effort": "5",
            },
        ]  # fmt: skip
        if place:
            rows.append({"type": "metric", "name": _("Required tasks done"), "metric": "tasks_done", "minimum": "100"})
        return {"tier": key, "requirements": rows}

    keys = Tier.objects.values_list("key", flat=True)
    return {"name": _("Partner program"), "tiers": [tier(key, place) for place, key in enumerate(keys)]}


def choices() -> editor.Choices:
    """What the vendor has to choose from."""
    names = [(code, str(metric.name)) for code, metric in COMPUTED.items()]
    names += list(Metric.objects.values_list("key", "name"))
    return editor.Choices(
        tiers=list(Tier.objects.values_list("key", "name")), metrics=names, certificates=list(certificate_choices())
    )


def certificate_choices() -> Iterator[tuple[str, str]]:
    """Every certificate, followed by its levels that somebody holds."""
    held: dict[str, set[str]] = {}
    rows = Certification.objects.unscoped("which levels there are, nobody's").exclude(level="")
    for key, level in rows.order_by().values_list("certificate__key", "level").distinct():
        held.setdefault(key, set()).add(" ".join(level.split()))
    for key, name in Certificate.objects.values_list("key", "name"):
        yield key, name
        levels = {document.level_key(level): level for level in sorted(held.get(key, ()), reverse=True)}
        for level in sorted(levels):
            yield f"{key}:{level}", f"{name}, {levels[level]}"


def save(by: User, policy: Policy | None, program: Program, starts_on: dt.date) -> Policy:
    """A new version, or the one that has not started changed."""
    if policy is None:
        return actions.add_version(by=by, program=program, starts_on=starts_on)
    return actions.change_version(by=by, policy=policy, program=program, starts_on=starts_on)


def texts(error: InvalidProgram) -> dict[str, list[str]]:
    """Problems by place, in the reader's language."""
    found: dict[str, list[str]] = {}
    for problem in error.problems:
        found.setdefault(problem.path, []).append(problem.message.translated(_))
    return found


def problems_of(data: dict[str, Any]) -> dict[str, list[str]]:
    """What is wrong with a document; nothing where it could be saved."""
    try:
        programs.check(data)
    except InvalidProgram as error:
        return texts(error)
    return {}


# ── In words ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Described:
    """A requirement in words: what is asked, of what, at what effort, and those within it."""

    name: str
    need: str
    of: str
    effort: str
    parts: "tuple[Described, ...]" = ()


@dataclass(frozen=True)
class DescribedTier:
    name: str
    requirements: tuple[Described, ...]
    certificates: str


def described(program: Program) -> list[DescribedTier]:
    """What each tier of the program asks for."""
    names = _Names()
    tiers = dict(Tier.objects.values_list("key", "name"))
    return [
        DescribedTier(
            tiers.get(tier.tier, tier.tier),
            tuple(names.describe(each) for each in tier.requirements),
            ", ".join(f"{count} × {names.certificate(key)}" for key, count in tier.certificates),
        )
        for tier in program.tiers
    ]


class _Names:
    def __init__(self) -> None:
        found = choices()
        self.metrics, self.certificates = dict(found.metrics), dict(found.certificates)
        self.units = standing.units()

    def describe(self, asked: Requirement) -> Described:
        nothing = outcome(asked, Facts())
        of = ""
        parts: tuple[Described, ...] = ()
        if isinstance(asked, MetricRequirement):
            of = self.measure(asked.source)
        elif isinstance(asked, PeopleRequirement):
            of = self.listed(asked.certificates or tuple(sorted(asked.all_certificates)))
            if asked.once:
                of = _("%(certificates)s; nobody counts for two kinds") % {"certificates": of}
        elif isinstance(asked, SomeOf):
            parts = tuple(self.describe(each) for each in asked.requirements)
        elif isinstance(asked, ScoreRequirement):
            of = _("every metric above 0") if asked.every_above_zero else ""
            parts = tuple(part for track in asked.tracks for part in self.track(track))
        effort = asked.effort
        return Described(asked.name, words.need(nothing, self.units), of, words.effort(effort), parts)

    def track(self, track: Any) -> Iterator[Described]:
        for metric in track.metrics:
            worth = words.points(metric)
            yield Described(
                f"{track.name}: {metric.name}", worth, self.measure(metric.measure), words.effort(metric.effort)
            )

    def measure(self, measure: Measure) -> str:
        if isinstance(measure, Holders):
            return self.listed(measure.certificates)
        parts = [self.metrics.get(measure.metric, measure.metric)]
        if measure.metric not in COMPUTED:
            parts.append(str(editor.AGGREGATES[measure.aggregate.value]).lower())
        parts.append(str(editor.WINDOWS.get(measure.window, measure.window.replace("_", " "))).lower())
        return ", ".join(parts)

    def listed(self, certificates: tuple[str, ...]) -> str:
        return _(" or ").join(self.certificate(key) for key in certificates)

    def certificate(self, key: str) -> str:
        return self.certificates.get(key, key)
