"""Webhooks with something in their log: delivered, waiting for the next attempt, and failed."""

import datetime as dt

from django.utils import timezone

from accounts.permissions import Role
from partners.models import Partner
from prm.webhooks import actions, news
from prm.webhooks.models import Attempt, Delivery, Endpoint
from tests.world import World


def furnish_webhooks(world: World) -> None:
    """One that failed last, and one switched off."""
    admin = world.users[Role.ADMIN]
    kinds = ["deal.moved", "partner.changed"]
    listens = actions.add_endpoint(by=admin, name="CRM", url="https://crm.example/hooks?team=1", kinds=kinds)
    actions.rotate_secret(by=admin, endpoint=listens)
    Endpoint.objects.filter(pk=listens.pk).update(failing_since=timezone.now())
    off = actions.add_endpoint(by=admin, name="ERP", url="https://erp.example/hooks", kinds=kinds)
    actions.switch(by=admin, endpoint=off, on=False)


def hear_of(partner: Partner) -> None:
    """A message in each state about a partner."""
    endpoint = Endpoint.objects.earliest("pk")
    now = timezone.now()
    for state in Delivery.State:
        waits, arrived = state == Delivery.State.WAITING, state == Delivery.State.DELIVERED
        row = news.write("partner.changed", [{"id": partner.pk, "name": partner.name}], [endpoint.pk])[0]
        Delivery.objects.filter(pk=row.pk).update(
            state=state, attempts=1, last_status=200 if arrived else 500, last_error="" if arrived else "It answered 500.",
            next_attempt_at=now + dt.timedelta(hours=1) if waits else None, delivered_at=now if arrived else None,
        )  # fmt: skip
        Attempt.objects.create(delivery=row, at=now, status=200 if arrived else 500, answer="so it says", took_ms=42)
