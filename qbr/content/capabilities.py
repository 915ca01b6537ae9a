"""Slides "capabilities" and "capability_goals": the latest scorecard that both sides may see, the goals agreed on it, and what is
being done.

What only one side may see yet (its own view, until the other's is in) is on no deck.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from partners import queries as partners
from partners.models import Action
from prm.common.templatetags.numbers import MISSING, format_number, format_percent
from prm.documents.slides import Cell, Chart, ChartKind, Points, Series, Slide, Table, Tone
from qbr import commentary
from qbr.commentary import Aimed, Finding, Scored
from qbr.content import words
from qbr.content.ground import Ground
from qbr.content.registry import Area, Findings, findings, slide
from scorecards import goal_lines, queries
from scorecards.goal_lines import GoalLine
from scorecards.summary import Summary, TopicLine, best_practice
from scorecards.tables import default_questionnaire

GAPS = 3  # topics with most to gain
GOALS, ACTIONS = 6, 6
FULL = 100


def summary(ground: Ground) -> Summary | None:
    """The latest scorecard of capabilities, as its summary page tells it; None where none is open to both sides."""
    return ground.once("capabilities", lambda: _summary(ground))


def _summary(ground: Ground) -> Summary | None:
    questionnaire = default_questionnaire()
    if questionnaire is None:
        return None
    also = ground.also
    latest = queries.latest(ground.eyes, ground.partner, questionnaire, also)
    return None if latest is None else Summary(ground.eyes, latest, also)


def _before(found: Summary) -> dict[str, int | None]:
    """The displayed score of each category the time before."""
    if found.previous is None:
        return {}
    payload = queries.result_payload(found.previous, shared=found.shared)
    return {category["key"]: category["display"] for category in payload["categories"]}


@slide("capabilities")
def capabilities(ground: Ground) -> Slide:
    whole = Slide("capabilities", _("Capabilities"), ground.today)
    found = summary(ground)
    if found is None:
        return replace(whole, missing=_("There is no scorecard yet that both sides may see."))
    categories = [category for category in found.payload["categories"] if category["display"] is not None]
    if not categories:
        return replace(whole, missing=_("Nothing of the latest scorecard is scored."))
    lines = [_Line(found, category) for category in categories]
    return replace(
        whole,
        blocks=(_chart(found, lines), _table(found, lines), *_gaps(found)),
        commentary=commentary.capability(*_scored(found, lines)),
        notes=tuple(_notes(found)),
    )


class _Line:
    """A category beside what it is held against."""

    def __init__(self, found: Summary, category: dict[str, Any]) -> None:
        peers = found.peers.of_category(category["key"])
        self.name: str = category["name"]
        if category["internal"]:
            self.name = _("%(name)s (internal)") % {"name": self.name}
        self.score: int = category["display"]
        self.rag: str | None = category["rag"]
        self.best = best_practice(category)
        self.peers: Decimal | int | None = peers.median if peers else None
        self.before = _before(found).get(category["key"])


def _chart(found: Summary, lines: Sequence[_Line]) -> Chart:
    series = [Series(_("Score"), tuple(Decimal(line.score) for line in lines))]
    if any(line.best is not None for line in lines):
        series.append(Series(_("Best practice"), tuple(line.best for line in lines)))
    if any(line.peers is not None for line in lines):
        series.append(
            Series(_("Peers' median"), tuple(None if line.peers is None else Decimal(line.peers) for line in lines))
        )
    if any(line.before is not None for line in lines):
        series.append(
            Series(_("Last time"), tuple(None if line.before is None else Decimal(line.before) for line in lines))
        )
    said = [
        _("%(name)s: %(score)s; best practice %(best)s.")
        % {"name": line.name, "score": format_number(line.score), "best": _plain(line.best)}
        for line in lines
    ]
    title = _("Categories, 0 to 100")
    return Chart(
        title=title,
        kind=ChartKind.BARS,
        categories=tuple(line.name for line in lines),
        series=tuple(series),
        number_format="0",
        alt=" ".join([title + ":", *said]),
    )


def _plain(value: Decimal | int | None) -> str:
    """A score as the summary's chart writes it."""
    return format_number(value)


