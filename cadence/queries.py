"""What the home pages show: whom to talk to next, and what waits for the reader."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from accounts.models import User
from partners.models import Action, Partner
from partners.queries import actions, with_lateness
from prm.common.rag import Rag
from prm.common.vendor import fiscal_calendar, today
from scorecards.models import Assessment, Questionnaire
from scorecards.queries import Standing, standings, thresholds, with_latest
from scorecards.scoring import display

SHOWN = 8  # partners to call
DUE = 5


@dataclass(frozen=True)
class Quarter:
    """How far the reader's partners are with this fiscal quarter's scorecards."""

    label: str
    partners: int
    scored: int
    drafts: int

    @property
    def to_go(self) -> int:
        return self.partners - self.scored


@dataclass(frozen=True)
class Conversation:
    """A partner to talk to: where its scorecard stands, and its last score as shown (None where it has none)."""

    standing: Standing
    score: int | None
    rag: Rag | None


def own_partners(user: User) -> QuerySet[Partner]:
    """The partners a CAM looks after, as owner or cover, but those who have lapsed."""
    mine: QuerySet[Partner] = Partner.objects.visible_to(user).filter(Q(cam=user) | Q(cover=user))
    return mine.filter(stage__is_lapsed=False)


def quarter(partners: QuerySet[Partner], questionnaire: Questionnaire) -> Quarter:
    """Counts each partner once, whoever filled in its scorecard."""
    current = fiscal_calendar().quarter_of(today())
    of_these = Assessment.objects.unscoped("only of the partners given").filter(
        partner__in=partners, questionnaire=questionnaire
    )
    scored = of_these.filter(status__in=Assessment.COUNTED, finished_on__range=(current.start, current.end))
    return Quarter(
        label=current.label,
        partners=partners.count(),
        scored=scored.values("partner").distinct().count(),
        drafts=of_these.filter(status=Assessment.Status.DRAFT, mode=Assessment.Mode.CAM).count(),
    )


def conversations(user: User, questionnaire: Questionnaire) -> list[Conversation]:
    """The reader's partners without a scorecard this quarter, those never scored first, then the longest ago."""
    start = fiscal_calendar().quarter_of(today()).start
    waiting = with_latest(user, own_partners(user), questionnaire).filter(Q(latest_on=None) | Q(latest_on__lt=start))
    chosen = waiting.select_related("stage", "tier").order_by(F("latest_on").asc(nulls_first=True), "name", "id")
    limits = thresholds()
    shown = []
    for standing in standings(user, list(chosen[:SHOWN]), questionnaire):
        overall = standing.latest.overall if standing.latest else None
        score = None if overall is None else display(overall)
        shown.append(Conversation(standing, score, limits.rag(score)))
    return shown


def due_actions(user: User, *, within_days: int = 14) -> list[Action]:
    """Live actions the reader owns, or that partners of theirs have, late ones and those due soon, the earliest first."""
    day = today()
    live = actions(user).filter(status__in=Action.LIVE, due_on__lte=day + dt.timedelta(days=within_days))
    if not user.is_partner_side:
        # Their ids first: with the partners joined in, no index serves this "or".
        mine = Partner.objects.visible_to(user).filter(Q(cam=user) | Q(cover=user))
        live = live.filter(Q(owner=user) | Q(partner__in=list(mine.values_list("pk", flat=True))))
    return list(with_lateness(live, day).select_related("partner", "owner").order_by("due_on", "id")[:DUE])
