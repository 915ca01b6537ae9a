"""The work with partners: touches, and the actions of their plans."""

from __future__ import annotations

import datetime as dt

from accounts.models import User
from demo.assessments import Finished
from demo.course import DONE, Trend
from demo.world import Member, World
from partners.models import Action, Touch
from prm.common.fiscal import FiscalQuarter
from scorecards.scoring import decimal

NOTES = {
    "deal": (
        "Went through the open deals; two need a price by Friday.",
        "Their largest customer renews in spring, they want us in the room.",
        "Lost one on lead time. Agreed to call earlier next time.",
        "New project at a hospital group, about 300 seats.",
    ),
    "planning": (
        "Set next quarter's goals with the managing director.",
        "They want to hire a second seller for our products.",
        "Budget for the joint campaign is agreed on their side.",
        "Talked about the new branch and who will run it.",
    ),
    "enablement": (
        "Demo training for four sellers, good questions.",
        "Two engineers signed up for the certification.",
        "Showed the new deployment guide; they will try it at the next customer.",
        "Support escalation path explained to the service desk.",
    ),
    "review": (
        "Went through the scorecard together, no surprises.",
        "Short check-in: all actions on the way.",
        "They are unhappy about delivery times. Passed on.",
        "Quarterly review with sales and services, 45 minutes.",
    ),
}
BY_HAND = (
    "Send the current price list and the renewal calendar",
    "Introduce the new regional solutions engineer",
    "Collect two customer references for the website",
    "Clean up the open registrations in the portal",
    "Agree a date for the sales training",
)
MINUTES = {"call": (10, 45), "meeting": (30, 90), "mail": (0, 0), "visit": (60, 240)}
TOUCHES = {Trend.CLIMBS: 3.2, Trend.HOLDS: 2.2, Trend.FADES: 1.2}  # in a quarter, of a diligent CAM


def touches(world: World, member: Member, quarter: FiscalQuarter) -> None:
    """What the CAM of the time did with the partner in the quarter; a lapsed one hears little."""
    random = world.random
    for _number in range(max(0, round(random.gauss(TOUCHES[member.course.trend], 1.1)))):
        day = world.day_between(quarter.start, quarter.end)
        placement = member.placement(day)
        if day > world.yesterday or placement is None or placement.cam is None or placement.stage.is_lapsed:
            continue
        kind = random.choices(list(MINUTES), [45, 25, 20, 10])[0]
        purpose = random.choices(list(NOTES), [30, 20, 25, 25])[0]
        least, most = MINUTES[kind]
        who = random.sample(member.contacts, min(len(member.contacts), random.choice((1, 1, 2))))
        touch = Touch(
            partner=member.partner,
            on=day,
            kind=kind,
            purpose=purpose,
            people=", ".join(contact.name for contact in who),
            minutes=random.randrange(least, most + 1, 5) if most else None,
            note=random.choice(NOTES[purpose]),
            shared=random.random() < 0.3,
            created_by=placement.cam,
            created_at=world.moment(day),
        )
        world.batch.add(touch)
        world.batch.log(touch.created_at, placement.cam, "touch.added", touch)


def plan(world: World, member: Member, finished: Finished) -> None:
    """What was taken over from the plan the assessment proposed; what gets done lifts its topic from then on."""
    if finished.assessment.questionnaire.kind != "capability":
        return
    random = world.random
    live = {action.origin_key for action in member.actions if action.status in Action.LIVE}
    for topic in finished.plan[: random.choice((0, 1, 2, 2, 3))]:
        if not topic.actions or topic.key in live:
            continue
        proposed = topic.actions[0]
        at = finished.at + dt.timedelta(minutes=random.randint(1, 6))
        lift = round(decimal(proposed.lift), 1)
        due = world.day_between(at.date() + dt.timedelta(days=25), at.date() + dt.timedelta(days=90))
        action = Action(
            partner=member.partner,
            origin="topic",
            origin_key=topic.key,
            title=proposed.text,
            detail=f"From the scorecard: {topic.name}",
            due_on=due,
            expected_lift=lift,
            score_before=decimal(topic.score),
        )
        action.came_from = finished.assessment  # type: ignore[attr-defined]
        closed_on = _add(world, member, action, finished.by, at, due)
        if action.status == Action.Status.DONE and closed_on:
            member.course.lifts.append((closed_on, topic.key, float(lift)))


def by_hand(world: World, member: Member, quarter: FiscalQuarter) -> None:
    """Now and then an action that comes from no tool."""
    day = world.day_between(quarter.start, quarter.end)
    placement = member.placement(day)
    if day > world.yesterday or placement is None or placement.cam is None or placement.stage.is_lapsed:
        return
    if world.random.random() < 0.12:
        due = world.day_between(day + dt.timedelta(days=7), day + dt.timedelta(days=45))
        action = Action(partner=member.partner, title=world.random.choice(BY_HAND), due_on=due)
        action.shared = world.random.random() < 0.6
        _add(world, member, action, placement.cam, world.moment(day), due)


def _add(world: World, member: Member, action: Action, by: User, at: dt.datetime, due: dt.date) -> dt.date | None:
    """Owned by either side, and by now done, dropped, under way, or late. Returns when it was closed."""
    random = world.random
    theirs = bool(member.users) and action.shared and random.random() < 0.5
    action.owner = random.choice(member.users) if theirs else by
    action.created_by, action.created_at = by, at
    member.actions.append(action)
    world.batch.add(action)
    world.batch.log(at, by, "action.added", action)
    done = random.random() < DONE[member.course.trend]
    wait = random.randint(-20, 12) if done else random.randint(60, 120)
    closed_on = max(at.date() + dt.timedelta(days=1), due + dt.timedelta(days=wait))
    if closed_on <= world.yesterday and (done or random.random() < 0.85):
        action.status = Action.Status.DONE if done else Action.Status.DROPPED
        action.closed_at = world.moment(closed_on)
        changes = {"status": ["open", str(action.status)]}
        world.batch.log(action.closed_at, action.owner if done else by, "action.changed", action, changes)
        return closed_on
    if random.random() < 0.35:
        action.status = Action.Status.IN_PROGRESS
        started = min(world.yesterday, at.date() + dt.timedelta(days=random.randint(1, 14)))
        changes = {"status": ["open", "in_progress"]}
        world.batch.log(max(at, world.moment(started)), action.owner, "action.changed", action, changes)
    return None
