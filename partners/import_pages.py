"""What the pages of an import show: the steps, the rows of an outcome, the figures."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partners.models import Partner
from prm.common.models import Job
from prm.common.templatetags.numbers import format_number
from prm.imports import engine
from prm.imports.importer import importer
from prm.imports.models import ImportRow, ImportRun
from prm.imports.outcome import Outcome

PAGE = 50

# In the order of their tabs; the words before and after the import.
OUTCOMES: dict[str, tuple[Any, Any]] = {
    Outcome.FAILING: (gettext_lazy("Failing"), gettext_lazy("Left out")),
    Outcome.PROPOSED: (gettext_lazy("To decide"), gettext_lazy("Undecided")),
    Outcome.NEW: (gettext_lazy("New"), gettext_lazy("Added")),
    Outcome.CHANGED: (gettext_lazy("Changed"), gettext_lazy("Changed")),
    Outcome.UNCHANGED: (gettext_lazy("Unchanged"), gettext_lazy("Unchanged")),
    Outcome.REPEATED: (gettext_lazy("Said twice"), gettext_lazy("Said twice")),
}
TILES = [Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED, Outcome.REPEATED, Outcome.PROPOSED, Outcome.FAILING]
STEPS = (
    ("upload", gettext_lazy("Upload")),
    ("columns", gettext_lazy("Columns")),
    ("check", gettext_lazy("Check")),
    ("import", gettext_lazy("Import")),
    ("done", gettext_lazy("Done")),
)
STATES = {
    ImportRun.State.UPLOADED: ("columns", gettext_lazy("Columns to be confirmed")),
    ImportRun.State.MAPPED: ("check", gettext_lazy("To be checked")),
    ImportRun.State.CHECKED: ("check", gettext_lazy("Checked, not imported")),
    ImportRun.State.COMMITTED: ("done", gettext_lazy("Imported")),
    ImportRun.State.UNDONE: ("done", gettext_lazy("Undone")),
}
JOB_STEPS = {"imports.read": "columns", "imports.check": "check", "imports.commit": "import", "imports.undo": "done"}


def context(run: ImportRun, step: str) -> dict[str, Any]:
    """What every page of a run shows."""
    return {
        "run": run,
        "kind": importer(run.kind),
        "crumbs": [(_("Partners"), reverse("partners:list")), (_("Import"), reverse("imports:list"))],
        "steps": _steps(run, step),
        "can_discard": run.is_open and not (run.job and run.job.is_open),
    }


def _steps(run: ImportRun | None, current: str) -> list[dict[str, Any]]:
    place = [key for key, _label in STEPS].index(current)
    urls = {}
    if run and run.is_open and run.rows is not None:
        urls["columns"] = reverse("imports:columns", args=[run.pk])
        if run.state == ImportRun.State.CHECKED:
            urls["check"] = reverse("imports:check", args=[run.pk])
    return [
        {
            "label": label,
            "state": "current" if index == place else "done" if index < place else "ahead",
            "url": urls.get(key) if key != current else None,
        }
        for index, (key, label) in enumerate(STEPS)
    ]


def first_steps() -> list[dict[str, Any]]:
    """The steps before there is a file."""
    return _steps(None, "upload")


def say_state(run: ImportRun) -> str:
    """Where a run stands, for the list."""
    if run.job and run.job.is_open:
        return str(run.job.get_state_display()).capitalize()
    if run.job and run.job.can_run_again:
        return _("%(state)s, stopped") % {"state": STATES[ImportRun.State(run.state)][1]}
    if run.state == ImportRun.State.CHECKED and not run.to_write and not run.left_open:
        return _("Nothing to import")
    return str(STATES[ImportRun.State(run.state)][1])


def say_name(user: Any) -> str:
    """Somebody who may be gone."""
    return user.display_name if user else _("Somebody")


def say_counts(run: ImportRun) -> str:
    """The figures of a run in one line."""
    after = not run.is_open
    words = [
        f"{format_number(run.counts[key])} {str(label[after]).lower()}"
        for key, label in OUTCOMES.items()
        if run.counts.get(key)
    ]
    return ", ".join(words)


def rows_of(request: HttpRequest, run: ImportRun) -> dict[str, Any]:
    """The tabs, and the page of rows of the outcome chosen (the first there is)."""
    after = not run.is_open
    there = [key for key in OUTCOMES if run.counts.get(key)]
    asked = request.GET.get("show", "")
    chosen = asked if asked in there else next((key for key in there if key != Outcome.UNCHANGED), Outcome.UNCHANGED)
    rows = run.kept_rows.filter(outcome=chosen).order_by("number")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    labels = {item.name: str(item.label) for item in engine.target(run).fields}
    found = list(page.object_list)
    cells_asked = any(_asked(row) for row in found)
    links = _links(run, found)
    page.object_list = [_row(row, labels, links, own=run.kind == "partner") for row in found]  # type: ignore[misc]
    return {
        "tabs": [
            {"label": OUTCOMES[key][after], "url": f"?show={key}", "current": key == chosen, "count": format_number(run.counts[key])}
            for key in there
        ],
        "chosen": chosen,
        "chosen_label": OUTCOMES[chosen][after],
        "page": page,
        "all_asked": cells_asked,
        "cut": not cells_asked and page.paginator.count < run.counts.get(chosen, 0) and chosen != Outcome.UNCHANGED,
        "tiles": [
            {"label": label[after], "value": run.counts.get(key, 0), "url": f"?show={key}" if run.counts.get(key) else ""}
            for key, label in sorted(OUTCOMES.items(), key=lambda entry: TILES.index(Outcome(entry[0])))
            if key in (Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED, Outcome.FAILING) or run.counts.get(key)
        ],
    }  # fmt: skip


def _links(run: ImportRun, rows: Sequence[ImportRow]) -> dict[int, str]:
    """Where the partners stand that these rows, or cells of them, mean."""
    own = run.kind == "partner"
    pks = {row.record_id for row in rows if row.record_id and own}
    pks |= {found["id"] for row in rows for found in row.candidates if own or "field" in found}
    there = Partner.objects.unscoped("of an import, which is for those who see all").filter(pk__in=pks)
    return {pk: reverse("partners:hub", args=[pk]) for pk in there.order_by("pk").values_list("pk", flat=True)}


def _asked(row: ImportRow) -> str:
    """The field of the cell that the row's candidates are for; "" where they are for the row."""
    return str(row.candidates[0].get("field", "")) if row.candidates else ""


