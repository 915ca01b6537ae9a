import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client

from accounts import tokens
from accounts.models import User
from accounts.tokens import Scope
from scorecards.actions import publish
from tests.scorecards.conftest import example

ROOT = "/api/v1"


@dataclass
class Api:
    """Calls the API as a user: api.get("/partners", q="north"), api.post("/partners", {...}, key="…")."""

    token: str | None
    host: str
    client: Client = field(default_factory=Client)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        data = {} if body is None else {"data": body if isinstance(body, str | bytes) else json.dumps(body)}
        address = path if path.startswith("http") else f"{ROOT}{path}"
        response = self.client.generic(
            method.upper(), address, content_type="application/json", headers={"host": self.host, **headers}, **data
        )
        response.text_or_file = b"".join(response) if response.streaming else response.content
        return response

    def get(self, path: str, **query: Any) -> Any:
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        address = path if path.startswith("http") else f"{ROOT}{path}"
        return self.client.get(address, query or None, headers={"host": self.host, **headers})

    def post(self, path: str, body: Any = None, *, key: str = "", **headers: str) -> Any:
        return self.call("post", path, body, **({"idempotency-key": key} if key else {}), **headers)

    def put(self, path: str, body: Any) -> Any:
        return self.call("put", path, body)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self.call("patch", path, body, **headers)

    def delete(self, path: str) -> Any:
        return self.call("delete", path)


@pytest.fixture
def api_for(acme):
    """api_for(user, scopes=…) → calls with a fresh token of the user; None for nobody."""

    def make(user: User | None = None, scopes: list[str] | None = None, host: str = acme.host) -> Api:
        if user is None:
            return Api(None, host)
        _row, plain = tokens.create(user, "Test", list(Scope) if scopes is None else scopes, 30)
        return Api(plain, host)

    return make


def problem(response: Any, status: int) -> dict[str, Any]:
    """The problem document of a refusal, checked for its shape."""
    assert response.status_code == status, response.content[:2000]
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert {"type", "title", "status", "detail", "instance"} <= set(body)
    assert body["status"] == status
    assert body["title"]
    return body


@pytest.fixture
def version(acme):
    """The worked example, published."""
    return publish(by=None, key="example", content=example())
