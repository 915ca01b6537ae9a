"""What the editor's form sends, as a document, and the document after one of its buttons. The names of fields are their places in
it ("tiers.0.requirements.2.minimum")."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from django.http import QueryDict

Document = dict[str, Any]

LISTS = frozenset({"tiers", "requirements", "kinds", "tracks", "metrics"})
FLAGS = frozenset({"once", "own", "every_above_zero", "whole_units"})


def posted(data: QueryDict) -> Document:
    """The document that the fields of a form make up; empty fields are left out."""
    tree: Document = {}
    for name in data:
        if name != "name" and not name.startswith("tiers."):
            continue
        *places, last = name.split(".")
        values = [value for value in data.getlist(name) if value.strip()]
        if not values and (last in FLAGS or not places):
            continue
        here: Any = tree
        for place in places:
            here = here.setdefault(place, {})
            if not isinstance(here, dict):
                break
        if not isinstance(here, dict):
            continue
        if last in FLAGS:
            here[last] = True
        elif last == "certificates":
            here[last] = values
        elif values:
            here[last] = values[-1]
        else:
            here.setdefault("", "")  # a row whose fields are all empty is a row
    return dict(_with_lists(tree))


def _with_lists(tree: Document) -> Document:
    found: Document = {}
    for key, value in tree.items():
        if not key:
            continue
        if key in LISTS and isinstance(value, dict):
            numbered = sorted((int(number), each) for number, each in value.items() if number.isdecimal())
            found[key] = [_with_lists(each) if isinstance(each, dict) else each for _number, each in numbered]
        elif isinstance(value, dict):
            found[key] = _with_lists(value) if key != "certificates" else dict(value)
        else:
            found[key] = value
    return found


def changed(document: Document, op: str) -> Document:
    """The document after a button of the form: "add:tiers.0.requirements:metric", "remove:…", "up:…", "down:…". An op that fits
    nothing changes nothing."""
    verb, _colon, rest = op.partition(":")
    found = deepcopy(document)
    if verb == "add":
        name, _colon, kind = rest.rpartition(":")
        *places, last = name.split(".")
        holder = _at(found, places)
        if isinstance(holder, dict) and last in LISTS and isinstance(holder.setdefault(last, []), list):
            holder[last].append(blank(last, kind))
        return found
    *places, number = rest.split(".")
    rows = _at(found, places)
    if not isinstance(rows, list) or not number.isdecimal() or int(number) >= len(rows):
        return found
    place = int(number)
    if verb == "remove":
        del rows[place]
    elif verb in ("up", "down"):
        other = place + (1 if verb == "down" else -1)
        if 0 <= other < len(rows):
            rows[place], rows[other] = rows[other], rows[place]
    return found


def _at(tree: Any, places: Sequence[str]) -> Any:
    for place in places:
        if isinstance(tree, list) and place.isdecimal() and int(place) < len(tree):
            tree = tree[int(place)]
        elif isinstance(tree, dict) and place in tree:
            tree = tree[place]
        else:
            return None
    return tree


def blank(where: str, kind: str) -> Document:
    """A new row of a list."""
    if where == "requirements":
        new: Document = {"type": kind or "metric"}
        if kind == "score":
            new["tracks"] = [{"name": "", "metrics": [{}]}]
        if kind == "n_of":
            new["requirements"] = [{"type": "metric"}]
        return new
    if where == "tracks":
        return {"metrics": [{}]}
    if where == "metrics" and kind == "people":
        return {"certificates": []}
    return {"requirements": []} if where == "tiers" else {}
