"""Changes to the program's versions."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from partners.queries import lock
from prm.common import audit, events
from prm.common.models import Policy
from prm.common.vendor import today
from scorecards.events import ProgramChanged
from scorecards.tiers import programs, writing
from scorecards.tiers.program import Program

audit.VERBS.update(
    {
        "tier_rules.added": gettext_lazy("Version of the tier rules added"),
        "tier_rules.changed": gettext_lazy("Version of the tier rules changed"),
        "tier_rules.removed": gettext_lazy("Version of the tier rules removed"),
    }
)


class Started(Exception):
    """The version holds already: it is never changed again."""

    def __str__(self) -> str:
        return _("This version has started: it is never changed again. Make the next one.")


@transaction.atomic
def add_version(*, by: User | None, program: Program, starts_on: dt.date) -> Policy:
    """The next version of the program. The first one may start in the past: nobody was judged by another. ValidationError
    for a day that is past, or on which another version starts."""
    lock("tiers")
    _check_start(starts_on)
    policy = Policy.objects.create(kind=programs.KIND, starts_on=starts_on, data=writing.write(program), created_by=by)
    _tell(by, "tier_rules.added", policy, {})
    return policy


@transaction.atomic
def change_version(*, by: User, policy: Policy, program: Program, starts_on: dt.date) -> Policy:
    """What a version that has not started says, and when it starts. Started, ValidationError."""
    lock("tiers")
    locked = _unstarted(policy)
    data = writing.write(program)
    if starts_on != locked.starts_on:
        _check_start(starts_on, locked)
    before: dict[str, Any] = {"starts_on": locked.starts_on, "rules": locked.data}
    changes = audit.changes_between(before, {"starts_on": starts_on, "rules": data})
    if not changes:
        return locked
    locked.starts_on, locked.data = starts_on, data
    locked.save(update_fields=["starts_on", "data"])
    changes.pop("rules", None)
    _tell(by, "tier_rules.changed", locked, changes)
    return locked


@transaction.atomic
def remove_version(*, by: User, policy: Policy) -> None:
    """Takes back a version that has not started. Started."""
    lock("tiers")
    locked = _unstarted(policy)
    _tell(by, "tier_rules.removed", locked, {})
    locked.delete()


def _unstarted(policy: Policy) -> Policy:
    locked = Policy.objects.select_for_update(of=("self",)).get(pk=policy.pk, kind=programs.KIND)
    if locked.starts_on <= today():
        raise Started
    return locked


def _check_start(starts_on: dt.date, own: Policy | None = None) -> None:
    others = programs.versions()
    if own is not None:
        others = others.exclude(pk=own.pk)
    if others.filter(starts_on=starts_on).exists():
        raise ValidationError({"starts_on": _("Another version starts on this day.")})
    if starts_on < today() and (own or others.filter(starts_on__lte=today()).exists()):
        raise ValidationError({"starts_on": _("Partners have been judged by then: choose today or a later day.")})


def _tell(by: User | None, verb: str, policy: Policy, changes: dict[str, list[Any]]) -> None:
    name = {"name": policy.data["name"], "date": policy.starts_on}
    audit.record(by=by, verb=verb, target=policy, changes=changes, note=_("%(name)s, from %(date)s") % name)
    events.send(ProgramChanged())
