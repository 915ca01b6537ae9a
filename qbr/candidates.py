"""What can be chosen on a slide: sentences of the executive summary, deals, actions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from prm.common.vendor import today
from qbr.choices import TEXTS, choices_of, usual
from qbr.content import Ground, ground
from qbr.content.capabilities import actions as actions_of
from qbr.content.deals import of_quarter, part
from qbr.content.opening import PICKED, offered_concerns, offered_wins
from qbr.models import Qbr
from qbr.naming import quarter_of

SLIDES = {"wins": "summary", "concerns": "summary", "deals": "deals", "actions": "capability_goals"}


@dataclass(frozen=True)
class Group:
    """What can be chosen of one kind, as (value, words); `chosen` holds those on the slide now."""

    kind: str
    label: str
    options: tuple[tuple[str, str], ...]
    chosen: tuple[str, ...]
    note: str = ""

    def values(self, picked: Iterable[str]) -> list[Any]:
        """What is kept of values that were picked, in the order they are offered."""
        wanted = set(picked)
        found = [value for value, _words in self.options if value in wanted]
        return found if self.kind in TEXTS else [int(value) for value in found]


def of_slide(qbr: Qbr, key: str, user: User) -> list[Group]:
    """The groups of a slide, with the eyes its deck is read with; none for most slides."""
    chosen = choices_of(qbr, usual(today()))
    return on_slide(ground(qbr.partner, quarter_of(qbr), eyes=user, vendor_copy=False, chosen=chosen), key)


def on_slide(on: Ground, key: str) -> list[Group]:
    """The same of a ground that others read from too."""
    kinds = [kind for kind, slide in SLIDES.items() if slide == key]
    return [group for kind in kinds if (group := _group(kind, on)).options]


def group(qbr: Qbr, kind: str, user: User) -> Group | None:
    """One of them; None where there is nothing to choose."""
    return next((found for found in of_slide(qbr, SLIDES[kind], user) if found.kind == kind), None)


def _group(kind: str, on: Ground) -> Group:
    if kind in TEXTS:
        offered = offered_wins(on) if kind == "wins" else offered_concerns(on)
        label = _("Wins") if kind == "wins" else _("Concerns")
        return _texts(
            kind, label, [each.text for each in offered], on.chosen.wins if kind == "wins" else on.chosen.concerns
        )
    return _deals(on) if kind == "deals" else _actions(on)


def _texts(kind: str, label: str, offered: Sequence[str], chosen: tuple[str, ...] | None) -> Group:
    shown = tuple(offered[:PICKED]) if chosen is None else chosen
    every = list(dict.fromkeys([*shown, *offered]))  # one that was chosen stays, though figures have changed its words
    return Group(kind, label, tuple((text, text) for text in every), shown)


def _deals(on: Ground) -> Group:
    found = of_quarter(on)
    named = ((_("Won"), found.won), (_("Lost"), found.lost), (_("Open"), found.open))
    options = tuple(
        (str(deal.pk), _("%(what)s: %(name)s, %(amount)s") % {"what": what, "name": deal.name, "amount": part(deal)})
        for what, group in named
        for deal in group.rows[:OFFERED]
    )
    return Group(
        "deals", _("Deals"), options, _shown(options, on.chosen.deals), _("The largest are shown unless you choose.")
    )


def _actions(on: Ground) -> Group:
    options = tuple((str(row.pk), row.title) for row in actions_of(on)[:OFFERED])
    return Group(
        "actions",
        _("Actions"),
        options,
        _shown(options, on.chosen.actions),
        _("The next ones are shown unless you choose."),
    )


def _shown(options: Sequence[tuple[str, str]], chosen: frozenset[int] | None) -> tuple[str, ...]:
    return () if chosen is None else tuple(value for value, _words in options if int(value) in chosen)


OFFERED = 20  # of a kind: more make no choice
