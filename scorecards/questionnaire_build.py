"""From what a file holds, as text with its place, to a questionnaire, naming every problem by its place.

Pure. Both file formats come down to the same blocks: a level's own cells by field name, and the blocks of the level
below.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from prm.imports.messages import Message, _
from scorecards.definition import (
    Category,
    InvalidQuestionnaire,
    Kind,
    Option,
    Problem,
    Question,
    Questionnaire,
    QuestionType,
    Topic,
    option_key,
    problems,
)

# A level's fields, and the column of each in a table; an option's columns are "option_<number>_<field>".
QUESTIONNAIRE = {"name": "", "kind": "kind"}
CATEGORY = {
    "key": "category_key",
    "name": "category",
    "weight": "category_weight",
    "internal": "category_internal",
}
TOPIC = {"key": "topic_key", "name": "topic", "weight": "topic_weight", "target": "topic_target"}
QUESTION = {
    "key": "question_key",
    "text": "question",
    "type": "question_type",
    "weight": "question_weight",
    "help": "help",
    "best_practice": "best_practice",
    "action": "action",
    "life_stages": "life_stages",
    "partner_types": "partner_types",
    "allow_na": "allow_na",
    "required": "required",
}
OPTION = ("label", "score", "description")

NUMBER = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,20})?")
YES = {"yes", "true", "1", "y", "x"}
NO = {"no", "false", "0", "n"}
Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Cell:
    """A text and where it stands: a row (in YAML the line) from 1, and in a table the column's name."""

    text: str
    row: int
    column: str = ""


@dataclass(slots=True)
class Block:
    row: int
    cells: Mapping[str, Cell] = field(default_factory=dict)
    blocks: list["Block"] = field(default_factory=list)
    column: str = ""


@dataclass(frozen=True)
class FileProblem(Problem):
    """A problem with its place in the file: row and column of a table, line and path in YAML; 0 is the whole file."""

    row: int = 0
    column: str = ""

    @property
    def where(self) -> str:
        parts = [f"{'row' if self.column else 'line'} {self.row}" if self.row else "", self.column or self.path]
        return ", ".join(part for part in parts if part)


def build(
    block: Block,
    found: Collection[FileProblem],
    *,
    life_stages: Collection[str] | None,
    partner_types: Collection[str] | None,
) -> Questionnaire:
    """The questionnaire of these blocks.

    `found` are problems found while reading; `life_stages` and `partner_types` the keys there are, None for any.
    Raises InvalidQuestionnaire with FileProblems, all of them, by row.
    """
    builder = _Builder(list(found), life_stages, partner_types)
    questionnaire = builder.questionnaire(block)
    builder.found += [builder.placed(problem.path, problem.message) for problem in problems(questionnaire)]
    if builder.found:
        builder.found.sort(key=lambda problem: problem.row)
        raise InvalidQuestionnaire(builder.found)
    return questionnaire


