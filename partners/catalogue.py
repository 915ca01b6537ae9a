"""Changes to the vendor's own lists: life stages, partner types, tiers, regions, and those that other tools add to them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
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

MAX_NAME = 80


@dataclass(frozen=True)
class Entry:
    """An entry as it shall be; `pk` None for a new one, whose `key` is made of its name where none is given. `more`: the
    list's other fields."""

    pk: int | None
    name: str
    more: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""


def _nothing_to_say(rows: Mapping[int, Any], entries: Sequence[Entry]) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class VendorList:
    """One of the lists. `fields`: what an entry has beside its name. `required`: one has to be left.

    `refuse(rows by pk, entries)` gives, by pk ("new" for a new one), why an entry can't be so. `stays(row)`: why an
    entry can't be removed although nothing in the database points to it; "" where it can.
    """

    model: type[Named]
    title: Any
    text: Any
    fields: tuple[str, ...] = ()
    required: bool = False
    keyed: bool = False  # people meet an entry's key: in imports, in the API
    reserved: frozenset[str] = frozenset()  # keys that no entry may have
    refuse: Callable[[Mapping[int, Any], Sequence[Entry]], Mapping[str, str]] = _nothing_to_say
    stays: Callable[[Any], str] = lambda row: ""


LISTS: dict[str, VendorList] = {
    "stages": VendorList(
        LifeStage,
        gettext_lazy("Life stages"),
        gettext_lazy("The way of a partner, in order. Decides what is asked and when."),
        required=True,
    ),
    "types": VendorList(
        PartnerType,
        gettext_lazy("Partner types"),
        gettext_lazy("Those that don’t transact are judged by deals they source and influence."),
        fields=("transacts",),
        required=True,
    ),
    "tiers": VendorList(Tier, gettext_lazy("Tiers"), gettext_lazy("Program levels, the lowest first.")),
    "regions": VendorList(
        Region, gettext_lazy("Regions"), gettext_lazy("For roll-ups; a chief’s sight may be limited to some.")
    ),
}

audit.VERBS.update(
    {
        "catalogue.added": gettext_lazy("Added to a list"),
        "catalogue.changed": gettext_lazy("Changed in a list"),
        "catalogue.removed": gettext_lazy("Removed from a list"),
    }
)


@transaction.atomic
def save_list(*, by: User, name: str, entries: Sequence[Entry]) -> None:
    """Makes a list (of LISTS) what the entries say, in their order; an entry somebody else has added stays, after them.

    Raises ValidationError by pk ("new" for a new one) for a name that is empty, too long or there twice, and for what the
    list itself refuses.
    """
    kept = LISTS[name]
    model: Any = kept.model
    rows = {row.pk: row for row in model.objects.select_for_update()}
    entries = [entry for entry in entries if entry.pk is None or entry.pk in rows]
    _refuse(kept, rows, entries)
    # Two may swap their names, and a name is unique at every moment.
    for entry in entries:
        if entry.pk is not None and rows[entry.pk].name != entry.name:
            model.objects.filter(pk=entry.pk).update(name=f"\x7f{entry.pk}")
    keys = {row.key for row in rows.values()} | kept.reserved
    wanted = []
    for entry in entries:
        row = rows.pop(entry.pk) if entry.pk else model(key=entry.key or free_key(entry.name, keys))
        keys.add(row.key)
        wanted.append((row, entry))
    for order, (row, entry) in enumerate(wanted, 1):
        fields = {"name": entry.name, "order": order, **entry.more}
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


def _refuse(kept: VendorList, rows: Mapping[int, Named], entries: Sequence[Entry]) -> None:
    errors: dict[str, str] = dict(kept.refuse(rows, entries))
    told = {entry.pk for entry in entries}
    taken = {row.name.casefold() for row in rows.values() if row.pk not in told}
    keys = kept.reserved | {row.key for row in rows.values()}
    for entry in entries:
        key = str(entry.pk or "new")
        if entry.key in keys and not entry.pk:
            errors[key] = _("There is one with this key already.")
        elif not entry.name.strip():
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


def entries_of(name: str) -> list[Entry]:
    """What a list holds now."""
    kept = LISTS[name]
    model: Any = kept.model
    rows = model.objects.all()
    return [Entry(row.pk, row.name, {each: getattr(row, each) for each in kept.fields}, row.key) for row in rows]


def free_key(name: str, taken: Collection[str]) -> str:
    """A key for a new entry of this name that none has yet."""
    base = slugify(name)[:36] or "new"
    return next(key for key in chain([base], (f"{base}-{n}" for n in count(2))) if key not in taken)


@transaction.atomic
def remove(*, by: User, name: str, pk: int) -> None:
    """Takes an entry out of a list. ValidationError while anything has it, or where it is the last that partners need."""
    kept = LISTS[name]
    model: Any = kept.model
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
    if kept.required and model.objects.count() == 1:
        raise ValidationError(_("One of these is always needed, so the last one stays."))
    if reason := kept.stays(row):
        raise ValidationError(reason)
    if any(found._base_manager.filter(**{field: row}).exists() for found, field in _references(model)):
        raise ValidationError(_("“%(name)s” stays: something stands on it, or did before.") % {"name": row.name})
    audit.record(by=by, verb="catalogue.removed", target=row)
    row.delete()


def users_of(model: type[Named]) -> dict[int, int]:
    """How many partners have each entry, by its pk; none for those nobody has, and for lists that partners have nothing of."""
    field = next((field for found, field in _references(model) if found is Partner), None)
    if field is None:
        return {}
    every = Partner.objects.unscoped("counted for the vendor's own lists")
    return dict(every.exclude(**{field: None}).order_by().values_list(field).annotate(n=Count("pk")))


def _references(model: type[Named]) -> list[tuple[type[Model], str]]:
    """Which models' fields point to the entries of a list."""
    relations = model._meta.get_fields(include_hidden=True)
    return [(field.related_model, field.field.name) for field in relations if isinstance(field, ManyToOneRel)]
