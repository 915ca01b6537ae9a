"""What happens here arrives there: signed, tried again, once and in order; and it never goes where it must not."""

import datetime as dt
import ipaddress
import json
import socket
import threading

import pytest
from django.db import transaction
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from accounts.permissions import Role
from prm.common.models import AuditEntry, OutgoingMail
from prm.webhooks import actions, news, outbox, sending
from prm.webhooks.models import Attempt, Delivery, Endpoint
from tests.webhooks.receiver import listening

MOVED = {"id": 5, "stage": "won", "name": "Grüße ✓"}


def only() -> Delivery:
    return Delivery.objects.get()


def test_a_receiver_that_fails_twice_gets_the_news_at_the_third_attempt_signed(acme, receiver, endpoint, work, later):
    receiver.answers = [500, (503, {}, b"come back later"), 204]
    news.send("deal.moved", MOVED)
    work(endpoint)
    assert only().state == "waiting"
    assert endpoint.failing_since is not None
    for _more in range(3):  # once more than needed: what has arrived is not sent again
        later()
        work(endpoint)
    message = only()
    assert message.state == "delivered"
    assert len(receiver.heard) == 3
    tries = list(message.tries.order_by("id"))
    assert [one.status for one in tries] == [500, 503, 204]
    assert tries[1].answer == "come back later"
    assert {heard.body for heard in receiver.heard} == {message.body.encode()}
    assert {heard.headers["webhook-id"] for heard in receiver.heard} == {message.message_id}
    for heard in receiver.heard:
        said = Webhook(endpoint.secret).verify(heard.body, heard.headers)
        assert said["type"] == "deal.moved"
        assert said["data"] == MOVED
    assert receiver.heard[0].path == "/hooks?team=1"
    assert receiver.heard[0].headers["Content-Type"] == "application/json"
    assert endpoint.failing_since is None


def test_a_stranger_can_not_sign_nor_change_it(receiver, endpoint, work):
    news.send("deal.moved", MOVED)
    work(endpoint)
    heard = receiver.heard[0]
    with pytest.raises(WebhookVerificationError):
        Webhook(actions.new_secret()).verify(heard.body, heard.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(endpoint.secret).verify(heard.body.replace(b"won", b"lost"), heard.headers)


def test_each_failure_waits_longer_and_after_the_tenth_it_is_given_up(receiver, endpoint, work, later):
    receiver.answers = [500]
    news.send("deal.moved", MOVED)
    waited = []
    for _attempt in range(10):
        later()
        before = timezone.now()
        work(endpoint)
        if (again := only().next_attempt_at) is not None:
            waited.append(round((again - before).total_seconds() / 5) * 5)
    hours = 3600
    assert waited == [5, 300, 1800, 2 * hours, 5 * hours, 10 * hours, 14 * hours, 20 * hours, 24 * hours]
    assert only().state == "failed"
    assert only().last_error == "It answered 500."
    assert len(receiver.heard) == 10


def test_only_what_was_committed_is_told_and_only_to_who_chose_it(
    acme, receiver, endpoint, work, monkeypatch, django_capture_on_commit_callbacks
):
    admin = acme.users[Role.ADMIN]
    other = actions.add_endpoint(by=admin, name="ERP", url=receiver.url, kinds=["partner.changed"])
    off = actions.add_endpoint(by=admin, name="Old", url=receiver.url, kinds=["deal.moved"])
    actions.switch(by=admin, endpoint=off, on=False)
    removed = actions.add_endpoint(by=admin, name="Gone", url=receiver.url, kinds=["deal.moved"])
    actions.remove_endpoint(by=admin, endpoint=removed)
    with transaction.atomic():
        news.send("deal.moved", MOVED)
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()
    handed = []
    monkeypatch.setattr(outbox.drain, "apply_async", lambda args, **options: handed.append(args))
    with django_capture_on_commit_callbacks(execute=True):
        news.send_many("deal.moved", ({"id": number} for number in (1, 2)))
        assert handed == []
    assert len(handed) == 1  # to a worker, once it is committed
    assert list(Delivery.objects.order_by("id").values_list("endpoint", flat=True)) == [endpoint.pk] * 2
    for each in (endpoint, other, off):
        work(each)
    assert [json.loads(heard.body)["data"]["id"] for heard in receiver.heard] == [1, 2]


def test_unknown_news_is_a_mistake_of_ours(acme):
    with pytest.raises(KeyError):
        news.send("deal.exploded", {})


# ── Where it must not go ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def secret_place():
    """A server inside our network, that must hear nothing."""
    with listening() as found:
        yield found
        assert found.heard == []


def test_an_address_in_our_own_network_is_refused(acme, settings, endpoint, secret_place, work):
    Endpoint.objects.update(url=secret_place.url)
    news.send("deal.moved", MOVED)
    settings.WEBHOOKS_OWN_NETWORK, settings.WEBHOOKS_HTTP = False, True
    work(endpoint)
    assert only().state == "waiting"
    assert only().last_status is None
    assert only().last_error == "This address is not on the public internet. Nothing is sent there."


def test_a_name_that_resolves_into_our_own_network_is_refused(
    acme, settings, endpoint, secret_place, work, monkeypatch
):
    Endpoint.objects.update(url=f"http://crm.example:{secret_place.port}/")
    news.send("deal.moved", MOVED)
    settings.WEBHOOKS_OWN_NETWORK, settings.WEBHOOKS_HTTP = False, True
    with monkeypatch.context() as patch:
        resolved(patch, ["127.0.0.1"])
        work(endpoint)
    assert only().last_error == "This address is not on the public internet. Nothing is sent there."


def test_a_redirect_is_not_followed_and_says_so(acme, receiver, endpoint, secret_place, work):
    receiver.answers = [(302, {"Location": secret_place.url}, b"")]
    news.send("deal.moved", MOVED)
    work(endpoint)
    assert len(receiver.heard) == 1
    assert only().state == "waiting"
    assert only().last_status == 302
    assert "Redirects are not followed" in only().last_error


def test_the_connection_goes_to_the_very_address_that_was_looked_at(
    acme, receiver, endpoint, secret_place, work, monkeypatch
):
    """A name server that answers otherwise the second time is not asked a second time."""
    Endpoint.objects.update(url=f"http://crm.example:{receiver.port}/")
    news.send("deal.moved", MOVED)
    with monkeypatch.context() as patch:
        asked = resolved(patch, ["127.0.0.1"], ["127.0.0.2"])
        work(endpoint)
    assert asked.count("crm.example") == 1
    assert receiver.heard[0].headers["Host"] == f"crm.example:{receiver.port}"


def resolved(patch, *answers: list[str]) -> list[str]:
    """Name servers answer so, one after the other; addresses are not asked of them. Gives what was asked."""
    asked: list[str] = []
    real, left = socket.getaddrinfo, list(answers)

    def lookup(host, port, *args, **kwargs):
        if host != "crm.example":
            return real(host, port, *args, **kwargs)
        asked.append(host)
        ips = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (str(ipaddress.ip_address(ip)), port)) for ip in ips]

    patch.setattr(socket, "getaddrinfo", lookup)
    return asked


