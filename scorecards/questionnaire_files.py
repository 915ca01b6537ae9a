"""Questionnaires in and out: a table (XLSX) with a row per question, or YAML; what goes out comes in again the same.

A table has the columns of COLUMNS, in any order; category and topic columns may be left empty where an earlier row
says the same. Rows are taken by `order`, where given; a category or topic stands where its first question does. The
questionnaire's name is the sheet's.

YAML is either a mapping

    name, kind, categories: [key, name, weight, internal,
      topics: [key, name, weight, target,
        questions: [key, text, type, weight, help, best_practice, action, life_stages, partner_types, allow_na,
          required, options: [label, score, description]]]]

or a list of mappings with the columns of the table. Everything in it is read as text: a bare No is the label "No".

In a multi question an option worth 0 is a "none of these". An option's key is made from its label.
"""

import datetime as dt
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal

from prm.documents.table import Column, Kind, Table
from prm.documents.xlsx import workbook
from prm.imports.messages import Message, UnreadableFile, _
from prm.imports.reader import open_table
from scorecards.definition import MAX_OPTIONS, MAX_QUESTIONS, InvalidQuestionnaire, Questionnaire
from scorecards.questionnaire_build import (
    CATEGORY,
    OPTION,
    QUESTION,
    QUESTIONNAIRE,
    TOPIC,
    Block,
    Cell,
    FileProblem,
    build,
)
from scorecards.questionnaire_yaml import Rows, read_blocks, write

MAX_BYTES = 2 * 1024 * 1024
OPTION_COLUMNS = tuple(f"option_{n}_{field}" for n in range(1, MAX_OPTIONS + 1) for field in OPTION)
COLUMNS = ("kind", *CATEGORY.values(), *TOPIC.values(), *QUESTION.values(), "order", *OPTION_COLUMNS)
NEEDED = ("category_key", "category", "topic_key", "topic", "question_key", "question")
NUMBERS = {"category_weight", "topic_weight", "topic_target", "question_weight", "order"} | {
    column for column in OPTION_COLUMNS if column.endswith("_score")
}
Row = Mapping[str, Cell]


