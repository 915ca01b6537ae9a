"""Changes to a questionnaire in the making: what is there in, what shall be there out. Pure.

Every change gives a content that keeps the rules of `definition` where the one before did: nothing may be left empty, so
the last topic of a category and the last question of a topic can neither leave nor go.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from scorecards.definition import MAX_NAME, MAX_QUESTION, Category, Option, Question, Questionnaire, QuestionType, Topic
from scorecards.definition_json import to_json

Node = Category | Topic | Question
Holder = Questionnaire | Category | Topic
STEM = 40  # letters of a proposed key, before a number
FIVE_LEVELS = ((0, "No"), (25, "Beginnings"), (50, "Partly"), (75, "Mostly"), (100, "Fully"))


class Level(StrEnum):
    CATEGORY = "category"
    TOPIC = "topic"
    QUESTION = "question"

    @property
    def depth(self) -> int:
        return list(Level).index(self)


class Gone(LookupError):
    """There is nothing (any more) with this key."""


class LastOne(ValueError):
    """What holds it would be left with nothing."""


def children(holder: Holder | Node) -> tuple[Node, ...]:
    """What a questionnaire, category or topic holds, in order; nothing for a question."""
    if isinstance(holder, Questionnaire):
        return holder.categories
    if isinstance(holder, Category):
        return holder.topics
    return holder.questions if isinstance(holder, Topic) else ()


def name_of(node: Node) -> str:
    return node.text if isinstance(node, Question) else node.name


def level_of(node: Node) -> Level:
    return Level.CATEGORY if isinstance(node, Category) else Level.TOPIC if isinstance(node, Topic) else Level.QUESTION


def at_level(content: Questionnaire, level: Level) -> list[Node]:
    """Everything of a level, in order."""
    found: list[Node] = list(content.categories)
    for _step in range(level.depth):
        found = [child for node in found for child in children(node)]
    return found


def holders(content: Questionnaire, level: Level) -> list[Holder]:
    """What may hold things of this level, in order: the questionnaire alone for categories."""
    if level is Level.CATEGORY:
        return [content]
    return [node for node in at_level(content, list(Level)[level.depth - 1]) if not isinstance(node, Question)]


def keys(content: Questionnaire, level: Level) -> list[str]:
    return [node.key for node in at_level(content, level)]


def find(content: Questionnaire, level: Level, key: str) -> Node:
    """Raises Gone."""
    for node in at_level(content, level):
        if node.key == key:
            return node
    raise Gone(key)


def holder_of(content: Questionnaire, level: Level, key: str) -> Holder:
    """What holds it. Raises Gone."""
    for holder in holders(content, level):
        if any(node.key == key for node in children(holder)):
            return holder
    raise Gone(key)


def holder_key(content: Questionnaire, level: Level, key: str) -> str:
    """The key of the topic or category that holds it; "" for a category. Raises Gone."""
    return key_of(holder_of(content, level, key))


def key_of(holder: Holder) -> str:
    return "" if isinstance(holder, Questionnaire) else holder.key


def path_of(content: Questionnaire, level: Level, key: str) -> str:
    """Where it stands, as problems of `definition` name it: "categories[0].topics[2]". Raises Gone."""
    for c, category in enumerate(content.categories):
        if level is Level.CATEGORY and category.key == key:
            return f"categories[{c}]"
        for t, topic in enumerate(category.topics):
            if level is Level.TOPIC and topic.key == key:
                return f"categories[{c}].topics[{t}]"
            for q, question in enumerate(topic.questions):
                if level is Level.QUESTION and question.key == key:
                    return f"categories[{c}].topics[{t}].questions[{q}]"
    raise Gone(key)


# ── Changes ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def put(content: Questionnaire, level: Level, key: str, node: Node) -> Questionnaire:
    """`node` in the place of what has this key. Raises Gone."""
    holder = holder_of(content, level, key)
    return _held(content, level, holder, [node if each.key == key else each for each in children(holder)])


def add(content: Questionnaire, level: Level, to: str, node: Node) -> Questionnaire:
    """`node` as the last of the topic or category `to` ("" for a category). Raises Gone where there is none."""
    holder = _holder(content, level, to)
    return _held(content, level, holder, [*children(holder), node])


def remove(content: Questionnaire, level: Level, key: str) -> Questionnaire:
    """Raises Gone, and LastOne where nothing would be left beside it."""
    holder = holder_of(content, level, key)
    rest = [node for node in children(holder) if node.key != key]
    if not rest:
        raise LastOne(key)
    return _held(content, level, holder, rest)


def duplicate(content: Questionnaire, level: Level, key: str, copied: str) -> tuple[Questionnaire, str]:
    """A copy right after it, and the copy's key; `copied` as in "%s (copy)" makes its name. Raises Gone."""
    node = find(content, level, key)
    taken = {each: set(keys(content, each)) for each in Level}
    new: Node = _copy(node, taken)
    if isinstance(new, Question):
        new = replace(new, text=_named(copied, new.text, MAX_QUESTION))
    else:
        new = replace(new, name=_named(copied, new.name, MAX_NAME))
    holder = holder_of(content, level, key)
    nodes = list(children(holder))
    nodes.insert([each.key for each in nodes].index(key) + 1, new)
    return _held(content, level, holder, nodes), new.key


