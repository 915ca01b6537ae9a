"""Webhooks: which systems are told of what happens, how each message went, and sending it once more."""

import datetime as dt
from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status
from pydantic import Field

from accounts.permissions import Permission as P
from accounts.tokens import Scope
from prm.api.auth import Allowed, Request
from prm.api.paging import Paging, check_parameters, everything, page
from prm.api.problems import Problem
from prm.api.schemas import Id, In, Key, Out, Page, Patch, given, instant
from prm.webhooks import actions, news, queries
from prm.webhooks.models import Delivery, Endpoint

router = Router(tags=["Webhooks"])
READS = Allowed(Scope.WEBHOOKS_READ, vendor=P.EDIT_SETTINGS)
WRITES = Allowed(Scope.WEBHOOKS_WRITE, vendor=P.EDIT_SETTINGS)
Sort = Literal["id", "-id", "created_at", "-created_at"]
SORTS = {"created_at": F("created_at")}
State = Literal["waiting", "delivered", "failed"]


class KindOut(Out):
    """A kind of news with data such as are sent with it."""

    key: str
    label: str
    example: dict[str, Any]


class EndpointPatch(Patch):
    """`kinds` are keys of news; `contact` is told by mail when the endpoint is switched off; `on` switches it."""

    name: Annotated[str, Field(min_length=1, max_length=80)] = ""
    url: Annotated[str, Field(max_length=500)] = ""
    kinds: Annotated[list[str], Field(min_length=1, max_length=200)] = []
    contact: Annotated[str, Field(max_length=254)] = ""
    on: bool = True


class EndpointIn(In):
    """`contact` is the caller where left out."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    url: Annotated[str, Field(max_length=500)]
    kinds: Annotated[list[str], Field(min_length=1, max_length=200)]
    contact: Annotated[str, Field(max_length=254)] = ""


class EndpointOut(Out):
    """`off`: why it is switched off (`hand`, `gone`, `failing`), null while it is on. The counts are of the last seven days."""

    id: int
    name: str
    url: str
    kinds: list[str]
    contact: str
    off: Literal["hand", "gone", "failing"] | None
    off_at: str | None
    failing_since: str | None
    delivered: int
    waiting: int
    failed: int
    last_arrived: str | None
    created_at: str


class SecretOut(Out):
    """What messages are signed with. It can't be read again."""

    id: int
    secret: str


class DeliveryOut(Out):
    """`attempts` are those of the present round: sent anew, it begins at none. `last_status` is the HTTP status of the last
    answer; `last_error` says what went wrong."""

    id: int
    endpoint: int
    message_id: str
    type: str
    state: State
    attempts: int
    next_attempt_at: str | None
    last_status: int | None
    last_error: str
    delivered_at: str | None
    created_at: str


class AttemptOut(Out):
    """`answer` is how the answer began."""

    at: str
    status: int | None
    answer: str
    error: str
    took_ms: int


class MessageOut(DeliveryOut):
    """`body` is sent to the letter; it is what the signature is made of."""

    body: str
    tries: list[AttemptOut]


class SinceIn(In):
    since: dt.datetime = Field(description="Messages written then or after, with a time zone.")


class ReplayedOut(Out):
    """How many messages are sent once more."""

    count: int


def endpoint_out(row: Any) -> dict[str, Any]:
    """Of an endpoint out of `queries.endpoints`."""
    plain = ("name", "url", "kinds", "contact", "delivered", "waiting", "failed")
    moments = ("off_at", "failing_since", "last_arrived", "created_at")
    return {
        "id": row.pk,
        **{name: getattr(row, name) for name in plain},
        **{name: instant(getattr(row, name)) for name in moments},
        "off": row.off or None,
    }


def delivery_out(row: Delivery) -> dict[str, Any]:
    plain = ("message_id", "state", "attempts", "last_status", "last_error")
    moments = ("next_attempt_at", "delivered_at", "created_at")
    return {
        "id": row.pk,
        "endpoint": row.endpoint_id,
        "type": row.kind,
        **{name: getattr(row, name) for name in plain},
        **{name: instant(getattr(row, name)) for name in moments},
    }


def message_out(row: Delivery) -> dict[str, Any]:
    tries = [
        {"at": instant(one.at), **{name: getattr(one, name) for name in ("status", "answer", "error", "took_ms")}}
        for one in row.tries.all()
    ]
    return {**delivery_out(row), "body": row.body, "tries": tries}


def _endpoint(endpoint_id: int) -> Endpoint:
    return get_object_or_404(queries.endpoints(), pk=endpoint_id)


def _delivery(delivery_id: int) -> Delivery:
    return get_object_or_404(queries.deliveries(), pk=delivery_id)


def _off(error: ValidationError) -> Problem:
    return Problem(409, error.messages[0], code="switched-off")


@router.get("/webhooks/kinds", response=Page[KindOut], auth=READS)
def list_webhook_kinds(request: Request) -> Any:
    """The kinds of news an endpoint can choose, with examples of their data."""
    check_parameters(request, ())
    return everything(
        news.kinds(), lambda kind: {"key": kind.key, "label": str(kind.label), "example": dict(kind.example)}
    )


