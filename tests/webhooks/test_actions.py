"""Endpoints and what people do with them; news that deals and partners send."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from standardwebhooks import Webhook

from accounts.permissions import Role
from partners import actions as partners
from partners.models import Partner, Tier
from pipeline.deals import actions as deals
from pipeline.models import DealStage
from prm.common.models import AuditEntry
from prm.webhooks import actions, news, sending
from prm.webhooks.models import Delivery, Endpoint

KINDS = ["deal.moved"]


@pytest.fixture
def admin(acme):
    return acme.users[Role.ADMIN]


@pytest.fixture
def crm(admin):
    return actions.add_endpoint(by=admin, name="CRM", url="https://crm.example/hooks", kinds=KINDS)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "), ("url", "http://crm.example/"), ("url", "https://127.0.0.1/"), ("kinds", []), ("kinds", ["deal.exploded"]),
        ("kinds", ["webhook.test"]), ("contact", "nobody"),
    ],
)  # fmt: skip
def test_what_can_not_be_is_refused_by_field(admin, crm, field, value):
    good = {"name": "ERP", "url": "https://erp.example/", "kinds": KINDS, "contact": "it@vendor.example"}
    with pytest.raises(ValidationError) as refused:
        actions.add_endpoint(by=admin, **{**good, field: value})
    assert set(refused.value.message_dict) == {field}
    with pytest.raises(ValidationError):
        actions.update_endpoint(by=admin, endpoint=crm, **{field: value})
    assert Endpoint.objects.count() == 1


def test_there_is_an_end_to_how_many_there_can_be(admin):
    for number in range(actions.MOST):
        actions.add_endpoint(by=admin, name=f"No. {number}", url="https://crm.example/", kinds=KINDS)
    with pytest.raises(ValidationError):
        actions.add_endpoint(by=admin, name="One more", url="https://crm.example/", kinds=KINDS)


def test_a_new_secret_goes_beside_the_old_one_for_a_day(admin, crm):
    old = crm.secret
    new = actions.rotate_secret(by=admin, endpoint=crm)
    crm.refresh_from_db()
    assert new == crm.secret != old
    message = news.write("deal.moved", [{"id": 1}], [crm.pk])[0]

    def verified(by: str) -> bool:
        try:
            Webhook(by).verify(message.body, sending.headers(crm, message))
        except Exception:
            return False
        return True

    assert verified(old)
    assert verified(new)
    crm.old_secret_until = timezone.now()
    assert not verified(old)
    assert verified(new)


def test_secrets_stay_out_of_the_audit_log(admin, crm):
    actions.rotate_secret(by=admin, endpoint=crm)
    actions.update_endpoint(by=admin, endpoint=crm, name="Our CRM")
    crm.refresh_from_db()
    rows = AuditEntry.objects.filter(target_type="webhooks.Endpoint")
    assert {row.verb for row in rows} == {"webhook.added", "webhook.changed", "webhook.secret_changed"}
    assert not any("whsec_" in json.dumps(row.changes) + row.note for row in rows)


def test_one_switched_off_is_told_nothing_and_its_waiting_messages_can_be_sent_later(admin, crm):
    news.send("deal.moved", {"id": 1})
    actions.switch(by=admin, endpoint=crm, on=False)
    news.send("deal.moved", {"id": 2})
    assert [row.state for row in Delivery.objects.all()] == ["failed"]
    for refused in (
        lambda: actions.send_test(by=admin, endpoint=crm),
        lambda: actions.replay(by=admin, delivery=Delivery.objects.get()),
        lambda: actions.replay_failed(by=admin, endpoint=crm, since=timezone.now()),
    ):
        with pytest.raises(ValidationError):
            refused()
    actions.switch(by=admin, endpoint=crm, on=True)
    assert actions.replay_failed(by=admin, endpoint=crm, since=timezone.now() - dt.timedelta(hours=1)) == 1
    again = Delivery.objects.get()
    assert (again.state, again.attempts) == ("waiting", 0)


def test_what_failed_since_a_moment_is_sent_again_and_nothing_else(admin, crm):
    other = actions.add_endpoint(by=admin, name="ERP", url="https://erp.example/", kinds=KINDS)
    news.send_many("deal.moved", ({"id": number} for number in range(4)))
    mine = list(Delivery.objects.filter(endpoint=crm).order_by("id"))
    failed = {"state": "failed", "next_attempt_at": None, "attempts": 10}
    Delivery.objects.filter(pk__in=[mine[0].pk, mine[1].pk]).update(**failed)
    Delivery.objects.filter(endpoint=other).update(**failed)
    Delivery.objects.filter(pk=mine[2].pk).update(state="delivered", next_attempt_at=None)
    Delivery.objects.filter(pk=mine[0].pk).update(created_at=timezone.now() - dt.timedelta(days=2))
    assert actions.replay_failed(by=admin, endpoint=crm, since=timezone.now() - dt.timedelta(days=1)) == 1
    states = [row.state for row in Delivery.objects.filter(endpoint=crm).order_by("id")]
    assert states == ["failed", "waiting", "delivered", "waiting"]
    assert set(Delivery.objects.filter(endpoint=other).values_list("state", flat=True)) == {"failed"}


def test_a_message_is_sent_anew_to_the_letter(acme, receiver, endpoint, work):
    admin = acme.users[Role.ADMIN]
    news.send("deal.moved", {"id": 1})
    work(endpoint)
    actions.replay(by=admin, delivery=Delivery.objects.get())
    work(endpoint)
    first, second = receiver.heard
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert Delivery.objects.get().tries.count() == 2


# ── What is told ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def told(admin):
    """told(): (type, data) of every message so far, the first one first."""
    every = [kind.key for kind in news.kinds()]
    actions.add_endpoint(by=admin, name="All", url="https://crm.example/", kinds=every)

    def read():
        bodies = [json.loads(row.body) for row in Delivery.objects.order_by("id")]
        return [(body["type"], body["data"]) for body in bodies]

    return read


def test_a_deals_life_is_told(acme, admin, told):
    cam = acme.users[Role.CAM]
    deal = deals.add_deal(by=cam, partner=acme.partner_a, name="Servers", amount=Decimal("1200.5"), currency="EUR", customer_name="Northwind")  # fmt: skip
    deals.update_deal(by=cam, deal=deal, changes={"amount": Decimal(1300)})
    deals.move_deal(by=cam, deal=deal, to=DealStage.objects.get(key="won"))
    deals.move_deal(by=cam, deal=deal, to=DealStage.objects.get(key="won"))  # is there: nothing happens
    deals.remove_deal(by=cam, deal=deal)
    types, data = zip(*told(), strict=True)
    assert types == ("deal.added", "deal.changed", "deal.moved", "deal.removed")
    added, changed, moved, _removed = data
    assert added["amount"] == {"amount": "1200.50", "currency": "EUR"}
    assert (added["partner"], added["customer"], added["stage"]) == (acme.partner_a.pk, "Northwind", "qualified")
    assert changed["changed"] == ["amount"]
    assert changed["amount"]["amount"] == "1300.00"
    assert (moved["from_stage"], moved["stage"], moved["outcome"]) == ("qualified", "won", "won")
    assert {row["id"] for row in data} == {deal.pk}


def test_partners_moved_together_are_told_one_by_one(acme, admin, told):
    silver = Tier.objects.get(key="silver")
    seen = Partner.objects.visible_to(admin)
    partners.move_partners(by=admin, partners=seen, what="tier", value=silver, reason="Review")
    assert {(kind, data["id"], data["tier"], tuple(data["changed"])) for kind, data in told()} == {
        ("partner.changed", partner.pk, "silver", ("tier",)) for partner in (acme.partner_a, acme.partner_b)
    }


def test_what_is_sent_has_the_shape_of_its_example(acme, admin, told):
    """Who reads the documentation can rely on it."""
    cam = acme.users[Role.CAM]
    deal = deals.add_deal(by=cam, partner=acme.partner_a, name="Servers", amount=Decimal(1), currency="USD")
    deals.update_deal(by=cam, deal=deal, changes={"name": "More servers"})
    deals.move_deal(by=cam, deal=deal, to=DealStage.objects.get(key="proposal"))
    deals.remove_deal(by=cam, deal=deal)
    like = acme.partner_a
    made = partners.create_partner(by=admin, name="New", partner_type=like.partner_type, stage=like.stage)
    partners.update_partner(by=admin, partner=made, changes={"city": "Ulm"})
    seen = dict(told())
    for kind in news.kinds():
        if kind.about in ("deal", "partner"):
            assert set(seen[kind.key]) == set(kind.example), kind.key


def test_news_costs_one_statement_where_nobody_listens(acme, django_assert_num_queries):
    assert not Endpoint.objects.exists()  # and the connection is in the vendor's schema by now
    with django_assert_num_queries(1):
        news.send_many("deal.moved", ({"id": number} for number in range(1000)))