def move(content: Questionnaire, level: Level, key: str, to: str, before: str = "") -> Questionnaire:
    """Into the topic or category `to` ("" for a category), before the one with the key `before`, else as the last.

    Raises Gone, and LastOne where it would leave a topic or category empty.
    """
    node, old, new = find(content, level, key), holder_of(content, level, key), _holder(content, level, to)
    rest = [each for each in children(old) if each.key != key]
    if key_of(old) != key_of(new):
        if not rest:
            raise LastOne(key)
        content = _held(content, level, old, rest)
        rest = list(children(_holder(content, level, to)))
    elif before == key:
        return content
    places = [each.key for each in rest]
    if before and before not in places:
        raise Gone(before)
    rest.insert(places.index(before) if before else len(rest), node)
    return _held(content, level, _holder(content, level, to), rest)


def step(content: Questionnaire, level: Level, key: str, *, up: bool) -> Questionnaire:
    """One place up or down; from the edge of a topic or category into the next one. At the very end nothing changes.

    Raises Gone, and LastOne where it would leave a topic or category empty.
    """
    around = holders(content, level)
    holder = holder_of(content, level, key)
    nodes = list(children(holder))
    at = [node.key for node in nodes].index(key)
    to = at + (-1 if up else 1)
    if 0 <= to < len(nodes):
        nodes.insert(to, nodes.pop(at))
        return _held(content, level, holder, nodes)
    place = [key_of(each) for each in around].index(key_of(holder)) + (-1 if up else 1)
    if not 0 <= place < len(around):
        return content
    first = children(around[place])[0].key if not up else ""
    return move(content, level, key, key_of(around[place]), first)


def _holder(content: Questionnaire, level: Level, key: str) -> Holder:
    for holder in holders(content, level):
        if key_of(holder) == key:
            return holder
    raise Gone(key)


def _held(content: Questionnaire, level: Level, holder: Holder, nodes: Sequence[Node]) -> Questionnaire:
    """The content with `nodes` (all of `level`) as what the holder with this key holds."""
    if level is Level.CATEGORY:
        return replace(content, categories=tuple(node for node in nodes if isinstance(node, Category)))
    key = key_of(holder)

    def topic(old: Topic) -> Topic:
        if level is Level.QUESTION and old.key == key:
            return replace(old, questions=tuple(node for node in nodes if isinstance(node, Question)))
        return old

    def category(old: Category) -> Category:
        if level is Level.TOPIC and old.key == key:
            return replace(old, topics=tuple(node for node in nodes if isinstance(node, Topic)))
        return replace(old, topics=tuple(map(topic, old.topics)))

    return replace(content, categories=tuple(map(category, content.categories)))


