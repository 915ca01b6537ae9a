"""Messages leave through the outbox: a worker sends what is due for an endpoint, in order, and tries again what failed."""

import datetime as dt
import logging
import time

from celery import shared_task
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from prm.common import audit, mail, schedule
from prm.tenancy.addresses import vendor_url
from prm.webhooks import sending
from prm.webhooks.models import Attempt, Delivery, Endpoint
from prm.webhooks.sending import Answer

log = logging.getLogger(__name__)

# The wait before each attempt, as Standard Webhooks advises; after the last one a message is given up.
WAITS = [
    dt.timedelta(0), dt.timedelta(seconds=5), dt.timedelta(minutes=5), dt.timedelta(minutes=30), dt.timedelta(hours=2),
    dt.timedelta(hours=5), dt.timedelta(hours=10), dt.timedelta(hours=14), dt.timedelta(hours=20), dt.timedelta(hours=24),
]  # fmt: skip
FAILING_FOR = dt.timedelta(days=5)  # after so long without anything arriving an endpoint is switched off
AT_A_STRETCH = 30  # seconds a worker gives to one endpoint before others have their turn
LEASE = dt.timedelta(minutes=2)  # a worker that died leaves its endpoint to the next after this
KEPT = dt.timedelta(days=30)

audit.VERBS["webhook.switched_off"] = gettext_lazy("Webhook switched off")

State = Delivery.State


def hurry(endpoint_id: int, *, after: int = 0) -> None:
    """Asks a worker to send what is due, `after` so many seconds. Where the queue is out of reach the next sweep does it."""
    try:
        drain.apply_async((endpoint_id,), countdown=after or None)
    except (OperationalError, RedisError, OSError):
        log.warning("messages to endpoint %s wait for the next sweep: the queue can't be reached", endpoint_id)


@shared_task
def drain(endpoint_id: int) -> None:
    """Sends what is due for an endpoint, the oldest first. While another worker is at it, that one does it; where nobody answers
    at all the rest waits for the next sweep, so that a host that is down keeps no worker."""
    until = time.monotonic() + AT_A_STRETCH
    answered = True
    while _take(endpoint_id):
        try:
            while answered and time.monotonic() < until and (delivery := _due(endpoint_id)) is not None:
                Endpoint.objects.filter(pk=endpoint_id).update(busy_until=timezone.now() + LEASE)
                answered = attempt(delivery)
        finally:
            Endpoint.objects.filter(pk=endpoint_id).update(busy_until=None)
        # What came while it was being left found it taken, and was left to us.
        if not answered or _due(endpoint_id) is None:
            return
        if time.monotonic() >= until:
            hurry(endpoint_id)
            return


def _take(endpoint_id: int) -> bool:
    now = timezone.now()
    free = Endpoint.objects.kept().filter(Q(busy_until=None) | Q(busy_until__lt=now), pk=endpoint_id, off="")
    return free.update(busy_until=now + LEASE) == 1


def _due(endpoint_id: int) -> Delivery | None:
    rows = Delivery.objects.filter(endpoint=endpoint_id, state=State.WAITING, next_attempt_at__lte=timezone.now())
    return rows.filter(endpoint__off="", endpoint__removed_at=None).order_by("next_attempt_at", "pk").first()


def attempt(delivery: Delivery) -> bool:
    """Sends a message once and writes down what came of it; whether there was an answer, be it no. No transaction is open while the
    other side takes its time."""
    endpoint = Endpoint.objects.get(pk=delivery.endpoint_id)
    began = timezone.now()
    answer = sending.post(endpoint, delivery)
    _note(delivery.pk, answer, began)
    return answer.status is not None


@transaction.atomic
def _note(delivery_id: int, answer: Answer, at: dt.datetime) -> None:
    delivery = Delivery.objects.select_for_update().filter(pk=delivery_id, state=State.WAITING).first()
    if delivery is None:
        return  # switched off or removed meanwhile
    Attempt.objects.create(
        delivery=delivery, at=at, status=answer.status, answer=answer.head, error=answer.error, took_ms=answer.took_ms
    )
    delivery.attempts += 1
    delivery.last_status, delivery.last_error = answer.status, answer.error
    endpoint = Endpoint.objects.select_for_update(no_key=True).get(pk=delivery.endpoint_id)
    if answer.is_ok:
        delivery.state, delivery.next_attempt_at, delivery.delivered_at = State.DELIVERED, None, timezone.now()
        delivery.save()
        Endpoint.objects.filter(pk=endpoint.pk).exclude(failing_since=None).update(failing_since=None)
        return
    _put_off(delivery)
    since = endpoint.failing_since or at
    Endpoint.objects.filter(pk=endpoint.pk, failing_since=None).update(failing_since=at)
    if answer.status == sending.GONE:
        _give_up(endpoint, Endpoint.Off.GONE)
    elif timezone.now() - since >= FAILING_FOR:
        _give_up(endpoint, Endpoint.Off.FAILING)


def _put_off(delivery: Delivery) -> None:
    """To the next attempt of the schedule; past the last one it has failed."""
    if delivery.attempts >= len(WAITS):
        delivery.state, delivery.next_attempt_at = State.FAILED, None
    else:
        wait = WAITS[delivery.attempts]
        delivery.next_attempt_at = timezone.now() + wait
        if wait < dt.timedelta(minutes=1):  # before the sweep comes round
            transaction.on_commit(lambda: hurry(delivery.endpoint_id, after=int(wait.total_seconds())))
    delivery.save()


def _give_up(endpoint: Endpoint, why: Endpoint.Off) -> None:
    """Switches an endpoint off that doesn't take anything any more, and tells whoever looks after it."""
    switch_off(endpoint, why)
    audit.record(by=None, verb="webhook.switched_off", target=endpoint, note=str(why.label))
    url = vendor_url(reverse("settings:webhook", args=[endpoint.pk]))
    mail.send(to=endpoint.contact, template="webhook_off", context={"endpoint": endpoint, "why": why, "url": url})


def switch_off(endpoint: Endpoint, why: Endpoint.Off) -> None:
    """What still waited for it has failed, and can be sent anew once it is on again."""
    endpoint.off, endpoint.off_at = why, timezone.now()
    endpoint.save(update_fields=["off", "off_at"])
    waiting = Delivery.objects.filter(endpoint=endpoint, state=State.WAITING)
    waiting.update(state=State.FAILED, next_attempt_at=None, last_error=_("The endpoint was switched off."))


@schedule.sweep
def send_waiting() -> None:
    """Has sent what is due and nobody is at: attempts put off, and what a worker or the queue left behind."""
    now = timezone.now()
    idle = Endpoint.objects.kept().filter(Q(busy_until=None) | Q(busy_until__lt=now), off="")
    due = idle.filter(deliveries__state=State.WAITING, deliveries__next_attempt_at__lte=now)
    for endpoint_id in due.order_by("pk").values_list("pk", flat=True).distinct():
        hurry(endpoint_id)


@schedule.nightly
def clear_log() -> None:
    """Forgets messages after a month, and endpoints that were removed."""
    now = timezone.now()
    Delivery.objects.exclude(state=State.WAITING).filter(created_at__lt=now - KEPT).delete()
    Endpoint.objects.filter(removed_at__lt=now - dt.timedelta(hours=1)).delete()