def _lead(found: Summary) -> str:
    """Whose view it is, and of when; in words for both sides."""
    views = {"self": _("Partner's own view"), "cam": _("Vendor's view")}
    parts = [
        views.get(found.assessment.mode, _("Filled in together")),
        found.period,
        words.day(found.assessment.finished_on),
    ]
    return ", ".join(parts)


def _table(found: Summary, lines: Sequence[_Line]) -> Table:
    value, rag = found.overall
    peers = found.peers.overall
    before = overall_before(found)
    rows = [
        (
            words.cell(line.name), words.cell(format_number(line.score), line.rag), Cell(_plain(line.best)),
            Cell(_plain(line.peers)), Cell(_plain(line.before)),
        )
        for line in lines
    ]  # fmt: skip
    rows.append(
        (
            Cell(_("Overall")), words.cell(format_number(value), rag), Cell(MISSING),
            Cell(_plain(peers.median if peers else None)), Cell(_plain(before)),
        )
    )  # fmt: skip
    return Table(
        title=_lead(found),
        heads=(_("Category"), _("Score"), _("Best"), _("Peers"), _("Before")),
        rows=tuple(rows),
        numeric=frozenset({1, 2, 3, 4}),
        total=True,
    )


def overall_before(found: Summary) -> int | None:
    """The displayed overall of the time before."""
    value, change = found.overall[0], found.change
    return None if value is None or change is None else value - change


def _most(found: Summary) -> list[TopicLine]:
    """The topics with most to gain: by impact, the gap weighed."""
    behind = [topic for topic in found.topics if topic.impact and topic.gap and topic.gap > 0]
    return sorted(behind, key=lambda topic: (-(topic.impact or 0), topic.name))[:GAPS]


def _gaps(found: Summary) -> tuple[Points, ...]:
    points = tuple(
        words.point(
            _("%(name)s: %(score)s of %(target)s")
            % {"name": topic.name, "score": format_number(topic.display), "target": _plain(topic.target)},
            topic.rag,
        )
        for topic in _most(found)
    )
    return (Points(_("Most to gain, topics against their targets"), points),) if points else ()


def _scored(found: Summary, lines: Sequence[_Line]) -> tuple[Scored | None, list[Scored], tuple[str, str] | None]:
    value = found.overall[0]
    overall = None if value is None else Scored(_("Overall"), value, overall_before(found))
    most = _most(found)
    gap = (most[0].name, format_number(most[0].gap)) if most else None
    return overall, [Scored(line.name, line.score, line.before, line.best) for line in lines], gap


def _notes(found: Summary) -> list[str]:
    notes = [_lead(found)]
    if found.peers.overall:
        place = {"percentile": _percentile(found), "group": found.peers.group}
        notes.append(_("Percentile %(percentile)s %(group)s.") % place)
    if found.since:
        notes.append(_("Changes are %(since)s.") % {"since": found.since})
    return [note for note in notes if note]


def _percentile(found: Summary) -> str:
    """As its page writes it: exact for the vendor, a band for the partner."""
    place = found.peers.overall
    assert place is not None
    return place.percentile if isinstance(place.percentile, str) else format_number(place.percentile, 1)


@findings("capabilities")
def of_capabilities(ground: Ground) -> Findings:
    name, found = _("Capabilities"), summary(ground)
    if found is None or found.overall[0] is None:
        return Findings(Area(name, Tone.NONE, _("No scorecard yet"), MISSING))
    value, rag = found.overall
    area = Area(name, words.tone(rag), words.word(rag), _("%(score)s of 100") % {"score": format_number(value)})
    lines = [_Line(found, category) for category in found.payload["categories"] if category["display"] is not None]
    overall, _categories, gap = _scored(found, lines)
    wins: list[Finding] = []
    concerns: list[Finding] = []
    if found.change:
        sentence = commentary.capability(overall, ())[0]
        (wins if found.change > 0 else concerns).append(Finding("capability", sentence, 60))
    if gap is not None:
        concerns.append(Finding("gap", commentary.capability(None, (), gap)[0], 40))
    return Findings(area, tuple(wins), tuple(concerns))


# ── Goals and actions ────────────────────────────────────────────────────────────────────────────────────────────────


def goals(ground: Ground) -> list[GoalLine]:
    """The agreed goals, with where their topics stand as both sides may know it."""
    every = ground.once("goals", lambda: goal_lines.lines(ground.eyes, ground.partner, also=ground.also))
    return [line for line in every if line.goal.is_agreed] if ground.shared else every


