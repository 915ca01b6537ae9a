import pytest
from django.core.cache import cache, caches
from django.db import connection


@pytest.fixture
def redis_away(settings):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    yield
    cache.local.clear()


def test_with_redis_away_values_are_kept_in_memory(db, redis_away):
    connection.set_schema("acme")
    cache.set("a", 1)
    assert cache.add("a", 2) is False
    assert cache.get("a") == 1
    assert cache.incr("a") == 2
    cache.set_many({"b": 3})
    assert cache.get_many(["a", "b", "c"]) == {"a": 2, "b": 3}
    assert cache.get_or_set("d", 4) == 4
    assert "d" in cache
    cache.delete("a")
    assert cache.get("a", "gone") == "gone"


def test_and_still_each_vendors_are_its_own(db, redis_away):
    connection.set_schema("acme")
    cache.set("a", "acme's")
    connection.set_schema("globex")
    assert cache.get("a") is None


def test_redis_is_not_asked_again_at_once_but_after_a_while(db, redis_away, monkeypatch):
    asked = []
    backend = caches["default"]

    def client(*args, **kwargs):
        asked.append(1)
        raise ConnectionRefusedError

    monkeypatch.setattr(type(backend._cache), "get", client)
    backend.get("a")
    backend.get("a")
    assert len(asked) == 1
    backend.away_until = 0.0
    backend.get("a")
    assert len(asked) == 2
