"""The rules of the kinds beside capability. Pure: figures in, words' keys and averages out; "today" is an argument.

- recruit: a candidate's fit is the displayed overall; go, develop or pass by the vendor's thresholds.
- program: the channel's life stage follows from the displayed overall.
- satisfaction: what a CAM may hear of it: an average over five or more partners, which nobody can take apart.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from prm.common.fiscal import same_day_year_before
from prm.common.rag import Rag
from scorecards import scoring

LEAST = 5  # partners behind a figure a CAM may see
VERDICTS: Mapping[str, str] = {Rag.GREEN: "go", Rag.AMBER: "develop", Rag.RED: "pass"}
# The least displayed overall of each life stage of a vendor's channel; quarters of the scale, the last one first.
STAGES: Sequence[tuple[int, str]] = ((75, "maturing"), (50, "accelerating"), (25, "emerging"), (0, "starting"))


def verdict(rag: str | None) -> str | None:
    """What to do with a candidate whose fit has this colour; None where nothing is scored."""
    return None if rag is None else VERDICTS[rag]


def program_stage(displayed: int | None) -> str | None:
    """Where a vendor's channel is: starting under 25, emerging under 50, accelerating under 75, else maturing.

    Taken from the overall as displayed, so that stage and figure never disagree; None where nothing is scored.
    """
    return None if displayed is None else next(stage for least, stage in STAGES if displayed >= least)


@dataclass(frozen=True, slots=True)
class Voice:
    """One partner's submitted satisfaction about a CAM: unrounded overall, and topic scores by key."""

    partner: int
    at: dt.datetime
    on: dt.date
    overall: Decimal | None
    topics: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Heard:
    """What a CAM may know. `partners`: how many count; `overall` and `topics` as displayed integers, None under five.

    `topics` has every topic somebody scored. `as_of`: the last day that counts.
    """

    partners: int
    overall: int | None
    topics: Mapping[str, int | None]
    as_of: dt.date


def heard(voices: Iterable[Voice], quarter_start: dt.date, today: dt.date) -> Heard:
    """The average of the latest answer of each partner in the twelve months to the last completed quarter's end.

    It changes with a quarter only: were it live, the change at one partner's answer would tell that answer. Where fewer
    than five had answered by then it is taken at the moment the fifth did, and stays so until the quarter ends.
    """
    ordered = sorted((voice for voice in voices if voice.on <= today and voice.overall is not None), key=lambda v: v.at)
    quarter_end = quarter_start - dt.timedelta(days=1)
    counted = _latest(ordered, quarter_end)
    as_of = quarter_end
    if len(counted) < LEAST:
        for voice in ordered:
            if voice.on <= quarter_end:
                continue
            upto = [each for each in ordered if each.at <= voice.at]
            counted, as_of = _latest(upto, voice.on), voice.on
            if len(counted) >= LEAST:
                break
        else:
            counted, as_of = _latest(ordered, today), today
    keys = dict.fromkeys(key for voice in counted for key in voice.topics)
    return Heard(
        partners=len(counted),
        overall=_average([voice.overall for voice in counted if voice.overall is not None]),
        topics={key: _average([v.topics[key] for v in counted if key in v.topics]) for key in keys},
        as_of=as_of,
    )


def _latest(ordered: Sequence[Voice], day: dt.date) -> list[Voice]:
    """The latest of each partner in the twelve months to the day."""
    since = same_day_year_before(day)
    return list({voice.partner: voice for voice in ordered if since <= voice.on <= day}.values())


def _average(scores: Sequence[Decimal]) -> int | None:
    """Rounded to an integer, halves up; None under five scores."""
    if len(scores) < LEAST:
        return None
    mean = sum((Fraction(score) for score in scores), Fraction(0)) / len(scores)
    return scoring.display(scoring.decimal(mean))  # of stored scores: see display
