"""Errors of the API as problem documents (RFC 9457)."""

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

CONTENT_TYPE = "application/problem+json"
ROOT = "/api/"

# What to say of errors that come without words.
DETAILS = {
    400: gettext_lazy("The request can't be understood."),
    403: gettext_lazy("You may not do this."),
    404: gettext_lazy("There is nothing here that you can see."),
    405: gettext_lazy("This address does not know that method."),
    413: gettext_lazy("The body is too large."),
    500: gettext_lazy("Something went wrong on our side. Nothing was changed; the operators can see why."),
}


class Problem(Exception):
    """An error with its status. `code` becomes the last part of the problem's type, `errors` name what is wrong where."""

    def __init__(
        self,
        status: int,
        detail: str = "",
        *,
        code: str = "",
        errors: Iterable[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.code = status, detail, code
        self.errors = list(errors)
        self.headers = dict(headers or {})

    def response(self, request: HttpRequest) -> HttpResponse:
        body: dict[str, Any] = {
            "type": f"urn:cadence:problem:{self.code}" if self.code else "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": str(self.detail or DETAILS.get(self.status, "")),
            "instance": request.path,
        }
        if self.errors:
            body["errors"] = self.errors
        content = json.dumps(body, ensure_ascii=True, default=str)
        return HttpResponse(content, status=self.status, content_type=CONTENT_TYPE, headers=self.headers)


def field_error(field: str, message: Any, *, place: str = "body") -> dict[str, Any]:
    """One entry of `errors`: `field` as in "categories.0.weight" ("" for the whole), with its JSON pointer in a body."""
    entry: dict[str, Any] = {"in": place, "field": field, "message": str(message)}
    if place == "body":
        entry["pointer"] = "".join(f"/{part}" for part in field.split(".") if part)
    return entry


def invalid(errors: Iterable[Mapping[str, Any]]) -> Problem:
    """422: the request is well formed, and something in it can't be so."""
    return Problem(422, _("Something in the request is not as it must be."), code="validation", errors=errors)


def from_validation(error: ValidationError, names: Mapping[str, str] | None = None, prefix: str = "") -> Problem:
    """The refusal of an action or model; `names` are the API's names of fields that are called otherwise inside."""
    if not hasattr(error, "error_dict"):
        return invalid(field_error(prefix, message) for message in error.messages)
    found = []
    for name, messages in error.message_dict.items():
        shown = "" if name == NON_FIELD_ERRORS else (names or {}).get(name, name)
        found += [field_error(".".join(filter(None, [prefix, shown])), message) for message in messages]
    return invalid(found)


def for_api(request: HttpRequest, status: int) -> HttpResponse | None:
    """The problem for an error outside any operation; None where the request is not the API's."""
    return Problem(status).response(request) if request.path.startswith(ROOT) else None
