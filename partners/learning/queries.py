"""What is read of certifications and required tasks."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Case, Count, F, Q, QuerySet, Value, When

from accounts.models import User
from partners import certified
from partners.certified import State
from partners.models import Certification, Partner, Task, TaskDone


def state_q(state: str, day: dt.date) -> Q:
    """Certifications in a state on `day`, as `certified.state` has it."""
    earned, forever = Q(earned_on__lte=day), Q(expires_on=None)
    soon = certified.expiring_to(day)
    return {
        State.VALID: earned & (forever | Q(expires_on__gt=soon)),
        State.EXPIRING: earned & Q(expires_on__gt=day, expires_on__lte=soon),
        State.EXPIRED: earned & Q(expires_on__lte=day),
        State.AHEAD: Q(earned_on__gt=day),
    }[State(state)]


def certifications(user: User, day: dt.date) -> QuerySet[Certification]:
    """Certifications this user sees, with their `state` on `day` and `person` (None for the partner's own)."""
    rows: QuerySet[Certification] = Certification.objects.visible_to(user)
    states = [When(state_q(state, day), then=Value(state.value)) for state in State]
    return rows.select_related("partner", "contact", "certificate").annotate(
        state=Case(*states, default=Value("")), person=F("contact__name")
    )


def of_partner(partner: Partner, user: User, day: dt.date) -> QuerySet[Certification]:
    """A partner's, by certificate; the latest first."""
    rows = certifications(user, day).filter(partner=partner)
    return rows.order_by("certificate__order", "certificate", F("person").asc(nulls_first=True), "-earned_on", "-pk")


def held(row: Certification) -> certified.Held:
    return certified.Held(row.certificate.key, row.contact_id, row.earned_on, row.expires_on, row.level)


def rule(task: Task) -> certified.Required:
    """A task of the catalogue, read with its tier and life stage."""
    return certified.Required(task.key, task.tier.key if task.tier else None, task.stage.key if task.stage else None)


def tasks() -> QuerySet[Task]:
    """The catalogue of tasks, with how many partners have done each (`done_count`)."""
    return Task.objects.select_related("tier", "stage").annotate(done_count=Count("done"))


@dataclass(frozen=True)
class Line:
    """A task of a partner's checklist. `done` None while it is open; `required` False for one it did without need."""

    task: Task
    done: TaskDone | None
    required: bool


@dataclass(frozen=True)
class Checklist:
    """The tasks required of a partner by its assigned tier and life stage, then what else it has done."""

    lines: list[Line]
    progress: certified.Progress


def checklist(partner: Partner, user: User) -> Checklist:
    catalogue = list(Task.objects.select_related("tier", "stage"))
    rows = TaskDone.objects.visible_to(user).filter(partner=partner).select_related("by")
    done = {row.task_id: row for row in rows}
    rules = {task.pk: rule(task) for task in catalogue}
    tier = partner.tier.key if partner.tier else None
    asked = certified.required_of(rules.values(), tier=tier, stage=partner.stage.key)
    keys = {found.key for found in asked}
    required = [Line(task, done.get(task.pk), True) for task in catalogue if task.key in keys]
    more = [Line(task, done[task.pk], False) for task in catalogue if task.pk in done and task.key not in keys]
    done_keys = {task.key for task in catalogue if task.pk in done}
    return Checklist([*required, *more], certified.progress(asked, done_keys))
