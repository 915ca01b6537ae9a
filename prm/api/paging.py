"""Lists in pages: in a stable order, from a cursor that says where the page before ended."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from django.core import signing
from django.db import connection
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from pydantic import BaseModel, Field

from prm.api.problems import field_error, invalid

MOST = 200


class Paging(BaseModel):
    cursor: str | None = Field(None, max_length=1000, description="From `next` of the page before.")
    limit: int = Field(50, ge=1, le=MOST, description="How many at most.")


def page(
    request: HttpRequest,
    response: HttpResponse,
    rows: QuerySet[Any],
    show: Callable[[Any], dict[str, Any]],
    *,
    paging: Paging,
    sort: str = "id",
    by: Mapping[str, Any] | None = None,
    known: Collection[str] | None = (),
    prepare: Callable[[list[Any]], None] | None = None,
) -> dict[str, Any]:
    """A page of `rows` as {"items": […], "next": address or null}, with the same address in a Link header.

    `sort` is a key of `by`, with "-" before it for descending; rows that are equal in it come by id. What `by` sorts by must
    not be null. `known` are the operation's own parameters, so that a mistyped one does not list everything; None where its
    filter has looked at them. `prepare` gets the rows of the page before each is shown, to bring along what no query does. A row added or removed meanwhile moves no other row into or out of the pages to come.
    """
    if known is not None:
        check_parameters(request, {"cursor", "limit", *known})
    descending = sort.startswith("-")
    rows = rows.annotate(sorted_by={"id": F("pk"), **(by or {})}[sort.removeprefix("-")])
    if paging.cursor is not None:
        rows = rows.filter(_after(request, rows, sort, paging.cursor))
    direction = "-" if descending else ""
    found = list(rows.order_by(f"{direction}sorted_by", f"{direction}pk")[: paging.limit + 1])
    address = None
    if len(found) > paging.limit:
        found = found[: paging.limit]
        query = request.GET.copy()
        query["cursor"] = _signer(request).sign_object([sort, _plain(found[-1].sorted_by), found[-1].pk])
        address = request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
        response["Link"] = f'<{address}>; rel="next"'
    if prepare is not None:
        prepare(found)
    return {"items": [show(row) for row in found], "next": address}


def check_parameters(request: HttpRequest, known: Collection[str]) -> None:
    """422 for parameters in the address that the operation doesn't know."""
    if unknown := [name for name in request.GET if name not in known]:
        raise invalid(field_error(name, _("There is no such parameter."), place="query") for name in unknown)


def everything(rows: Iterable[Any], show: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """A list that is short by nature, in the same shape."""
    return {"items": [show(row) for row in rows], "next": None}


def _after(request: HttpRequest, rows: QuerySet[Any], sort: str, cursor: str) -> Q:
    try:
        sorted_as, value, pk = _signer(request).unsign_object(cursor)
    except signing.BadSignature:
        sorted_as = None
    if sorted_as != sort:
        raise invalid([field_error("cursor", _("This cursor does not belong to this list."), place="query")])
    value = rows.query.annotations["sorted_by"].output_field.to_python(value)
    beyond = "lt" if sort.startswith("-") else "gt"
    return Q(**{f"sorted_by__{beyond}": value}) | Q(**{"sorted_by": value, f"pk__{beyond}": pk})


def _signer(request: HttpRequest) -> signing.Signer:
    # Signed for one list of one vendor, so that a cursor can't be made up, nor used to look elsewhere.
    return signing.Signer(salt=f"api.cursor:{connection.schema_name}:{request.path}")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value if isinstance(value, int | str) else str(value)
