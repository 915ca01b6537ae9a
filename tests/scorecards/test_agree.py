import pytest

from accounts.permissions import Role
from tests.scorecards.conftest import EXAMPLE, filled

OWN = EXAMPLE | {"a1q1": "o80", "a2q1": "o100"}  # a1 = (80 + 50)/2 = 65, a2 = 100, b1 = 80


@pytest.fixture
def cam(acme):
    return acme.users[Role.CAM]


@pytest.fixture
def seller(acme):
    return acme.users_a[Role.PARTNER_SELLER]


@pytest.fixture
def both(acme, internal_version, cam, seller):
    """The partner's and the vendor's view: a1q1 and a2q1 differ."""
    own = filled(acme.partner_a, internal_version, seller, OWN)
    theirs = filled(acme.partner_a, internal_version, cam, EXAMPLE | {"t1q1": "o100"})
    own.refresh_from_db()
    return own, theirs


def test_smoke(both, client_for, cam, seller):
    for client, prefix in ((client_for(cam), ""), (client_for(seller), "/portal")):
        for one in both:
            for page in ("", "compare/"):
                r = client.get(f"{prefix}/scorecards/{one.pk}/{page}")
                assert r.status_code == 200, r.content
