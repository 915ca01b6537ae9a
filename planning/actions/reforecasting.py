"""Confirming a re-forecast: what was sold so far and the plan for the rest, kept as it stood on the day."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.permissions import Permission
from partners import history
from partners.queries import lock
from planning.events import ReforecastConfirmed
from planning.following import follow
from planning.models import BusinessPlan, Reforecast
from planning.reading import digest
from planning.refusals import Closed, NotAllowed
from planning.tracking import Track
from prm.common import audit, events
from prm.common.vendor import today

WORDS = gettext_lazy("Re-forecast confirmed")
audit.VERBS["plan.reforecast"] = WORDS
history.VERBS["plan.reforecast"] = WORDS


def seen(figures: list[dict[str, Any]]) -> str:
    """A mark of the figures that a person looks at before confirming them."""
    return digest(figures)


@transaction.atomic
def confirm(*, plan: BusinessPlan, by: User, note: str = "", mark: str | None = None) -> Reforecast:
    """Keeps the re-forecast of a plan in force as it stands today. `mark`: that of the figures the person saw.

    The same figures again in the same month are not kept twice: the one there is comes back. Raises NotAllowed, Closed (another
    plan is in force), ValidationError where an actual can't be converted, and where the figures changed since they were seen.
    """
    if not by.can(Permission.EDIT_PLANS):
        raise NotAllowed(_("Only who builds plans can confirm a re-forecast."))
    lock(f"reforecast {plan.pk}")
    plan = BusinessPlan.objects.visible_to(by).get(pk=plan.pk)
    if plan.status != BusinessPlan.Status.COMMITTED:
        raise Closed(_("This version is no longer in force: re-forecast the one that is."))
    day = today()
    track = follow(plan, day)
    figures = _figures(track)
    if mark is not None and mark != seen(figures):
        raise ValidationError(
            _("Sales changed while you looked at this. Look at the figures again before you confirm them.")
        )
    if there := _same(plan, track, figures, day):
        return there
    made = Reforecast(plan=plan, as_of=track.as_of.start, figures=figures, note=note.strip(), by=by, on=day)
    made.full_clean(exclude=["by"])
    made.save()
    audit.record(by=by, verb="plan.reforecast", target=plan, changes={"as_of": [None, track.as_of.key]}, note=made.note)
    events.send(ReforecastConfirmed(plan.partner_id, plan.pk, day))
    return made


def _figures(track: Track) -> list[dict[str, Any]]:
    if track.lack:
        raise ValidationError(
            _("There is no rate for %(currency)s on a day it was sold in. Enter the rate first.")
            % {"currency": track.lack}
        )
    return track.figures()


def _same(plan: BusinessPlan, track: Track, figures: list[dict[str, Any]], day: dt.date) -> Reforecast | None:
    """The newest one, where it says the same and was confirmed this month. A month later it is another decision."""
    rows = Reforecast.objects.unscoped("of a plan the caller may see").filter(plan=plan)
    newest = rows.order_by("-at", "-pk").first()
    if newest is None or (newest.as_of, newest.figures) != (track.as_of.start, figures):
        return None
    return newest if newest.on.replace(day=1) == day.replace(day=1) else None
