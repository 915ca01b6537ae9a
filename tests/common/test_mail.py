"""The outbox: a mail is sent when the change it tells of is committed, once, and tried again when it fails."""

import datetime as dt

import pytest
from django.core import mail as django_mail
from django.db import connection, transaction
from django.utils import timezone

from accounts.permissions import Role
from prm.common import mail
from prm.common.models import OutgoingMail, VendorSettings
from prm.tenancy.tasks import HEADER

LINK = "https://acme.example/l/x"


def send(acme, **extra) -> OutgoingMail:
    user = acme.users[Role.CAM]
    return mail.send(to=user.email, template="link_renewed", context={"user": user, "url": LINK, "days": 7, **extra})


def deliver(message: OutgoingMail) -> OutgoingMail:
    mail.deliver.apply(args=(message.pk,), headers={HEADER: connection.schema_name}, throw=True)
    message.refresh_from_db()
    return message


class Broken:
    def __init__(self, **options):
        pass

    def send_messages(self, messages):
        raise ConnectionRefusedError("no mail server")


@pytest.fixture
def server_down(monkeypatch):
    monkeypatch.setattr("django.core.mail.get_connection", lambda *args, **kwargs: Broken())


def test_a_mail_says_the_same_as_text_and_as_html(acme):
    message = send(acme)
    assert message.subject == "Your new link to Acme"
    assert LINK in message.text
    assert f'href="{LINK}"' in message.html
    assert "Acme" in message.html


def test_names_are_written_as_they_are_in_text_and_escaped_in_html(acme):
    user = acme.users[Role.CAM]
    user.name = "O'Neill & <b>Sons</b>\r\nBcc: x@y.example"
    message = mail.send(to=user.email, template="invitation", context={"user": user, "by": user, "to": "", "url": LINK, "days": 7})  # fmt: skip
    assert "O'Neill & <b>Sons</b>" in message.text
    assert "<b>Sons" not in message.html
    assert "\n" not in message.subject
    assert "O'Neill & <b>" in message.subject


def test_it_is_in_the_readers_language_whoever_writes_it(acme):
    from django.utils import translation

    with translation.override("de"):
        user = acme.users[Role.CAM]
        mail.send(to=user.email, template="link_renewed", context={"user": user, "url": LINK, "days": 7}, language="fr")
        assert translation.get_language() == "de"
    assert 'lang="fr"' in OutgoingMail.objects.get().html


def test_the_button_is_readable_in_any_colour_of_the_vendor(acme):
    VendorSettings.objects.update(accent="#ffee00")
    assert "background: #ffee00; color: #000000" in send(acme).html


def test_committed_mail_is_handed_to_a_worker_and_sent_once(
    acme, mailoutbox, django_capture_on_commit_callbacks, monkeypatch
):
    sent = []
    monkeypatch.setattr(mail.deliver, "apply_async", sent.append)
    with django_capture_on_commit_callbacks(execute=True):
        message = send(acme)
    assert sent == [(message.pk,)]
    assert deliver(message).sent_at
    deliver(message)
    assert [m.to for m in mailoutbox] == [[message.to]]
    assert mailoutbox[0].alternatives[0].content == message.html


def test_a_rolled_back_change_sends_nothing(acme, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks, transaction.atomic():
        send(acme)
        transaction.set_rollback(True)
    assert callbacks == []
    assert not OutgoingMail.objects.exists()


def test_what_fails_is_tried_again_later_and_later_and_in_the_end_left(acme, server_down):
    message = send(acme)
    waits = []
    for _attempt in range(mail.ATTEMPTS):
        before = timezone.now()
        deliver(message)
        waits.append((message.next_attempt_at - before) / dt.timedelta(minutes=1))
        assert message.error == "no mail server"
        assert message.sent_at is None
    assert [round(wait) for wait in waits] == [2, 4, 8, 16, 32, 64, 128, 256]
    OutgoingMail.objects.update(next_attempt_at=timezone.now())
    mail.deliver_waiting()
    message.refresh_from_db()
    assert message.attempts == mail.ATTEMPTS


def test_the_sweep_sends_what_is_due_and_nothing_else(acme, mailoutbox):
    due, later, done = send(acme), send(acme), send(acme)
    OutgoingMail.objects.filter(pk=later.pk).update(next_attempt_at=timezone.now() + dt.timedelta(minutes=5))
    OutgoingMail.objects.filter(pk=done.pk).update(sent_at=timezone.now())
    mail.deliver_waiting()
    due.refresh_from_db()
    assert due.sent_at
    assert len(mailoutbox) == 1


def test_with_the_queue_away_the_mail_waits_for_the_sweep(
    acme, mailoutbox, django_capture_on_commit_callbacks, monkeypatch
):
    from prm.celery import app

    nowhere = app.connection_for_write("redis://127.0.0.1:1/0")
    send_task = mail.deliver.apply_async
    monkeypatch.setattr(mail.deliver, "apply_async", lambda args: send_task(args, connection=nowhere))
    with django_capture_on_commit_callbacks(execute=True):
        message = send(acme)
    assert django_mail.outbox == []
    mail.deliver_waiting()
    message.refresh_from_db()
    assert message.sent_at


def test_one_vendors_mail_is_not_anothers_to_send(acme, globex, mailoutbox):
    message = send(acme)
    with globex:
        mail.deliver.apply(args=(message.pk,), headers={HEADER: "globex"}, throw=True)
    assert mailoutbox == []
