"""The import log: each file that came in, what its rows were found to be, and every write, so that it can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from prm.common.models import Job
from prm.imports.messages import Message
from prm.imports.outcome import Outcome

# What the user must settle, or leave out knowingly.
OPEN_OUTCOMES = (Outcome.FAILING, Outcome.PROPOSED)
WRITTEN_OUTCOMES = (Outcome.NEW, Outcome.CHANGED)


class ImportRun(models.Model):
    """One file on its way in. What a job of it does shows in `state` only once it is done: an interrupted one changes nothing."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("uploaded")
        MAPPED = "mapped", _("columns chosen")
        CHECKED = "checked", _("checked")
        COMMITTED = "committed", _("imported")
        UNDONE = "undone", _("undone")

    kind = models.CharField(max_length=30)  # of the importer: "partner", "contact" …
    state = models.CharField(max_length=20, choices=State, default=State.UPLOADED)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")  # the latest, done or not

    file = models.FileField(upload_to="imports/", max_length=200)
    file_name = models.CharField(max_length=200)
    sheet = models.CharField(max_length=100, blank=True)
    sheets = models.JSONField(default=list)
    columns = models.JSONField(default=list)  # their names
    layout = models.JSONField(default=dict)  # header_row, above, footer, renamed, decimals
    rows = models.PositiveIntegerField(null=True)  # None: not read to the end yet
    survey = models.JSONField(default=list)  # a ColumnSurvey for each column

    mapping = models.JSONField(default=list)  # a field's name or None for each column
    formats = models.JSONField(default=dict)  # {field: [date order, decimal mark]}
    meanings = models.JSONField(default=dict)  # {field: {unknown text: key of a choice}}
    defaults = models.JSONField(default=dict)  # {field: value for all new records}
    decisions = models.JSONField(default=dict)  # {row number: id of the record it is, or None for a new one}
    counts = models.JSONField(default=dict)  # {outcome: rows}, of the last check, then of what was written
    partial = models.BooleanField(default=False)  # rows that fail or wait for a decision are left out

    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(null=True)
    committed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    committed_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_open(self) -> bool:
        """Whether it can still be changed: nothing of it was written yet."""
        return self.state not in (self.State.COMMITTED, self.State.UNDONE)

    def count(self, *outcomes: str) -> int:
        return sum(self.counts.get(outcome, 0) for outcome in outcomes)

    @property
    def to_write(self) -> int:
        return self.count(*WRITTEN_OUTCOMES)

    @property
    def left_open(self) -> int:
        return self.count(*OPEN_OUTCOMES)


class ImportRow(models.Model):
    """What the check (later: the import) found one row of the file to be. Rows that change nothing are not kept."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="kept_rows", db_index=False)
    number = models.PositiveIntegerField()  # as the user's spreadsheet numbers it
    outcome = models.CharField(max_length=10, choices=[(o.value, o.value) for o in Outcome])
    title = models.CharField(max_length=200, blank=True)
    record_id = models.BigIntegerField(null=True)
    same_as = models.PositiveIntegerField(null=True)
    changes = models.JSONField(default=dict)  # {field: [old, new]} as shown
    reasons = models.JSONField(default=list)  # [{column, message}]
    candidates = models.JSONField(default=list)  # [{id, label, likeness}]
    cells = models.JSONField(default=list)  # of a failing row, as text

    class Meta:
        ordering = ["run", "outcome", "number"]
        constraints = [models.UniqueConstraint(fields=["run", "outcome", "number"], name="import_row_once")]

    def __str__(self) -> str:
        return f"{self.number}: {self.title}"

    def problems(self, translate: Callable[[str], str]) -> list[tuple[str, str]]:
        """Why it can't go in: (column, words) for each reason, in the reader's language."""
        return [
            (reason["column"], Message.from_json(reason["message"]).translated(translate)) for reason in self.reasons
        ]


class ImportChange(models.Model):
    """One write of an import, in their order."""

    class Operation(models.TextChoices):
        CREATED = "created", _("created")
        CHANGED = "changed", _("changed")

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="changes", db_index=False)
    row = models.PositiveIntegerField(null=True)
    model = models.CharField(max_length=80)
    object_id = models.BigIntegerField()
    operation = models.CharField(max_length=10, choices=Operation)
    before: Any = models.JSONField(default=dict)  # {column: value}
    after: Any = models.JSONField(default=dict)  # of a created one: what is not the default

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["run", "model", "operation", "object_id"], name="import_change_of")]

    def __str__(self) -> str:
        return f"{self.operation} {self.model} {self.object_id}"