def _copy(node: Any, taken: dict[Level, set[str]]) -> Any:
    """With keys of its own, all the way down; `taken` grows."""
    used = taken[level_of(node)]
    key = propose_key(re.sub(r"-\d+$", "", node.key), used)
    used.add(key)
    if isinstance(node, Category):
        return replace(node, key=key, topics=tuple(_copy(topic, taken) for topic in node.topics))
    if isinstance(node, Topic):
        return replace(node, key=key, questions=tuple(_copy(question, taken) for question in node.questions))
    return replace(node, key=key)


def _named(pattern: str, name: str, limit: int) -> str:
    return pattern % name[: limit - len(pattern)]


# ── Keys, beginnings, fingerprints ───────────────────────────────────────────────────────────────────────────────────


def propose_key(name: str, taken: Collection[str]) -> str:
    """A key made from a name: its letters a to z and digits, joined by dashes, cut at a word; with a number where taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    words = re.findall(r"[a-z0-9]+", plain)
    stem = words[0][:STEM] if words else "item"
    for word in words[1:]:
        if len(stem) + 1 + len(word) > STEM:
            break
        stem += f"-{word}"
    key, number = stem, 2
    while key in taken:
        key, number = f"{stem}-{number}", number + 1
    return key


def first_options(labels: Sequence[str] = ()) -> tuple[Option, ...]:
    """The usual five levels, worth 0, 25, 50, 75 and 100; `labels` in place of the English ones."""
    named = labels or [label for _score, label in FIVE_LEVELS]
    return tuple(
        Option(key=f"level-{score}", label=label, score=Decimal(score))
        for (score, _label), label in zip(FIVE_LEVELS, named, strict=True)
    )


def first_question(text: str, key: str, labels: Sequence[str] = ()) -> Question:
    """A question to begin with: graduated, required, with the usual five levels."""
    return Question(key, QuestionType.GRADUATED, text, first_options(labels), required=True)


def fingerprint(thing: Questionnaire | Node, *, whole: bool = True) -> str:
    """Tells whether a thing is still as it was: equal for equal things. Without what it holds where not `whole`."""
    if isinstance(thing, Question):
        thing = Topic("-", "-", (thing,))
    elif isinstance(thing, Topic) and not whole:
        thing = replace(thing, questions=())
    if isinstance(thing, Topic):
        thing = Category("-", "-", (thing,))
    elif isinstance(thing, Category) and not whole:
        thing = replace(thing, topics=())
    content = Questionnaire("-", categories=(thing,)) if isinstance(thing, Category) else thing
    if isinstance(thing, Questionnaire) and not whole:
        content = replace(thing, categories=())
    text = json.dumps(to_json(content), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def keep_option_keys(content: Questionnaire, before: Questionnaire) -> Questionnaire:
    """The options of each question with the keys they had in `before`, so that answers find them again.

    A file names options by label only. An option is the one of the same label, else the one at the same place with the
    same score (it was reworded); the others get keys that no option of the question had.
    """
    known = {question.key: question.options for question in before.questions()}

    def kept(question: Question) -> Question:
        old = known.get(question.key)
        return replace(question, options=_keep(question.options, old)) if old else question

    return replace(
        content,
        categories=tuple(
            replace(
                category,
                topics=tuple(replace(topic, questions=tuple(map(kept, topic.questions))) for topic in category.topics),
            )
            for category in content.categories
        ),
    )


def _keep(options: Sequence[Option], old: Sequence[Option]) -> tuple[Option, ...]:
    by_label = {option.label.casefold(): option.key for option in old}
    found = {
        n: by_label[option.label.casefold()] for n, option in enumerate(options) if option.label.casefold() in by_label
    }
    for n, option in enumerate(options):
        if n not in found and n < len(old) and old[n].score == option.score and old[n].key not in found.values():
            found[n] = old[n].key
    taken = {option.key for option in old}
    made = []
    for n, option in enumerate(options):
        key = found.get(n)
        if key is None:
            key = option.key if option.key not in taken else propose_key(option.label, taken)
            taken.add(key)
        made.append(replace(option, key=key))
    return tuple(made)
