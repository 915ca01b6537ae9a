"""A program as a YAML file, out and in. What is read is checked as any document is; the file itself only for its shape."""

from typing import Any

import yaml
from django.utils.translation import gettext as _

from scorecards.tiers import writing
from scorecards.tiers.program import Program

MOST_BYTES = 500_000
MOST_DEPTH = 20


class Unreadable(Exception):
    """The file is no YAML (or JSON) that can be read; the text says why."""


def to_yaml(program: Program) -> str:
    """The program's document as YAML."""
    return yaml.safe_dump(writing.write(program), sort_keys=False, allow_unicode=True, width=110)


def from_yaml(data: bytes) -> dict[str, Any]:
    """The document in a file of YAML or JSON; raises Unreadable. Aliases are refused (a few lines of them can stand for
    billions of values), and so is deep nesting. Numbers stay as they are written."""
    if len(data) > MOST_BYTES:
        raise Unreadable(_("The file is too large."))
    try:
        text = data.decode("utf-8-sig")
        depth = 0
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if isinstance(event, yaml.AliasEvent) or depth > MOST_DEPTH:
                raise Unreadable(_("Aliases (*) and deep nesting are not allowed."))
        found = yaml.load(text, Loader=_Plain)
    except UnicodeDecodeError as error:
        raise Unreadable(_("This is no YAML in UTF-8.")) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        words = {"line": mark.line + 1 if mark else 1, "why": getattr(error, "problem", None) or "?"}
        raise Unreadable(_("This is no valid YAML: line %(line)s, %(why)s.") % words) from error
    if not isinstance(found, dict):
        raise Unreadable(_("The file holds no program: it must have a name and tiers."))
    return found


class _Plain(yaml.SafeLoader):
    """Of what YAML guesses, only true, false and null: 2.14 stays "2.14", and a date is a text."""


_Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:null")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
