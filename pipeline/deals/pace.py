"""How fast deals go: how long they stayed in each open stage, and where they went from there."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Aggregate, Count, DateField, DurationField, F, OuterRef, Q, QuerySet, Subquery
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from pipeline.deals import queries, rules
from pipeline.deals.filters import DealListFilter
from pipeline.models import Deal, DealStage, StageChange
from prm.common.lists import exportable
from prm.documents.csv import write_csv
from prm.documents.table import Column, Kind, Table, Value
from prm.documents.xlsx import workbook

OPEN, WON, LOST = DealStage.Outcome.OPEN, DealStage.Outcome.WON, DealStage.Outcome.LOST
SPANS = {"quarter": 91, "half": 182, "year": 365}  # days back from today
DAY = dt.timedelta(days=1)


class PaceFilter(DealListFilter):
    """Whose deals, and over how long: deals of every state, by what they are and the partners that have a share."""

    span = forms.ChoiceField(
        label=gettext_lazy("In the last"),
        required=False,
        choices=[
            ("", gettext_lazy("13 weeks")),
            ("half", gettext_lazy("26 weeks")),
            ("year", gettext_lazy("52 weeks")),
        ],
    )
    state = deal_stage = close = look = None  # type: ignore[assignment]
    field_order = ["q", "span", *DealListFilter.field_order]

    def stages_asked(self) -> list[DealStage]:
        return list(self.stages.values())

    def since(self) -> dt.date:
        """The first day that counts."""
        return self.day - SPANS[self.cleaned_data.get("span") or "quarter"] * DAY


@dataclass(frozen=True)
class StagePace:
    """An open stage: how many stays in it ended, of these how many `on` to a later stage or won, `back` to an earlier one, and
    `lost`; the median of their days; how many deals are in it `now`, and how many of those are `stale`."""

    stage: DealStage
    ended: int = 0
    on: int = 0
    back: int = 0
    lost: int = 0
    days: Decimal | None = None
    now: int = 0
    stale: int = 0

    @property
    def went_on(self) -> Decimal | None:
        """Percent of the stays that ended; None where none did."""
        return Decimal(self.on * 100) / self.ended if self.ended else None


@dataclass(frozen=True)
class Pace:
    """`days`: the median from the beginning of a deal to its being won; None where none was."""

    since: dt.date
    stages: list[StagePace]
    won: int
    lost: int
    days: Decimal | None

    @property
    def closed(self) -> int:
        return self.won + self.lost

    @property
    def win_rate(self) -> Decimal | None:
        """Won deals in percent of those closed; None where none was."""
        return Decimal(self.won * 100) / self.closed if self.closed else None


class Median(Aggregate):
    """By linear interpolation, as PERCENTILE_CONT does it."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    arity = 1
    output_field = DurationField()


def pace(user: User, chosen: PaceFilter) -> Pace:
    """Of the deals this user sees that the filter finds, what happened since the filter's day."""
    deals = chosen.apply(queries.deals(user, chosen.day))
    if not chosen.is_valid():
        return Pace(chosen.day, [], 0, 0, None)
    since = chosen.since()
    ended, standing = _ended(deals, since), _standing(deals, chosen.day)
    stages = [
        StagePace(stage, **ended.get(stage.pk, {}), **standing.get(stage.pk, {}))
        for stage in chosen.stages.values()
        if stage.outcome == OPEN
    ]
    closed = deals.filter(closed_on__gte=since).aggregate(
        won=Count("pk", filter=Q(stage__outcome=WON)),
        lost=Count("pk", filter=Q(stage__outcome=LOST)),
        days=Median(F("closed_on") - F("created_on"), filter=Q(stage__outcome=WON)),
    )
    return Pace(since, stages, closed["won"], closed["lost"], _days(closed["days"]))


def _ended(deals: QuerySet[Deal], since: dt.date) -> Mapping[int, Mapping[str, Any]]:
    """By the stage: the stays in it that ended since a day."""
    steps = StageChange.objects.unscoped("of deals the caller has scoped")
    before = steps.filter(deal=OuterRef("deal")).filter(
        Q(on__lt=OuterRef("on")) | Q(on=OuterRef("on"), pk__lt=OuterRef("pk"))
    )
    began = Subquery(before.order_by("-on", "-pk").values("on")[:1], output_field=DateField())
    later = Q(to_stage__outcome=OPEN, to_stage__order__gt=F("from_stage__order"))
    rows = (
        steps.filter(deal__in=deals.order_by().values("pk"), on__gte=since, from_stage__outcome=OPEN)
        .annotate(began=began)
        .order_by()
        .values("from_stage")
        .annotate(
            ended=Count("pk"),
            went=Count("pk", filter=Q(to_stage__outcome=WON) | later),
            lost=Count("pk", filter=Q(to_stage__outcome=LOST)),
            days=Median(F("on") - F("began")),
        )
    )
    return {
        row["from_stage"]: {
            "ended": row["ended"],
            "on": row["went"],
            "lost": row["lost"],
            "back": row["ended"] - row["went"] - row["lost"],
            "days": _days(row["days"]),
        }
        for row in rows
    }


def _standing(deals: QuerySet[Deal], day: dt.date) -> Mapping[int, Mapping[str, Any]]:
    """By the stage: the deals that are in it."""
    rows = deals.filter(stage__outcome=OPEN).order_by().values("stage")
    found = rows.annotate(now=Count("pk"), old=Count("pk", filter=Q(stage_since__lte=rules.stale_from(day))))
    return {row["stage"]: {"now": row["now"], "stale": row["old"]} for row in found}


def _days(found: dt.timedelta | None) -> Decimal | None:
    return None if found is None else Decimal(found // dt.timedelta(hours=12)) / 2


class PaceFile:
    """The same figures as a file: a row for each stage."""

    name = gettext_lazy("Pace of deals")

    def __init__(self, found: Pace) -> None:
        self.found = found

    @property
    def total(self) -> int:
        return len(self.found.stages)

    def file(self, kind: str, *, progress: Callable[[int, int], None]) -> bytes:
        columns = [
            Column(_("Stage")), Column(_("Stays ended"), Kind.INTEGER), Column(_("Went on"), Kind.INTEGER),
            Column(_("Went on, %"), Kind.DECIMAL), Column(_("Went back"), Kind.INTEGER), Column(_("Lost"), Kind.INTEGER),
            Column(_("Median days"), Kind.DECIMAL), Column(_("In it now"), Kind.INTEGER), Column(_("Of these stale"), Kind.INTEGER),
        ]  # fmt: skip
        rows: list[list[Value]] = [
            [str(one.stage), one.ended, one.on, one.went_on, one.back, one.lost, one.days, one.now, one.stale]
            for one in self.found.stages
        ]
        if kind == "csv":
            return "".join(write_csv(columns, rows)).encode()
        return workbook([Table(str(self.name), columns, rows)], title=str(self.name))


@exportable("deals_pace")
def pace_file(user: User, query: QueryDict) -> PaceFile:
    return PaceFile(pace(user, PaceFilter(query, user=user)))
