"""The conflict check in the background: soon after each submission, whatever there is."""

import logging

from celery import shared_task
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from dealdesk import actions
from dealdesk.events import RegistrationSubmitted
from prm.common import events

log = logging.getLogger(__name__)


@events.on(RegistrationSubmitted)
def check_soon(event: RegistrationSubmitted) -> None:
    try:
        check.apply_async((event.registration_id,))
    except (OperationalError, RedisError, OSError):
        log.warning("registration %s waits for the next sweep: the queue can't be reached", event.registration_id)


@shared_task
def check(registration_id: int) -> None:
    actions.check(registration_id)
