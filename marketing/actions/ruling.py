"""What plans start from: tactics and template plays."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain, count
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, ProtectedError
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from marketing.actions import values
from marketing.models import RATES, Play, PlayActivity, Tactic
from marketing.refusals import NotAllowed
from partners.queries import lock
from prm.common import audit
from prm.common.currencies import MINOR_UNITS

Row = TypeVar("Row", Tactic, Play)
TACTIC_FIELDS = ("name", "kind", "cost", "currency", "reach", *RATES, "proofs", "active")
PLAY_FIELDS = ("name", "description", "currency", "active", "activities")
LOCK = "marketing rules"  # one at a time: names and keys are looked up before they are written
MOST_PROOFS, MOST_ACTIVITIES, MOST_DAYS = 10, 20, 366


def _fresh(row: Row) -> Row:
    """As it is now that nobody else changes it."""
    found = type(row).objects.filter(pk=row.pk).first()
    if found is None:
        raise NotAllowed(_("It was removed meanwhile."))
    return found


def _must_rule(by: User) -> None:
    if not by.can(Permission.EDIT_MARKETING_RULES):
        raise NotAllowed(_("You may not change what marketing plans start from."))


@transaction.atomic
def save_tactic(*, by: User, fields: Mapping[str, Any], tactic: Tactic | None = None) -> Tactic:
    """A new tactic, or changes of one; what isn't given stays. Plans made before keep their numbers.

    Rates are fractions ("0.02" is 2 %), `proofs` a list of words. NotAllowed, ValidationError by field.
    """
    _must_rule(by)
    lock(LOCK)
    row = _fresh(tactic) if tactic else Tactic(order=_next_order(Tactic))
    before = tactic_values(row) if row.pk else {}
    errors = values.Errors()
    for name in fields.keys() - set(TACTIC_FIELDS):
        errors.add(name, _("There is no such field."))
    _name(row, fields, errors)
    if "kind" in fields or not row.pk:
        if fields.get("kind") in Tactic.Kind.values:
            row.kind = str(fields["kind"])
        else:
            errors.add("kind", _("Choose a kind."))
    if "currency" in fields:
        row.currency = str(fields["currency"] or "")
    if row.currency and row.currency not in MINOR_UNITS:
        errors.add("currency", _("Choose a currency."))
    elif "cost" in fields or "currency" in fields:
        given = {"cost": fields.get("cost", row.cost)}
        row.cost = (
            errors.of(values.money, given, "cost", row.currency) if row.currency else values.number(given, "cost")
        )
        if row.cost is not None and not row.currency:
            errors.add("currency", _("Choose a currency."))
    if "reach" in fields:
        row.reach = errors.of(values.count, fields, "reach")
    for name in RATES:
        if name in fields:
            setattr(row, name, errors.of(values.rate, fields, name))
    if "proofs" in fields:
        row.proofs = errors.of(_proofs, fields) or []
    if "active" in fields:
        row.active = bool(fields["active"])
    errors.stop()
    _save(row, by, "tactic", before, tactic_values)
    return row


@transaction.atomic
def remove_tactic(*, by: User, tactic: Tactic) -> None:
    """Removes a tactic that nothing uses. ValidationError for one that activities or plays have: it can be taken out of use."""
    _must_rule(by)
    audit.record(by=by, verb="tactic.removed", target=tactic)
    try:
        tactic.delete()
    except ProtectedError:
        raise ValidationError(_("Activities or plays have this tactic. Take it out of use instead.")) from None


@transaction.atomic
def save_play(*, by: User, fields: Mapping[str, Any], play: Play | None = None) -> Play:
    """A new template play, or changes of one; what isn't given stays, `activities` take the place of those before.

    Each activity: {"tactic" (key), "title", "offset_days", "length_days", "reach", "budget": [{"what", "amount", "payer"}]}. NotAllowed,
    ValidationError by field ("activities.0.tactic").
    """
    _must_rule(by)
    lock(LOCK)
    row = _fresh(play) if play else Play(order=_next_order(Play))
    before = play_values(row) if row.pk else {}
    errors = values.Errors()
    for name in fields.keys() - set(PLAY_FIELDS):
        errors.add(name, _("There is no such field."))
    _name(row, fields, errors)
    if "description" in fields:
        row.description = errors.of(values.text, fields, "description", 300) or ""
    if "currency" in fields or not row.pk:
        row.currency = str(fields.get("currency") or "")
        if row.currency not in MINOR_UNITS:
            errors.add("currency", _("Choose a currency."))
    if "active" in fields:
        row.active = bool(fields["active"])
    parts = None
    if "currency" not in errors.found:
        if "activities" in fields:
            parts = errors.of(_parts, fields["activities"], row.currency)
        elif row.pk and "currency" in fields:
            parts = errors.of(_parts, play_values(row)["activities"], row.currency)
    errors.stop()
    row.save()
    if parts is not None:
        row.activities.all().delete()
        PlayActivity.objects.bulk_create(PlayActivity(play=row, position=i, **part) for i, part in enumerate(parts))
    _save(row, by, "play", before, play_values)
    return row


@transaction.atomic
def remove_play(*, by: User, play: Play) -> None:
    """Removes a template play; plans that began with it stay. NotAllowed."""
    _must_rule(by)
    audit.record(by=by, verb="play.removed", target=play)
    play.delete()


def tactic_values(row: Tactic) -> dict[str, Any]:
    """TACTIC_FIELDS as they are."""
    return {name: getattr(row, name) for name in TACTIC_FIELDS}


def play_values(row: Play) -> dict[str, Any]:
    """PLAY_FIELDS as they are, the activities as `save_play` takes them."""
    parts = row.activities.select_related("tactic").order_by("position", "id")
    return {name: getattr(row, name) for name in PLAY_FIELDS[:-1]} | {
        "activities": [
            {
                "tactic": part.tactic.key,
                "title": part.title,
                "offset_days": part.offset_days,
                "length_days": part.length_days,
                "reach": part.reach,
                "budget": part.budget,
            }
            for part in parts
        ]
    }


def _name(row: Tactic | Play, fields: Mapping[str, Any], errors: values.Errors) -> None:
    if "name" not in fields and row.pk:
        return
    found = errors.of(values.text, fields, "name", 80, required=True)
    if not found:
        return
    kind = type(row)
    if kind.objects.filter(name__iexact=found).exclude(pk=row.pk).exists():
        errors.add("name", _("There is one of this name already."))
    row.name = found
    if not row.key:
        stem = slugify(found)[:34] or "own"
        numbered = chain([stem], (f"{stem}-{n}" for n in count(2)))
        row.key = next(key for key in numbered if not kind.objects.filter(key=key).exists())


def _proofs(fields: Mapping[str, Any]) -> list[str]:
    rows = fields["proofs"] or []
    if not isinstance(rows, list | tuple) or len(rows) > MOST_PROOFS:
        raise ValidationError({"proofs": _("Enter at most %(n)s proofs.") % {"n": MOST_PROOFS}})
    found = [values.text({"proofs": row}, "proofs", 120) for row in rows]
    return list(dict.fromkeys(filter(None, found)))


def _parts(rows: Any, currency: str) -> list[dict[str, Any]]:
    if not isinstance(rows, list | tuple) or not all(isinstance(row, Mapping) for row in rows):
        raise ValidationError({"activities": _("Enter a list of activities.")})
    if not 1 <= len(rows) <= MOST_ACTIVITIES:
        raise ValidationError({"activities": _("A play has 1 to %(n)s activities.") % {"n": MOST_ACTIVITIES}})
    known = {tactic.key: tactic for tactic in Tactic.objects.all()}
    errors, found = values.Errors(), []
    for i, row in enumerate(rows):
        place = f"activities.{i}"
        at = {f"{place}.{name}": value for name, value in row.items()}
        tactic = known.get(str(row.get("tactic")))
        if tactic is None:
            errors.add(f"{place}.tactic", _("There is no such tactic."))
        length = errors.of(values.count, at, f"{place}.length_days", most=MOST_DAYS, required=True)
        if length == 0:
            errors.add(f"{place}.length_days", _("An activity takes a day at least."))
        lines = errors.of(values.budget, at, f"{place}.budget", currency) or []
        found.append(
            {
                "tactic": tactic,
                "title": errors.of(values.text, at, f"{place}.title", 200) or getattr(tactic, "name", ""),
                "offset_days": errors.of(values.count, at, f"{place}.offset_days", most=MOST_DAYS) or 0,
                "length_days": length,
                "reach": errors.of(values.count, at, f"{place}.reach"),
                "budget": [{**line, "amount": str(line["amount"])} for line in lines],
            }
        )
    errors.stop()
    return found


def _save(row: Tactic | Play, by: User, kind: str, before: dict[str, Any], read: Any) -> None:
    row.save()
    after = read(row)
    verb = f"{kind}.changed" if before else f"{kind}.added"
    if changes := audit.changes_between(before, after):
        audit.record(by=by, verb=verb, target=row, changes=changes if before else None)


def _next_order(kind: type[Tactic | Play]) -> int:
    return (kind.objects.aggregate(n=Max("order"))["n"] or 0) + 1