def actions(ground: Ground) -> list[Any]:
    """The action plan: what is open, and what was done in the quarter; of a deck for the partner what is shared with it."""
    rows = partners.with_lateness(partners.actions(ground.eyes), ground.today).filter(partner=ground.partner)
    if ground.shared:
        rows = rows.filter(shared=True)
    found = ground.once("actions", lambda: list(rows.exclude(status=Action.Status.DROPPED)))
    return [row for row in found if row.status in Action.LIVE or _done_in(ground, row)]


def _done_in(ground: Ground, row: Action) -> bool:
    """Whether it was done in the quarter."""
    return row.closed_at is not None and ground.quarter.contains(ground.day_of(row.closed_at))


@slide("capability_goals")
def capability_goals(ground: Ground) -> Slide:
    whole = Slide("capability_goals", _("Capability goals and actions"), ground.today)
    aims, todo = goals(ground), actions(ground)
    if not aims and not todo:
        return replace(whole, missing=_("There is no goal and no action yet."))
    return replace(
        whole,
        blocks=(_goals(aims), _actions(ground, todo)),
        commentary=commentary.aimed(_aimed(aims, todo)),
        notes=tuple(
            _("Late: %(title)s, due on %(day)s.") % {"title": row.title, "day": words.day(row.due_on)}
            for row in todo
            if row.is_late
        ),
    )


def _aimed(aims: Sequence[GoalLine], todo: Sequence[Any]) -> Aimed:
    live = [row for row in todo if row.status in Action.LIVE]
    return Aimed(
        goals=len(aims),
        reached=sum(line.percent is not None and line.percent >= FULL for line in aims),
        open=len(live),
        late=sum(row.is_late for row in live),
        done=len(todo) - len(live),
    )


def _goals(aims: Sequence[GoalLine]) -> Table:
    title = _("Goals")
    if len(aims) > GOALS:
        title = _("Goals (%(n)s of %(all)s)") % {"n": GOALS, "all": len(aims)}
    return Table(
        title=title,
        heads=(_("Topic"), _("From"), _("Goal"), _("Now"), _("Attained"), _("By")),
        rows=tuple(
            (
                Cell(line.goal.topic_name), Cell(format_number(line.goal.score_from)), Cell(format_number(line.goal.score_to)),
                Cell(format_number(line.now)), words.cell(format_percent(line.percent), line.rag), Cell(words.day(line.goal.by_on)),
            )
            for line in aims[:GOALS]
        ),
        numeric=frozenset({1, 2, 3, 4}),
        empty=_("No goal is agreed yet."),
    )  # fmt: skip


def _actions(ground: Ground, todo: Sequence[Any]) -> Table:
    chosen = ground.chosen.actions
    rows = list(todo[:ACTIONS]) if chosen is None else [row for row in todo if row.pk in chosen]
    title = _("Actions")
    if len(rows) < len(todo):
        title = _("Actions (%(n)s of %(all)s)") % {"n": len(rows), "all": len(todo)}
    return Table(
        title=title,
        heads=(_("Action"), _("Owner"), _("Due"), _("Status")),
        rows=tuple(
            (
                Cell(row.title), Cell(row.owner.display_name if row.owner else MISSING), Cell(words.day(row.due_on)), _status(row),
            )
            for row in rows
        ),
        empty=_("No action is open, and none was done in the quarter."),
    )  # fmt: skip


def _status(row: Any) -> Cell:
    if row.is_late:
        return Cell("", Tone.BAD, _("Late"))
    tones = {Action.Status.DONE: Tone.GOOD}
    return Cell("", tones.get(row.status, Tone.NONE), row.get_status_display())


@findings("capability_goals")
def of_goals(ground: Ground) -> Findings:
    aims, todo = goals(ground), actions(ground)
    counted = _aimed(aims, todo)
    wins: list[Finding] = []
    concerns: list[Finding] = []
    if counted.reached:
        wins.append(Finding("goals", commentary.aimed(replace(counted, open=0, done=0))[0], 55))
    if counted.done:
        wins.append(Finding("actions", commentary.aimed(replace(counted, goals=0, open=0))[0], 35))
    if counted.late:
        concerns.append(Finding("late", commentary.aimed(replace(counted, goals=0, done=0))[0], 58))
    return Findings(None, tuple(wins), tuple(concerns))
