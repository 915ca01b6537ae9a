import pytest
from django.db import connection
from django.utils import timezone

from accounts.permissions import Role
from prm.tenancy.tasks import HEADER
from prm.webhooks import actions, outbox
from prm.webhooks.models import Delivery
from tests.webhooks.receiver import listening


@pytest.fixture
def own_network(settings):
    """What a test's receiver needs, since it stands on this machine; the tests of the refusal do without."""
    settings.WEBHOOKS_OWN_NETWORK = True


@pytest.fixture
def receiver(own_network):
    with listening() as found:
        yield found


@pytest.fixture
def endpoint(acme, receiver):
    """The receiver, told of deals that move."""
    return actions.add_endpoint(by=acme.users[Role.ADMIN], name="CRM", url=receiver.url, kinds=["deal.moved"])


@pytest.fixture
def work():
    """work(endpoint): as a worker does it, who sends what is due."""

    def run(endpoint) -> None:
        outbox.drain.apply(args=(endpoint.pk,), headers={HEADER: connection.schema_name}, throw=True)
        endpoint.refresh_from_db()

    return run


@pytest.fixture
def later():
    """later(): the time of the next attempts has come."""
    return lambda: Delivery.objects.filter(state="waiting").update(next_attempt_at=timezone.now())