def _row(row: ImportRow, labels: dict[str, str], links: dict[int, str], *, own: bool) -> dict[str, Any]:
    return {
        "number": row.number,
        "title": row.title,
        "asked": labels.get(_asked(row), ""),
        "url": links.get(row.record_id or 0, "") if own else "",
        "same_as": row.same_as,
        "changes": [(label, *row.changes[name]) for name, label in labels.items() if name in row.changes],
        "problems": row.problems(_),
        "candidates": [
            {**found, "url": links.get(found["id"], ""), "percent": int(found["likeness"] * 100)}
            for found in row.candidates
        ],
    }


def working(run: ImportRun) -> dict[str, Any]:
    """The page of a run at which a job is, or has stopped."""
    job = run.job
    assert job is not None
    step = JOB_STEPS.get(job.kind, "import")
    of = {"done": format_number(job.done), "total": format_number(job.total)}
    return {
        **context(run, step),
        "job": job,
        "progress_text": _("%(done)s of %(total)s") % of,
        "back": _back(run, job),
    }


def _back(run: ImportRun, job: Job) -> str:
    """The page the job was started from."""
    name = {"imports.check": "columns", "imports.commit": "check", "imports.undo": "result"}.get(job.kind)
    return reverse(f"imports:{name}", args=[run.pk]) if name else ""
