"""The way down from a figure: the list of exactly the partners behind it, what it shows of each, how the figure came about.

A figure stands in the address as kind~questionnaire~quarter~…; the lists of partners and of scorecards narrow by it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from partners.filters import Narrowing, PartnerFilter, narrowing
from partners.models import Partner
from prm.common.fiscal import FiscalQuarter
from prm.common.rag import Rag
from prm.common.vendor import fiscal_calendar, today
from scorecards import queries, rollup
from scorecards.models import Questionnaire
from scorecards.rollups import completion, distribution, investment, movers, times
from scorecards.rollups.page import measure_of
from scorecards.rollups.sql import Measure, Sql


@dataclass(frozen=True)
class Behind:
    """A figure of a roll-up; `parts` are its own (which colour of what, which state …)."""

    kind: str
    questionnaire: Questionnaire
    quarter: FiscalQuarter
    parts: tuple[str, ...]

    @property
    def window(self) -> rollup.Window:
        return rollup.window(self.quarter, today())

    @property
    def measure(self) -> Measure:
        """Whose score, of the kinds that say it first."""
        return measure_of(_content(self.questionnaire), self.parts[0])

    @property
    def then(self) -> FiscalQuarter:
        """What movers are compared with."""
        return movers.period_before(self.quarter, self.parts[1])


def _content(questionnaire: Questionnaire) -> Any:
    version = questionnaire.versions.exclude(status="draft").order_by("-number").first()
    return version.content if version else None


@dataclass(frozen=True)
class _Kind:
    """`allowed`: the values of each part, None for any. `narrow` keeps the partners behind, `words` say which they are."""

    allowed: tuple[tuple[str, ...] | None, ...]
    narrow: Callable[[User, QuerySet[Partner], Behind], QuerySet[Partner]]
    words: Callable[[Behind], str]


def _within(rows: QuerySet[Partner], ids: Sql | None, *, inside: bool = True) -> QuerySet[Partner]:
    if ids is None:
        return rows.none() if inside else rows
    found = {"pk__in": RawSQL(ids.text, ids.params)}
    return rows.filter(**found) if inside else rows.exclude(**found)


def _coloured(user: User, rows: QuerySet[Partner], figure: Behind) -> QuerySet[Partner]:
    colour = figure.parts[1]
    ids = distribution.behind(user, figure.questionnaire, figure.window, figure.measure, colour, queries.thresholds())
    return _within(rows, ids, inside=colour != distribution.NONE)


def _below(user: User, rows: QuerySet[Partner], figure: Behind) -> QuerySet[Partner]:
    return _within(rows, investment.behind(user, figure.questionnaire, figure.window, figure.parts[0]))


def _moved(user: User, rows: QuerySet[Partner], figure: Behind) -> QuerySet[Partner]:
    then = rollup.window(figure.then, today())
    ids = movers.behind(user, figure.questionnaire, figure.window, then, figure.measure, figure.parts[2])
    return _within(rows, ids)


def _reached(user: User, rows: QuerySet[Partner], figure: Behind) -> QuerySet[Partner]:
    everybody: QuerySet[Partner] = Partner.objects.visible_to(user)
    return _within(rows, completion.behind(user, everybody, figure.questionnaire, figure.quarter, figure.parts[0]))


def _timed(user: User, rows: QuerySet[Partner], figure: Behind) -> QuerySet[Partner]:
    mode, turn, under = figure.parts
    found = times.behind(user, figure.questionnaire, figure.quarter, mode, turn, bool(under))
    return rows.filter(pk__in=found.values("partner_id"))


# ── In words ─────────────────────────────────────────────────────────────────────────────────────────────────────────

STATES = {
    "done": gettext_lazy("assessed"),
    "draft": gettext_lazy("draft open"),
    "asked": gettext_lazy("partner asked"),
    "none": gettext_lazy("nothing yet"),
    "old": gettext_lazy("older than 12 months"),
}
DIRECTIONS = {"up": gettext_lazy("rose"), "down": gettext_lazy("fell"), "same": gettext_lazy("stayed the same")}


def _said(*words: Any) -> str:
    return ", ".join(str(word) for word in words if word)


def _colour_words(figure: Behind) -> str:
    colour = figure.parts[1]
    word = _("not assessed") if colour == distribution.NONE else Rag(colour).word
    return _said(figure.measure.name, word, figure.quarter.label)


def _moved_words(figure: Behind) -> str:
    change = _("%(now)s against %(then)s") % {"now": figure.quarter.label, "then": figure.then.label}
    return _said(figure.measure.name, DIRECTIONS[figure.parts[2]], change)


def topic_name(figure: Behind) -> str:
    return queries.names(figure.questionnaire).get(("topic", figure.parts[0]), figure.parts[0])


def _timed_words(figure: Behind) -> str:
    mode, turn, under = figure.parts
    how = _("under five minutes") if under else _("timed")
    return _said(how, times.MODES.get(mode), times.TURNS.get(turn), figure.quarter.label)


KINDS = {
    "rag": _Kind((None, distribution.COLOURS), _coloured, _colour_words),
    "below": _Kind((None,), _below, lambda f: _said(topic_name(f), _("below target"), f.quarter.label)),
    "moved": _Kind((None, ("quarter", "year"), tuple(movers.DIRECTIONS)), _moved, _moved_words),
    "done": _Kind(((*completion.STATES, completion.OLD),), _reached, lambda f: _said(STATES[f.parts[0]], f.quarter.label)),
    "time": _Kind((("", *times.MODES), ("", *times.TURNS), ("", "under")), _timed, _timed_words),
}  # fmt: skip


def _clean(text: str) -> Behind:
    wrong = forms.ValidationError(_("That is not a figure of a roll-up."))
    name, *rest = text.split("~")
    kind = KINDS.get(name)
    if kind is None or len(rest) != 2 + len(kind.allowed):
        raise wrong
    key, period, *parts = rest
    if any(known is not None and part not in known for part, known in zip(parts, kind.allowed, strict=True)):
        raise wrong
    questionnaire = Questionnaire.objects.filter(key=key).first() if "\0" not in key else None
    try:
        quarter = fiscal_calendar().parse(period)
    except ValueError:
        raise wrong from None
    if questionnaire is None or not isinstance(quarter, FiscalQuarter):
        raise wrong
    figure = Behind(name, questionnaire, quarter, tuple(parts))
    # A score that isn't there must not be taken for the overall.
    if name in ("rag", "moved") and figure.measure.text != parts[0]:
        raise wrong
    return figure


def _apply(rows: QuerySet[Partner], figure: Behind, chosen: PartnerFilter) -> QuerySet[Partner]:
    return KINDS[figure.kind].narrow(chosen.user, rows, figure)


def _describe(text: str, chosen: PartnerFilter) -> str:
    try:
        figure = _clean(text)
    except forms.ValidationError:
        return text
    return KINDS[figure.kind].words(figure)


narrowing(Narrowing("figure", gettext_lazy("Figure"), _clean, _apply, _describe))
