"""The forms of an import: the file, and what its columns mean."""

import zlib
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from prm.common.currencies import MINOR_UNITS
from prm.common.templatetags.numbers import format_number
from prm.imports import engine
from prm.imports.fields import NEW_CHOICE, NO_CHOICE, OF_DATES, Field, Kind
from prm.imports.formats import ColumnFormat, DateOrder, DecimalMark
from prm.imports.importer import importers
from prm.imports.layout import column_letter
from prm.imports.models import ImportRun
from prm.imports.reader import MAX_BYTES
from prm.imports.survey import ColumnSurvey

LEAVE_EMPTY = "-"
MOST_ASKED = 40  # unknown texts of one field that are asked one by one
ALL_FROM = 4  # from so many on, one answer for all of them is offered


class UploadForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("What is in the file?"), widget=forms.RadioSelect)
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV or XLSX, up to 50 MB and 200,000 rows. Nothing is written before you have seen what would change."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
        error_messages={"required": gettext_lazy("Choose a file."), "empty": gettext_lazy("The file is empty.")},
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds: Any = self.fields["kind"]
        kinds.choices = [(one.kind, f"{one.label} – {one.hint}") for one in importers()]
        kinds.initial = importers()[0].kind

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(
                _("The file has %(size)s MB; 50 MB is the most. Split it and upload the parts.")
                % {"size": -(-file.size // (1024 * 1024))}
            )
        return file


class ColumnsForm(forms.Form):
    """Which column is which field; and the questions that follow from it, which are asked as soon as it is said."""

    def __init__(self, run: ImportRun, data: Mapping[str, str] | None = None, *, asking: bool = False) -> None:
        """`asking`: the data only says how far the person is; nothing is judged yet."""
        super().__init__(None if asking else data, initial=dict(data) if data and asking else self._saved(run))
        self.run = run
        self.surveys = [ColumnSurvey.from_json(found) for found in run.survey]
        self.names = {item.name for item in engine.target(run).fields}
        self.mapping = [self._chosen(index, data) for index in range(len(run.columns))]
        self.asked = engine.questions(run, self.mapping)
        self._add_columns()
        self._add_formats()
        self._add_unknown()
        self._add_for_all()

    # ── Fields ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _chosen(self, index: int, data: Mapping[str, str] | None) -> str | None:
        name = self.run.mapping[index] if data is None else data.get(f"column_{index}")
        return name if name in self.names else None

    @staticmethod
    def _saved(run: ImportRun) -> dict[str, Any]:
        """What was said before, for who comes back to the page."""
        found: dict[str, Any] = {f"column_{index}": name or "" for index, name in enumerate(run.mapping)}
        found |= {f"all_{name}": value for name, value in run.defaults.items()}
        for name, said in run.meanings.items():
            found |= {_meaning(name, text): key or LEAVE_EMPTY for text, key in said.items()}
        for order, mark in run.formats.values():
            found |= {"dates": order, "decimals": mark}
        return found

    def _add_columns(self) -> None:
        choices = [("", _("– left out –")), *((item.name, item.label) for item in self.asked.target.fields)]
        for index, name in enumerate(self.run.columns):
            self.fields[f"column_{index}"] = forms.ChoiceField(label=name, choices=choices, required=False)

    def _add_formats(self) -> None:
        unsure = {name for name, form in self.asked.formats.items() if not form.certain}
        kinds = {self.asked.target.by_name[name].kind in OF_DATES for name in unsure}
        if True in kinds:
            self._ask("dates", _("Dates"), [(o.value, _ORDERS[o]) for o in DateOrder])
        if False in kinds:
            self._ask("decimals", _("Numbers"), [(m.value, _MARKS[m]) for m in DecimalMark])

    def _ask(self, name: str, label: str, choices: list[tuple[str, Any]]) -> None:
        self.fields[name] = forms.ChoiceField(
            label=label, choices=choices, widget=forms.RadioSelect, error_messages={"required": _("Say which it is.")}
        )

    def _add_unknown(self) -> None:
        self.unknown: list[dict[str, Any]] = []
        for name, texts in self.asked.unknown.items():
            item = self.asked.target.by_name[name]
            ordered = sorted(texts.items(), key=lambda pair: (-pair[1], pair[0]))
            group: dict[str, Any] = {
                "label": item.label,
                "item": item,
                "texts": ordered[:MOST_ASKED],
                "rest": len(ordered) > MOST_ASKED,
            }
            group["fields"] = [_meaning(name, text) for text, _rows in group["texts"]]
            for (text, rows), key in zip(group["texts"], group["fields"], strict=True):
                label = f"“{text}” ({ngettext('%(n)s row', '%(n)s rows', rows) % {'n': format_number(rows)}})"
                self.fields[key] = forms.ChoiceField(label=label, choices=self._answers(item, text), required=False)
            if len(ordered) >= ALL_FROM:
                group["all"] = f"others_{name}"
                answers = self._answers(item, _("its own name"))
                self.fields[group["all"]] = forms.ChoiceField(
                    label=_("All not chosen"), choices=answers, required=False
                )
            self.unknown.append(group)

    def _answers(self, item: Field, text: str) -> list[tuple[str, str]]:
        answers = [("", _("Choose …")), *((option.key, str(option.label)) for option in item.choices)]
        if item.creatable and len(text) <= 80:
            answers.append((NEW_CHOICE, _("Add “%(name)s”") % {"name": text}))
        if not item.required:
            answers.append((LEAVE_EMPTY, _("Leave empty")))
        return answers

    def _add_for_all(self) -> None:
        preset = engine.preset(self.run)
        for item in self.asked.for_all:
            name = f"all_{item.name}"
            needed = item.name in self.asked.needed
            options = [(option.key, str(option.label)) for option in item.choices]
            if item.kind is Kind.CURRENCY:
                options = [(code, code) for code in sorted(MINOR_UNITS)]
            elif item.from_column:
                options = [(column, column) for column in self.run.columns]
            elif item.kind is Kind.TEXT:
                self.fields[name] = forms.CharField(
                    label=item.label, max_length=item.max_length, required=needed, initial=preset.get(item.name, "")
                )
                self.initial.setdefault(name, preset.get(item.name, ""))
                continue
            first = _("Choose …") if needed else _("Nothing")
            self.fields[name] = forms.ChoiceField(
                label=item.label,
                choices=[("", first), *options],
                required=needed,
                initial=preset.get(item.name, ""),
                error_messages={"required": _("Choose what the rows get that don’t say it.")},
                help_text=_("Where an id stands in several rows: the column that tells them apart.")
                if item.from_column
                else "",
            )
            self.initial.setdefault(name, preset.get(item.name, ""))

    # ── For the page ─────────────────────────────────────────────────────────────────────────────────────────────────

    def columns(self) -> list[dict[str, Any]]:
        """A row for each column of the file."""
        return [
            {
                "letter": column_letter(index),
                "name": name,
                "samples": found.samples,
                "empty": not found.filled,
                "field": self[f"column_{index}"],
                "note": self._note(self.mapping[index]),
            }
            for index, (name, found) in enumerate(zip(self.run.columns, self.surveys, strict=True))
        ]

    def _note(self, name: str | None) -> str:
        form = self.asked.formats.get(name or "")
        if form is None or not form.certain:
            return ""
        if self.asked.target.by_name[str(name)].kind in OF_DATES:
            return str(_ORDERS[form.dates])
        return str(_MARKS[form.decimals]) if form.decimals is DecimalMark.COMMA else ""

    def formats(self) -> list[dict[str, Any]]:
        """The questions about formats, each with cells that leave it open."""
        found = []
        for name, of_dates, title in (
            ("dates", True, _("How are dates written?")),
            ("decimals", False, _("How are numbers written?")),
        ):
            if name in self.fields:
                samples = [
                    sample
                    for field, survey in zip(self.mapping, self.surveys, strict=True)
                    if field in self.asked.formats
                    and not self.asked.formats[field].certain
                    and (self.asked.target.by_name[field].kind in OF_DATES) is of_dates
                    for sample in survey.samples
                ]
                found.append({"title": title, "field": self[name], "samples": samples[:4]})
        return found

    def groups(self) -> list[dict[str, Any]]:
        """The unknown texts of each field of choices."""
        return [
            {**group, "fields": [self[name] for name in group["fields"]], "all": self[group["all"]] if "all" in group else None}
            for group in self.unknown
        ]  # fmt: skip

    def for_all(self) -> list[forms.BoundField]:
        return [self[f"all_{item.name}"] for item in self.asked.for_all]

    # ── What was said ────────────────────────────────────────────────────────────────────────────────────────────────

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        taken: dict[str, int] = {}
        for index, name in enumerate(self.mapping):
            if name and taken.setdefault(name, index) != index:
                other = self.run.columns[taken[name]]
                self.add_error(f"column_{index}", _("“%(column)s” is this already.") % {"column": other})
        identities = [self.asked.target.by_name[one.fields[-1]] for one in self.asked.target.identities]
        parts = {"first_name", "last_name"}
        if identities and not ({item.name for item in identities} | parts) & set(taken):
            names = ", ".join(dict.fromkeys(str(item.label) for item in identities))
            self.add_error(None, _("Say which column tells what a row is: %(names)s.") % {"names": names})
        for group in self.unknown:
            if not values.get(group.get("all", "")):
                for name in group["fields"]:
                    if not values.get(name):
                        self.add_error(name, _("Say what it means."))
        return values

    def answers(self) -> dict[str, Any]:
        """The arguments of engine.choose_columns."""
        said = self.cleaned_data
        meanings: dict[str, dict[str, str]] = {}
        for group in self.unknown:
            others = said.get(group.get("all", ""), "")
            for (text, _rows), name in zip(group["texts"], group["fields"], strict=True):
                meanings.setdefault(group["item"].name, {})[text] = _key(said.get(name) or others)
            if others:
                for text in self.asked.unknown[group["item"].name]:
                    meanings[group["item"].name].setdefault(text, _key(others))
        forms_said = ColumnFormat(DateOrder(said.get("dates") or "dmy"), DecimalMark(said.get("decimals") or "."))
        return {
            "mapping": self.mapping,
            "formats": {name: forms_said for name, form in self.asked.formats.items() if not form.certain},
            "meanings": meanings,
            "defaults": {item.name: said[f"all_{item.name}"] for item in self.asked.for_all},
        }


_ORDERS = {
    DateOrder.DMY: gettext_lazy("Day first: 31/12/2026"),
    DateOrder.MDY: gettext_lazy("Month first: 12/31/2026"),
}
_MARKS = {
    DecimalMark.POINT: gettext_lazy("Decimal point: 1,234.50"),
    DecimalMark.COMMA: gettext_lazy("Decimal comma: 1.234,50"),
}


def _meaning(name: str, text: str) -> str:
    return f"means_{name}_{zlib.crc32(text.encode()):08x}"


def _key(answer: str) -> str:
    return NO_CHOICE if answer == LEAVE_EMPTY else answer
