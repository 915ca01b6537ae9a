"""What is different between two versions of a questionnaire. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum

from scorecards.definition import Questionnaire
from scorecards.editing import Holder, Level, Node, at_level, children, holders, key_of, name_of

HELD = {"topics", "questions", "categories"}


class What(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    REORDERED = "reordered"  # what it holds stands in another order


@dataclass(frozen=True)
class Change:
    """One difference. `fields`: for what is changed, the fields of `definition` that are; "place" where it moved elsewhere."""

    what: What
    level: Level | None  # None: the questionnaire itself
    key: str
    name: str
    fields: tuple[str, ...] = ()


def changes(before: Questionnaire, after: Questionnaire) -> list[Change]:
    """All differences: of the questionnaire, then by level and place. Nothing inside what was added or removed as a whole."""
    found = []
    if before.name != after.name:
        found.append(Change(What.CHANGED, None, "", after.name, ("name",)))
    for level in Level:
        found += _of_level(level, before, after)
    found += _reordered(before, after)
    return found


def _of_level(level: Level, before: Questionnaire, after: Questionnaire) -> Iterator[Change]:
    old, new = ({node.key: node for node in at_level(content, level)} for content in (before, after))
    were, are = _places(before, level), _places(after, level)
    known = _keys_above(level, before), _keys_above(level, after)
    for key, node in new.items():
        if key not in old:
            if are[key] in known[0]:
                yield Change(What.ADDED, level, key, name_of(node))
        elif differing := _fields(old[key], node, were[key] != are[key]):
            yield Change(What.CHANGED, level, key, name_of(node), differing)
    for key, node in old.items():
        if key not in new and were[key] in known[1]:
            yield Change(What.REMOVED, level, key, name_of(node))


def _keys_above(level: Level, content: Questionnaire) -> set[str]:
    return {key_of(holder) for holder in holders(content, level)}


def _places(content: Questionnaire, level: Level) -> Mapping[str, str]:
    return {node.key: key_of(holder) for holder in holders(content, level) for node in children(holder)}


def _fields(old: Node, new: Node, moved: bool) -> tuple[str, ...]:
    names = [field.name for field in fields(new) if field.name not in HELD]
    found = [name for name in names if getattr(old, name) != getattr(new, name)]
    return (*found, *(["place"] if moved else []))


def _reordered(before: Questionnaire, after: Questionnaire) -> Iterator[Change]:
    for level in Level:
        old = {key_of(holder): holder for holder in holders(before, level)}
        for holder in holders(after, level):
            was = old.get(key_of(holder))
            if was is not None and _in_other_order(was, holder):
                above = list(Level)[level.depth - 1] if level.depth else None
                yield Change(What.REORDERED, above, key_of(holder), holder.name)


def _in_other_order(before: Holder, after: Holder) -> bool:
    was, now = [node.key for node in children(before)], [node.key for node in children(after)]
    return [key for key in was if key in now] != [key for key in now if key in was]
