"""What the form of the page Compare says: for each question whose answer stands."""

from collections.abc import Mapping

from django.http import QueryDict
from django.utils.translation import gettext as _

from scorecards import forms
from scorecards.actions import Given
from scorecards.comparison import Comparison, QuestionLine
from scorecards.models import Answer

PARTNERS, VENDORS, OTHER = "self", "cam", "other"


def fill_in(shown: Comparison, data: QueryDict | None = None) -> dict[str, Given]:
    """Reads `s-<key>` (self, cam, other), another answer as in the answering form and `c-<key>` a comment into the lines of
    the page; gives the answers that stand. Without data only what one side alone answered is chosen.

    A line of which nothing was chosen, or another answer without saying which, gets its error.
    """
    settled = {}
    for line in shown.open:
        if data is None:
            line.choice = "" if line.differs else line.stand.value
            continue
        said = _read(line, data)
        if said is None:
            line.errors = [_("Choose which answer stands.")]
        else:
            settled[line.question.key] = said
    return settled


def _read(line: QuestionLine, data: QueryDict) -> Given | None:
    key = line.question.key
    line.typed = forms.typed(key, data)
    other = forms.given(key, data)
    chosen = data.get(f"s-{key}", "")
    if not chosen and (other.options or other.value or other.na):
        chosen = OTHER  # without script: an option was picked and the choice beside it forgotten
    line.choice = chosen if chosen in (PARTNERS, VENDORS, OTHER) else ""
    comment = (other.comment or "").strip() or None
    if line.choice == OTHER:
        picked = other.options or other.value or other.na
        return Given(other.options, other.value, other.na, comment) if picked else None
    row = {PARTNERS: line.own, VENDORS: line.cam}.get(line.choice)
    return _as_it_stands(row, comment) if row is not None else None


def _as_it_stands(row: Answer, comment: str | None) -> Given:
    return Given(tuple(row.options), row.value, row.na, comment, row.evidence_url)


def show_errors(shown: Comparison, errors: Mapping[str, list[str]]) -> None:
    """Puts the refusals of the action beside their questions."""
    for key, texts in errors.items():
        if key in shown.lines:
            shown.lines[key].errors = texts
