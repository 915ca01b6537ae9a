"""What people do with objectives. Whether they may see the partner is the view's business; which side's they set is checked here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from partners import history
from partners.actions import Conflict, put
from partners.events import ObjectiveProgressEntered, ObjectivesChanged
from partners.models import Objective, ObjectiveProgress, Partner
from partners.objectives.progress import plain
from partners.objectives.queries import in_range, may_write, same, this_year
from partners.queries import lock
from prm.common import audit, events
from prm.common.fiscal import FiscalYear
from prm.common.vendor import today

audit.VERBS |= {
    "objective.added": gettext_lazy("Objective added"),
    "objective.changed": gettext_lazy("Objective changed"),
    "objective.dropped": gettext_lazy("Objective dropped"),
    "objective.taken_up": gettext_lazy("Objective taken up again"),
    "objective.removed": gettext_lazy("Objective removed"),
    "objective.progress": gettext_lazy("Progress of an objective entered"),
}
history.VERBS |= {
    "objective.added": gettext_lazy("Objective added: %(name)s"),
    "objective.changed": gettext_lazy("Objective changed: %(name)s"),
    "objective.dropped": gettext_lazy("Objective dropped: %(name)s"),
    "objective.taken_up": gettext_lazy("Objective taken up again: %(name)s"),
    "objective.removed": gettext_lazy("Objective removed: %(name)s"),
    "objective.progress": gettext_lazy("Progress entered: %(name)s"),
}
FIELDS = ("title", "yardstick", "unit", "baseline", "goal")
MOST_PERCENT = Decimal(1000)


# ── Objectives ───────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def add_objective(*, by: User, partner: Partner, side: str, fiscal_year: int, **fields: Any) -> Objective:
    """A new objective, last of its side: `title`, `yardstick`, `unit`, and `baseline` and `goal` (both, or neither where progress
    is given in percent). Raises ValidationError by field, PermissionDenied for a side that isn't this person's to set."""
    _refuse(by, side)
    lock(f"objectives of {partner.pk}")
    mine = _all().filter(partner=partner, side=side, fiscal_year=fiscal_year)
    last = mine.aggregate(last=Max("position"))["last"] or 0
    row = Objective(
        partner=partner, side=side, fiscal_year=fiscal_year, position=last + 1, created_by=by, **_stripped(fields)
    )
    _check(row, {one.title for one in mine})
    row.save()
    audit.record(by=by, verb="objective.added", target=row)
    events.send(ObjectivesChanged((partner.pk,)))
    return row


@transaction.atomic
def take_over(*, by: User, partner: Partner, fiscal_year: int, rows: Sequence[Mapping[str, Any]]) -> list[Objective]:
    """Adds many at once, each with its `side` and fields, as proposed from the year before; one that is there already by its
    title is left as it is, so that sending twice adds once."""
    lock(f"objectives of {partner.pk}")
    there = {same(one.side, one.title) for one in _all().filter(partner=partner, fiscal_year=fiscal_year)}
    new = [row for row in rows if same(row["side"], row["title"]) not in there]
    return [add_objective(by=by, partner=partner, fiscal_year=fiscal_year, **row) for row in new]


@transaction.atomic
def update_objective(
    *, by: User, objective: Objective, changes: Mapping[str, Any], seen: Mapping[str, Any] | None = None
) -> Objective:
    """Sets those of FIELDS in `changes`. `seen`: what they held when the person began; Conflict where that is no longer so.

    Between a goal in numbers and percent it can't change once progress was entered: the entries would say something else.
    """
    _refuse(by, objective.side)
    row = _locked(objective)
    was_measured = row.goal is not None
    changed = put(row, _stripped(changes), seen)
    if not changed:
        return row
    others = _all().filter(partner=row.partner_id, side=row.side, fiscal_year=row.fiscal_year).exclude(pk=row.pk)
    _check(row, {one.title for one in others})
    if was_measured != (row.goal is not None) and _entries(row).exists():
        raise ValidationError(
            {"goal": _("Progress was entered in other terms. Drop this objective and set a new one.")}
        )
    row.save(update_fields=list(changed))
    audit.record(by=by, verb="objective.changed", target=row, changes=changed)
    events.send(ObjectivesChanged((row.partner_id,)))
    return row


@transaction.atomic
def drop_objective(*, by: User, objective: Objective, reason: str) -> Objective:
    """Given up, and why: it stays to be read and counts no longer. ValidationError without a reason."""
    _refuse(by, objective.side)
    row = _locked(objective)
    if not (reason := reason.strip()):
        raise ValidationError({"reason": _("Say why it is given up.")})
    if row.dropped_at is None:
        row.dropped_at, row.dropped_reason = timezone.now(), reason[:300]
        row.save(update_fields=["dropped_at", "dropped_reason"])
        audit.record(by=by, verb="objective.dropped", target=row, note=row.dropped_reason)
        events.send(ObjectivesChanged((row.partner_id,)))
    return row


@transaction.atomic
def take_up_objective(*, by: User, objective: Objective) -> Objective:
    """A dropped one counts again."""
    _refuse(by, objective.side)
    row = _locked(objective)
    if row.dropped_at is not None:
        row.dropped_at, row.dropped_reason = None, ""
        row.save(update_fields=["dropped_at", "dropped_reason"])
        audit.record(by=by, verb="objective.taken_up", target=row)
        events.send(ObjectivesChanged((row.partner_id,)))
    return row


@transaction.atomic
def remove_objective(*, by: User, objective: Objective) -> None:
    """Takes away one that was set by mistake. ValidationError once progress was entered: then it is dropped, with a reason."""
    _refuse(by, objective.side)
    row = _all().select_for_update().filter(pk=objective.pk).first()
    if row is None:
        return
    if _entries(row).exists():
        raise ValidationError(_("Progress was entered, so it stays to be read: drop it instead, and say why."))
    audit.record(by=by, verb="objective.removed", target=row)
    row.delete()
    events.send(ObjectivesChanged((objective.partner_id,)))


# ── Progress ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def enter_progress(
    *,
    by: User,
    partner: Partner,
    fiscal_year: int,
    quarter: int,
    changes: Mapping[int, Mapping[str, Any]],
    seen: Mapping[int, Mapping[str, Any]] | None = None,
) -> int:
    """How far objectives of a partner are at the end of a quarter: by objective's id the `value` (None takes the entry back) and
    `note`, as far as they change. All or nothing; returns how many entries changed.

    `seen`: what they held when the person began. Raises Conflict and ValidationError by "value_ID" and "note_ID" (and
    "quarter" where it is still to come), PermissionDenied for an objective of a side that isn't this person's to set.
    """
    if (
        quarter not in (1, 2, 3, 4)
        or FiscalYear(fiscal_year, this_year().start_month).quarters[quarter - 1].start > today()
    ):
        raise ValidationError({"quarter": _("This quarter is still to come.")})
    rows = _all().filter(partner=partner, fiscal_year=fiscal_year, pk__in=list(changes)).order_by("pk")
    found = {row.pk: row for row in rows.select_for_update()}
    for row in found.values():
        _refuse(by, row.side)
    if missing := [pk for pk in changes if pk not in found or found[pk].dropped_at is not None]:
        gone = _("Somebody has removed or dropped this objective meanwhile.")
        raise ValidationError({f"value_{pk}": gone for pk in missing})
    known = {entry.objective_id: entry for entry in _progress().filter(objective__in=found, quarter=quarter)}
    _refuse_clash(changes, seen, known)
    wrong: dict[str, Any] = {}
    changed = 0
    for pk, row in found.items():
        try:
            changed += _enter(by, row, quarter, known.get(pk), changes[pk])
        except ValidationError as error:
            wrong |= {f"{name}_{pk}": texts for name, texts in error.message_dict.items()}
    if wrong:
        raise ValidationError(wrong)
    if changed:
        events.send(ObjectiveProgressEntered(partner.pk))
    return changed


def _refuse_clash(
    changes: Mapping[int, Mapping[str, Any]],
    seen: Mapping[int, Mapping[str, Any]] | None,
    known: Mapping[int, ObjectiveProgress],
) -> None:
    if seen is None:
        return
    clash: dict[str, Any] = {}
    for pk, values in changes.items():
        now = held(known.get(pk))
        clash |= {
            f"{name}_{pk}": now[name]
            for name, value in values.items()
            if now[name] != seen[pk][name] and now[name] != value
        }
    if clash:
        raise Conflict(clash)


def held(entry: ObjectiveProgress | None) -> dict[str, Any]:
    """What an entry says; nothing where there is none."""
    return {"value": plain(entry.value), "note": entry.note} if entry else {"value": None, "note": ""}


def _enter(by: User, row: Objective, quarter: int, entry: ObjectiveProgress | None, values: Mapping[str, Any]) -> bool:
    before = held(entry)
    after = {**before, **values}
    after["note"] = str(after["note"] or "").strip()
    if after == before:
        return False
    if after["value"] is None:
        if after["note"]:
            raise ValidationError({"value": _("Say how far it is, beside the note.")})
        if entry is not None:
            entry.delete()
    else:
        entry = entry or ObjectiveProgress(objective=row, quarter=quarter, on=today())
        entry.value, entry.note, entry.by = after["value"], after["note"], by
        entry.full_clean(exclude={"by", "objective"}, validate_unique=False, validate_constraints=False)
        if row.goal is None and not 0 <= entry.value <= MOST_PERCENT:
            raise ValidationError({"value": _("Give percent, 0 to 1000.")})
        entry.save()
    said = {f"Q{quarter}": [before["value"], after["value"]]} if before["value"] != after["value"] else {}
    audit.record(by=by, verb="objective.progress", target=row, changes=said, note=after["note"])
    return True


# ── All of them ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _all() -> Any:
    return Objective.objects.unscoped("of a partner the caller may see")


def _progress() -> Any:
    return ObjectiveProgress.objects.unscoped("of objectives the caller may see")


def _entries(row: Objective) -> Any:
    return _progress().filter(objective=row)


def _locked(objective: Objective) -> Objective:
    row: Objective | None = _all().select_for_update().filter(pk=objective.pk).first()
    if row is None:
        raise ValidationError(_("Somebody has removed this objective meanwhile."))
    return row


def _stripped(fields: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := set(fields) - set(FIELDS):
        raise ValueError(f"no fields of an objective: {unknown}")
    return {name: value.strip() if isinstance(value, str) else value for name, value in fields.items()}


def _check(row: Objective, others: set[str]) -> None:
    row.full_clean(exclude={"created_by", "partner"}, validate_constraints=False)
    wrong: dict[str, Any] = {}
    if not in_range(row.fiscal_year, this_year()):
        wrong["fiscal_year"] = _("Choose a year nearer to this one.")
    if row.goal is None and row.baseline is not None:
        wrong["goal"] = _("Say where it is to get to, or leave both empty.")
    elif row.baseline is None and row.goal is not None:
        wrong["baseline"] = _("Say where it starts, or leave both empty.")
    elif row.goal is not None and row.goal == row.baseline:
        wrong["goal"] = _("The goal is where it starts: let them differ.")
    if same(row.side, row.title) in {same(row.side, title) for title in others}:
        wrong["title"] = _("There is an objective of this name in this year.")
    if wrong:
        raise ValidationError(wrong)


def _refuse(by: User, side: str) -> None:
    if not may_write(by, side):
        raise PermissionDenied
