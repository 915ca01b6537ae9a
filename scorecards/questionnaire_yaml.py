"""YAML ⇄ blocks and rows of text. Read from the parser's events: nothing is interpreted and every place is known.

Aliases are refused (a few lines of them can stand for billions of values), and so is deep nesting.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import yaml

from prm.imports.messages import Message, _
from scorecards.definition import InvalidQuestionnaire, Question, Questionnaire
from scorecards.questionnaire_build import CATEGORY, OPTION, QUESTION, QUESTIONNAIRE, TOPIC, Block, Cell, FileProblem

MAX_DEPTH = 12
NULLS = {"", "~", "null", "Null", "NULL"}
LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # libyaml's parser where it is there: twenty times as fast

# From the top: what the blocks of a level are called in the level above, and the fields they have.
LEVELS: tuple[tuple[str, Sequence[str]], ...] = (
    ("", tuple(QUESTIONNAIRE)),
    ("categories", tuple(CATEGORY)),
    ("topics", tuple(TOPIC)),
    ("questions", tuple(QUESTION)),
    ("options", OPTION),
)
LISTS = ("life_stages", "partner_types")


@dataclass(slots=True)
class _Map:
    line: int
    items: dict[str, "_Node"] = field(default_factory=dict)


@dataclass(slots=True)
class _List:
    line: int
    items: list["_Node"] = field(default_factory=list)


_Node = Cell | _Map | _List


@dataclass(frozen=True, slots=True)
class Rows:
    """A list of mappings: a table."""

    rows: list[dict[str, Cell]]


def read_blocks(data: bytes) -> tuple[Block | Rows, list[FileProblem]]:
    """The blocks, or the rows of a table, in a YAML text, and what is wrong with its shape.

    Raises InvalidQuestionnaire for a text that is no YAML.
    """
    reader = _Reader()
    try:
        events = yaml.parse(data.decode("utf-8-sig"), Loader=LOADER)
        node = reader.document(iter(events))
    except UnicodeDecodeError as error:
        raise InvalidQuestionnaire([FileProblem("", Message(_("This is neither XLSX nor YAML in UTF-8.")))]) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        why = getattr(error, "problem", None) or getattr(error, "reason", None) or "?"
        message = Message(_("This is no valid YAML: %(why)s."), {"why": why})
        raise InvalidQuestionnaire([FileProblem("", message, mark.line + 1 if mark else 0)]) from error
    if isinstance(node, _List):
        return Rows(reader.rows(node)), reader.found
    return reader.block(node, 0, ""), reader.found


class _Reader:
    def __init__(self) -> None:
        self.found: list[FileProblem] = []

    def document(self, events: Iterator[Any]) -> _Node:
        next(events)  # the stream's start
        if isinstance(next(events), yaml.StreamEndEvent):
            raise InvalidQuestionnaire([FileProblem("", Message(_("The file is empty.")))])
        node = self._node(next(events), events, 0)
        next(events)  # the document's end
        event = next(events)
        if not isinstance(event, yaml.StreamEndEvent):
            self._report("", _("There is a second document in the file."), event.start_mark.line + 1)
        return node

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> _Node:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or depth > MAX_DEPTH:
            text = _("Aliases (*) are not allowed.") if depth <= MAX_DEPTH else _("This is nested too deeply.")
            raise InvalidQuestionnaire([FileProblem("", Message(text), line)])
        if isinstance(event, yaml.ScalarEvent):
            plain = not event.style
            return Cell("" if plain and event.value in NULLS else event.value.strip(), line)
        if isinstance(event, yaml.SequenceStartEvent):
            entries = _List(line)
            while not isinstance(event := next(events), yaml.SequenceEndEvent):
                entries.items.append(self._node(event, events, depth + 1))
            return entries
        mapping = _Map(line)
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self._node(event, events, depth + 1)
            value = self._node(next(events), events, depth + 1)
            if not isinstance(key, Cell):
                self._report("", _("A key must be a word."), line)
            elif key.text in mapping.items:
                self._report("", _("“%(key)s” is there twice."), key.row, key=key.text)
            else:
                mapping.items[key.text] = value
        return mapping

    def block(self, node: _Node, level: int, path: str) -> Block:
        if not isinstance(node, _Map):
            self._report(
                path, _("Here must be a mapping of: %(fields)s."), _line(node), fields=", ".join(LEVELS[level][1])
            )
            return Block(_line(node))
        below = LEVELS[level + 1][0] if level + 1 < len(LEVELS) else ""
        block, cells = Block(node.line), dict[str, Cell]()
        for key, value in node.items.items():
            at = f"{path}.{key}" if path else key
            if below and key == below:
                block.blocks = [
                    self.block(each, level + 1, f"{at}[{n}]") for n, each in enumerate(self._items(value, at))
                ]
            elif key in LEVELS[level][1]:
                cells[key] = self._cell(value, at, may_be_list=key in LISTS)
            else:
                self._report(at, _("This is not known here."), _line(value))
        block.cells = cells
        return block

    def rows(self, node: _List) -> list[dict[str, Cell]]:
        rows = []
        for n, each in enumerate(node.items):
            if not isinstance(each, _Map):
                self._report(f"[{n}]", _("Here must be a mapping of columns."), _line(each))
                continue
            rows.append(
                {
                    key: Cell(self._cell(value, f"[{n}].{key}", may_be_list=key in LISTS).text, _line(value), key)
                    for key, value in each.items.items()
                }
            )
        return rows

    def _items(self, node: _Node, path: str) -> list[_Node]:
        if isinstance(node, _List):
            return node.items
        if not (isinstance(node, Cell) and not node.text):
            self._report(path, _("Here must be a list."), _line(node))
        return []

    def _cell(self, node: _Node, path: str, *, may_be_list: bool) -> Cell:
        if isinstance(node, Cell):
            return node
        if may_be_list and isinstance(node, _List) and all(isinstance(each, Cell) for each in node.items):
            return Cell(", ".join(each.text for each in node.items if isinstance(each, Cell)), node.line)
        self._report(path, _("Here must be a text or a number."), _line(node))
        return Cell("", _line(node))

    def _report(self, path: str, text: str, line: int, **parts: str) -> None:
        self.found.append(FileProblem(path, Message(text, parts), line))


def _line(node: _Node) -> int:
    return node.row if isinstance(node, Cell) else node.line


# ------------------------------------------------------------------------------------------------------------- writing


class _Flow(list[str]):
    """A list to write on one line."""


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        """A value that is there twice is written twice: the reader takes no aliases."""
        return True


def _decimal(dumper: yaml.SafeDumper, value: Decimal) -> yaml.ScalarNode:
    text = format(value.normalize(), "f")
    return dumper.represent_scalar("tag:yaml.org,2002:float" if "." in text else "tag:yaml.org,2002:int", text)


def _flow(dumper: yaml.SafeDumper, value: _Flow) -> yaml.SequenceNode:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=True)


_Dumper.add_representer(Decimal, _decimal)
_Dumper.add_representer(_Flow, _flow)


def write(questionnaire: Questionnaire) -> str:
    """The questionnaire as nested YAML; what is as by default is left out."""
    data = {
        "name": questionnaire.name,
        "kind": questionnaire.kind.value,
        "categories": [
            {
                "key": category.key,
                "name": category.name,
                "weight": category.weight,
                "internal": category.internal,
                "topics": [
                    _given(
                        {
                            "key": topic.key,
                            "name": topic.name,
                            "weight": topic.weight,
                            "target": topic.target,
                            "questions": [_question(question) for question in topic.questions],
                        }
                    )
                    for topic in category.topics
                ],
            }
            for category in questionnaire.categories
        ],
    }
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=116)


def _question(question: Question) -> dict[str, Any]:
    return _given(
        {
            "key": question.key,
            "text": question.text,
            "type": question.type.value,
            "weight": question.weight,
            "help": question.help,
            "best_practice": question.best_practice,
            "action": question.action,
            "life_stages": _Flow(sorted(question.life_stages)),
            "partner_types": _Flow(sorted(question.partner_types)),
            "allow_na": question.allow_na,
            "required": question.required,
            "options": [
                _given(
                    {
                        "label": option.label,
                        "score": option.score if question.type.is_scored else None,
                        "description": option.description,
                    }
                )
                for option in question.options
            ],
        }
    )


def _given(data: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value for key, value in data.items() if value is not None and value is not False and value not in ("", [])
    }