@router.get("/webhooks", response=Page[EndpointOut], auth=READS)
def list_webhooks(request: Request) -> Any:
    """The endpoints, by name."""
    check_parameters(request, ())
    return everything(queries.endpoints(), endpoint_out)


@router.post("/webhooks", response={201: SecretOut}, auth=WRITES)
def create_webhook(request: Request, response: HttpResponse, body: EndpointIn) -> Any:
    """Adds an endpoint, and answers with the secret its messages are signed with."""
    request.answer_is_secret = True  # type: ignore[attr-defined]  # never kept for a request sent twice
    made = actions.add_endpoint(by=request.user, **body.model_dump())
    response["Location"] = request.build_absolute_uri(f"/api/v1/webhooks/{made.pk}")
    return Status(201, {"id": made.pk, "secret": made.secret})


@router.get("/webhooks/{int:webhook_id}", response=EndpointOut, auth=READS)
def get_webhook(request: Request, webhook_id: int) -> Any:
    """One endpoint."""
    return endpoint_out(_endpoint(webhook_id))


@router.patch("/webhooks/{int:webhook_id}", response=EndpointOut, auth=WRITES)
def update_webhook(request: Request, webhook_id: int, body: EndpointPatch) -> Any:
    """Changes the fields sent. With `on` it is switched: what happens while it is off is not told later."""
    found, sent = _endpoint(webhook_id), given(body)
    on = sent.pop("on", None)
    if sent:
        actions.update_endpoint(by=request.user, endpoint=found, **sent)
    if on is not None:
        actions.switch(by=request.user, endpoint=found, on=on)
    return endpoint_out(_endpoint(webhook_id))


@router.delete("/webhooks/{int:webhook_id}", response={204: None}, auth=WRITES)
def delete_webhook(request: Request, webhook_id: int) -> Any:
    """Removes an endpoint with its log."""
    actions.remove_endpoint(by=request.user, endpoint=_endpoint(webhook_id))
    return Status(204, None)


@router.post("/webhooks/{int:webhook_id}/secret", response=SecretOut, auth=WRITES)
def rotate_webhook_secret(request: Request, webhook_id: int) -> Any:
    """A new secret. For 24 hours messages are signed with the one before, too."""
    request.answer_is_secret = True  # type: ignore[attr-defined]
    found = _endpoint(webhook_id)
    return {"id": found.pk, "secret": actions.rotate_secret(by=request.user, endpoint=found)}


@router.post("/webhooks/{int:webhook_id}/test", response={201: DeliveryOut}, auth=WRITES)
def send_webhook_test(request: Request, webhook_id: int) -> Any:
    """Sends a message of the type `webhook.test`. 409 while the endpoint is off."""
    found = _endpoint(webhook_id)
    try:
        return Status(201, delivery_out(actions.send_test(by=request.user, endpoint=found)))
    except ValidationError as error:
        raise _off(error) from error


@router.post("/webhooks/{int:webhook_id}/replay", response=ReplayedOut, auth=WRITES)
def replay_webhook_failures(request: Request, webhook_id: int, body: SinceIn) -> Any:
    """Sends all messages once more that were written since then and have failed. 409 while the endpoint is off."""
    found = _endpoint(webhook_id)
    since = body.since if body.since.tzinfo else body.since.replace(tzinfo=dt.UTC)
    try:
        return {"count": actions.replay_failed(by=request.user, endpoint=found, since=since)}
    except ValidationError as error:
        raise _off(error) from error


@router.get("/webhook-deliveries", response=Page[DeliveryOut], auth=READS)
def list_webhook_deliveries(
    request: HttpRequest,
    response: HttpResponse,
    paging: Annotated[Paging, Query()],
    webhook: Id | None = None,
    state: State | None = None,
    type: Key = "",
    sort: Sort = "-id",
) -> Any:
    """What was sent in the last month, the latest first; narrowed by endpoint, state and type."""
    rows = queries.deliveries()
    if webhook is not None:
        rows = rows.filter(endpoint=webhook)
    if state is not None:
        rows = rows.filter(state=state)
    if type:
        rows = rows.filter(kind=type)
    known = ("webhook", "state", "type", "sort")
    return page(request, response, rows, delivery_out, paging=paging, sort=sort, by=SORTS, known=known)


@router.get("/webhook-deliveries/{int:delivery_id}", response=MessageOut, auth=READS)
def get_webhook_delivery(request: Request, delivery_id: int) -> Any:
    """One message for one endpoint, with its body and each attempt, the latest first."""
    return message_out(_delivery(delivery_id))


@router.post("/webhook-deliveries/{int:delivery_id}/replay", response=DeliveryOut, auth=WRITES)
def replay_webhook_delivery(request: Request, delivery_id: int) -> Any:
    """Sends a message once more, the same to the letter and with its id. 409 while the endpoint is off."""
    try:
        actions.replay(by=request.user, delivery=_delivery(delivery_id))
    except ValidationError as error:
        raise _off(error) from error
    return delivery_out(_delivery(delivery_id))
