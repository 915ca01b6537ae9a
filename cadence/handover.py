"""What goes along when a partner passes from one CAM to another, and the summary the new one gets of it.

The summary is what stood there on the day, without anything that a CAM may not know: nothing of satisfaction, nothing of what
the partner answered before both sides are in.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from cadence.models import SATISFACTION, DueItem, Handover
from partners.models import Action, Partner, Touch
from scorecards.models import Assessment, Goal, Questionnaire

MOST = 200  # partners at a time
TOUCHES = 5


@dataclass
class Goes:
    """What goes along with one partner: open due items, this side's drafts, open actions (those of the old CAM change hands),
    invitations the partner hasn't answered, joint scorecards and goals that wait for one side's agreement."""

    partner: Partner
    items: list[DueItem] = field(default_factory=list)
    drafts: list[Assessment] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    asked: list[Assessment] = field(default_factory=list)
    waiting: list[Assessment] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    touches: list[Touch] = field(default_factory=list)

    @property
    def own_actions(self) -> list[Action]:
        """Those the old CAM owns."""
        cam = self.partner.cam_id
        return [action for action in self.actions if cam is not None and action.owner_id == cam]

    @property
    def is_empty(self) -> bool:
        return not (self.items or self.drafts or self.actions or self.asked or self.waiting or self.goals)


def goes_along(partners: Sequence[Partner]) -> list[Goes]:
    """For each of these partners, in their order; so many queries whatever their number."""
    found = {partner.pk: Goes(partner) for partner in partners}
    _share(
        found,
        "items",
        _of(DueItem, found).filter(state=DueItem.State.OPEN).exclude(task=SATISFACTION).order_by("due_on", "pk"),
    )
    _share(
        found,
        "actions",
        _of(Action, found).filter(status__in=Action.LIVE).select_related("owner").order_by("due_on", "pk"),
    )
    _share(found, "goals", _of(Goal, found).filter(dropped_at=None).order_by("by_on", "pk"))
    _touches(found)
    rows = _of(Assessment, found).exclude(questionnaire__kind=Questionnaire.Kind.SATISFACTION)
    rows = rows.select_related("questionnaire", "asked").defer("applicable", "result", "result_shared").order_by("pk")
    joint_open = {"mode": "joint", "status": "submitted"}
    for row in rows.filter(status="draft") | rows.filter(**joint_open):
        goes = found[row.partner_id]
        if not row.is_draft:
            goes.waiting.append(row)
        elif row.mode != Assessment.Mode.SELF:
            goes.drafts.append(row)
        elif row.asked_at is not None:
            goes.asked.append(row)
    return list(found.values())


def _of(model: Any, found: Iterable[int]) -> QuerySet[Any]:
    rows: QuerySet[Any] = model.objects.unscoped("of partners the caller may hand over").filter(partner__in=list(found))
    return rows


def _share(found: dict[int, Goes], name: str, rows: QuerySet[Any]) -> None:
    for row in rows:
        getattr(found[row.partner_id], name).append(row)


def _touches(found: dict[int, Goes]) -> None:
    """The last few of each partner."""
    seen: dict[int, int] = defaultdict(int)
    for touch in _of(Touch, found).order_by("-on", "-pk"):
        if seen[touch.partner_id] < TOUCHES:
            seen[touch.partner_id] += 1
            found[touch.partner_id].touches.append(touch)


def summary(goes: Goes) -> dict[str, Any]:
    """The one page for the new CAM, as data that stays as it is: what stands in Handover.summary."""
    return {
        "touches": [
            {"on": _day(touch.on), "kind": touch.get_kind_display(), "people": touch.people, "note": touch.note[:500]}
            for touch in goes.touches
        ],
        "goals": [
            {
                "topic": goal.topic_name,
                "score": format(goal.score_to.normalize(), "f"),
                "by": _day(goal.by_on),
                "agreed": goal.is_agreed,
            }
            for goal in goes.goals
        ],
        "promises": [
            {
                "title": action.title,
                "owner": action.owner.display_name if action.owner else "",
                "due": _day(action.due_on),
                "moved": action in goes.own_actions,
            }
            for action in goes.actions
        ],
        "due": [{"task": item.task, "period": item.period, "due": _day(item.due_on)} for item in goes.items],
        "drafts": [{"name": row.questionnaire.name, "done": row.done, "of": row.of} for row in goes.drafts],
        "asked": [
            {
                "name": row.questionnaire.name,
                "who": row.asked.display_name if row.asked else "",
                "due": _day(row.due_on),
            }
            for row in goes.asked
        ],
        "waiting": [{"name": row.questionnaire.name, "on": _day(row.finished_on)} for row in goes.waiting],
    }


def _day(day: dt.date | None) -> str:
    return day.isoformat() if day else ""


def handovers(user: User) -> QuerySet[Handover]:
    """The handovers a user may see, the latest first."""
    rows: QuerySet[Handover] = Handover.objects.visible_to(user)
    return rows.select_related("partner", "from_cam", "to_cam", "by").order_by("-at", "-pk")