def test_a_proxy_named_in_the_environment_is_not_used(acme, receiver, endpoint, secret_place, work, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{secret_place.port}")
    news.send("deal.moved", MOVED)
    work(endpoint)
    assert only().state == "delivered"


# ── Receivers that behave badly ──────────────────────────────────────────────────────────────────────────────────────


def test_whoever_does_not_answer_in_time_is_left(acme, receiver, endpoint, work, monkeypatch):
    receiver.hold = threading.Event()
    monkeypatch.setattr(sending, "TIMEOUT", 0.2)
    news.send("deal.moved", MOVED)
    work(endpoint)
    assert only().last_error.startswith("No answer within")
    assert only().state == "waiting"


def test_one_that_drips_its_answer_is_cut_off(acme, own_network, work, monkeypatch):
    """Each byte comes in time, the answer never does."""
    monkeypatch.setattr(sending, "TIMEOUT", 0.3)
    done = threading.Event()
    server = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _address = server.accept()
        with connection:
            try:
                connection.sendall(b"HTTP/1.1 200 OK\r\n")
                while not done.wait(0.05):
                    connection.sendall(b"x")
            except OSError:
                return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.getsockname()[1]}/"
    endpoint = actions.add_endpoint(by=acme.users[Role.ADMIN], name="Slow", url=url, kinds=["deal.moved"])
    news.send("deal.moved", MOVED)
    work(endpoint)
    done.set()
    thread.join()
    server.close()
    assert only().state == "waiting"
    assert only().last_error.startswith("No answer within")


def test_of_a_large_answer_the_beginning_is_kept(acme, receiver, endpoint, work):
    receiver.answers = [(200, {}, b"\x00" + b"y" * 5_000_000)]
    news.send("deal.moved", MOVED)
    work(endpoint)
    assert only().state == "delivered"
    assert Attempt.objects.get().answer == "y" * (sending.READ)


