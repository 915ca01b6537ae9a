"""What is read of the cadence. Items of partners the caller may see: what is asked about the vendor itself only for those who
hear of it (cadence.models)."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from accounts.models import User
from cadence.completion import Completion
from cadence.matrix import Item
from cadence.models import DueItem
from partners.models import Action, Partner
from partners.queries import with_lateness
from prm.common.kept import kept
from prm.common.vendor import fiscal_calendar, today
from scorecards.models import Assessment, Questionnaire

DUE = 5
State = DueItem.State


@dataclass(frozen=True)
class Quarter:
    """How far partners are with this fiscal quarter's scorecards."""

    label: str
    partners: int
    scored: int
    drafts: int

    @property
    def to_go(self) -> int:
        return self.partners - self.scored


def own_partners(user: User) -> QuerySet[Partner]:
    """The partners a CAM looks after, as owner or cover, but those who have lapsed."""
    return looked_after(user).filter(stage__is_lapsed=False)


def looked_after(user: User) -> QuerySet[Partner]:
    """The partners a CAM looks after, as owner or cover."""
    mine: QuerySet[Partner] = Partner.objects.visible_to(user).filter(Q(cam=user) | Q(cover=user))
    return mine


def quarter(partners: QuerySet[Partner], questionnaire: Questionnaire) -> Quarter:
    """Counts each partner once, whoever filled in its scorecard; may be a minute old."""
    current = fiscal_calendar().quarter_of(today())
    of_these = Assessment.objects.unscoped("only of the partners given").filter(
        partner__in=partners, questionnaire=questionnaire
    )
    scored = of_these.filter(status__in=Assessment.COUNTED, finished_on__range=(current.start, current.end))
    drafts = of_these.filter(status=Assessment.Status.DRAFT, mode=Assessment.Mode.CAM)
    counted, scorers = partners.count(), scored.order_by().values("partner").distinct()
    numbers = kept(lambda: (scorers.count(), drafts.count()), "scorecards of the quarter", scorers, drafts)
    return Quarter(current.label, counted, *numbers)


# ── Due items ────────────────────────────────────────────────────────────────────────────────────────────────────────


def items(user: User) -> QuerySet[DueItem]:
    """The due items a user may see, with their partner."""
    rows: QuerySet[DueItem] = DueItem.objects.visible_to(user)
    return rows.select_related("partner__cam", "by")


def late(day: dt.date) -> Q:
    """Still open after the day it was due."""
    return Q(state=State.OPEN, due_on__lt=day)


def next_item(user: User, partner: Partner) -> DueItem | None:
    """The open item of a partner due first."""
    return items(user).filter(partner=partner, state=State.OPEN).order_by("due_on", "task").first()


def standing_now(user: User, partner_ids: Iterable[int], day: dt.date) -> list[Item]:
    """What decides where conversations stand: all that is open, and what is of periods not over yet."""
    rows = DueItem.objects.visible_to(user).filter(partner__in=list(partner_ids))
    rows = rows.filter(Q(state=State.OPEN) | Q(ends_on__gte=day)).order_by()
    return [Item(*row) for row in rows.values_list("pk", "partner_id", "task", "due_on", "state", "done_on")]


def _counts(day: dt.date) -> dict[str, Count]:
    """The parts of a completion; `overdue` are the late ones whatever the quarter they were due in."""
    this = fiscal_calendar().quarter_of(day)
    due_now = Q(due_on__range=(this.start, this.end))
    done = due_now & Q(state=State.DONE)
    return {
        "on_time": Count("pk", filter=done & Q(done_on__lte=F("due_on"))),
        "after": Count("pk", filter=done & Q(done_on__gt=F("due_on"))),
        "waiting": Count("pk", filter=due_now & Q(state=State.OPEN, due_on__gte=day)),
        "late": Count("pk", filter=due_now & late(day)),
        "skipped": Count("pk", filter=due_now & Q(state=State.SKIPPED)),
        "overdue": Count("pk", filter=late(day)),
    }


@dataclass(frozen=True)
class Held:
    """How this quarter's conversations stand, and how many are late, those of earlier quarters with them."""

    quarter: Completion
    overdue: int


def total(rows: Iterable[Held]) -> Held:
    """All of them together."""
    rows = list(rows)
    return Held(sum((row.quarter for row in rows), Completion()), sum(row.overdue for row in rows))


def _held(counts: Mapping[str, Any]) -> Held:
    parts = ("on_time", "after", "waiting", "late", "skipped")
    return Held(Completion(**{name: counts[name] for name in parts}), counts["overdue"])


def _counting(user: User, day: dt.date) -> QuerySet[DueItem]:
    """The rows that `_counts` counts."""
    this = fiscal_calendar().quarter_of(day)
    rows: QuerySet[DueItem] = DueItem.objects.visible_to(user)
    return rows.filter(Q(due_on__range=(this.start, this.end)) | late(day)).order_by()


def held(user: User, partners: QuerySet[Partner], day: dt.date) -> Held:
    """Of these partners: how many of the conversations due this quarter were held, and what is late."""
    return _held(_counting(user, day).filter(partner__in=partners.order_by().values("pk")).aggregate(**_counts(day)))


@dataclass(frozen=True)
class OfCam:
    """The conversations of one CAM's partners; `cam` None: of partners without one."""

    cam: User | None
    held: Held


def held_by_cam(user: User, day: dt.date) -> list[OfCam]:
    """By CAM, those with the most late ones first, then by the share held; the partners without a CAM last. May be a minute old."""
    counted = _counting(user, day).values("partner__cam").annotate(**_counts(day))
    rows = kept(lambda: list(counted), "held by CAM", counted)
    people = {cam.pk: cam for cam in User.objects.filter(pk__in=[row["partner__cam"] for row in rows])}
    found = [OfCam(people.get(row["partner__cam"]), _held(row)) for row in rows]
    return sorted(found, key=_order)


def _order(row: OfCam) -> tuple[bool, int, int, str]:
    share = row.held.quarter.percent
    return row.cam is None, -row.held.overdue, 101 if share is None else share, row.cam.display_name if row.cam else ""


def unassigned(user: User, *, at_most: int) -> list[DueItem]:
    """The open items of partners without a CAM, the earliest first."""
    return list(
        items(user).filter(partner__cam=None, state=State.OPEN).order_by("due_on", "partner__name", "pk")[:at_most]
    )


# ── Actions ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def due_actions(user: User, *, within_days: int = 14) -> list[Action]:
    """Live actions the reader owns, or that partners of theirs have, late ones and those due soon, the earliest first."""
    day = today()
    live = Action.objects.visible_to(user).filter(
        status__in=Action.LIVE, due_on__lte=day + dt.timedelta(days=within_days)
    )
    if not user.is_partner_side:
        # Their ids first: with the partners joined in, no index serves this "or".
        mine = Partner.objects.visible_to(user).filter(Q(cam=user) | Q(cover=user))
        live = live.filter(Q(owner=user) | Q(partner__in=list(mine.values_list("pk", flat=True))))
    return list(with_lateness(live, day).select_related("partner", "owner").order_by("due_on", "id")[:DUE])