def read(
    data: bytes,
    *,
    name: str = "",
    life_stages: Collection[str] | None = None,
    partner_types: Collection[str] | None = None,
) -> Questionnaire:
    """The questionnaire in an XLSX or YAML file.

    `name` goes before the name in the file; `life_stages` and `partner_types` are the keys conditions may name, None
    for any. Raises InvalidQuestionnaire with a FileProblem for everything that is wrong.
    """
    if len(data) > MAX_BYTES:
        limit = {"limit": MAX_BYTES // (1024 * 1024)}
        raise InvalidQuestionnaire([FileProblem("", Message(_("The file is larger than %(limit)s MB."), limit))])
    block, found = _table(data) if data.startswith(b"PK\x03\x04") else _yaml(data)
    if name:
        block.cells = {**block.cells, "name": Cell(name, 0)}
    return build(block, found, life_stages=life_stages, partner_types=partner_types)


def write_yaml(questionnaire: Questionnaire) -> str:
    """The questionnaire as nested YAML."""
    return write(questionnaire)


def write_xlsx(questionnaire: Questionnaire) -> bytes:
    """The questionnaire as a workbook of one sheet, named after it, with the columns of COLUMNS."""
    columns = [Column(column, Kind.DECIMAL if column in NUMBERS else Kind.TEXT) for column in COLUMNS]
    rows = [[row.get(column) for column in COLUMNS] for row in _records(questionnaire)]
    return workbook([Table(questionnaire.name, columns, rows)], title=questionnaire.name)


def _records(questionnaire: Questionnaire) -> Iterable[dict[str, str | Decimal | int | None]]:
    order = 0
    for category in questionnaire.categories:
        for topic in category.topics:
            for question in topic.questions:
                order += 1
                record: dict[str, str | Decimal | int | None] = {
                    "kind": questionnaire.kind.value,
                    "category_key": category.key,
                    "category": category.name,
                    "category_weight": category.weight,
                    "category_internal": _yes_no(category.internal),
                    "topic_key": topic.key,
                    "topic": topic.name,
                    "topic_weight": topic.weight,
                    "topic_target": topic.target,
                    "question_key": question.key,
                    "question": question.text,
                    "question_type": question.type.value,
                    "question_weight": question.weight,
                    "help": question.help,
                    "best_practice": question.best_practice,
                    "action": question.action,
                    "life_stages": ", ".join(sorted(question.life_stages)),
                    "partner_types": ", ".join(sorted(question.partner_types)),
                    "allow_na": _yes_no(question.allow_na),
                    "required": _yes_no(question.required),
                    "order": order,
                }
                for n, option in enumerate(question.options, start=1):
                    record[f"option_{n}_label"] = option.label
                    record[f"option_{n}_score"] = option.score if question.type.is_scored else None
                    record[f"option_{n}_description"] = option.description
                yield record


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"


def _yaml(data: bytes) -> tuple[Block, list[FileProblem]]:
    blocks, found = read_blocks(data)
    if isinstance(blocks, Rows):
        found += [
            FileProblem("", Message(_("This column is not known.")), cell.row, column)
            for row in blocks.rows
            for column, cell in row.items()
            if column not in COLUMNS
        ]
        return _grouped(blocks.rows, "", found), found
    return blocks, found


def _table(data: bytes) -> tuple[Block, list[FileProblem]]:
    try:
        table = open_table(io.BytesIO(data))
        names = {column.index: "_".join(column.name.casefold().split()) for column in table.columns}
        found = [
            FileProblem("", Message(_("This column is not known.")), table.header_row, name)
            for name in names.values()
            if name not in COLUMNS
        ]
        missing = [column for column in NEEDED if column not in names.values()]
        if missing:
            found += [
                FileProblem("", Message(_("This column is missing.")), table.header_row, name) for name in missing
            ]
            raise InvalidQuestionnaire(found)
        rows: list[Row] = []
        for number, values, problem in table.rows():
            if len(rows) == MAX_QUESTIONS:
                limit = {"limit": MAX_QUESTIONS}
                found.append(FileProblem("", Message(_("There are more than %(limit)s questions."), limit), number))
                break
            if problem is not None:
                found.append(FileProblem("", problem, number))
            rows.append({names[index]: _cell(value, number, names[index], found) for index, value in enumerate(values)})
    except UnreadableFile as error:
        raise InvalidQuestionnaire([FileProblem("", error.message)]) from error
    return _grouped(rows, table.sheet, found), found


def _cell(value: object, row: int, column: str, found: list[FileProblem]) -> Cell:
    if isinstance(value, dt.date | dt.time):
        found.append(
            FileProblem("", Message(_("This is a date. Format the cell as text and write it again.")), row, column)
        )
        return Cell("", row, column)
    if isinstance(value, float):
        # A spreadsheet keeps and shows 15 digits; what comes after them is noise.
        return Cell(format(Decimal(format(value, ".15g")).normalize(), "f"), row, column)
    text = "" if value is None else str(value)
    return Cell(text.replace("\r\n", "\n").strip(), row, column)


def _grouped(rows: Sequence[Row], name: str, found: list[FileProblem]) -> Block:
    """The rows as categories, topics and questions, each at the place of its first row in order."""
    rows = [row for _order, row in sorted(enumerate(rows), key=lambda item: _order_of(item[1], item[0] + 1, found))]
    top = _merged(rows, QUESTIONNAIRE, found)
    top.cells = {**top.cells, "name": Cell(name, 0)}
    for of_category in _by_key(rows, "category_key"):
        category = _merged(of_category, CATEGORY, found)
        top.blocks.append(category)
        for of_topic in _by_key(of_category, "topic_key"):
            topic = _merged(of_topic, TOPIC, found)
            category.blocks.append(topic)
            topic.blocks += [_question(row) for row in of_topic]
    return top


def _order_of(row: Row, place: int, found: list[FileProblem]) -> Decimal:
    cell = row.get("order")
    if cell is None or not cell.text:
        return Decimal(place)
    try:
        order = Decimal(cell.text)
        if order.is_finite():
            return order
    except ArithmeticError:
        pass
    found.append(
        FileProblem("", Message(_("“%(value)s” is not a number."), {"value": cell.text}), cell.row, cell.column)
    )
    return Decimal(place)


def _by_key(rows: Sequence[Row], column: str) -> Collection[list[Row]]:
    """The rows of each key, in the order of their first; a row without a key stands alone."""
    groups: dict[str | int, list[Row]] = {}
    for row in rows:
        cell = row.get(column)
        groups.setdefault(cell.text if cell and cell.text else id(row), []).append(row)
    return groups.values()


def _merged(rows: Sequence[Row], fields: Mapping[str, str], found: list[FileProblem]) -> Block:
    """A block of what all rows of a category or topic say of it; a row that says otherwise is a problem."""
    block = Block(_line(rows[0]) if rows else 0)
    cells: dict[str, Cell] = {}
    for field, column in fields.items():
        given = [cell for row in rows if (cell := row.get(column)) is not None]
        said = [cell for cell in given if cell.text]
        if given:
            cells[field] = (said or given)[0]
        for cell in said[1:]:
            if cell.text != said[0].text:
                parts = {"value": cell.text, "other": said[0].text, "row": said[0].row}
                message = _("This says “%(value)s”, and “%(other)s” in row %(row)s.")
                found.append(FileProblem("", Message(message, parts), cell.row, cell.column))
    block.cells = cells
    block.column = next(iter(fields.values())) or "kind"
    return block


def _question(row: Row) -> Block:
    cells = {field: row[column] for field, column in QUESTION.items() if column in row}
    block = Block(_line(row), cells, column="question_key")
    for n in range(1, MAX_OPTIONS + 1):
        option = {field: row[column] for field in OPTION if (column := f"option_{n}_{field}") in row}
        if any(cell.text for cell in option.values()):
            block.blocks.append(Block(block.row, option, column=f"option_{n}_label"))
    return block


def _line(row: Row) -> int:
    return next((cell.row for cell in row.values()), 0)