def test_nobody_there_is_a_failure_like_any_other(acme, receiver, endpoint, work):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    Endpoint.objects.update(url=f"http://127.0.0.1:{port}/")
    news.send_many("deal.moved", [MOVED, MOVED])
    work(endpoint)
    first, second = Delivery.objects.order_by("id")
    assert first.last_error.startswith("No connection")
    assert (first.state, first.attempts) == ("waiting", 1)
    assert (second.state, second.attempts) == ("waiting", 0)  # a host that is down keeps no worker


def test_gone_switches_the_endpoint_off_and_tells_its_keeper(acme, receiver, endpoint, work):
    receiver.answers = [410]
    for number in (1, 2):
        news.send("deal.moved", {"id": number})
    work(endpoint)
    assert endpoint.off == "gone"
    assert len(receiver.heard) == 1
    assert {row.state for row in Delivery.objects.all()} == {"failed"}
    mail = OutgoingMail.objects.get()
    assert mail.to == acme.users[Role.ADMIN].email
    assert mail.subject == "The webhook “CRM” of Acme is switched off"
    assert f"/settings/webhooks/{endpoint.pk}/" in mail.text
    assert AuditEntry.objects.filter(verb="webhook.switched_off", actor=None).count() == 1


@pytest.mark.parametrize(("days", "off"), [(4, ""), (5, "failing")])
def test_five_days_of_nothing_switch_it_off(acme, receiver, endpoint, work, days, off):
    receiver.answers = [500]
    news.send("deal.moved", MOVED)
    Endpoint.objects.update(failing_since=timezone.now() - dt.timedelta(days=days))
    work(endpoint)
    assert endpoint.off == off
    assert OutgoingMail.objects.count() == bool(off)


# ── Workers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_worker_at_a_time_and_a_dead_ones_work_is_taken_over(receiver, endpoint, work):
    news.send("deal.moved", MOVED)
    Endpoint.objects.update(busy_until=timezone.now() + dt.timedelta(minutes=1))
    work(endpoint)
    assert receiver.heard == []
    Endpoint.objects.update(busy_until=timezone.now() - dt.timedelta(seconds=1))
    work(endpoint)
    assert len(receiver.heard) == 1
    assert endpoint.busy_until is None


def test_the_sweep_asks_for_what_is_due_and_nobody_is_at(acme, receiver, endpoint, later, monkeypatch):
    asked = []
    monkeypatch.setattr(outbox.drain, "apply_async", lambda args, **options: asked.append(args[0]))
    outbox.send_waiting()
    assert asked == []
    news.send_many("deal.moved", [{"id": 1}, {"id": 2}])
    outbox.send_waiting()
    assert asked == [endpoint.pk]
    Endpoint.objects.update(busy_until=timezone.now() + dt.timedelta(minutes=1))
    outbox.send_waiting()
    assert asked == [endpoint.pk]
    Endpoint.objects.update(busy_until=None)
    Delivery.objects.update(next_attempt_at=timezone.now() + dt.timedelta(minutes=1))
    outbox.send_waiting()
    assert asked == [endpoint.pk]


def test_without_a_queue_the_message_waits_for_the_sweep(
    acme, endpoint, monkeypatch, django_capture_on_commit_callbacks
):
    def away(*args, **options):
        raise ConnectionRefusedError

    monkeypatch.setattr(outbox.drain, "apply_async", away)
    with django_capture_on_commit_callbacks(execute=True):
        news.send("deal.moved", MOVED)
    assert only().state == "waiting"


def test_the_night_forgets_what_is_a_month_old_and_endpoints_that_were_removed(acme, endpoint):
    for _number in range(3):
        news.send("deal.moved", MOVED)
    old, new, waiting = Delivery.objects.order_by("id")
    done = {"state": "delivered", "next_attempt_at": None}
    Delivery.objects.filter(pk__in=[old.pk, new.pk]).update(**done)
    Delivery.objects.exclude(pk=new.pk).update(created_at=timezone.now() - dt.timedelta(days=31))
    removed = actions.add_endpoint(by=acme.users[Role.ADMIN], name="Old", url=endpoint.url, kinds=["deal.moved"])
    actions.remove_endpoint(by=acme.users[Role.ADMIN], endpoint=removed)
    outbox.clear_log()
    assert set(Delivery.objects.values_list("pk", flat=True)) == {new.pk, waiting.pk}
    assert Endpoint.objects.count() == 2
    Endpoint.objects.filter(pk=removed.pk).update(removed_at=timezone.now() - dt.timedelta(hours=2))
    outbox.clear_log()
    assert Endpoint.objects.count() == 1
