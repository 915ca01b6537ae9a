"""What other systems can be told. Tools register kinds of news, and send some when it happens.

    from prm.webhooks import news

    news.kind("deal.moved", _("Deal moved to another stage"), example={"id": 5, "partner": 7, "stage": "won"})
    …
    news.send("deal.moved", {"id": deal.pk, "partner": deal.partner_id, "stage": deal.stage.key})

`send` stands in the action, inside its transaction: the message is written with the change it tells of, and leaves after the
commit. Data are ids, keys and what the REST API shows of the thing; moments and dates ISO 8601, amounts decimal strings.
What not everybody at the vendor may see (satisfaction, notes) is not for sending.
"""

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone

from prm.webhooks import outbox
from prm.webhooks.models import Delivery, Endpoint

Data = Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """A kind of news: its key ("deal.moved"), what it says to people, and data such as are sent with it. One that isn't `chosen`
    goes to an endpoint for a reason of its own."""

    key: str
    label: Any
    example: Data
    chosen: bool = True

    @property
    def about(self) -> str:
        """What it is about: "deal" of "deal.moved"."""
        return self.key.partition(".")[0]


_kinds: dict[str, Kind] = {}


def kind(key: str, label: Any, *, example: Data, chosen: bool = True) -> Kind:
    """Registers a kind of news, at import. Keys are "thing.happened", and never change their meaning."""
    if key in _kinds:
        raise ValueError(f"There is news “{key}” already.")
    _kinds[key] = Kind(key, label, example, chosen)
    return _kinds[key]


def kinds() -> list[Kind]:
    """All kinds that an endpoint can choose, by key."""
    return [_kinds[key] for key in sorted(_kinds) if _kinds[key].chosen]


def label(key: str) -> str:
    """What a kind says to people; its key, where it is no more."""
    return str(_kinds[key].label) if key in _kinds else key


def send(key: str, data: Data) -> None:
    """Tells every endpoint that chose this kind, once the caller's transaction commits; nobody if it rolls back."""
    send_many(key, [data])


def send_many(key: str, rows: Iterable[Data]) -> None:
    """The same for many things of one kind, in order, with as many statements as for one."""
    known = _kinds[key]
    endpoints = list(
        Endpoint.objects.kept().filter(off="", kinds__contains=[known.key]).order_by("pk").values_list("pk", flat=True)
    )
    if not endpoints:
        return
    write(known.key, rows, endpoints)


def write(key: str, rows: Iterable[Data], endpoints: Iterable[int]) -> list[Delivery]:
    """Puts a message for each of `rows` into the outbox of the endpoints with these ids."""
    now = timezone.now()
    messages = [(f"msg_{uuid.uuid4().hex}", body(key, data)) for data in rows]
    endpoints = list(endpoints)
    written = Delivery.objects.bulk_create(
        (
            Delivery(endpoint_id=endpoint, message_id=message_id, kind=key, body=text, next_attempt_at=now)
            for message_id, text in messages
            for endpoint in endpoints
        ),
        batch_size=1000,
    )
    for endpoint in endpoints:
        transaction.on_commit(lambda pk=endpoint: outbox.hurry(pk))  # type: ignore[misc]
    return written


def body(key: str, data: Data) -> str:
    """The message as it goes over the line."""
    at = timezone.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"type": key, "timestamp": at, "data": data}, cls=DjangoJSONEncoder, ensure_ascii=False)
