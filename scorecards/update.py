"""What a quarterly update asks: only the topics worth talking about again; the rest carries over.

A topic is asked when it is below its target, when one of its answers was given over 12 months ago, when one of its
actions is open, and when it can't carry over as it is: new in the questionnaire, or a required question unanswered.

Pure: no database, no framework, no clock.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

MONTHS = 12
NOTHING = "-"  # no key is spelled so; stored for an update that has nothing to ask, as an empty list asks everything
REST = "-rest"  # the last step of an update, where a topic's key stands else


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as it carries over. `score` 0–100, None where nothing scored is answered; `answered_on` the days its answers were given.

    `is_new`: the answers carried over come from a version that did not have it; `lacks`: a required question has no answer.
    """

    key: str
    score: Fraction | None
    target: Decimal | None
    answered_on: tuple[dt.date, ...] = ()
    is_new: bool = False
    lacks: bool = False


def focus(topics: Sequence[Topic], open_actions: Collection[str], today: dt.date) -> list[str]:
    """Keys of the topics to ask, in order; `open_actions` are the keys of the topics that have an open action."""
    oldest = a_year_before(today)
    return [topic.key for topic in topics if topic.key in open_actions or _asks(topic, oldest)]


def _asks(topic: Topic, oldest: dt.date) -> bool:
    below = topic.score is not None and topic.target is not None and topic.score < topic.target
    old = any(day < oldest for day in topic.answered_on)
    return below or old or topic.is_new or topic.lacks


def a_year_before(day: dt.date) -> dt.date:
    """The same day a year earlier; of 29 February the 28th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def stored(asked: Sequence[str]) -> list[str]:
    """As an update's topics are kept with its assessment."""
    return list(asked) or [NOTHING]


def asked_of(kept: Sequence[str]) -> frozenset[str] | None:
    """The topics an update asks, from what is kept with its assessment; None where it is no update and asks all."""
    return frozenset(key for key in kept if key != NOTHING) if kept else None
