"""Taking an import back: what it created goes, what it changed is as before; refused once something stands on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import Any

from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import ManyToOneRel, Model, QuerySet
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from prm.common import audit
from prm.imports.engine import ImportRefused, Progress, silent
from prm.imports.importer import Blocker, importer
from prm.imports.journal import (
    BATCH,
    TOGETHER,
    Changed,
    Created,
    Written,
    alike,
    batches,
    expected,
    ids_of,
    mark,
    one_at_a_time,
    plain,
    settled,
    update,
)
from prm.imports.models import ImportRun

MOST_NAMED = 20


def blockers(run: ImportRun) -> list[Blocker]:
    """What was built on what the import wrote, twenty of it: rows that refer to new records, and later edits."""
    found = chain(_references(run), islice(_edits(run), MOST_NAMED), importer(run.kind).blockers(run))
    return list(islice(dict.fromkeys(found), MOST_NAMED))


def undo(run: ImportRun, *, by: Any, progress: Progress = silent) -> ImportRun:
    """Takes back everything in one transaction. Raises ImportRefused, naming what was built on it."""
    try:
        with transaction.atomic():
            one_at_a_time()
            run = ImportRun.objects.select_for_update().get(pk=run.pk)
            if run.state != ImportRun.State.COMMITTED:
                raise ImportRefused(_("There is nothing to undo: this file is not imported."))
            progress(0, 0, _("Looking at what was done since"))
            _lock(run)
            if standing := blockers(run):
                raise ImportRefused(refusal(standing))
            _take_back(run, by, progress)
            run.state, run.undone_at, run.undone_by = ImportRun.State.UNDONE, timezone.now(), by
            run.save()
            audit.record(by=by, verb="import.undone", target=run)
            settled()
    except IntegrityError as error:
        raise ImportRefused(
            _("Somebody built on the imported records at the same moment. Nothing was undone.")
        ) from error
    return run


def refusal(standing: list[Blocker]) -> str:
    """The blockers in one sentence."""
    names = "; ".join(f"{blocker.record} ({blocker.what})" for blocker in standing[:5])
    more = len(standing) - 5
    if more > 0:
        names += ngettext(" and %(n)s more", " and %(n)s more", more) % {"n": more}
    return _("Nothing was undone, because something was built on this import: %(names)s.") % {"names": names}


def _take_back(run: ImportRun, by: Any, progress: Progress) -> None:
    imp = importer(run.kind)
    total = max(run.changes.count(), run.to_write)
    owners: set[int] = set()
    done = 0
    last_first = run.changes.order_by("-id").iterator(chunk_size=5_000)
    for label, operation, changes in alike(last_first):
        model = apps.get_model(label)
        for batch in batches(pk for change in changes for pk in ids_of(change)):
            if model is imp.model:
                owners |= imp.owners(batch)
                if not imp.streamed:
                    _audit(run, model, batch, by)
            if operation == Created:
                _delete(model, batch, imp.derived)
            done += len(batch)
            progress(min(done, total), total, _("Taking back"))
        if operation == Changed:
            update(model, [(change.object_id, change.before) for change in changes])
            if model is imp.model:
                owners |= imp.owners(change.object_id for change in changes)
    restored = run.changes.filter(model=imp.model._meta.label, operation=Changed)
    fields = {name for change in restored.iterator() for name in change.before}
    imp.tell(list(restored.values_list("object_id", flat=True)), fields, owners)


def _delete(model: type[Model], pks: list[int], derived: tuple[type[Model], ...]) -> None:
    for table in derived:
        for field in table._meta.concrete_fields:
            if field.is_relation and field.related_model is model:
                _raw_delete(table._base_manager.filter(**{f"{field.name}__in": pks}))
    _raw_delete(model._base_manager.filter(pk__in=pks))


def _raw_delete(rows: QuerySet[Any]) -> None:
    rows._raw_delete(rows.db)  # no cascade: what still refers to a row makes the whole undo fail


def _audit(run: ImportRun, model: type[Model], pks: list[int], by: Any) -> None:
    """Remembers who took back what, while the records still have their names."""
    there = model._base_manager.in_bulk(pks)
    audit.record_many(
        by=by,
        verb=importer(run.kind).undo_verb,
        changes=((there[pk], {}) for pk in pks if pk in there),
        note=run.file_name,
    )


# ── What was built on it ─────────────────────────────────────────────────────────────────────────────────────────────


def _lock(run: ImportRun) -> None:
    """Nobody changes the written records, or refers to them, until the transaction ends."""
    for model, ids in _written(run):
        rows = model._base_manager.filter(pk__in=ids).order_by("pk").select_for_update()
        for _pk in rows.values_list("pk", flat=True).iterator(chunk_size=5_000):
            pass


def _written(run: ImportRun, *operations: str) -> list[tuple[type[Model], Written]]:
    """The models the run wrote, each with the keys of its rows."""
    changes = run.changes.filter(operation__in=operations or (Created, Changed))
    models = map(apps.get_model, changes.order_by("model").values_list("model", flat=True).distinct())
    return [(model, Written(run, model, *operations)) for model in models]


def _references(run: ImportRun) -> Iterator[Blocker]:
    derived = importer(run.kind).derived
    created = dict(_written(run, Created))
    for model, ids in created.items():
        for relation in model._meta.get_fields(include_hidden=True):
            if not isinstance(relation, ManyToOneRel):
                continue
            table, name = relation.related_model, relation.field.name
            if table in derived:
                continue
            rows = table._base_manager.filter(**{f"{name}__in": ids}).select_related(name).order_by("pk")
            if table in created:
                rows = rows.exclude(pk__in=created[table])
            own = run.changes.filter(model=table._meta.label, operation=Changed, after__has_key=relation.field.attname)
            if own.exists():
                rows = rows.exclude(pk__in=own.values("object_id"))
            for row in rows[:MOST_NAMED]:
                what = f"{capfirst(table._meta.verbose_name)}: {row}"
                yield Blocker(str(getattr(row, name)), what, _url(getattr(row, name)))


def _edits(run: ImportRun) -> Iterator[Blocker]:
    """Records whose written columns hold something else by now."""
    for change in run.changes.filter(after__has_key=TOGETHER).order_by("id").iterator(chunk_size=10):
        model = apps.get_model(change.model)
        marks = dict(zip(ids_of(change), change.after[TOGETHER]["marks"], strict=True))
        for row in model._base_manager.filter(pk__in=list(marks)).order_by("pk").iterator(chunk_size=BATCH):
            if mark(row) != marks[row.pk]:
                yield Blocker(str(row), _("changed since"), _url(row))
    for model, pks, left in _left_behind(run):
        columns = sorted({name for values in left.values() for name in values})
        for batch in batches(pks):
            rows = model._base_manager.filter(pk__in=batch).order_by("pk")
            for pk, *found in rows.values_list("pk", *columns):
                now = zip(columns, found, strict=True)
                edited = {name for name, value in now if name in left[pk] and plain(value) != left[pk][name]}
                if edited:
                    yield _edit(model, pk, edited)


def _edit(model: type[Model], pk: int, columns: set[str]) -> Blocker:
    instance = model._base_manager.get(pk=pk)
    changed = [field for field in model._meta.concrete_fields if field.attname in columns]
    names = ", ".join(str(field.verbose_name) for field in changed if field.editable or len(changed) == 1)
    return Blocker(str(instance), _("changed since: %(fields)s") % {"fields": names}, _url(instance))


def _left_behind(run: ImportRun) -> Iterator[tuple[type[Model], list[int], Mapping[int, dict[str, Any]]]]:
    """What the run left in the columns it wrote, by model and key."""
    for model, _ids in _written(run):
        left: dict[int, dict[str, Any]] = defaultdict(dict)
        changes = run.changes.filter(model=model._meta.label).exclude(after__has_key=TOGETHER)
        for change in changes.order_by("id").iterator(chunk_size=5_000):
            left[change.object_id] |= expected(model, change.after) if change.operation == Created else change.after
        yield model, list(left), left


def _url(instance: Any) -> str:
    return instance.get_absolute_url() if hasattr(instance, "get_absolute_url") else ""
