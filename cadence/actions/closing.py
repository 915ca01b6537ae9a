"""Items are done when their conversation was held, open again when that is taken back, and skipped for a reason."""

import datetime as dt
from collections.abc import Collection, Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from cadence import tools
from cadence.models import SATISFACTION, DueItem
from prm.common import audit

audit.VERBS.update(
    {
        "due.skipped": gettext_lazy("Due item skipped"),
        "due.reopened": gettext_lazy("Due item opened again"),
    }
)
State = DueItem.State


@transaction.atomic
def settle(
    *, tasks: Collection[str] | None = None, partner_ids: Iterable[int] | None = None, since: dt.date | None = None
) -> int:
    """Makes done and open equal to what was held, for these tasks and partners (None: all) and periods that started on `since`
    or later; skipped ones stay. Returns how many changed.

    An item is done on the first day from the start of its period on which the conversation was held: in the period, before
    the item was made, or late. So one conversation makes good what was missed before it.
    """
    changed = 0
    for tool in tools.tools():
        if tasks is not None and tool.task not in tasks:
            continue
        held = tool.held()
        after = held.rows.filter(partner=OuterRef("partner"), **{f"{held.day}__gte": OuterRef("starts_on")})
        after = after.order_by(held.day, "pk")
        rows = DueItem.objects.unscoped("follows what was held").filter(task=tool.task).exclude(state=State.SKIPPED)
        if partner_ids is not None:
            rows = rows.filter(partner__in=list(partner_ids))
        if since is not None:
            rows = rows.filter(starts_on__gte=since)
        rows = rows.annotate(held_on=Subquery(after.values(held.day)[:1]))
        changed += rows.filter(state=State.DONE, held_on=None).update(state=State.OPEN, done_on=None, by=None)
        stale = rows.filter(held_on__isnull=False).filter(Q(state=State.OPEN) | ~Q(done_on=F("held_on")))
        changed += stale.update(state=State.DONE, done_on=F("held_on"), by=Subquery(after.values(held.by)[:1]))
    return changed


@transaction.atomic
def skip(*, by: User, items: QuerySet[DueItem], reason: str) -> int:
    """Skips those of the items (a scoped queryset) that are open; returns how many. ValidationError without a reason."""
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": _("Say why: a skipped item no longer counts.")})
    rows = _locked(items, State.OPEN)
    _set(rows, state=State.SKIPPED, skip_reason=reason[:300], by=by)
    _log(by, "due.skipped", rows, State.OPEN, State.SKIPPED, reason)
    return len(rows)


@transaction.atomic
def reopen(*, by: User, items: QuerySet[DueItem]) -> int:
    """Opens those of the items (a scoped queryset) again that were skipped; returns how many. What was held meanwhile counts."""
    rows = _locked(items, State.SKIPPED)
    _set(rows, state=State.OPEN, skip_reason="", by=None)
    _log(by, "due.reopened", rows, State.SKIPPED, State.OPEN, "")
    settle(tasks={row.task for row in rows}, partner_ids={row.partner_id for row in rows})
    return len(rows)


def _locked(items: QuerySet[DueItem], state: str) -> list[DueItem]:
    pks = list(items.filter(state=state).order_by("pk").values_list("pk", flat=True))
    rows = DueItem.objects.unscoped("of the caller's items").filter(pk__in=pks, state=state).order_by("pk")
    return list(rows.select_for_update())


def _set(rows: list[DueItem], **values: object) -> None:
    DueItem.objects.unscoped("locked before").filter(pk__in=[row.pk for row in rows]).update(**values)


def _log(by: User, verb: str, rows: list[DueItem], before: str, after: str, note: str) -> None:
    """What is asked about the vendor itself stays out of the history that the partner's CAM reads."""
    changes = {"state": [before, after]}
    open_to_all = [row for row in rows if row.task != SATISFACTION]
    audit.record_many(by=by, verb=verb, changes=[(row, changes) for row in open_to_all], note=note)
    for row in rows:
        if row.task == SATISFACTION:
            audit.record(by=by, verb=verb, target=row, changes=changes, note=note, in_history=False)
