"""Mail leaves through the outbox: written in the action's transaction, sent by a worker after it, tried again when it fails."""

import datetime as dt
import logging
from typing import Any

from celery import shared_task
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from prm.common import accent, schedule
from prm.common.models import OutgoingMail
from prm.common.vendor import vendor_settings

log = logging.getLogger(__name__)

ATTEMPTS = 8


def send(*, to: str, template: str, context: dict[str, Any], language: str = "en") -> OutgoingMail:
    """Writes a mail into the outbox. `template` names mail/<template>.txt, whose first line is the subject, and .html.

    A `url` in the context becomes the mail's one button; `mail` tells the templates the vendor's name and colours.
    """
    settings = vendor_settings()
    ground = settings.accent or accent.DEFAULT
    look = {"vendor": settings.name, "accent": ground, "accent_text": accent.text_on(ground)}
    context = {"url": "", **context, "mail": look}
    with translation.override(language):
        subject, _, text = render_to_string(f"mail/{template}.txt", context).strip().partition("\n")
        html = render_to_string(f"mail/{template}.html", context)
    mail = OutgoingMail.objects.create(
        to=to,
        subject=" ".join(subject.split())[:250],
        text=text.strip() + "\n",
        html=html,
        next_attempt_at=timezone.now(),
    )
    transaction.on_commit(lambda: _hurry(mail.pk))
    return mail


def _hurry(mail_id: int) -> None:
    try:
        deliver.apply_async((mail_id,))
    except (OperationalError, RedisError, OSError):
        log.warning("mail %s waits for the next sweep: the queue can't be reached", mail_id)


@shared_task
def deliver(mail_id: int) -> None:
    deliver_one(mail_id)


def deliver_one(mail_id: int) -> None:
    """Sends one waiting mail. The row is locked, so two workers can't send it twice."""
    with transaction.atomic():
        mail = OutgoingMail.objects.select_for_update(skip_locked=True).filter(pk=mail_id, sent_at=None).first()
        if mail is None:
            return
        message = EmailMultiAlternatives(mail.subject, mail.text, to=[mail.to])
        message.attach_alternative(mail.html, "text/html")
        mail.attempts += 1
        try:
            message.send()
        except Exception as error:
            log.warning("mail %s to be tried again: %s", mail.pk, error)
            mail.error = str(error)
            mail.next_attempt_at = timezone.now() + dt.timedelta(minutes=2**mail.attempts)
        else:
            mail.sent_at = timezone.now()
            mail.error = ""
        mail.save(update_fields=["attempts", "error", "next_attempt_at", "sent_at"])


@schedule.sweep
def deliver_waiting() -> None:
    """Sends what a worker or the queue left behind."""
    waiting = OutgoingMail.objects.filter(sent_at=None, next_attempt_at__lte=timezone.now(), attempts__lt=ATTEMPTS)
    for mail_id in waiting.order_by("id").values_list("id", flat=True)[:200]:
        deliver_one(mail_id)
