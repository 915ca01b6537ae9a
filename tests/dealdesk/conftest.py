from __future__ import annotations

import pytest

from accounts.models import User
from accounts.permissions import Role
from dealdesk import telling
from dealdesk.models import Registration, Step
from tests.world import World


@pytest.fixture
def operations(acme: World) -> User:
    return acme.users[Role.OPERATIONS]


@pytest.fixture
def told(monkeypatch) -> list[tuple[str, Registration, Step | None]]:
    """(moment, registration, step) of what people are told, instead of telling them."""
    heard: list[tuple[str, Registration, Step | None]] = []
    hearers = {
        moment: [lambda registration, step, moment=moment: heard.append((moment, registration, step))]
        for moment in telling.MOMENTS
    }
    monkeypatch.setattr(telling, "_hearers", hearers)
    return heard
