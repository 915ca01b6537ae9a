"""What the figures say, in plain sentences: figures in, sentences out. Pure.

Each sentence states its figure; where a figure isn't known there is no sentence. Nothing is added that the figures don't say. Texts of
figures come written as pages write them; what a rule decides by comes as numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from prm.documents.slides import Tone

AT_MOST = 4  # sentences on a slide


@dataclass(frozen=True)
class Figure:
    """A number and how pages write it."""

    value: Decimal
    text: str


@dataclass(frozen=True)
class Plan:
    """Performance to plan: of a `period` ("FY27 Q2") the actual, the target of its days and both in percent, None where not known;
    `gap` is what they differ by, without sign."""

    period: str
    actual: Figure | None = None
    target: Figure | None = None
    gap: Figure | None = None
    percent: int | None = None
    percent_text: str = ""


def plan(of_quarter: Plan, of_year: Plan, growth: Figure | None = None) -> tuple[str, ...]:
    """How the quarter went, then the year to date, then against the year before."""
    found = [against_plan(of_quarter), _year(of_year)]
    if growth is not None:
        text = _("The year to date is %(percent)s above the same days a year before.")
        if growth.value < 0:
            text = _("The year to date is %(percent)s below the same days a year before.")
        if growth.value == 0:
            text = _("The year to date is level with the same days a year before (%(percent)s).")
        found.append(text % {"percent": growth.text})
    return _said(found)


def against_plan(of: Plan) -> str:
    """The actual of a period with its plan; "" where there is no actual."""
    if of.actual is None:
        return ""
    if of.target is None or of.percent is None or of.gap is None:
        return _("%(period)s came to %(actual)s; there is no target to hold it against.") % {
            "period": of.period, "actual": of.actual.text,
        }  # fmt: skip
    words = {
        "period": of.period, "actual": of.actual.text, "target": of.target.text, "percent": of.percent_text, "gap": of.gap.text,
    }  # fmt: skip
    if of.actual.value > of.target.value:
        return _("%(period)s came to %(actual)s, %(percent)s of plan: %(gap)s ahead.") % words
    if of.actual.value < of.target.value:
        return _("%(period)s came to %(actual)s, %(percent)s of plan: %(gap)s behind.") % words
    return _("%(period)s came to %(actual)s, exactly the plan.") % words


def _year(of: Plan) -> str:
    if of.actual is None or of.target is None or of.percent is None:
        return ""
    words = {"actual": of.actual.text, "target": of.target.text, "percent": of.percent_text}
    return _("The fiscal year stands at %(actual)s of %(target)s (%(percent)s).") % words


@dataclass(frozen=True)
class Coverage:
    """Open pipeline against what remains of the target. `times`, `wanted`: of it; `short`: what is missing to the wanted, None where
    nothing is. `met`: nothing remains of the target."""

    pipeline: Figure | None
    remaining: Figure | None
    times: Figure | None
    wanted: Figure
    short: Figure | None = None
    overdue: Figure | None = None
    until: str = ""
    met: bool = False


def coverage(of: Coverage) -> tuple[str, ...]:
    """Whether the pipeline covers the rest of the target, what is missing, what is overdue."""
    found = []
    if of.met and of.pipeline is not None:
        found.append(
            _("The year's target is met; %(pipeline)s of open pipeline comes on top.") % {"pipeline": of.pipeline.text}
        )
    elif of.pipeline is not None and of.remaining is not None and of.times is not None:
        words = {
            "pipeline": of.pipeline.text, "remaining": of.remaining.text, "times": of.times.text, "wanted": of.wanted.text,
        }  # fmt: skip
        enough = of.times.value >= of.wanted.value
        found.append(
            _("%(pipeline)s of open pipeline is %(times)s the remaining target of %(remaining)s; %(wanted)s is wanted.") % words
            if enough
            else _("%(pipeline)s of open pipeline is only %(times)s the remaining target of %(remaining)s; %(wanted)s is wanted.") % words
        )  # fmt: skip
    if not of.met and of.short is not None and of.short.value > 0:
        found.append(
            _("%(short)s more that closes by %(day)s would cover it.") % {"short": of.short.text, "day": of.until}
        )
    if of.overdue is not None and of.overdue.value > 0:
        found.append(
            _("%(overdue)s stands in deals that should have closed by now: new dates, or close them.")
            % {"overdue": of.overdue.text}
        )
    return _said(found)


@dataclass(frozen=True)
class Closed:
    """The deals closed in a quarter: how many, their amounts as written ("" where they can't be added up). `reasons`: why deals were
    lost, with how many, the most frequent first."""

    won: int
    won_amount: str
    lost: int
    lost_amount: str
    largest: str = ""
    largest_amount: str = ""
    reasons: Sequence[tuple[str, int]] = ()


def closed(of: Closed) -> tuple[str, ...]:
    """What was won, the largest of it, what was lost and the main reason."""
    found = []
    if of.won:
        text = ngettext("%(n)s deal was won, %(amount)s.", "%(n)s deals were won, %(amount)s in all.", of.won)
        bare = ngettext("%(n)s deal was won.", "%(n)s deals were won.", of.won)
        found.append((text if of.won_amount else bare) % {"n": of.won, "amount": of.won_amount})
    if of.won > 1 and of.largest and of.largest_amount:
        found.append(_("The largest is %(name)s at %(amount)s.") % {"name": of.largest, "amount": of.largest_amount})
    if of.lost:
        text = ngettext("%(n)s deal was lost, %(amount)s.", "%(n)s deals were lost, %(amount)s in all.", of.lost)
        bare = ngettext("%(n)s deal was lost.", "%(n)s deals were lost.", of.lost)
        found.append((text if of.lost_amount else bare) % {"n": of.lost, "amount": of.lost_amount})
    if of.reasons and of.lost > 1:
        reason, n = of.reasons[0]
        text = ngettext("The main reason: %(reason)s (%(n)s deal).", "The main reason: %(reason)s (%(n)s deals).", n)
        found.append(text % {"reason": reason, "n": n})
    return _said(found)


@dataclass(frozen=True)
class Standing:
    """Where a partner stands in the program: `met` of `required` for the tier `next` ("" at the top). `nearest`: what is missing first."""

    tier: str
    next: str
    met: int
    required: int
    nearest: str = ""


def standing(of: Standing) -> tuple[str, ...]:
    """How much of the next tier is met, and what would take it there soonest."""
    if not of.next:
        return (_("%(tier)s is the highest tier, and it is met.") % {"tier": of.tier},) if of.tier else ()
    found = [_("Requirements of %(tier)s met: %(met)s of %(n)s.") % {"met": of.met, "n": of.required, "tier": of.next}]
    if of.nearest:
        found.append(_("The shortest way there starts with %(step)s.") % {"step": of.nearest})
    return _said(found)


@dataclass(frozen=True)
class Scored:
    """Something with a displayed score, what it was the time before and best practice; None where not known."""

    name: str
    score: int
    before: int | None = None
    best: Decimal | None = None


def capability(
    overall: Scored | None, categories: Sequence[Scored], gap: tuple[str, str] | None = None
) -> tuple[str, ...]:
    """The overall with its change, the category that moved most, the weakest against best practice, the topic with most to gain (its
    name and its gap as written)."""
    found = []
    if overall is not None:
        found.append(_overall(overall))
    moved = [(each.score - each.before, each) for each in categories if each.before is not None]
    if moved:
        change, most = max(moved, key=lambda pair: abs(pair[0]))
        words = {"name": most.name, "n": abs(change), "score": most.score}
        if change > 0:
            found.append(_("%(name)s rose most, by %(n)s to %(score)s.") % words)
        elif change < 0:
            found.append(_("%(name)s fell by %(n)s to %(score)s.") % words)
    behind = [(each.best - each.score, each) for each in categories if each.best is not None and each.best > each.score]
    if behind:
        _distance, weakest = max(behind, key=lambda pair: pair[0])
        found.append(_("%(name)s, at %(score)s, is furthest from best practice.") % {"name": weakest.name, "score": weakest.score})  # fmt: skip
    if gap is not None:
        found.append(_("The topic with most to gain is %(name)s: %(gap)s below its target.") % {"name": gap[0], "gap": gap[1]})  # fmt: skip
    return _said(found)


def _overall(of: Scored) -> str:
    if of.before is None:
        return _("The overall score is %(score)s of 100.") % {"score": of.score}
    change = of.score - of.before
    words = {"score": of.score, "n": abs(change)}
    if change > 0:
        return _("The overall score is %(score)s, up %(n)s since last time.") % words
    if change < 0:
        return _("The overall score is %(score)s, down %(n)s since last time.") % words
    return _("The overall score is %(score)s, as it was last time.") % words


@dataclass(frozen=True)
class Kept:
    """Commitments of the last review: all of them, those done, those still open after the day they were due."""

    all: int
    done: int
    late: int = 0
    dropped: int = 0


def kept(of: Kept) -> tuple[str, ...]:
    """How many were kept, how many are late."""
    if not of.all:
        return ()
    found = [_("Commitments done: %(done)s of %(n)s.") % {"done": of.done, "n": of.all}]
    if of.late:
        found.append(
            ngettext(
                "%(n)s commitment is open after the day it was due.",
                "%(n)s commitments are open after the day they were due.",
                of.late,
            )
            % {"n": of.late}
        )
    return _said(found)


@dataclass(frozen=True)
class Aimed:
    """Goals and actions: how many goals there are and are reached, actions done in the quarter, open and late."""

    goals: int
    reached: int
    open: int
    late: int
    done: int


def aimed(of: Aimed) -> tuple[str, ...]:
    """Goals reached, actions done, actions open."""
    found = []
    if of.goals:
        found.append(_("Goals reached: %(done)s of %(n)s.") % {"done": of.reached, "n": of.goals})
    if of.done:
        found.append(
            ngettext("%(n)s action was done in the quarter.", "%(n)s actions were done in the quarter.", of.done)
            % {"n": of.done}
        )
    if of.open:
        found.append(_("Actions open: %(n)s, of them late: %(late)s.") % {"n": of.open, "late": of.late})
    return _said(found)


@dataclass(frozen=True)
class Finding:
    """A sentence that may stand among the wins or the concerns of the executive summary. `weight`: 0 to 100, the more the sooner;
    `key` tells it from others."""

    key: str
    text: str
    weight: int


def pick(told: Iterable[Finding], at_most: int = 3) -> tuple[Finding, ...]:
    """The heaviest, one of each key; of equals those named first."""
    found: dict[str, Finding] = {}
    for each in sorted(told, key=lambda one: -one.weight):
        if each.text:
            found.setdefault(each.key, each)
    return tuple(found.values())[:at_most]


def overall(tones: Sequence[Tone]) -> tuple[str, ...]:
    """How many areas are on track, to watch and at risk; nothing where none has a status."""
    known = [tone for tone in tones if tone is not Tone.NONE]
    if not known:
        return ()
    words = {
        "n": len(known), "good": known.count(Tone.GOOD), "watch": known.count(Tone.WATCH), "bad": known.count(Tone.BAD),
    }  # fmt: skip
    text = ngettext(
        "Of %(n)s area: on track %(good)s, to watch %(watch)s, at risk %(bad)s.",
        "Of %(n)s areas: on track %(good)s, to watch %(watch)s, at risk %(bad)s.",
        len(known),
    )
    return (text % words,)


def _said(sentences: Iterable[str]) -> tuple[str, ...]:
    return tuple(sentence for sentence in sentences if sentence)[:AT_MOST]
