"""Bodies as JSON; what no database column can hold is refused at the door."""

import json
from typing import Any

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from ninja.parser import Parser as NinjaParser

from prm.api.problems import Problem


class Parser(NinjaParser):
    def parse_body(self, request: HttpRequest) -> Any:
        """Raises Problem 400 for a body that is no JSON."""
        try:
            data = json.loads(request.body, parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            raise Problem(400, _("The body is no JSON that can be read."), code="malformed-json") from error
        if b"\\u0000" in request.body:
            _check(data)
        return data

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        for values in data.lists():
            _check(list(values[1]))
        return super().parse_querydict(data, list_fields, request)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _check(data: Any) -> None:
    """Raises Problem 400 where a text holds the one character that PostgreSQL can't store."""
    waiting = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str) and "\x00" in value:
            raise Problem(400, _("The request holds a character that is none (U+0000)."))
        if isinstance(value, dict):
            waiting += [*value, *value.values()]
        elif isinstance(value, list):
            waiting += value
