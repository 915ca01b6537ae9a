"""Changes to the vendor's own lists: life stages, partner types, tiers, regions."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, ManyToOneRel, Model
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from partners.models import LifeStage, Partner, PartnerType, Region, Tier
from partners.models.catalogue import Named
from prm.common import audit

LISTS: dict[str, type[Named]] = {"stages": LifeStage, "types": PartnerType, "tiers": Tier, "regions": Region}
MAX_NAME = 80
REQUIRED = (LifeStage, PartnerType)  # every partner has one, so one has to be left

audit.VERBS.update(
    {
        "catalogue.added": gettext_lazy("Added to a list"),
        "catalogue.changed": gettext_lazy("Changed in a list"),
        "catalogue.removed": gettext_lazy("Removed from a list"),
    }
)


@dataclass(frozen=True)
class Entry:
    """An entry as it shall be; `pk` None for a new one. `transacts` matters for partner types only."""

    pk: int | None
    name: str
    transacts: bool = True


@transaction.atomic
def save_list(*, by: User, name: str, entries: Sequence[Entry]) -> None:
    """Makes a list (of LISTS) what the entries say, in their order; an entry somebody else has added stays, after them.

    Raises ValidationError by pk ("new" for a new one) for a name that is empty, too long or there twice.
    """
    model: Any = LISTS[name]
    rows = {row.pk: row for row in model.objects.select_for_update()}
    entries = [entry for entry in entries if entry.pk is None or entry.pk in rows]
    _refuse_names(rows, entries)
    # Two may swap their names, and a name is unique at every moment.
    for entry in entries:
        if entry.pk is not None and rows[entry.pk].name != entry.name:
            model.objects.filter(pk=entry.pk).update(name=f"\x7f{entry.pk}")
    keys = {row.key for row in rows.values()}
    wanted = []
    for entry in entries:
        row = rows.pop(entry.pk) if entry.pk else model(key=free_key(entry.name, keys))
        keys.add(row.key)
        wanted.append((row, entry))
    for order, (row, entry) in enumerate(wanted, 1):
        fields = {"name": entry.name, "order": order}
        if model is PartnerType:
            fields["transacts"] = entry.transacts
        changes = audit.changes_between({field: getattr(row, field) for field in fields}, fields)
        if changes:
            for field, value in fields.items():
                setattr(row, field, value)
            row.save()
            audit.record(
                by=by, verb="catalogue.changed" if entry.pk else "catalogue.added", target=row, changes=changes
            )
    for order, row in enumerate(rows.values(), len(wanted) + 1):
        row.order = order
        row.save(update_fields=["order"])


def _refuse_names(rows: dict[int, Named], entries: Sequence[Entry]) -> None:
    errors: dict[str, str] = {}
    told = {entry.pk for entry in entries}
    taken = {row.name.casefold() for row in rows.values() if row.pk not in told}
    for entry in entries:
        key = str(entry.pk or "new")
        if not entry.name.strip():
            errors[key] = _("Give it a name.")
        elif not entry.name.isprintable():
            errors[key] = _("This holds characters that can’t be shown.")
        elif len(entry.name) > MAX_NAME:
            errors[key] = _("This is too long: at most 80 characters.")
        elif entry.name.casefold() in taken:
            errors[key] = _("This name is in the list already.")
        taken.add(entry.name.casefold())
    if errors:
        raise ValidationError(errors)


def free_key(name: str, taken: Collection[str]) -> str:
    """A key for a new entry of this name that none has yet."""
    base = slugify(name)[:36] or "new"
    return next(key for key in chain([base], (f"{base}-{n}" for n in count(2))) if key not in taken)


@transaction.atomic
def remove(*, by: User, name: str, pk: int) -> None:
    """Takes an entry out of a list. ValidationError while anything has it, or where it is the last that partners need."""
    model: Any = LISTS[name]
    row = model.objects.select_for_update().filter(pk=pk).first()
    if row is None:
        return
    if users := users_of(model).get(pk, 0):
        raise ValidationError(
            ngettext(
                "%(n)s partner has “%(name)s”: give it another one first.",
                "%(n)s partners have “%(name)s”: give them another one first.",
                users,
            )
            % {"n": users, "name": row.name}
        )
    if model in REQUIRED and model.objects.count() == 1:
        raise ValidationError(_("Every partner has one of these, so the last one stays."))
    if any(found._base_manager.filter(**{field: row}).exists() for found, field in _references(model)):
        raise ValidationError(
            _("“%(name)s” stays: partners had it before, or a person’s sight is limited to it.") % {"name": row.name}
        )
    audit.record(by=by, verb="catalogue.removed", target=row)
    row.delete()


def users_of(model: type[Named]) -> dict[int, int]:
    """How many partners have each entry, by its pk; none for those nobody has."""
    field = next(field for found, field in _references(model) if found is Partner)
    every = Partner.objects.unscoped("counted for the vendor's own lists")
    return dict(every.exclude(**{field: None}).order_by().values_list(field).annotate(n=Count("pk")))


def _references(model: type[Named]) -> list[tuple[type[Model], str]]:
    """Which models' fields point to the entries of a list."""
    relations = model._meta.get_fields(include_hidden=True)
    return [(field.related_model, field.field.name) for field in relations if isinstance(field, ManyToOneRel)]