class _Builder:
    def __init__(
        self, found: list[FileProblem], life_stages: Collection[str] | None, partner_types: Collection[str] | None
    ) -> None:
        self.found = found
        self.known = {"life_stages": life_stages, "partner_types": partner_types}
        self.places: dict[str, tuple[int, str]] = {}

    def questionnaire(self, block: Block) -> Questionnaire:
        self._place("", block)
        return Questionnaire(
            name=self._text("name", block),
            kind=self._choice("kind", block, Kind, Kind.CAPABILITY, Kind.CAPABILITY),
            categories=tuple(self._category(f"categories[{n}]", below) for n, below in enumerate(block.blocks)),
        )

    def _category(self, at: str, block: Block) -> Category:
        self._place(at, block)
        return Category(
            key=self._text(f"{at}.key", block),
            name=self._text(f"{at}.name", block),
            weight=self._number(f"{at}.weight", block, Decimal(1)),
            internal=self._flag(f"{at}.internal", block),
            topics=tuple(self._topic(f"{at}.topics[{n}]", below) for n, below in enumerate(block.blocks)),
        )

    def _topic(self, at: str, block: Block) -> Topic:
        self._place(at, block)
        return Topic(
            key=self._text(f"{at}.key", block),
            name=self._text(f"{at}.name", block),
            weight=self._number(f"{at}.weight", block, Decimal(1)),
            target=self._number(f"{at}.target", block, Decimal(1)) if self._text(f"{at}.target", block) else None,
            questions=tuple(self._question(f"{at}.questions[{n}]", below) for n, below in enumerate(block.blocks)),
        )

    def _question(self, at: str, block: Block) -> Question:
        self._place(at, block)
        # A type not understood must not bring complaints about the options besides.
        unclear = QuestionType.MULTI if block.blocks else QuestionType.TEXT
        kind = self._choice(f"{at}.type", block, QuestionType, QuestionType.GRADUATED, unclear)
        options: list[Option] = []
        for n, below in enumerate(block.blocks):
            options.append(self._option(f"{at}.options[{n}]", below, kind, {option.key for option in options}))
        return Question(
            key=self._text(f"{at}.key", block),
            type=kind,
            text=self._text(f"{at}.text", block),
            options=tuple(options),
            weight=self._number(f"{at}.weight", block, Decimal(1)),
            required=self._flag(f"{at}.required", block),
            allow_na=self._flag(f"{at}.allow_na", block),
            life_stages=self._names(f"{at}.life_stages", block),
            partner_types=self._names(f"{at}.partner_types", block),
            help=self._text(f"{at}.help", block),
            best_practice=self._text(f"{at}.best_practice", block),
            action=self._text(f"{at}.action", block),
        )

    def _option(self, at: str, block: Block, kind: QuestionType, taken: Collection[str]) -> Option:
        self._place(at, block)
        label = self._text(f"{at}.label", block)
        if kind.is_scored and not self._text(f"{at}.score", block):
            self._report(f"{at}.score", Message(_("An option of a scored question needs a score.")))
        return Option(
            key=option_key(label, taken),
            label=label,
            score=self._number(f"{at}.score", block, Decimal(0)),
            description=self._text(f"{at}.description", block),
        )

    # ------------------------------------------------------------------------------------------------------- cells

    def _text(self, path: str, block: Block) -> str:
        cell = block.cells.get(path.rpartition(".")[2])
        if cell is None:
            return ""
        self.places[path] = (cell.row, cell.column)
        return cell.text

    def _number(self, path: str, block: Block, default: Decimal) -> Decimal:
        text = self._text(path, block)
        if not text:
            return default
        if not NUMBER.fullmatch(text):
            self._report(path, Message(_("“%(value)s” is not a number."), {"value": text}))
            return default
        return Decimal(text)

    def _flag(self, path: str, block: Block) -> bool:
        text = self._text(path, block).casefold()
        if text and text not in YES | NO:
            self._report(path, Message(_("Write yes or no, not “%(value)s”."), {"value": text}))
        return text in YES

    def _choice(self, path: str, block: Block, choices: type[Choice], default: Choice, unclear: Choice) -> Choice:
        text = self._text(path, block)
        if not text:
            return default
        try:
            return choices(text.casefold())
        except ValueError:
            parts = {"value": text, "known": ", ".join(choices)}
            self._report(path, Message(_("“%(value)s” is none of: %(known)s."), parts))
            return unclear

    def _names(self, path: str, block: Block) -> frozenset[str]:
        parts = [part.strip().casefold() for part in re.split(r"[,;|\n]", self._text(path, block))]
        given = {part for part in parts if part}
        keys = self.known[path.rpartition(".")[2]]
        known = {key.casefold(): key for key in (given if keys is None else keys)}
        for name in sorted(given - known.keys()):
            message = Message(_("“%(value)s” is none of: %(known)s."), {"value": name, "known": ", ".join(known)})
            self._report(path, message)
        return frozenset(known[name] for name in given & known.keys())

    # ------------------------------------------------------------------------------------------------------ places

    def _place(self, path: str, block: Block) -> None:
        self.places[path] = (block.row, block.column)

    def _report(self, path: str, message: Message) -> None:
        self.found.append(self.placed(path, message))

    def placed(self, path: str, message: Message) -> FileProblem:
        """The problem at the place of `path`, or of the nearest block around it."""
        around = path
        while around not in self.places:
            around = around.rpartition(".")[0]
        row, column = self.places[around]
        return FileProblem(path, message, row, column)
