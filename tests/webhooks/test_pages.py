"""The settings of webhooks, and the API over them."""

import json

import pytest
from django.urls import reverse

from accounts.permissions import Role
from prm.webhooks import actions, news
from prm.webhooks.models import Delivery, Endpoint
from tests.api.conftest import api_for  # noqa: F401

LIST = "/settings/webhooks/"
GOOD = {
    "name": "CRM",
    "url": "https://crm.example/hooks",
    "kinds": ["deal.moved", "deal.added"],
    "contact": "it@vendor.example",
}


@pytest.fixture
def admin(acme, client_for):
    return client_for(acme.users[Role.ADMIN])


def of(name: str, row) -> str:
    return reverse(f"settings:{name}", args=[row.pk])


def test_from_nothing_to_an_endpoint_whose_secret_is_shown_once(admin):
    assert "No webhooks yet" in admin.get(LIST).text
    made = admin.post(f"{LIST}new/", GOOD, follow=True)
    row = Endpoint.objects.get()
    assert row.secret in made.text
    assert row.secret not in admin.get(of("webhook", row)).text
    assert "https://crm.example/hooks" in admin.get(LIST).text
    admin.post(of("webhook_rotate", row))
    row.refresh_from_db()
    shown = admin.get(of("webhook", row))
    assert row.secret in shown.text
    assert row.old_secret not in shown.text


def test_what_was_typed_stays_beside_what_is_wrong(admin):
    refused = admin.post(f"{LIST}new/", {**GOOD, "url": "https://10.0.0.1/"})
    assert refused.status_code == 422
    assert "not on the public internet" in refused.text
    assert 'value="https://10.0.0.1/"' in refused.text
    assert not Endpoint.objects.exists()


def test_change_switch_test_and_remove(admin, acme):
    row = actions.add_endpoint(by=acme.users[Role.ADMIN], **GOOD)
    admin.post(of("webhook_edit", row), {**GOOD, "name": "Our CRM", "kinds": ["deal.moved"]})
    row.refresh_from_db()
    assert (row.name, row.kinds) == ("Our CRM", ["deal.moved"])
    sent = admin.post(of("webhook_test", row), follow=True)
    assert "It is on its way" in sent.text
    assert "webhook.test" in sent.text
    admin.post(of("webhook_switch", row))
    row.refresh_from_db()
    assert row.off == "hand"
    assert "Switched off by hand" in admin.get(LIST).text
    assert "Switch it on first" in admin.post(of("webhook_test", row), follow=True).text
    admin.post(of("webhook_switch", row), {"on": "1"})
    row.refresh_from_db()
    assert row.is_on
    admin.post(of("webhook_remove", row))
    assert "No webhooks yet" in admin.get(LIST).text
    assert admin.get(of("webhook", row)).status_code == 404


def test_the_log_is_narrowed_and_what_failed_is_sent_once_more(admin, acme):
    row = actions.add_endpoint(by=acme.users[Role.ADMIN], **GOOD)
    news.send("deal.added", {"id": 1})
    news.send("deal.moved", {"id": 1})
    failed = Delivery.objects.get(kind="deal.moved")
    Delivery.objects.filter(pk=failed.pk).update(state="failed", next_attempt_at=None, last_error="It answered 500.")
    log = admin.get(of("webhook", row), {"state": "failed"}).text
    assert of("webhook_delivery", failed) in log
    assert of("webhook_delivery", Delivery.objects.get(kind="deal.added")) not in log
    assert "It answered 500." in log
    assert admin.post(of("webhook_replay_failed", row), {"since": "soon"}).status_code == 422
    told = admin.post(of("webhook_replay_failed", row), {"since": "2026-01-01"}, follow=True)
    assert "1 message is sent once more." in told.text
    failed.refresh_from_db()
    assert failed.state == "waiting"


def test_the_same_by_the_api(acme, api_for):  # noqa: F811
    api = api_for(acme.users[Role.ADMIN])
    kinds = {kind["key"]: kind for kind in api.get("/webhooks/kinds").json()["items"]}
    assert kinds["deal.moved"]["example"]["from_stage"] == "negotiation"
    assert "webhook.test" not in kinds
    refused = api.post("/webhooks", {**GOOD, "url": "https://localhost/"})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "url"
    made = api.post("/webhooks", GOOD)
    assert made.status_code == 201
    webhook = made.json()["id"]
    assert made.json()["secret"] == Endpoint.objects.get().secret
    assert "secret" not in api.get(f"/webhooks/{webhook}").json()
    assert api.post(f"/webhooks/{webhook}/secret").json()["secret"] != made.json()["secret"]
    assert api.post(f"/webhooks/{webhook}/test").status_code == 201
    message = api.get("/webhook-deliveries", webhook=webhook, state="waiting").json()["items"][0]
    assert (message["type"], message["attempts"]) == ("webhook.test", 0)
    whole = api.get(f"/webhook-deliveries/{message['id']}").json()
    assert json.loads(whole["body"])["data"]["endpoint"] == "CRM"
    assert whole["tries"] == []
    off = api.patch(f"/webhooks/{webhook}", {"on": False, "name": "ERP"}).json()
    assert (off["off"], off["name"], off["failed"]) == ("hand", "ERP", 1)
    assert api.post(f"/webhook-deliveries/{message['id']}/replay").status_code == 409
    assert api.patch(f"/webhooks/{webhook}", {"on": True}).json()["off"] is None
    assert api.post(f"/webhooks/{webhook}/replay", {"since": "2026-01-01T00:00:00Z"}).json() == {"count": 1}
    assert api.delete(f"/webhooks/{webhook}").status_code == 204
    assert api.get(f"/webhooks/{webhook}").status_code == 404
    assert api.get(f"/webhook-deliveries/{message['id']}").status_code == 404
