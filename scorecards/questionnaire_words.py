"""What is said of a questionnaire's changes and of mistakes in its files, for tables on pages."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from scorecards.definition import InvalidQuestionnaire
from scorecards.editing import Level
from scorecards.questionnaire_build import FileProblem
from scorecards.version_changes import Change, What

WHAT = {
    What.ADDED: _l("Added"),
    What.REMOVED: _l("Removed"),
    What.CHANGED: _l("Changed"),
    What.REORDERED: _l("In another order"),
}
LEVELS = {Level.CATEGORY: _l("Category"), Level.TOPIC: _l("Topic"), Level.QUESTION: _l("Question")}
FIELDS = {
    "name": _l("name"),
    "weight": _l("weight"),
    "internal": _l("internal"),
    "target": _l("target"),
    "type": _l("type"),
    "text": _l("wording"),
    "options": _l("options"),
    "required": _l("has to be answered"),
    "allow_na": _l("not applicable"),
    "life_stages": _l("life stages"),
    "partner_types": _l("partner types"),
    "help": _l("help"),
    "best_practice": _l("best practice"),
    "action": _l("action"),
    "place": _l("moved elsewhere"),
}


@dataclass(frozen=True)
class ChangeRow:
    what: str
    level: str
    name: str
    fields: str


def change_rows(changes: Iterable[Change]) -> list[ChangeRow]:
    return [
        ChangeRow(
            str(WHAT[change.what]),
            str(LEVELS[change.level]) if change.level else _("Questionnaire"),
            change.name,
            ", ".join(str(FIELDS[name]) for name in change.fields),
        )
        for change in changes
    ]


@dataclass(frozen=True)
class FileRow:
    """A mistake: `row` is 0 where it is the whole file's; `column` is empty in YAML without a place."""

    row: int
    column: str
    message: str


def file_problems(error: InvalidQuestionnaire) -> list[FileRow]:
    """The mistakes of a file in its order."""
    return [
        FileRow(
            problem.row if isinstance(problem, FileProblem) else 0,
            (problem.column if isinstance(problem, FileProblem) else "") or problem.path,
            problem.message.translated(_),
        )
        for problem in error.problems
    ]
